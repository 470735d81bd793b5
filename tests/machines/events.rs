//! What each type of event does, row by row of the events table. Problems with an
//! existing integration are in `problems`.

use kombo_edge::edge::answer::DeliveryOutcome;
use serde_json::json;

use crate::kombo::{created, deleted, failed, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const PERSONIO: &str = "personio:CBNMt7dSNCzBdnRTx87dev4E";

/// The open incidents, as their keys name them.
pub(crate) fn incidents(world: &World) -> Vec<&str> {
    let keys = world.kv.keys().filter(|key| key.starts_with("incident:"));
    keys.map(|key| key.rsplit("incident:").next().unwrap())
        .collect()
}

/// A world that received these events, each after the previous one was handled.
pub(crate) fn after(events: &[serde_json::Value]) -> World {
    let mut world = World::new();
    for event in events {
        assert_eq!(world.deliver(event), DeliveryOutcome::Accepted);
        world.settle();
    }
    world
}

#[test]
fn created_writes_the_documents_of_the_customer_and_the_integration() {
    let world = after(&[created("e1", HIBOB, Some("42"))]);
    let customer = world.document("customer:42").unwrap();
    assert_eq!(customer["integrations"][0]["id"], HIBOB);
    assert_eq!(customer["integrations"][0]["usable"], true);
    assert_eq!(customer["integrations"][0]["state"], json!(null));
    assert_eq!(customer["current"], json!({ "HRIS": HIBOB }));
    assert_eq!(customer["organization_name"], "Customer 42");
    let integration = world.document(&format!("integration:{HIBOB}")).unwrap();
    assert_eq!(integration["origin_id"], "42");
    assert!(world.slack.is_empty(), "success alone sends no alert");
}

#[test]
fn a_repeated_event_is_a_duplicate_and_one_of_another_type_with_its_id_is_not() {
    let mut world = after(&[created("e1", HIBOB, Some("42"))]);
    let before = world.kv.clone();
    assert_eq!(
        world.deliver(&created("e1", HIBOB, Some("42"))),
        DeliveryOutcome::Duplicate
    );
    world.settle();
    assert_eq!(world.kv, before);
    let other = state("e1", HIBOB, Some("42"), "ACTIVE", 1);
    assert_eq!(world.deliver(&other), DeliveryOutcome::Accepted);
}

#[test]
fn created_again_under_another_event_id_changes_no_document() {
    let mut world = after(&[created("e1", HIBOB, Some("42"))]);
    let before = world.kv.clone();
    world.deliver(&created("e2", HIBOB, Some("42")));
    world.settle();
    assert_eq!(world.kv, before);
}

#[test]
fn created_closes_the_incident_of_its_tool_and_of_others_of_its_category() {
    let mut world = after(&[
        failed("e1", "hibob", Some("42")),
        failed("e2", "personio", Some("42")),
    ]);
    assert_eq!(incidents(&world).len(), 2);
    world.deliver(&created("e3", HIBOB, Some("42")));
    world.settle();
    assert!(incidents(&world).is_empty(), "{:?}", incidents(&world));
}

#[test]
fn success_without_a_customer_id_closes_the_incident_of_the_organization() {
    let mut world = after(&[failed("e1", "hibob", None)]);
    assert_eq!(incidents(&world).len(), 1);
    world.deliver(&created("e2", HIBOB, None));
    world.settle();
    assert!(incidents(&world).is_empty());
}

#[test]
fn deleted_removes_every_document_for_good() {
    let mut world = after(&[
        created("e1", HIBOB, Some("42")),
        state("e2", HIBOB, Some("42"), "INVALID", 1),
    ]);
    assert_eq!(incidents(&world).len(), 1);
    world.deliver(&deleted("e3", HIBOB));
    world.settle();
    assert!(world.kv.is_empty(), "{:?}", world.kv.keys());
    let sent = world.slack.len();
    for late in [
        created("e4", HIBOB, Some("42")),
        state("e5", HIBOB, Some("42"), "INVALID", 9),
        issue("e6", "i", Some((HIBOB, Some("42"))), 9, None),
    ] {
        assert_eq!(world.deliver(&late), DeliveryOutcome::Accepted);
        world.settle();
    }
    assert!(world.kv.is_empty(), "{:?}", world.kv.keys());
    assert_eq!(world.slack.len(), sent, "a tombstone sends no alert");
}

#[test]
fn deleted_removes_only_its_own_integration_from_the_customer() {
    let mut world = after(&[
        created("e1", HIBOB, Some("42")),
        created("e2", PERSONIO, Some("42")),
    ]);
    world.deliver(&deleted("e3", HIBOB));
    world.settle();
    let customer = world.document("customer:42").unwrap();
    assert_eq!(customer["integrations"].as_array().unwrap().len(), 1);
    assert_eq!(customer["current"], json!({ "HRIS": PERSONIO }));
    assert!(world.document(&format!("integration:{HIBOB}")).is_none());
}

#[test]
fn a_state_makes_up_for_a_lost_created() {
    let world = after(&[state("e1", HIBOB, Some("42"), "ACTIVE", 1)]);
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["id"], HIBOB);
    assert_eq!(held["state"], "ACTIVE");
    assert_eq!(held["setup_status"], "COMPLETED");
    assert_eq!(held["qa_status"], "PASSED");
    assert_eq!(held["state_changed_at"], "2026-11-22T03:01:00.000Z");
}

