//! Deliveries that Kombo signed, and sent to another path than the webhook's.

use kombo_edge::contracts::kombo::signature::Signature;
use kombo_edge::contracts::objects::notifier::IntakeReport;
use kombo_edge::domain::audience::Audience;
use kombo_edge::edge::delivery;
use serde_json::Value;

use crate::clock::after;
use crate::monitoring::{report, status};
use crate::outside::{config, sign};
use crate::world::World;

const BODY: &[u8] = br#"{"id":"e1","type":"data-changed","data":{}}"#;

/// The log line about a request to another path.
fn line(settings: &[(&str, &str)], signature: &str) -> Option<Value> {
    let signature = Signature::parse(Some(signature)).unwrap();
    let line = delivery::misdirected(&config(settings), &signature, BODY, World::new().now);
    line.map(|line| serde_json::to_value(line).unwrap())
}

#[test]
fn a_signed_request_to_another_path_leaves_a_line_that_says_what_to_correct() {
    let line = line(&[], &sign(BODY)).unwrap();
    assert_eq!(
        (&line["event"], &line["outcome"]),
        (&"delivery".into(), &"misdirected".into())
    );
    let reason = line["reason"].as_str().unwrap();
    assert!(
        reason.contains("/webhooks/kombo") && reason.contains("correct"),
        "{reason}"
    );
}

#[test]
fn a_request_that_kombo_did_not_sign_leaves_no_line() {
    assert_eq!(line(&[], &sign(b"another body")), None);
    assert_eq!(line(&[("KOMBO_WEBHOOK_SECRET", "")], &sign(BODY)), None);
}

#[test]
fn the_status_has_a_hint_for_a_day_after_a_delivery_to_another_path() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    report(&mut world, IntakeReport::default());
    assert_eq!(status(&mut world, Audience::Engineers)["hint"], Value::Null);
    let misdirected = IntakeReport {
        misdirected: 2,
        ..IntakeReport::default()
    };
    report(&mut world, misdirected);
    world.pass(after(22 * 3_600));
    let sent = status(&mut world, Audience::Engineers);
    assert_eq!(sent["misdirected_24h"], 2);
    assert!(
        sent["hint"]
            .as_str()
            .unwrap()
            .contains("Correct the webhook's URL")
    );
    world.pass(after(3 * 3_600));
    let sent = status(&mut world, Audience::Engineers);
    assert_eq!(
        (&sent["misdirected_24h"], &sent["hint"]),
        (&0.into(), &Value::Null)
    );
}
