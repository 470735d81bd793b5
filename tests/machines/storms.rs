//! Many alerts at once, and what waited during an outage of Slack.

use core::time::Duration;

use kombo_edge::domain::audience::Audience;

use crate::clock::after;
use crate::kombo::{created, failed, state};
use crate::outside::answered;
use crate::queue::gaps;
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

/// This many customers fail at one moment, each with its own name.
fn storm(world: &mut World, customers: usize) {
    for number in 0..customers {
        let customer = format!("c{number}x");
        world.deliver(&failed(&format!("e{number}"), "hibob", Some(&customer)));
    }
}

/// Everything that Slack accepted, as one text.
fn all(world: &World) -> String {
    let messages = world.slack.iter().map(|(_, message)| message.to_string());
    messages.collect::<Vec<_>>().join("\n")
}

/// A world in which Slack accepts nothing for this long, while something happens.
fn outage(span: Duration, events: &[serde_json::Value]) -> World {
    let mut world = World::new();
    world.slack_answers = vec![answered(503, ""); 10_000];
    for event in events {
        world.deliver(event);
        world.pass(after(1));
    }
    world.pass(span);
    world.slack_answers.clear();
    world.pass(after(20 * 60));
    world
}

#[test]
fn three_hundred_customers_that_fail_at_once_are_all_named_in_forty_messages_at_most() {
    let mut world = World::new();
    storm(&mut world, 300);
    world.pass(after(600));
    assert!(world.slack.len() <= 40, "{}", world.slack.len());
    for gap in gaps(&world) {
        assert!(gap >= after(1), "{gap:?}");
    }
    let all = all(&world);
    for number in 0..300 {
        assert!(all.contains(&format!("Customer c{number}x")), "c{number}x");
    }
}

#[test]
fn five_waiting_alerts_are_five_messages_and_six_are_a_digest() {
    for (customers, messages) in [(5, 5), (6, 1)] {
        let mut world = World::new();
        world.slack_answers = vec![answered(429, "")];
        storm(&mut world, customers);
        world.pass(after(120));
        assert_eq!(world.slack.len(), messages, "{customers}");
    }
}

#[test]
fn a_digest_has_at_most_twenty_lines_each_with_name_id_and_contact() {
    let mut world = World::new();
    world.slack_answers = vec![answered(429, "")];
    storm(&mut world, 25);
    world.pass(after(120));
    assert_eq!(world.slack.len(), 6, "a digest, and the rest one by one");
    let digest = &world.slack[0].1;
    assert_eq!(digest["text"], "🔴 HiBob: 20 customers could not connect");
    let list = &digest["blocks"][1]["elements"][0];
    let lines = list["elements"].as_array().unwrap();
    assert_eq!(lines.len(), 20);
    let pieces = &lines[0]["elements"];
    assert_eq!(pieces[0]["text"], "Customer c0x (c0x, hr@example.com)");
    assert_eq!(pieces[2]["text"], "Log");
}

#[test]
fn first_failures_go_before_repeats_and_closings() {
    let mut world = World::new();
    for number in 0..3 {
        let customer = format!("old{number}");
        world.deliver(&failed(&format!("o{number}"), "hibob", Some(&customer)));
    }
    world.pass(after(60));
    let sent = world.slack.len();
    world.slack_answers = vec![answered(429, "")];
    // One closes, one continues until its pause is over, then others begin.
    world.deliver(&failed("r", "hibob", Some("old1")));
    world.pass(after(15 * 60 - 62));
    world.deliver(&created("ok", "hibob:One", Some("old0")));
    world.pass(after(5));
    for number in 0..2 {
        let customer = format!("new{number}");
        world.deliver(&failed(&format!("n{number}"), "hibob", Some(&customer)));
    }
    world.pass(after(60));
    let texts = &world.texts()[sent..];
    let order = ["new0", "new1", "old1", "old0"];
    assert_eq!(texts.len(), order.len(), "{texts:?}");
    for (text, customer) in texts.iter().zip(order) {
        assert!(text.contains(customer), "{texts:?}");
    }
}

#[test]
fn alerts_of_one_incident_keep_their_order_whatever_else_is_sent() {
    let mut world = World::new();
    world.slack_answers = vec![answered(429, "")];
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(1));
    // While the opening alert is in flight or waits, the customer connects another tool and fails again.
    world.deliver(&created("e2", "personio:One", Some("42")));
    world.pass(after(1));
    world.deliver(&failed("e3", "hibob", Some("42")));
    world.pass(after(60));
    assert_eq!(
        world.texts(),
        ["Customer 42 could not connect HiBob"],
        "the present state, once"
    );
    world.deliver(&created("e4", "hibob:Two", Some("42")));
    world.pass(after(60));
    assert_eq!(
        world.texts().last().unwrap(),
        &"Customer 42 connected HiBob (HRIS) after 1 failed attempt"
    );
}

#[test]
fn a_waiting_opening_and_its_closing_are_one_line() {
    let mut world = World::new();
    world.slack_answers = vec![answered(503, ""); 3];
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(1));
    world.deliver(&created("e2", HIBOB, Some("42")));
    world.pass(after(120));
    assert_eq!(
        world.texts(),
        ["Customer 42 connected HiBob (HRIS) after 1 failed attempt"]
    );
}

