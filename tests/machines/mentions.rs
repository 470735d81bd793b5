//! Audiences and mentions: whom a message mentions and when, which good news is announced,
//! and which audience hears that an incident is closed. When messages are sent is in
//! `alert_schedule`.

use serde_json::json;

use crate::alert_schedule::fail;
use crate::clock::after;
use crate::kombo::{created, deleted, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

fn mentions(world: &World) -> Vec<bool> {
    let messages = world.slack.iter();
    messages
        .map(|(_, message)| message.to_string().contains("<!here>"))
        .collect()
}

#[test]
fn the_third_attempt_mentions_someone_once() {
    let mut world = World::with(&[("SLACK_MENTION", "@here")]);
    fail(&mut world, 2, MINUTE);
    assert_eq!(mentions(&world), [false]);
    fail(&mut world, 1, 2);
    assert_eq!(
        mentions(&world),
        [false, true],
        "it does not wait for the pause"
    );
    fail(&mut world, 5, 20 * MINUTE);
    let mentions = mentions(&world);
    assert!(mentions.len() > 3);
    assert_eq!(mentions.iter().filter(|mention| **mention).count(), 1);
}

#[test]
fn half_an_hour_without_success_mentions_someone_once() {
    let mut world = World::with(&[("SLACK_MENTION", "@here")]);
    fail(&mut world, 1, 29 * MINUTE);
    assert_eq!(mentions(&world), [false]);
    world.pass(after(2 * MINUTE));
    assert_eq!(mentions(&world), [false, true]);
    world.pass(after(10 * HOUR));
    assert_eq!(mentions(&world).len(), 2);
}

#[test]
fn there_is_no_mention_without_a_setting_or_for_closed_incidents() {
    let mut world = World::new();
    fail(&mut world, 5, 20 * MINUTE);
    assert!(mentions(&world).iter().all(|mention| !mention));
    let mut world = World::with(&[("SLACK_MENTION", "@here")]);
    fail(&mut world, 1, MINUTE);
    world.deliver(&created("ok", HIBOB, Some("42")));
    world.pass(after(HOUR));
    assert_eq!(mentions(&world), [false, false]);
}

#[test]
fn a_new_incident_may_mention_again() {
    let mut world = World::with(&[("SLACK_MENTION", "@here")]);
    fail(&mut world, 3, 2);
    world.deliver(&created("ok", HIBOB, Some("42")));
    world.pass(after(MINUTE));
    world.deliver(&deleted("gone", HIBOB));
    world.pass(after(MINUTE));
    fail(&mut world, 3, 2);
    assert_eq!(mentions(&world), [false, true, false, false, true]);
}

#[test]
fn good_news_goes_to_the_configured_audience() {
    for (setting, sent) in [
        ("", vec![]),
        ("connected", vec!["Customer 42 connected HiBob (HRIS)"]),
        (
            "connected disconnected",
            vec![
                "Customer 42 connected HiBob (HRIS)",
                "Customer 42: HiBob (HRIS) was disconnected",
            ],
        ),
    ] {
        let mut world = World::with(&[("ANNOUNCE", setting)]);
        world.deliver(&created("e1", HIBOB, Some("42")));
        world.settle();
        world.deliver(&created("e2", HIBOB, Some("42")));
        world.deliver(&state("e3", HIBOB, Some("42"), "ACTIVE", 1));
        world.settle();
        world.deliver(&deleted("e4", HIBOB));
        world.settle();
        assert_eq!(world.texts(), sent, "{setting}");
    }
}

#[test]
fn a_digest_of_good_news_names_the_contacts() {
    let mut world = World::with(&[("ANNOUNCE", "connected")]);
    for number in 0..12 {
        let (id, customer) = (format!("hibob:{number}"), format!("c{number}x"));
        world.deliver(&created(&format!("e{number}"), &id, Some(&customer)));
    }
    world.settle();
    let sent: Vec<String> = world.slack.iter().map(|(_, it)| it.to_string()).collect();
    let sent = sent.join("\n");
    let line = "Customer c11x connected HiBob (HRIS) (c11x, hr@example.com)";
    assert!(sent.contains(line), "{sent}");
}

#[test]
fn a_success_that_closes_an_incident_is_not_announced_too() {
    let mut world = World::with(&[("ANNOUNCE", "connected")]);
    fail(&mut world, 1, MINUTE);
    world.deliver(&created("ok", HIBOB, Some("42")));
    world.settle();
    assert_eq!(world.slack.len(), 2, "{:?}", world.texts());
}

#[test]
fn the_end_goes_to_everyone_who_received_the_beginning() {
    let hook = ("SLACK_OPS_URL", "https://hooks.slack.com/services/T/B/ops");
    let mut world = World::with(&[hook]);
    let about = Some((HIBOB, Some("42")));
    let mut raised = issue("e1", "i1", about, 1, None);
    raised["data"]["issue"]["type"] = json!("integration.action_failing");
    world.deliver(&raised);
    world.pass(after(5));
    world.deliver(&state("e2", HIBOB, Some("42"), "INVALID", 1));
    world.pass(after(5));
    world.deliver(&issue("e3", "i1", about, 1, Some(2)));
    world.deliver(&state("e4", HIBOB, Some("42"), "ACTIVE", 2));
    world.pass(after(5));
    let mut sent: Vec<(&str, &str)> = Vec::new();
    for ((audience, _), text) in world.slack.iter().zip(world.texts()) {
        sent.push((audience.as_str(), text.rsplit(' ').next().unwrap()));
    }
    sent.sort_unstable();
    assert_eq!(
        sent,
        [
            ("main", "again"),
            ("main", "working"),
            ("ops", "again"),
            ("ops", "working")
        ]
    );
}
