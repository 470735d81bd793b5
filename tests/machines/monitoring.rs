//! What must not fail unnoticed: Slack, Workers KV, signatures, and Kombo's silence.

use core::time::Duration;

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::notifier::{IntakeReport, Message};
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::EffectError;
use serde_json::Value;

use crate::clock::after;
use crate::kombo::{created, failed};
use crate::outside::answered;
use crate::queue::{failures, health};
use crate::world::World;

const OPS: (&str, &str) = ("SLACK_OPS_URL", "https://hooks.slack.com/services/T/B/ops");
const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// The texts of the messages to the engineers.
fn ops(world: &World) -> Vec<&str> {
    let sent = world.slack.iter().zip(world.texts());
    sent.filter(|((audience, _), _)| *audience == Audience::Engineers)
        .map(|(_, text)| text)
        .collect()
}

/// A report of an isolate.
fn watch(world: &mut World, valid_at: Option<Timestamp>, refused: u64) {
    report(
        world,
        IntakeReport {
            valid_at,
            refused,
            ..IntakeReport::default()
        },
    );
}

/// Any report of an isolate.
pub(crate) fn report(world: &mut World, report: IntakeReport) {
    let message = Envelope::encode(Message::IntakeReport(report));
    let reply = world.call(&Address::Notifier(Audience::Engineers), &message);
    assert_eq!(reply, Reply::Acknowledged);
}

