//! The alerts of an incident over time: the first one, repeats, and its end.
//! Audiences, mentions and good news are in `mentions`.

use kombo_edge::edge::answer::DeliveryOutcome;
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, deleted, failed, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// Delivers events of one tool, with these pauses in seconds.
pub(crate) fn fail(world: &mut World, times: usize, apart: u64) {
    for number in 0..times {
        let id = format!("f{}-{number}", world.now.as_millis());
        assert_eq!(
            world.deliver(&failed(&id, "hibob", Some("42"))),
            DeliveryOutcome::Accepted
        );
        world.pass(after(apart));
    }
}

/// The whole text of the latest message.
fn last(world: &World) -> String {
    let (_, message) = world.slack.last().expect("a message was sent");
    message.to_string()
}

#[test]
fn the_first_failure_is_sent_within_a_second() {
    let mut world = World::new();
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(1));
    assert_eq!(world.slack.len(), 1);
    let line = world
        .log
        .iter()
        .find(|line| line.contains("delivered"))
        .unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    let ms = line["ms"].as_u64().unwrap();
    assert!(ms < 1_000, "the log says how long it took: {line}");
}

#[test]
fn repeated_failures_are_combined_with_pauses_that_double_up_to_four_hours() {
    let mut world = World::new();
    let start = world.now;
    while world.now.since(start) < after(20 * HOUR) {
        fail(&mut world, 1, MINUTE);
    }
    let times = world
        .posts
        .iter()
        .map(|(at, _)| at.since(start).as_secs() / MINUTE);
    let times: Vec<u64> = times.collect();
    assert_eq!(times, [0, 15, 45, 105, 225, 465, 705, 945, 1185]);
    assert!(
        world.texts()[1].ends_with(": 15 attempts"),
        "{:?}",
        world.texts()
    );
}

#[test]
fn the_pause_is_the_configured_one() {
    let mut world = World::with(&[("ALERT_REPEAT_MINUTES", "2")]);
    fail(&mut world, 5, 30);
    assert_eq!(world.slack.len(), 2);
    assert!(
        world.texts()[1].ends_with(": 4 attempts"),
        "{:?}",
        world.texts()
    );
}

#[test]
fn an_incident_in_which_nothing_happens_sends_nothing_more() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    fail(&mut world, 1, 1);
    world.pass(after(6 * 24 * HOUR));
    assert_eq!(world.slack.len(), 1);
}

#[test]
fn success_reports_how_many_attempts_it_took_and_how_long() {
    let mut world = World::new();
    fail(&mut world, 4, 14 * MINUTE);
    world.deliver(&created("ok", HIBOB, Some("42")));
    world.settle();
    assert_eq!(
        world.texts().last().unwrap(),
        &"Customer 42 connected HiBob (HRIS) after 4 failed attempts"
    );
    assert!(last(&world).contains("Took 56 min. First attempt "));
}

#[test]
fn another_tool_of_the_category_is_reported_as_connected_instead() {
    let mut world = World::new();
    fail(&mut world, 2, MINUTE);
    world.deliver(&created("ok", "personio:Two", Some("42")));
    world.pass(after(5));
    assert_eq!(
        world.texts().last().unwrap(),
        &"Customer 42 connected Personio (HRIS) instead of HiBob (HRIS)"
    );
}

#[test]
fn success_within_the_first_delay_is_one_message_instead_of_two() {
    let mut world = World::with(&[("FIRST_ALERT_DELAY_SECONDS", "120")]);
    fail(&mut world, 1, 60);
    assert!(world.slack.is_empty());
    world.deliver(&created("ok", HIBOB, Some("42")));
    world.settle();
    assert_eq!(
        world.texts(),
        ["Customer 42 connected HiBob (HRIS) after 1 failed attempt"]
    );
}

