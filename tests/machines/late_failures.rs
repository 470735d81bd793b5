//! Failed attempts that are reported after a success, or several times.

use serde_json::json;

use crate::clock::after as seconds;
use crate::events::{after, incidents};
use crate::kombo::{created, deleted, failed, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const HOUR: u64 = 3_600;
const ANOTHER: &str = "Customer 42: another attempt to connect HiBob (HRIS) failed";

/// A world in which someone is mentioned, after a success.
fn connected() -> World {
    let mut world = World::with(&[("SLACK_MENTION", "@here"), ("SILENCE_DAYS", "0")]);
    world.deliver(&created("ok", HIBOB, Some("42")));
    world.settle();
    world
}

fn fail(world: &mut World, times: usize) {
    for _ in 0..times {
        let id = format!("f{}", world.now.as_millis());
        world.deliver(&failed(&id, "hibob", Some("42")));
        world.pass(seconds(60));
    }
}

#[test]
fn failures_within_a_day_after_the_success_are_one_line_and_nothing_else() {
    let mut world = connected();
    world.pass(seconds(HOUR));
    fail(&mut world, 5);
    world.pass(seconds(10 * 24 * HOUR));
    assert_eq!(world.texts(), [ANOTHER]);
    assert!(incidents(&world).is_empty());
    let message = world.slack[0].1.to_string();
    assert!(
        message.contains("HiBob (HRIS) is connected and works"),
        "{message}"
    );
    assert!(message.contains("logs?flowId=f"), "{message}");
    assert!(!message.contains("<!here>"), "{message}");
}

#[test]
fn a_failure_a_day_after_the_success_is_an_incident_without_a_mention() {
    let mut world = connected();
    world.pass(seconds(24 * HOUR));
    fail(&mut world, 5);
    world.pass(seconds(10 * HOUR));
    assert_eq!(incidents(&world).len(), 1);
    assert_eq!(world.texts()[0], "Customer 42 could not connect HiBob");
    for (_, message) in &world.slack {
        let message = message.to_string();
        assert!(
            message.contains("HiBob (HRIS) is already connected"),
            "{message}"
        );
        assert!(!message.contains("<!here>"), "{message}");
    }
}

#[test]
fn a_failure_that_overtakes_the_success_between_objects_ends_with_it() {
    let mut world = World::new();
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.now = world.now.plus(seconds(1));
    world.deliver(&failed("e2", "hibob", Some("42")));
    world.settle();
    assert!(incidents(&world).is_empty());
}

#[test]
fn a_failure_counts_if_nothing_of_the_tool_and_category_works() {
    let mut other_category = failed("e3", "hibob", Some("42"));
    other_category["data"]["integration_category"] = json!("ATS");
    for (before, failure) in [
        (deleted("e2", HIBOB), failed("e3", "hibob", Some("42"))),
        (
            state("e2", HIBOB, Some("42"), "INVALID", 1),
            failed("e3", "hibob", Some("42")),
        ),
        (
            state("e2", HIBOB, Some("42"), "ACTIVE", 1),
            failed("e3", "personio", Some("42")),
        ),
        (state("e2", HIBOB, Some("42"), "ACTIVE", 1), other_category),
        (
            state("e2", HIBOB, Some("42"), "ACTIVE", 1),
            failed("e3", "hibob", Some("43")),
        ),
    ] {
        let world = after(&[created("e1", HIBOB, Some("42")), before, failure.clone()]);
        let open = incidents(&world);
        let attempts = open.iter().filter(|key| key.contains(":connection:"));
        assert_eq!(attempts.count(), 1, "{failure}");
    }
}

#[test]
fn another_success_may_be_followed_by_another_line() {
    let mut world = connected();
    fail(&mut world, 2);
    world.deliver(&created("again", HIBOB, Some("42")));
    world.settle();
    fail(&mut world, 2);
    world.settle();
    assert_eq!(world.texts(), [ANOTHER, ANOTHER]);
}

#[test]
fn a_muted_tool_sends_no_line_about_another_attempt() {
    let mut world = connected();
    let mute = json!({ "tool": null, "until": "2026-12-01T00:00:00Z" });
    world.ask("PUT", "/v1/customers/42/mute", &mute);
    fail(&mut world, 1);
    world.settle();
    assert!(world.slack.is_empty(), "{:?}", world.texts());
}

#[test]
fn several_deliveries_about_one_flow_are_one_attempt() {
    let about_one_flow = |event: &str| {
        let mut event = failed(event, "hibob", Some("42"));
        event["data"]["log_url"] = json!("https://app.kombo.dev/logs?flowId=1");
        event
    };
    let mut world = after(&[about_one_flow("e1"), about_one_flow("e2")]);
    let attempts = |world: &World| {
        let key = world.kv.keys().find(|key| key.starts_with("incident:"));
        world.document(key.unwrap()).unwrap()["attempts"].clone()
    };
    assert_eq!(attempts(&world), 1);
    world.deliver(&failed("e3", "hibob", Some("42")));
    world.deliver(&about_one_flow("e4"));
    world.settle();
    world.pass(seconds(HOUR));
    assert_eq!(attempts(&world), 2);
    world.deliver(&created("ok", HIBOB, Some("42")));
    world.settle();
    let sent = world.slack.len();
    world.deliver(&about_one_flow("e5"));
    world.settle();
    assert_eq!(world.slack.len(), sent, "{:?}", world.texts());
    assert!(incidents(&world).is_empty());
}

#[test]
fn failures_without_a_page_are_attempts_of_their_own() {
    let mut world = World::new();
    for number in 0..3 {
        let mut event = failed(&format!("e{number}"), "hibob", Some("42"));
        event["data"]["log_url"] = json!(null);
        world.deliver(&event);
    }
    world.settle();
    let key = world.kv.keys().find(|key| key.starts_with("incident:"));
    assert_eq!(world.document(key.unwrap()).unwrap()["attempts"], 3);
}

#[test]
fn the_flows_that_are_remembered_are_bounded() {
    let mut world = World::new();
    for number in 0..100 {
        world.deliver(&failed(&format!("e{number}"), "hibob", Some("42")));
    }
    world.settle();
    let rows = world.rows_with(|text| text.contains("\"flows\""));
    assert_eq!(rows.len(), 1);
    assert!(rows[0].len() < 2_000, "{}", rows[0].len());
}
