//! What a Notifier makes of answers that no one would expect of Slack: refusals that are about the
//! webhook without saying so, and a rate limit without end.

use core::time::Duration;

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::http::Answered;
use kombo_edge::machine::Outcome;
use serde_json::Value;

use crate::clock::after;
use crate::kombo::failed;
use crate::outside::answered;
use crate::queue::{failures, gaps, health};
use crate::world::World;

const MAIN: Address = Address::Notifier(Audience::Team);
const OPS: (&str, &str) = ("SLACK_OPS_URL", "https://hooks.slack.com/services/T/B/ops");
const MINUTE: u64 = 60;
const DAY: u64 = 24 * 3_600;

/// A 429 with this header.
#[expect(clippy::unnecessary_wraps, reason = "a post comes to an outcome")]
fn limited(retry_after: &str) -> Outcome<Answered> {
    Ok(Answered {
        status: 429,
        retry_after: Some(retry_after.to_owned()),
        ..Answered::default()
    })
}

/// The Slack part of the team's status.
fn slack(world: &mut World) -> Value {
    world.get("/v1/status").1["team"]["slack"].clone()
}

fn listed(world: &World) -> usize {
    world.rows_of(&MAIN, "undelivered/").len()
}

#[test]
fn a_code_about_the_webhook_holds_the_queue_whatever_the_status() {
    for (status, body) in [
        (400, "no_service"),
        (413, "invalid_token"),
        (400, r#"{"ok":false,"error":"channel_is_archived"}"#),
        (200, r#"{"ok":false}"#),
        (200, "<!doctype html><title>Sign in</title>"),
    ] {
        let mut world = World::with(&[OPS]);
        world.slack_answers_on_main = Some(answered(status, body));
        failures(&mut world, 3);
        world.pass(after(MINUTE));
        assert!(health(&mut world).slack_failing, "{status} {body}");
        assert_eq!(slack(&mut world)["said"], "hook_refused");
        assert_eq!(listed(&world), 0, "{status} {body}");
        let told = world.texts();
        assert_eq!(told, ["Slack is not accepting the team's alerts"], "{body}");
        world.slack_answers_on_main = None;
        world.pass(after(20 * MINUTE));
        let waiting = world.rows_of(&MAIN, "waiting/");
        assert!(waiting.is_empty() && !health(&mut world).slack_failing);
    }
}

#[test]
fn unrelated_messages_that_are_refused_as_plain_text_one_after_the_other_refuse_the_webhook() {
    let mut world = World::with(&[OPS]);
    world.slack_answers_on_main = Some(answered(400, "invalid_payload"));
    failures(&mut world, 5);
    world.pass(after(5 * MINUTE));
    assert_eq!(listed(&world), 2, "the third shows that it is the webhook");
    assert_eq!(world.rows_of(&MAIN, "waiting/").len(), 3);
    assert!(health(&mut world).slack_failing);
    let said = slack(&mut world);
    assert_eq!(said["said"], "hook_refused");
    let reason = said["reason"].as_str().unwrap();
    assert!(reason.contains("several unrelated messages"), "{reason}");
    assert!(
        said["remedy"]
            .as_str()
            .unwrap()
            .contains("incoming webhook")
    );
    assert_eq!(world.texts(), ["Slack is not accepting the team's alerts"]);
    let posts = world.posts.len();
    world.pass(after(60 * MINUTE));
    let tries = world.posts.len() - posts;
    assert!((3..=5).contains(&tries), "{tries} in an hour");
    assert_eq!(listed(&world), 2);
    // It works again: everything is sent, and the next refusal is about its own message again.
    world.slack_answers_on_main = None;
    world.pass(after(20 * MINUTE));
    assert!(!health(&mut world).slack_failing);
    assert!(world.rows_of(&MAIN, "waiting/").is_empty());
    world.refuse = Some("c-next".to_owned());
    world.deliver(&failed("next", "hibob", Some("c-next")));
    world.pass(after(MINUTE));
    assert_eq!(listed(&world), 3);
    assert!(!health(&mut world).slack_failing);
}

#[test]
fn messages_about_one_customer_that_are_refused_do_not_refuse_the_webhook() {
    let mut world = World::new();
    world.refuse = Some("Customer c0".to_owned());
    for (number, tool) in ["hibob", "personio", "lever", "greenhouse"]
        .iter()
        .enumerate()
    {
        world.deliver(&failed(&format!("e{number}"), tool, Some("c0")));
        world.pass(after(10));
    }
    assert_eq!(listed(&world), 4);
    assert!(!health(&mut world).slack_failing);
}

#[test]
fn another_webhook_starts_without_the_refusals_of_the_last_one() {
    let mut world = World::new();
    world.slack_answers_on_main = Some(answered(400, ""));
    failures(&mut world, 4);
    world.pass(after(MINUTE));
    assert!(health(&mut world).slack_failing);
    let new = (
        "SLACK_WEBHOOK_URL",
        "https://hooks.slack.com/services/T/B/new",
    );
    world.configure(&[new]);
    world.slack_answers_on_main = None;
    health(&mut world);
    world.pass(after(MINUTE));
    assert!(world.rows_of(&MAIN, "waiting/").is_empty());
    assert!(world.slack[0].1["blocks"].is_array(), "{:?}", world.slack);
}

#[test]
fn an_endless_429_is_red_and_reported_after_ten_minutes() {
    let mut world = World::with(&[OPS]);
    world.slack_answers_on_main = Some(limited("30"));
    failures(&mut world, 1);
    world.pass(after(9 * MINUTE));
    assert!(!health(&mut world).slack_failing);
    assert!(world.slack.is_empty());
    world.pass(after(2 * MINUTE));
    assert!(health(&mut world).slack_failing);
    assert_eq!(world.texts(), ["Slack is not accepting the team's alerts"]);
    world.slack_answers_on_main = None;
    world.pass(after(5 * MINUTE));
    assert!(!health(&mut world).slack_failing);
}

#[test]
fn an_endless_429_ends_after_thirty_days() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off"), ("SILENCE_DAYS", "0")]);
    world.slack_answers_on_main = Some(limited("900"));
    failures(&mut world, 1);
    world.pass(after(29 * DAY));
    assert_eq!(listed(&world), 0);
    world.pass(after(2 * DAY));
    assert_eq!(listed(&world), 1);
    assert!(
        world.rows_of(&MAIN, "undelivered/")[0]
            .1
            .contains("30 days")
    );
}

#[test]
fn a_429_is_waited_for_whatever_its_form() {
    for (header, millis) in [
        ("1.5", 1_500),
        // The world begins at eight o'clock.
        ("Mon, 23 Nov 2026 08:01:00 GMT", 59_000),
        ("99999999999999999999", 900_000),
    ] {
        let mut world = World::new();
        world.slack_answers = vec![limited(header)];
        failures(&mut world, 1);
        world.settle();
        let gap = gaps(&world)[0];
        let wait = Duration::from_millis(millis);
        assert!(
            gap >= wait && gap < wait + Duration::from_secs(1),
            "{header}: {gap:?}"
        );
    }
}

#[test]
fn what_slack_could_not_take_yet_is_posted_again_soon() {
    for status in [408, 425] {
        let mut world = World::new();
        world.slack_answers = vec![answered(status, "")];
        failures(&mut world, 1);
        world.pass(after(5));
        assert_eq!(world.slack.len(), 1, "{status}");
        assert!(!health(&mut world).slack_failing);
    }
}
