//! Integrations that are connected, and cannot be called yet.

use serde_json::{Value, json};

use crate::clock::after as seconds;
use crate::events::after;
use crate::kombo::{created, failed, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const DAY: u64 = 24 * 3_600;

fn set_up(event: &str, setup_status: &str, minute: u8) -> Value {
    let mut event = state(event, HIBOB, Some("42"), "ACTIVE", minute);
    event["data"]["setup_status"] = json!(setup_status);
    event
}

fn reminders(world: &World) -> Vec<String> {
    let messages = world.slack.iter().map(|(_, message)| message.to_string());
    messages
        .filter(|message| message.contains("incomplete setup"))
        .collect()
}

#[test]
fn a_success_with_an_incomplete_setup_says_so() {
    let world = after(&[
        failed("e1", "hibob", Some("42")),
        set_up("e2", "INCOMPLETE", 1),
        created("e3", HIBOB, Some("42")),
    ]);
    assert_eq!(
        world.texts().last().unwrap(),
        &"Customer 42 connected HiBob (HRIS) after 1 failed attempt, but its setup is not complete"
    );
}

#[test]
fn the_summary_reminds_of_an_incomplete_setup_until_it_is_complete() {
    let mut world = World::new();
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.deliver(&set_up("e2", "INCOMPLETE", 1));
    // As with every event on the platform, an isolate reports it to the engineers' Notifier.
    crate::queue::health(&mut world);
    world.pass(seconds(3 * DAY));
    let sent = reminders(&world);
    assert_eq!(sent.len(), 3, "{:?}", world.texts());
    assert!(
        sent[0].contains("1 with an incomplete setup"),
        "{}",
        sent[0]
    );
    assert!(
        sent[0].contains("Customer 42 (42): HiBob (HRIS), for 2"),
        "{}",
        sent[0]
    );
    world.deliver(&set_up("e3", "COMPLETED", 2));
    world.pass(seconds(7 * DAY));
    assert_eq!(reminders(&world).len(), 3);
}

#[test]
fn test_customers_are_not_reminded_of() {
    let mut world = World::with(&[("TEST_CUSTOMERS", "42")]);
    world.deliver(&set_up("e2", "INCOMPLETE", 1));
    crate::queue::health(&mut world);
    world.pass(seconds(3 * DAY));
    assert!(world.slack.is_empty(), "{:?}", world.texts());
}

#[test]
fn an_integration_that_failed_kombos_check_is_not_usable_and_not_current() {
    let mut world = after(&[
        created("e1", "personio:Two", Some("42")),
        created("e2", HIBOB, Some("42")),
    ]);
    let mut failed = state("e3", HIBOB, Some("42"), "ACTIVE", 1);
    failed["data"]["qa_status"] = json!("FAILED");
    world.deliver(&failed);
    world.settle();
    let customer = world.document("customer:42").unwrap();
    assert_eq!(customer["current"]["HRIS"], "personio:Two");
    assert_eq!(customer["integrations"][1]["usable"], false);
    let integration = world.document(&format!("integration:{HIBOB}")).unwrap();
    assert_eq!(integration["usable"], false);
    for (status, minute) in [("PENDING", 2), ("PASSED", 3)] {
        let mut event = state(status, HIBOB, Some("42"), "ACTIVE", minute);
        event["data"]["qa_status"] = json!(status);
        world.deliver(&event);
        world.settle();
        let integration = world.document(&format!("integration:{HIBOB}")).unwrap();
        assert_eq!(integration["usable"], true, "{status}");
    }
}

#[test]
fn kombos_test_tool_is_current_only_if_there_is_no_other() {
    let current = |world: &World| world.document("customer:42").unwrap()["current"]["HRIS"].clone();
    let mut world = after(&[created("e1", "sandbox:One", Some("42"))]);
    assert_eq!(current(&world), "sandbox:One");
    for event in [
        state("e2", HIBOB, Some("42"), "INVALID", 1),
        created("e3", "sandbox:Two", Some("42")),
    ] {
        world.deliver(&event);
        world.settle();
        assert_eq!(current(&world), HIBOB);
    }
}

#[test]
fn kombos_test_tool_ends_attempts_of_its_own_only_and_is_called_by_its_name() {
    let mut world = after(&[
        failed("e1", "hibob", Some("42")),
        failed("e2", "sandbox", Some("42")),
        created("e3", "sandbox:One", Some("42")),
    ]);
    assert_eq!(
        world.texts().last().unwrap(),
        &"Customer 42 connected Kombo Sandbox (HRIS) after 1 failed attempt"
    );
    assert_eq!(crate::events::incidents(&world).len(), 1);
    world.deliver(&created("e4", HIBOB, Some("42")));
    world.settle();
    assert!(crate::events::incidents(&world).is_empty());
}
