//! The daily summary: when it is sent, what it lists, and what it leaves out.

use serde_json::json;

use crate::clock::after;
use crate::kombo::{created, failed, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const DAY: u64 = 24 * 3_600;

/// The next morning at five past seven; the world begins on a Monday at eight.
fn next_morning(world: &mut World) {
    world.pass(after(23 * 3_600 + 5 * 60));
}

fn summaries(world: &World) -> Vec<String> {
    let sent = world.slack.iter().zip(world.texts());
    let summaries = sent.filter(|(_, text)| text.starts_with("Daily summary"));
    summaries
        .map(|((_, message), _)| message.to_string())
        .collect()
}

#[test]
fn lists_customers_that_are_not_connected_oldest_first_with_attempts_and_start() {
    let mut world = World::new();
    for customer in ["zoe", "amy", "bob"] {
        for number in 0..2 {
            let event = format!("{customer}{number}");
            world.deliver(&failed(&event, "hibob", Some(customer)));
        }
        world.pass(after(3_600));
    }
    world.pass(after(20 * 3_600 + 5 * 60));
    let [summary] = &summaries(&world)[..] else {
        panic!("{:?}", world.texts())
    };
    let places: Vec<_> = ["zoe", "amy", "bob"]
        .map(|customer| summary.find(&format!("Customer {customer} ({customer}): HiBob")))
        .into();
    assert!(places.iter().all(Option::is_some), "{summary}");
    assert!(places.is_sorted(), "oldest first: {summary}");
    assert!(
        summary.contains("2 failed attempts, the first 23 h ago"),
        "{summary}"
    );
    assert!(
        summary.contains("Daily summary: 3 not connected yet"),
        "{summary}"
    );
}

#[test]
fn is_sent_only_on_weekdays_and_only_while_something_is_open() {
    let mut world = World::new();
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.deliver(&state("e2", HIBOB, Some("42"), "INVALID", 1));
    next_morning(&mut world);
    assert_eq!(summaries(&world).len(), 1);
    // Wednesday, Thursday, Friday; not on the weekend; Monday.
    world.pass(after(3 * DAY));
    assert_eq!(summaries(&world).len(), 4);
    world.pass(after(2 * DAY));
    assert_eq!(summaries(&world).len(), 4);
    world.pass(after(DAY));
    assert_eq!(summaries(&world).len(), 5);
    world.deliver(&state("e3", HIBOB, Some("42"), "ACTIVE", 2));
    world.pass(after(3 * DAY));
    assert_eq!(summaries(&world).len(), 5, "nothing is open");
}

#[test]
fn is_sent_at_the_configured_hour_or_not_at_all() {
    for (setting, hours, expected) in [("9", 24, 0), ("9", 26, 1), ("off", 72, 0)] {
        let mut world = World::with(&[("DAILY_SUMMARY_UTC", setting)]);
        world.deliver(&failed("e1", "hibob", Some("42")));
        world.pass(after(2 * 3_600));
        world.pass(after((hours - 2) * 3_600));
        // The world begins at eight o'clock, so nine is an hour later on the same day.
        let sent = summaries(&world).len();
        let on_the_first_day = usize::from(setting == "9");
        assert_eq!(sent, expected + on_the_first_day, "{setting} {hours}");
    }
}

#[test]
fn lists_unassigned_quarantined_and_broken_integrations() {
    let mut world = World::new();
    world.deliver(&created("e1", "hibob:One", None));
    world.deliver(&json!({ "id": "q1", "type": "integration-created", "data": {} }));
    world.deliver(&json!({ "id": "q2", "type": "integration-deleted", "data": {} }));
    world.deliver(&state("e2", HIBOB, Some("42"), "INVALID", 1));
    next_morning(&mut world);
    let [summary] = &summaries(&world)[..] else {
        panic!("{:?}", world.texts())
    };
    for part in [
        "1 stopped working",
        "Customer 42 (42): HiBob (HRIS), for 23 h",
        "1 integration without a customer",
        "Nameless GmbH: HiBob (HRIS)",
        "2 events not understood",
    ] {
        assert!(summary.contains(part), "{part} is missing in {summary}");
    }
}

#[test]
fn lists_failed_connections_first_then_work_for_engineers_then_mutes() {
    let mut world = World::new();
    let mute = json!({ "tool": null, "until": "2026-12-01T00:00:00Z" });
    let muted = world.ask("PUT", "/v1/customers/a/mute", &mute);
    assert_eq!(muted.status, 200, "{}", muted.body);
    world.deliver(&failed("e1", "hibob", Some("a")));
    world.deliver(&state("e2", HIBOB, Some("b"), "INVALID", 1));
    world.deliver(&failed("e3", "hibob", Some("c")));
    world.deliver(&created("e4", "hibob:One", None));
    world.deliver(&json!({ "id": "q1", "type": "integration-created", "data": {} }));
    next_morning(&mut world);
    let sent = world.texts().last().map(|text| (*text).to_owned());
    assert_eq!(
        sent.unwrap(),
        "Daily summary: 1 not connected yet, 1 stopped working, 3 more"
    );
}

#[test]
fn counts_all_abandoned_connections_and_names_the_first() {
    let mut world = World::new();
    for number in 0..52 {
        let customer = format!("c{number}x");
        world.deliver(&failed(&format!("e{number}"), "hibob", Some(&customer)));
    }
    world.pass(after(7 * DAY + 3_600));
    // So that it is not the only topic.
    world.deliver(&failed("late", "hibob", Some("late")));
    world.pass(after(DAY));
    let sent = summaries(&world).pop().unwrap();
    for part in [
        "1 not connected yet",
        "52 not tried again for 7 days",
        "… and 42 more",
    ] {
        assert!(sent.contains(part), "{part} is missing in {sent}");
    }
}

#[test]
fn reports_once_what_closed_after_a_week_without_an_attempt() {
    let mut world = World::new();
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(8 * DAY));
    let sent = summaries(&world);
    let gave_up: Vec<_> = sent
        .iter()
        .filter(|it| it.contains("not tried again"))
        .collect();
    assert_eq!(gave_up.len(), 1, "{sent:?}");
    assert!(
        gave_up[0].contains("Customer 42 (42, hr@example.com): HiBob"),
        "{gave_up:?}"
    );
    assert!(
        world
            .texts()
            .iter()
            .all(|text| !text.contains("has not tried")),
        "it is not a separate message"
    );
}