/// The status of the team's queue, or of what the engineers' Notifier monitors.
pub(crate) fn status(world: &mut World, audience: Audience) -> Value {
    let message = Envelope::encode(Message::Status { audience });
    match world.call(&Address::Notifier(audience), &message) {
        Reply::Status(parts) => serde_json::from_str(parts.last().unwrap().text()).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Slack rejects the team's webhook, and accepts the engineers'.
fn refuse_main(world: &mut World, status: u16, body: &str) {
    world.slack_answers_on_main = Some(answered(status, body));
}

#[test]
fn engineers_are_notified_once_when_the_webhook_is_rejected_and_once_when_it_works() {
    let mut world = World::with(&[OPS]);
    refuse_main(&mut world, 404, "no_service");
    failures(&mut world, 3);
    world.pass(after(2 * HOUR));
    assert_eq!(ops(&world), ["Slack is not accepting the team's alerts"]);
    let message = world.slack[0].1.to_string();
    assert!(
        message.contains("Slack answered 404: no_service"),
        "{message}"
    );
    assert!(
        message.contains("create a new one"),
        "the remedy: {message}"
    );
    assert!(message.contains("1 alert is waiting"), "{message}");
    world.slack_answers_on_main = None;
    world.pass(after(30 * MINUTE));
    let sent = ops(&world);
    assert_eq!(sent.len(), 2);
    assert!(
        sent[1].starts_with("Slack accepts the team's alerts again after 2 h"),
        "{sent:?}"
    );
}

#[test]
fn engineers_are_notified_of_a_failing_webhook_after_ten_minutes() {
    let mut world = World::with(&[OPS]);
    refuse_main(&mut world, 503, "");
    failures(&mut world, 1);
    world.pass(after(9 * MINUTE));
    assert!(ops(&world).is_empty());
    world.pass(after(2 * MINUTE));
    assert_eq!(ops(&world), ["Slack is not accepting the team's alerts"]);
}

#[test]
fn a_short_failure_sends_nothing() {
    let mut world = World::with(&[OPS]);
    refuse_main(&mut world, 503, "");
    failures(&mut world, 1);
    world.pass(after(5 * MINUTE));
    world.slack_answers_on_main = None;
    world.pass(after(HOUR));
    assert!(ops(&world).is_empty(), "{:?}", ops(&world));
}

#[test]
fn a_new_webhook_counts_as_working_only_once_it_accepted_a_message() {
    let mut world = World::with(&[OPS]);
    refuse_main(&mut world, 404, "no_service");
    failures(&mut world, 1);
    world.pass(after(MINUTE));
    let new = (
        "SLACK_WEBHOOK_URL",
        "https://hooks.slack.com/services/T/B/new",
    );
    world.configure(&[OPS, new]);
    health(&mut world);
    world.pass(after(MINUTE));
    assert_eq!(ops(&world).len(), 1, "the new webhook is rejected too");
    world.slack_answers_on_main = None;
    world.pass(after(20 * MINUTE));
    assert_eq!(ops(&world).len(), 2);
}

#[test]
fn status_shows_what_waits_what_slack_answered_and_the_remedy() {
    let mut world = World::new();
    let start = world.now;
    world.slack_answers = vec![answered(410, "channel_is_archived"); 9];
    failures(&mut world, 3);
    world.pass(after(MINUTE));
    let sent = status(&mut world, Audience::Team);
    assert_eq!(sent["waiting"], 3);
    assert_eq!(
        sent["oldest_at"],
        start.plus(Duration::from_millis(1)).to_rfc3339()
    );
    let slack = &sent["slack"];
    assert_eq!(slack["failing"], true);
    assert_eq!(slack["said"], "hook_refused");
    assert_eq!(slack["reason"], "Slack answered 410: channel_is_archived");
    assert_eq!(
        slack["remedy"],
        "unarchive the channel, or create a webhook for another channel"
    );
    world.slack_answers.clear();
    world.settle();
    let sent = status(&mut world, Audience::Team);
    assert_eq!(
        (&sent["waiting"], &sent["oldest_at"]),
        (&0.into(), &Value::Null)
    );
    assert_eq!(sent["slack"]["said"], "delivered");
    assert_eq!(sent["slack"]["failing"], false);
}

#[test]
fn wrong_signatures_are_reported_once_a_day_if_no_valid_delivery_came_for_an_hour() {
    let mut world = World::new();
    let start = world.now;
    watch(&mut world, Some(start), 0);
    for _ in 0..30 {
        world.pass(after(HOUR));
        watch(&mut world, Some(start), 3);
    }
    world.pass(after(HOUR));
    let sent = world
        .texts()
        .iter()
        .filter(|text| text.contains("deliveries rejected"))
        .count();
    assert_eq!(sent, 2, "{:?}", world.texts());
    let first = world.texts()[0];
    assert!(
        first.starts_with("3 deliveries rejected: invalid signature"),
        "{first}"
    );
    let message = world.slack[0].1.to_string();
    assert!(message.contains("KOMBO_WEBHOOK_SECRET"), "{message}");
}

#[test]
fn wrong_signatures_among_valid_deliveries_are_only_counted() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    for _ in 0..50 {
        let now = world.now;
        watch(&mut world, None, 2);
        world.pass(after(30 * MINUTE));
        watch(&mut world, Some(now.plus(after(20 * MINUTE))), 0);
        world.pass(after(30 * MINUTE));
    }
    assert!(world.texts().is_empty(), "{:?}", world.texts());
    let sent = status(&mut world, Audience::Engineers);
    assert_eq!(sent["refused_signatures_24h"], 46);
}

#[test]
fn signatures_of_another_form_are_reported_in_their_own_words() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    let malformed = IntakeReport {
        malformed: 2,
        ..IntakeReport::default()
    };
    report(&mut world, malformed);
    report(
        &mut world,
        IntakeReport {
            refused: 2,
            ..malformed
        },
    );
    world.pass(after(50 * MINUTE));
    assert!(world.texts().is_empty(), "{:?}", world.texts());
    world.pass(after(23 * HOUR));
    let texts = world.texts();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(
        texts[0].starts_with("2 deliveries rejected: invalid signature"),
        "{texts:?}"
    );
    assert!(
        texts[1].starts_with("4 deliveries rejected: unknown form of signature"),
        "{texts:?}"
    );
    let message = world.slack[1].1.to_string();
    assert!(message.contains("sha256="), "{message}");
    let sent = status(&mut world, Audience::Engineers);
    assert_eq!(sent["refused_signatures_24h"], 6);
    assert_eq!(sent["malformed_signatures_24h"], 4);
    assert_eq!(sent["missing_signatures_24h"], 0);
}

#[test]
fn missing_signatures_are_reported_if_no_valid_delivery_came_for_20_hours() {
    let unsigned = IntakeReport {
        missing: 1,
        ..IntakeReport::default()
    };
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    for _ in 0..40 {
        report(&mut world, unsigned);
        world.pass(after(HOUR));
    }
    let texts = world.texts();
    assert_eq!(texts, ["20 deliveries rejected: no signature"]);
    let message = world.slack[0].1.to_string();
    assert!(message.contains("Scanners"), "{message}");
    let sent = status(&mut world, Audience::Engineers);
    assert_eq!(sent["missing_signatures_24h"], 23);
    assert_eq!(sent["refused_signatures_24h"], 0);
}

