//! Problems that end and come back, again and again.

use serde_json::json;

use crate::clock::after;
use crate::events::incidents;
use crate::kombo::{created, deleted, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const ABOUT: Option<(&str, Option<&str>)> = Some((HIBOB, Some("42")));
const MINUTE: u64 = 60;

/// An issue that begins and ends this often, with this many seconds between.
fn flap(world: &mut World, times: u8, pause: u64) {
    for number in 0..times {
        let about = |id: &str, over| {
            let mut event = issue(&format!("{id}{number}"), "i1", ABOUT, 2 * number, over);
            event["data"]["issue"]["type"] = json!("integration.action_failing");
            event
        };
        world.deliver(&about("raised", None));
        world.pass(after(pause));
        world.deliver(&about("resolved", Some(2 * number + 1)));
        world.pass(after(pause));
    }
}

fn times(world: &World) -> Vec<usize> {
    let messages = world.slack.iter();
    let counts = messages.filter_map(|(_, message)| {
        let message = message.to_string();
        let (_, rest) = message.split_once("came back ")?;
        rest.split_once(" time")?.0.parse().ok()
    });
    counts.collect()
}

#[test]
fn an_issue_that_is_raised_and_resolved_twenty_times_in_two_hours_is_a_few_messages() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    flap(&mut world, 20, 3 * MINUTE);
    world.pass(after(24 * 3_600));
    assert!(world.slack.len() <= 7, "{:?}", world.texts());
    let times = times(&world);
    assert_eq!(times.last(), Some(&19), "{times:?}");
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(
        world.texts().last().unwrap(),
        &"Customer 42: Kombo no longer reports a problem with HiBob (HRIS)"
    );
    assert!(incidents(&world).is_empty());
}

#[test]
fn a_first_return_waits_for_the_pause_and_the_message_says_how_it_is_then() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    flap(&mut world, 1, MINUTE);
    assert_eq!(world.slack.len(), 2);
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    world.pass(after(2));
    assert_eq!(
        world.slack.len(),
        3,
        "the team hears of its first problem at once"
    );
    world.deliver(&state("e2", HIBOB, Some("42"), "ACTIVE", 2));
    world.pass(after(2));
    world.deliver(&state("e3", HIBOB, Some("42"), "INVALID", 3));
    world.pass(after(5 * MINUTE));
    assert_eq!(world.slack.len(), 3, "{:?}", world.texts());
    world.pass(after(60 * MINUTE));
    assert_eq!(world.slack.len(), 4, "{:?}", world.texts());
    assert_eq!(
        world.texts()[3],
        "Customer 42: HiBob (HRIS) stopped working"
    );
    assert_eq!(times(&world).last(), Some(&2));
}

#[test]
fn what_comes_back_after_hours_is_new() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    flap(&mut world, 1, MINUTE);
    world.pass(after(5 * 3_600));
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    world.pass(after(2));
    assert_eq!(world.slack.len(), 3);
    assert_eq!(times(&world), [0; 0]);
}

#[test]
fn a_deletion_during_the_pause_is_reported_at_once() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    world.deliver(&created("e0", HIBOB, Some("42")));
    flap(&mut world, 3, MINUTE);
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    world.pass(after(2));
    world.deliver(&deleted("e2", HIBOB));
    world.pass(after(2));
    let text = "Customer 42: HiBob (HRIS) was removed after it stopped working";
    assert_eq!(world.texts().last().unwrap(), &text);
    let sent = world.slack.len();
    world.pass(after(10 * 3_600));
    assert_eq!(world.slack.len(), sent);
}

#[test]
fn an_incident_that_comes_back_mentions_nobody_again() {
    let settings = [("DAILY_SUMMARY_UTC", "off"), ("SLACK_MENTION", "@here")];
    let mut world = World::with(&settings);
    for (number, word) in ["INVALID", "ACTIVE"].iter().cycle().take(8).enumerate() {
        let minute = u8::try_from(number).unwrap();
        world.deliver(&state(
            &format!("e{number}"),
            HIBOB,
            Some("42"),
            word,
            minute,
        ));
        world.pass(after(40 * MINUTE));
    }
    let messages = world.slack.iter();
    let mentions = messages.filter(|(_, it)| it.to_string().contains("<!here>"));
    assert_eq!(mentions.count(), 1);
}

#[test]
fn a_mute_during_the_pause_silences_the_report() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    flap(&mut world, 3, MINUTE);
    let sent = world.slack.len();
    let mute = json!({ "tool": null, "until": "2026-12-01T00:00:00Z" });
    world.ask("PUT", "/v1/customers/42/mute", &mute);
    world.pass(after(10 * 3_600));
    assert_eq!(world.slack.len(), sent);
}