#[test]
fn thousands_are_counted_in_pages_and_the_oldest_are_named() {
    let mut world = World::new();
    for number in 0..40 {
        let customer = format!("c{number}x");
        world.deliver(&failed(&format!("e{number}"), "hibob", Some(&customer)));
        world.pass(after(1));
    }
    let lists = world.kv_lists;
    next_morning(&mut world);
    let [summary] = &summaries(&world)[..] else {
        panic!("{:?}", world.texts())
    };
    assert!(summary.contains("40 not connected yet"), "{summary}");
    assert!(
        summary.contains("c0x") && summary.contains("c24x"),
        "{summary}"
    );
    assert!(summary.contains("… and 15 more"), "{summary}");
    assert!(!summary.contains("c30x"), "{summary}");
    assert_eq!(world.kv_lists - lists, 14 + 3, "three keys are a page here");
}

#[test]
fn is_postponed_while_workers_kv_does_not_list_keys() {
    let mut world = World::new();
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(60));
    world.pass(after(22 * 3_600 + 58 * 60));
    let failure = kombo_edge::machine::EffectError::Unknown("Workers KV did not answer".to_owned());
    world.kv_answers = vec![failure; 5];
    world.pass(after(10 * 60));
    assert_eq!(summaries(&world).len(), 1);
}

#[test]
fn what_closed_without_success_is_kept_only_until_a_summary_reports_it() {
    let notes = |world: &World| world.rows_with(|text| text.contains("given_up")).len();
    let fail_and_wait = |world: &mut World, id: &str, tool: &str| {
        world.deliver(&failed(id, tool, Some("42")));
        world.pass(after(8 * DAY));
    };
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    fail_and_wait(&mut world, "e1", "hibob");
    assert_eq!(notes(&world), 0, "no summary comes");

    // An hour on Saturday: it waits until Monday.
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "7")]);
    world.deliver(&failed("e1", "hibob", Some("42")));
    let mut waited = 0;
    while notes(&world) == 0 {
        assert!(waited < 30 * 24, "it is noted");
        world.pass(after(3_600));
        waited += 1;
    }
    world.configure(&[("DAILY_SUMMARY_UTC", "off")]);
    world.deliver(&failed("e2", "lever", Some("43")));
    world.pass(after(3_600));
    assert_eq!(notes(&world), 0, "the summary was switched off");
}