#[test]
fn what_happens_while_a_message_is_in_flight_is_sent_after_it() {
    let mut world = World::new();
    world.deliver(&failed("e1", "hibob", Some("42")));
    let step = |world: &mut World, of: &str| {
        let due = world.due().into_iter();
        let (at, name) = due
            .into_iter()
            .find(|(_, name)| name.starts_with(of))
            .unwrap();
        world.now = world.now.max(at).plus(Duration::from_millis(1));
        name
    };
    let customer = step(&mut world, "customer/");
    world.alarm(&customer, crate::world::Crash::No);
    // The message is sent, Slack accepts it, and before that is committed the customer connects.
    let notifier = step(&mut world, "notifier/");
    world.alarm_with(&notifier, |world| {
        world.deliver(&created("e2", HIBOB, Some("42")));
        let integration = step(world, "integration/");
        world.alarm(&integration, crate::world::Crash::No);
        let customer = step(world, "customer/");
        world.alarm(&customer, crate::world::Crash::No);
    });
    world.settle();
    assert_eq!(
        world.texts(),
        [
            "Customer 42 could not connect HiBob",
            "Customer 42 connected HiBob (HRIS) after 1 failed attempt",
        ]
    );
}

#[test]
fn after_an_hour_without_slack_the_first_message_sums_up_what_happened() {
    let mut events = Vec::new();
    for number in 0..4 {
        let customer = format!("c{number}x");
        events.push(failed(&format!("e{number}"), "hibob", Some(&customer)));
    }
    events.push(created("ok", HIBOB, Some("c0x")));
    let world = outage(after(2 * 3600), &events);
    let first = &world.slack[0].1.to_string();
    assert!(
        world.texts()[0].starts_with("Slack was unavailable for 2 h"),
        "{:?}",
        world.texts()
    );
    assert!(
        world.texts()[0].ends_with("Meanwhile 4 problems came up."),
        "{:?}",
        world.texts()
    );
    assert!(
        first.contains("1 is resolved, 3 are still open:"),
        "{first}"
    );
    for customer in ["c1x", "c2x", "c3x"] {
        assert!(first.contains(customer), "{first}");
    }
    assert!(!first.contains("c0x"), "it is connected: {first}");
    assert_eq!(world.slack.len(), 5, "and then each: {:?}", world.texts());
}

#[test]
fn a_shorter_outage_is_not_mentioned() {
    let events = [
        failed("e1", "hibob", Some("42")),
        failed("e2", "hibob", Some("43")),
    ];
    let world = outage(after(40 * 60), &events);
    assert_eq!(world.slack.len(), 2, "{:?}", world.texts());
}

#[test]
fn after_an_outage_every_customer_that_failed_is_named() {
    let mut events = Vec::new();
    for number in 0..60 {
        let customer = format!("c{number}x");
        events.push(failed(&format!("e{number}"), "hibob", Some(&customer)));
    }
    let world = outage(after(3 * 3600), &events);
    assert!(world.slack.len() <= 5, "{:?}", world.texts());
    let all = all(&world);
    for number in 0..60 {
        assert!(all.contains(&format!("Customer c{number}x")), "c{number}x");
    }
}

#[test]
fn a_rejected_digest_is_split_until_the_cause_is_isolated() {
    let mut world = World::new();
    world.slack_answers = vec![answered(429, "")];
    storm(&mut world, 16);
    world.pass(after(29));
    // Slack rejects every message that names this one.
    world.refuse = Some("Customer c5x ".to_owned());
    world.pass(after(300));
    let all = all(&world);
    for number in (0..16).filter(|number| *number != 5) {
        assert!(all.contains(&format!("Customer c{number}x")), "c{number}x");
    }
    let main = kombo_edge::contracts::objects::address::Address::Notifier(Audience::Team);
    let listed = world.rows_of(&main, "undelivered/");
    assert_eq!(listed.len(), 1);
    assert!(listed[0].1.contains("c5x"), "{listed:?}");
}

#[test]
fn engineers_have_a_separate_section_in_the_teams_digest() {
    let mut world = World::new();
    world.slack_answers = vec![answered(429, "")];
    storm(&mut world, 5);
    world.deliver(&created("u1", "hibob:One", None));
    world.pass(after(120));
    let digest = &world.slack[0].1;
    assert_eq!(
        digest["text"],
        "🔴 HiBob: 5 customers could not connect, 1 other"
    );
    let parts = digest["blocks"][1]["elements"].as_array().unwrap();
    assert_eq!(parts[2]["elements"][0]["text"], "For engineers");
    let line = &parts[3]["elements"][0]["elements"][0];
    let line = line["text"].as_str().unwrap();
    assert!(line.starts_with("Nameless GmbH connected"), "{line}");
}

#[test]
fn a_digest_mentions_once() {
    let mut world = World::with(&[("SLACK_MENTION", "@here")]);
    for number in 0..3 {
        for customer in 0..6 {
            let event = format!("e{number}-{customer}");
            world.deliver(&failed(&event, "hibob", Some(&format!("c{customer}"))));
        }
    }
    world.slack_answers = vec![answered(429, "")];
    world.pass(after(120));
    let all = all(&world);
    let digests = world
        .slack
        .iter()
        .filter(|(_, it)| it.to_string().contains("<!here>"));
    assert!(digests.count() >= 1, "{all}");
    for (_, message) in &world.slack {
        assert!(
            message.to_string().matches("<!here>").count() <= 1,
            "{message}"
        );
    }
}

#[test]
fn a_state_alert_among_waiting_ones_is_a_line_too() {
    let mut world = World::new();
    world.slack_answers = vec![answered(429, "")];
    storm(&mut world, 5);
    world.deliver(&state("s", HIBOB, Some("42"), "INVALID", 1));
    world.pass(after(120));
    let text = "HiBob: 5 customers could not connect, 1 stopped working";
    assert_eq!(world.texts()[0], text);
}