#[test]
fn without_success_the_first_failure_is_sent_when_the_delay_is_over() {
    let mut world = World::with(&[("FIRST_ALERT_DELAY_SECONDS", "120")]);
    fail(&mut world, 2, 30);
    world.pass(after(58));
    assert!(world.slack.is_empty());
    world.pass(after(5));
    assert_eq!(
        world.texts(),
        ["Customer 42 could not connect HiBob: 2 attempts"]
    );
}

#[test]
fn invalid_and_active_open_and_close_like_failures_and_success() {
    let mut world = World::new();
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.pass(after(5));
    world.deliver(&state("e2", HIBOB, Some("42"), "INVALID", 1));
    world.pass(after(3 * HOUR + 20 * MINUTE));
    world.deliver(&state("e3", HIBOB, Some("42"), "ACTIVE", 2));
    world.pass(after(5));
    assert_eq!(
        world.texts(),
        [
            "Customer 42: HiBob (HRIS) stopped working",
            "Customer 42: HiBob (HRIS) works again",
        ]
    );
    assert!(
        last(&world).contains("The problem lasted 3 h 20 min"),
        "{}",
        last(&world)
    );
}

#[test]
fn a_broken_integration_that_is_replaced_or_deleted_is_reported_as_such() {
    for (end, sent) in [
        (
            created("e3", "hibob:Another", Some("42")),
            "Customer 42: HiBob (HRIS) was reconnected and works again",
        ),
        (
            deleted("e3", HIBOB),
            "Customer 42: HiBob (HRIS) was removed after it stopped working",
        ),
    ] {
        let mut world = World::new();
        world.deliver(&created("e1", HIBOB, Some("42")));
        world.deliver(&state("e2", HIBOB, Some("42"), "INVALID", 1));
        world.pass(after(MINUTE));
        world.deliver(&end);
        world.pass(after(5));
        assert_eq!(world.texts().last().unwrap(), &sent);
        assert_eq!(world.slack.len(), 2);
    }
}

#[test]
fn an_issue_is_sent_with_kombos_text_and_closed_when_it_is_resolved() {
    let mut world = World::new();
    let about = Some((HIBOB, Some("42")));
    world.deliver(&issue("e1", "i1", about, 1, None));
    world.pass(after(MINUTE));
    assert!(last(&world).contains("Authentication failed"));
    assert!(last(&world).contains("Ask your customer to **reconnect**."));
    world.deliver(&issue("e2", "i1", about, 1, Some(2)));
    world.pass(after(5));
    assert_eq!(
        world.texts().last().unwrap(),
        &"Customer 42: HiBob (HRIS) works again"
    );
}

#[test]
fn a_state_and_an_issue_about_the_same_login_are_one_incident_sent_once() {
    let mut world = World::new();
    let about = Some((HIBOB, Some("42")));
    world.deliver(&issue("e1", "i1", about, 1, None));
    world.deliver(&state("e2", HIBOB, Some("42"), "INVALID", 1));
    world.settle();
    assert_eq!(world.slack.len(), 1, "{:?}", world.texts());
    world.deliver(&issue("e3", "i1", about, 1, Some(2)));
    world.settle();
    assert_eq!(world.slack.len(), 1, "it is still invalid");
    world.deliver(&state("e4", HIBOB, Some("42"), "ACTIVE", 2));
    world.settle();
    assert_eq!(world.slack.len(), 2);
}

#[test]
fn another_issue_of_the_same_integration_is_sent_when_the_pause_is_over() {
    let mut world = World::new();
    let about = Some((HIBOB, Some("42")));
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    world.pass(after(MINUTE));
    let mut other = issue("e2", "i1", about, 1, None);
    other["data"]["issue"]["type"] = json!("integration.action_failing");
    world.deliver(&other);
    world.pass(after(5 * MINUTE));
    assert_eq!(world.slack.len(), 1);
    world.pass(after(10 * MINUTE));
    assert_eq!(world.slack.len(), 2);
}