#[test]
fn an_older_state_changes_nothing_and_of_two_at_one_time_the_greater_id_wins() {
    let world = after(&[
        state("e5", HIBOB, Some("42"), "INVALID", 5),
        state("e1", HIBOB, Some("42"), "ACTIVE", 4),
        state("e4", HIBOB, Some("42"), "INACTIVE", 5),
    ]);
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["state"], "INVALID");
    let world = after(&[
        state("e4", HIBOB, Some("42"), "INACTIVE", 5),
        state("e5", HIBOB, Some("42"), "INVALID", 5),
    ]);
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["state"], "INVALID");
}

#[test]
fn absent_fields_of_a_state_overwrite_nothing() {
    let mut later = state("e2", HIBOB, Some("42"), "INACTIVE", 2);
    later["data"]["qa_status"] = json!(null);
    later["data"]
        .as_object_mut()
        .unwrap()
        .remove("setup_status");
    let world = after(&[state("e1", HIBOB, Some("42"), "ACTIVE", 1), later]);
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["state"], "INACTIVE");
    assert_eq!(held["setup_status"], "COMPLETED");
    assert_eq!(held["qa_status"], "PASSED");
}

#[test]
fn an_integration_without_a_customer_is_unassigned_until_kombo_names_one() {
    let mut world = after(&[created("e1", HIBOB, None)]);
    let waits = world.document(&format!("unassigned:{HIBOB}")).unwrap();
    assert_eq!(waits["organization_name"], "Nameless GmbH");
    let integration = world.document(&format!("integration:{HIBOB}")).unwrap();
    assert_eq!(integration["origin_id"], json!(null));
    assert_eq!(world.slack.len(), 1, "it is sent at once");
    world.deliver(&state("e2", HIBOB, Some("42"), "ACTIVE", 1));
    world.settle();
    assert!(world.document(&format!("unassigned:{HIBOB}")).is_none());
    assert!(world.document("customer:42").is_some());
}

#[test]
fn an_origin_id_of_white_space_counts_as_none() {
    let world = after(&[created("e1", HIBOB, Some(" \t"))]);
    assert!(world.document(&format!("unassigned:{HIBOB}")).is_some());
}

#[test]
fn a_second_customer_moves_nothing_and_is_reported_once() {
    let mut world = after(&[
        created("e1", HIBOB, Some("42")),
        created("e2", HIBOB, Some("43")),
    ]);
    assert!(world.document("customer:43").is_none());
    assert_eq!(world.slack.len(), 1);
    let sent = world.slack[0].1.to_string();
    assert!(sent.contains("42") && sent.contains("43"), "{sent}");
    world.deliver(&state("e3", HIBOB, Some("43"), "INVALID", 1));
    world.settle();
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(
        held["state"], "INVALID",
        "the state counts whoever holds it"
    );
    assert_eq!(
        world.slack.len(),
        2,
        "the dispute and the problem are both sent"
    );
}

#[test]
fn other_types_are_ignored_and_leave_no_trace() {
    let mut world = World::new();
    let event = json!({ "id": "e1", "type": "data-changed", "data": { "integration_id": HIBOB } });
    assert_eq!(world.deliver(&event), DeliveryOutcome::Ignored);
    assert!(world.due().is_empty());
}

#[test]
fn no_slack_message_and_no_log_line_contains_an_integration_id() {
    let about = Some((HIBOB, Some("42")));
    let world = after(&[
        created("e1", HIBOB, None),
        created("e2", HIBOB, Some("42")),
        created("e3", HIBOB, Some("43")),
        state("e4", HIBOB, Some("42"), "INVALID", 1),
        issue("e5", "i1", about, 1, None),
        failed("e6", "hibob", Some("42")),
    ]);
    assert!(world.slack.len() >= 4, "{:?}", world.texts());
    let secret = HIBOB.split(':').nth(1).unwrap();
    for (_, message) in &world.slack {
        assert!(!message.to_string().contains(secret), "{message}");
    }
    assert!(!world.log.is_empty());
    for line in &world.log {
        assert!(!line.contains(secret), "{line}");
    }
}