#[test]
fn scanners_neither_alarm_anyone_while_kombo_delivers_nor_delay_the_report_of_a_wrong_secret() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    for _ in 0..5 {
        let now = world.now;
        let unsigned = IntakeReport {
            valid_at: Some(now),
            missing: 3,
            ..IntakeReport::default()
        };
        report(&mut world, unsigned);
        world.pass(after(18 * HOUR));
    }
    assert!(world.texts().is_empty(), "{:?}", world.texts());
    world.pass(after(5 * HOUR));
    assert_eq!(world.texts(), ["3 deliveries rejected: no signature"]);
    watch(&mut world, None, 1);
    world.pass(after(2 * HOUR));
    assert_eq!(world.texts().len(), 2, "{:?}", world.texts());
    assert!(world.texts()[1].starts_with("1 delivery rejected: invalid signature"));
}

#[test]
fn silence_of_kombo_is_reported_once_after_the_configured_days() {
    let quiet = [("DAILY_SUMMARY_UTC", "off")];
    for (days, sent) in [("2", 1), ("0", 0)] {
        let mut world = World::with(&[quiet[0], ("SILENCE_DAYS", days)]);
        let start = world.now;
        watch(&mut world, Some(start), 0);
        world.pass(after(47 * HOUR));
        assert!(world.texts().is_empty());
        world.pass(after(20 * 24 * HOUR));
        assert_eq!(world.texts().len(), sent, "{:?}", world.texts());
        // A delivery comes, and then there is silence again.
        let now = world.now;
        watch(&mut world, Some(now), 0);
        world.pass(after(10 * 24 * HOUR));
        assert_eq!(world.texts().len(), 2 * sent, "{:?}", world.texts());
    }
}

#[test]
fn silence_is_also_reported_if_kombo_never_delivered() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    health(&mut world);
    world.pass(after(8 * 24 * HOUR));
    assert_eq!(world.texts(), ["Kombo has not sent anything for 7 days"]);
}

#[test]
fn a_lag_of_workers_kv_is_reported_once_with_the_number_of_customers_and_the_reason() {
    let mut world = World::new();
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 1_000];
    for number in 0..7 {
        let id = format!("hibob:{number}");
        let customer = format!("c{number}");
        world.deliver(&created(&format!("e{number}"), &id, Some(&customer)));
        world.pass(after(5));
    }
    world.pass(after(9 * MINUTE));
    assert!(world.texts().is_empty());
    world.pass(after(4 * MINUTE));
    assert_eq!(
        world.texts(),
        ["Workers KV is behind: the backend sees stale data for 7 customers"]
    );
    let message = world.slack[0].1.to_string();
    assert!(message.contains("Workers KV answered 429"), "{message}");
    assert!(message.contains("For engineers"), "{message}");
    let sent = status(&mut world, Audience::Engineers);
    assert_eq!(sent["late_customers"], 7);
    assert!(health(&mut world).kv_late);
    world.pass(after(HOUR));
    assert_eq!(world.texts().len(), 1, "once");
    world.kv_answers.clear();
    world.pass(after(10 * MINUTE));
    assert_eq!(world.texts().len(), 2);
    assert!(world.texts()[1].starts_with("Workers KV is up to date again"));
    assert!(!health(&mut world).kv_late);
}

#[test]
fn the_document_of_an_unassigned_integration_counts_as_lagging_too() {
    let mut world = World::with(&[OPS]);
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 1_000];
    world.deliver(&created("e1", "hibob:One", None));
    world.pass(after(9 * MINUTE));
    assert!(!health(&mut world).kv_late);
    world.pass(after(4 * MINUTE));
    assert!(health(&mut world).kv_late);
    let sent = ops(&world);
    assert!(
        sent.iter().any(|it| it.starts_with("Workers KV is behind")),
        "{sent:?}"
    );
}

#[test]
fn the_last_event_shows_in_the_status() {
    let mut world = World::new();
    let start = world.now;
    watch(&mut world, Some(start), 0);
    world.deliver(&failed("e1", "hibob", Some("42")));
    let sent = status(&mut world, Audience::Engineers);
    assert_eq!(sent["last_event_at"], start.to_rfc3339());
}
