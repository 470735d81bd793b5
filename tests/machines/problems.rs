//! Problems of existing integrations: states, issues, and the incidents that they open.

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::domain::id::IntegrationId;
use serde_json::{Value, json};

use crate::events::{after, incidents};
use crate::kombo::{created, issue, state};
use crate::outside::answered;
use crate::world::{Crash, World};

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

#[test]
fn invalid_opens_an_incident_with_an_alert_and_active_closes_it() {
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
fn an_incident_stays_open_while_one_of_its_causes_remains() {
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
fn an_issue_without_an_integration_belongs_to_the_environment() {
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

#[test]
fn the_team_is_notified_when_only_the_customer_can_fix_what_engineers_were_notified_of() {
    let mut world = World::with(&[("SLACK_OPS_URL", "https://hooks.slack.com/services/T/B/ops")]);
    let mut other = issue("e1", "i1", Some((HIBOB, Some("42"))), 1, None);
    other["data"]["issue"]["type"] = json!("integration.action_failing");
    for event in [other, state("e2", HIBOB, Some("42"), "INVALID", 1)] {
        world.deliver(&event);
        world.settle();
    }
    let sent: Vec<&str> = world.slack.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(sent, ["ops", "main"]);
}

#[test]
fn a_problem_that_ends_before_it_was_sent_is_one_message() {
    let mut world = World::new();
    world.slack_answers = vec![answered(503, "")];
    for (event, of, minute) in [("e1", "INVALID", 1), ("e2", "ACTIVE", 2)] {
        world.deliver(&state(event, HIBOB, Some("42"), of, minute));
        let (_, integration) = world
            .due()
            .into_iter()
            .find(|(_, name)| name.starts_with("integration/"))
            .unwrap();
        world.alarm(&integration, Crash::No);
    }
    world.settle();
    let texts = world.texts();
    let [text] = texts[..] else {
        panic!("{texts:?}")
    };
    assert!(text.ends_with("works again"), "{text}");
}

/// The issue with a type that only engineers read about.
fn for_engineers(mut issue: Value) -> Value {
    issue["data"]["issue"]["type"] = json!("environment.some_type");
    issue
}

#[test]
fn an_alert_for_engineers_names_the_event_that_caused_it() {
    let world = after(&[for_engineers(issue("event-9", "i1", None, 1, None))]);
    assert!(world.slack[0].1.to_string().contains("Event event-9"));
}

#[test]
fn an_object_remembers_fifty_issues_and_forgets_closed_ones_first() {
    let about = Some((HIBOB, Some("42")));
    let mut world = World::new();
    world.deliver(&issue("open", "open", about, 1, None));
    for number in 0..80 {
        let name = format!("issue-{number}");
        world.deliver(&issue(&format!("r{number}"), &name, about, 1, None));
        world.deliver(&issue(&format!("d{number}"), &name, about, 1, Some(2)));
    }
    world.settle();
    let id = IntegrationId::try_from(HIBOB.to_owned()).unwrap();
    let rows = world.rows_of(&Address::Integration(id), "issue/");
    assert_eq!(rows.len(), 50);
    assert_eq!(incidents(&world).len(), 1, "the open one is remembered");
}

#[test]
fn every_further_customer_of_a_disputed_integration_is_reported() {
    let mut world = after(&[state("e0", HIBOB, Some("c0"), "ACTIVE", 9)]);
    for number in 1..30 {
        let (event, customer) = (format!("e{number}"), format!("c{number}"));
        let mut event = state(&event, HIBOB, Some(&customer), "ACTIVE", 1);
        event["data"]["end_user"]["organization_name"] = json!("Acme");
        world.deliver(&event);
        world.settle();
    }
    assert_eq!(world.slack.len(), 29);
    let id = IntegrationId::try_from(HIBOB.to_owned()).unwrap();
    let rows = world.rows_of(&Address::Integration(id), "head");
    let head: Value = serde_json::from_str(rows[0].1).unwrap();
    assert_eq!(head["facts"]["claimants"].as_array().unwrap().len(), 20);
}

#[test]
fn integrations_without_any_known_customer_share_nothing() {
    let mut world = World::new();
    for integration in ["hibob:One", "hibob:Two"] {
        let mut event = state(integration, integration, None, "INVALID", 1);
        event["data"]["end_user"] = json!(null);
        world.deliver(&event);
    }
    world.settle();
    let owners: Vec<&str> = incidents(&world)
        .iter()
        .map(|key| key.split(':').next().unwrap())
        .collect();
    assert_eq!(owners.len(), 2);
    assert!(
        owners[0].starts_with("unknown/") && owners[0] != owners[1],
        "{owners:?}"
    );
}

#[test]
fn an_issue_with_the_environment_is_sent_with_its_event_from_first_to_last() {
    let world = after(&[
        for_engineers(issue("e1", "i1", None, 1, None)),
        for_engineers(issue("e2", "i1", None, 1, Some(2))),
    ]);
    assert_eq!(world.slack.len(), 2, "{:?}", world.texts());
    for ((_, message), event) in world.slack.iter().zip(["Event e1", "Event e2"]) {
        assert!(message.to_string().contains(event), "{event}: {message}");
    }
}
