//! Attempts to connect: counted, reported, and closed by success or after a week.

use core::time::Duration;

use crate::events::{after, incidents};
use crate::kombo::{created, failed, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const PERSONIO: &str = "personio:CBNMt7dSNCzBdnRTx87dev4E";

#[test]
fn the_first_failure_is_sent_and_further_ones_are_counted() {
    let mut world = after(&[failed("e1", "hibob", Some("42"))]);
    assert_eq!(world.slack.len(), 1);
    let text = world.texts()[0];
    assert!(text.starts_with("Customer 42 could not connect"), "{text}");
    world.deliver(&failed("e2", "hibob", Some("42")));
    world.deliver(&failed("e3", "hibob", Some("42")));
    world.pass(Duration::from_secs(10 * 60));
    assert_eq!(world.slack.len(), 1);
    world.settle();
    let key = world.kv.keys().find(|key| key.starts_with("incident:"));
    assert_eq!(world.document(key.unwrap()).unwrap()["attempts"], 3);
}

#[test]
fn a_failure_a_day_after_success_opens_a_new_incident() {
    let mut world = after(&[
        failed("e1", "hibob", Some("42")),
        created("e2", HIBOB, Some("42")),
    ]);
    world.pass(Duration::from_secs(24 * 3600));
    world.deliver(&failed("e3", "hibob", Some("42")));
    world.settle();
    assert_eq!(world.slack.len(), 3, "{:?}", world.texts());
    let key = world.kv.keys().find(|key| key.starts_with("incident:"));
    assert_eq!(world.document(key.unwrap()).unwrap()["attempts"], 1);
}

#[test]
fn an_abandoned_connection_closes_after_a_week_and_a_broken_integration_does_not() {
    let mut world = after(&[
        failed("e1", "hibob", Some("42")),
        state("e2", PERSONIO, Some("43"), "INVALID", 1),
    ]);
    assert_eq!(incidents(&world).len(), 2);
    world.pass(Duration::from_secs(7 * 24 * 3600 + 60));
    world.settle();
    let open = incidents(&world);
    assert_eq!(open.len(), 1);
    assert!(open[0].contains(":integration:"), "{open:?}");
}

#[test]
fn success_does_not_close_an_attempt_that_came_a_day_after_it() {
    let mut world = after(&[failed("e1", "hibob", Some("42"))]);
    world.deliver(&created("e2", HIBOB, Some("42")));
    world.now = world.now.plus(Duration::from_secs(24 * 3600));
    world.deliver(&failed("e3", "hibob", Some("42")));
    world.settle();
    assert_eq!(incidents(&world).len(), 1, "the customer is still trying");
}

#[test]
fn an_integration_known_only_by_its_state_closes_attempts_of_its_own_tool_only() {
    let mut world = after(&[
        failed("e1", "hibob", Some("42")),
        failed("e2", "personio", Some("42")),
    ]);
    world.deliver(&state("e3", PERSONIO, Some("42"), "ACTIVE", 1));
    world.settle();
    let open = incidents(&world);
    assert_eq!(open.len(), 1);
    assert!(open[0].ends_with(":connection:hibob:HRIS"), "{open:?}");
    world.deliver(&state("e4", HIBOB, Some("42"), "INVALID", 1));
    world.settle();
    let connections = |world: &World| {
        let open = incidents(world);
        open.iter()
            .filter(|key| key.contains(":connection:"))
            .count()
    };
    assert_eq!(
        connections(&world),
        1,
        "an integration that cannot be used is not a success"
    );
}

#[test]
fn a_burst_of_failures_costs_workers_kv_two_writes() {
    let mut world = World::new();
    for number in 0..50 {
        world.deliver(&failed(&format!("e{number}"), "hibob", Some("42")));
        world.pass(Duration::from_secs(2));
    }
    world.settle();
    assert_eq!(world.kv_writes, 2);
    let (_, (incident, _)) = world.kv.iter().next().unwrap();
    assert_eq!(incident["attempts"], 50);
}

#[test]
fn alerts_of_one_customer_arrive_in_the_order_of_their_events() {
    let mut world = World::new();
    for (event, tool) in [("z", "hibob"), ("m", "personio"), ("a", "bamboohr")] {
        world.deliver(&failed(event, tool, Some("42")));
        world.now = world.now.plus(Duration::from_millis(1));
    }
    world.settle();
    let tools: Vec<bool> = ["HiBob", "Personio", "BambooHR"]
        .iter()
        .zip(world.texts())
        .map(|(tool, text)| text.contains(tool))
        .collect();
    assert_eq!(tools, [true; 3], "{:?}", world.texts());
}

#[test]
fn what_does_not_fit_one_run_is_written_once_in_the_next() {
    let mut world = World::new();
    for number in 0..20 {
        let event = format!("e{number}");
        world.deliver(&failed(&event, &format!("tool-{number}"), Some("42")));
    }
    world.settle();
    world.settle_within(Duration::from_secs(3600));
    assert_eq!(world.kv.len(), 20);
    assert_eq!(world.kv_writes, 20);
}
