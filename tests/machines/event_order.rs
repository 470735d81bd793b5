//! Late and unusual orders of events, and the alerts that follow.

use core::time::Duration;

use serde_json::json;

use crate::events::incidents;
use crate::kombo::{failed, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

#[test]
fn a_broken_integration_does_not_count_as_connected() {
    let mut world = World::new();
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    world.settle();
    world.deliver(&failed("e2", "hibob", Some("42")));
    world.settle();
    let message = world.slack[1].1.to_string();
    assert!(!message.contains("is already connected"), "{message}");
}

#[test]
fn a_resolution_before_its_issue_sends_nothing() {
    let mut world = World::new();
    let about = Some((HIBOB, Some("42")));
    world.deliver(&issue("e1", "i1", about, 1, Some(2)));
    world.deliver(&issue("e2", "i1", about, 1, None));
    world.settle();
    assert!(world.slack.is_empty(), "{:?}", world.texts());
}

#[test]
fn two_tools_that_fail_at_once_are_two_incidents_with_a_count_each() {
    let mut world = World::new();
    for number in 0..3 {
        world.deliver(&failed(&format!("a{number}"), "hibob", Some("42")));
        world.deliver(&failed(&format!("b{number}"), "personio", Some("42")));
    }
    world.pass(Duration::from_secs(16 * 60));
    let mut sent = world.texts();
    sent.sort_unstable();
    assert_eq!(
        sent,
        [
            "Customer 42 could not connect HiBob",
            "Customer 42 could not connect HiBob: 3 attempts",
            "Customer 42 could not connect Personio",
            "Customer 42 could not connect Personio: 3 attempts",
        ]
    );
}

#[test]
fn a_renamed_customer_has_one_incident_under_the_latest_name() {
    let mut world = World::new();
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(Duration::from_secs(60));
    let mut renamed = failed("e2", "hibob", Some("42"));
    renamed["data"]["end_user"]["organization_name"] = json!("Acme GmbH (new)");
    world.deliver(&renamed);
    world.settle();
    assert_eq!(incidents(&world).len(), 1);
    assert_eq!(
        world.texts(),
        [
            "Customer 42 could not connect HiBob",
            "Acme GmbH (new) could not connect HiBob: 2 attempts",
        ]
    );
}

#[test]
fn two_organizations_without_an_id_are_two_incidents() {
    let mut world = World::new();
    for (event, name) in [("e1", "Acme"), ("e2", "Acme GmbH")] {
        let mut failure = failed(event, "hibob", None);
        failure["data"]["end_user"]["organization_name"] = json!(name);
        world.deliver(&failure);
    }
    world.settle();
    assert_eq!(incidents(&world).len(), 2);
    assert_eq!(world.slack.len(), 2);
}
