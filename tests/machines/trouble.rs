//! Trouble with integrations that exist: states, issues, and the incidents they make.

use serde_json::json;

use crate::events::{after, incidents};
use crate::kombo::{created, issue, state};

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

#[test]
fn invalid_opens_an_incident_and_tells_it_and_active_closes_it() {
    let mut world = after(&[
        created("e1", HIBOB, Some("42")),
        state("e2", HIBOB, Some("42"), "INVALID", 1),
    ]);
    let key = world.kv.keys().find(|key| key.starts_with("incident:"));
    let incident = world.document(key.unwrap()).unwrap();
    assert_eq!(incident["kind"], "integration");
    assert_eq!(incident["causes"], json!(["state INVALID"]));
    assert_eq!(incident["origin_id"], "42");
    assert_eq!(world.slack.len(), 1);
    assert!(world.texts()[0].contains("stopped working"));
    world.deliver(&state("e3", HIBOB, Some("42"), "ACTIVE", 2));
    world.settle();
    assert!(incidents(&world).is_empty());
}

#[test]
fn a_new_usable_integration_of_the_same_tool_replaces_a_broken_one() {
    let mut world = after(&[
        created("e1", HIBOB, Some("42")),
        state("e2", HIBOB, Some("42"), "INVALID", 1),
    ]);
    world.deliver(&created("e3", "hibob:Another", Some("42")));
    world.settle();
    assert!(incidents(&world).is_empty());
    let customer = world.document("customer:42").unwrap();
    assert_eq!(customer["current"], json!({ "HRIS": "hibob:Another" }));
    assert_eq!(customer["integrations"].as_array().unwrap().len(), 2);
}

#[test]
fn an_issue_opens_an_incident_and_its_end_closes_it() {
    let about = Some((HIBOB, Some("42")));
    let mut world = after(&[issue("e1", "i1", about, 1, None)]);
    let key = world.kv.keys().find(|key| key.starts_with("incident:"));
    let causes = &world.document(key.unwrap()).unwrap()["causes"];
    assert_eq!(*causes, json!(["integration.authentication_failed"]));
    assert!(world.document("customer:42").is_some(), "it was learnt");
    world.deliver(&issue("e2", "i1", about, 1, Some(2)));
    world.settle();
    assert!(incidents(&world).is_empty());
    world.deliver(&issue("e3", "i1", about, 1, None));
    world.settle();
    assert!(incidents(&world).is_empty(), "a raised that is late");
    world.deliver(&issue("e4", "i1", about, 3, None));
    world.settle();
    assert_eq!(incidents(&world).len(), 1, "raised again");
}

#[test]
fn an_incident_stays_open_while_one_of_its_causes_stands() {
    let about = Some((HIBOB, Some("42")));
    let mut world = after(&[
        state("e1", HIBOB, Some("42"), "INVALID", 1),
        issue("e2", "i1", about, 1, None),
    ]);
    assert_eq!(incidents(&world).len(), 1);
    assert_eq!(world.slack.len(), 1, "two causes are one incident");
    world.deliver(&state("e3", HIBOB, Some("42"), "ACTIVE", 2));
    world.settle();
    assert_eq!(incidents(&world).len(), 1);
    world.deliver(&issue("e4", "i1", about, 1, Some(2)));
    world.settle();
    assert!(incidents(&world).is_empty());
}

#[test]
fn an_issue_without_integration_is_the_environments() {
    let mut world = after(&[issue("e1", "i1", None, 1, None)]);
    let key = world.kv.keys().find(|key| key.starts_with("incident:"));
    let incident = world.document(key.unwrap()).unwrap();
    assert_eq!(incident["kind"], "environment");
    assert_eq!(incident["origin_id"], json!(null));
    assert!(world.document("customer:42").is_none());
    world.deliver(&issue("e2", "i1", None, 1, Some(2)));
    world.settle();
    assert!(incidents(&world).is_empty());
}
