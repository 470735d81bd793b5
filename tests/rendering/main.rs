//! Rendering never fails, whatever an alert contains: Slack accepts every message, and
//! nothing foreign in it becomes a mention, a link or markup.
//!
//! What Slack accepts is checked twice: here, against the limits in its reference, and in
//! `scripts/slack-sdk.py`, which runs Slack's own classes on a sample that these tests
//! write.

// Makes Clippy treat the whole crate as tests.
#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    reason = "an overflow fails the test, as it should"
)]

mod acts;
mod alerts;
mod checks;
mod deployments;
mod invalid;
mod kinds;
mod links;
mod lists;
mod receivers;
mod texts;
mod wording;

use std::fmt::Write as _;

use kombo_edge::contracts::slack::{self, Content};
use kombo_edge::domain::audience::Audience;
use proptest::prelude::Strategy as _;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use proptest::{prop_assert, proptest};
use serde_json::Value;

use crate::alerts::{alert, post};
use crate::checks::faults;
use crate::deployments::view;

/// A message as most deployments render it.
fn rendered_plainly(post: Content) -> Value {
    let payload = slack::render(post, view(&deployments::plain(), Audience::Team));
    serde_json::from_str(&payload).expect("a message is JSON")
}

fn rendered(post: Content, channel: Audience) -> Value {
    let payload = slack::render(post, view(&deployments::full(), channel));
    serde_json::from_str(&payload).expect("a message is JSON")
}

/// What a receiver gets that may not read blocks.
fn rendered_elsewhere(post: Content) -> Value {
    let payload = slack::render(post, view(&deployments::elsewhere(), Audience::Team));
    serde_json::from_str(&payload).expect("a message is JSON")
}

/// All text in the blocks, a line for each paragraph, with links as in mrkdwn.
fn shown(message: &Value) -> String {
    let blocks = message["blocks"].as_array().unwrap();
    let lines: Vec<String> = blocks.iter().flat_map(lines_of).collect();
    lines.join("\n")
}

fn lines_of(block: &Value) -> Vec<String> {
    let elements = block["elements"].as_array().into_iter().flatten();
    match block["type"].as_str().unwrap() {
        "rich_text_list" => elements
            .flat_map(lines_of)
            .map(|line| format!("• {line}"))
            .collect(),
        "rich_text_section" => vec![elements.map(piece).collect::<String>()],
        "rich_text_preformatted" => elements.map(|one| format!("`{}`", piece(one))).collect(),
        "rich_text" => elements.flat_map(lines_of).collect(),
        "context" => elements.map(piece).collect(),
        _ => vec![piece(&block["text"])],
    }
}

fn piece(piece: &Value) -> String {
    let text = piece["text"].as_str().unwrap();
    match piece["url"].as_str() {
        Some(url) => format!("<{url}|{text}>"),
        None => text.to_owned(),
    }
}

proptest! {
    #[test]
    fn any_alert_makes_an_inert_message_that_slack_accepts(alert in alert()) {
        for post in [Content::One(alert.stored()), Content::Plain(alert.stored())] {
            for message in [rendered(post.clone(), Audience::Team), rendered_elsewhere(post)] {
                let faults = faults(&message);
                prop_assert!(faults.is_empty(), "{faults:?} in {message}");
            }
        }
    }

    #[test]
    fn any_digest_and_any_lead_make_one_too(post in post()) {
        for message in [rendered(post.clone(), Audience::Team), rendered_elsewhere(post)] {
            let faults = faults(&message);
            prop_assert!(faults.is_empty(), "{faults:?} in {message}");
        }
    }

    #[test]
    fn a_notification_begins_with_the_customer_the_failure_and_the_tool(alert in alerts::failure()) {
        let message = rendered(Content::One(alert.stored()), Audience::Team);
        let text = message["text"].as_str().unwrap();
        let visible: String = text.chars().filter(|one| *one != '\u{2060}').collect();
        let shown = visible.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
        let glance: String = shown.chars().take(60).collect();
        prop_assert!(glance.contains(" could not connect "), "{shown}");
        let tool = glance.split(" could not connect ").nth(1).unwrap();
        prop_assert!(!tool.is_empty(), "{shown}");
    }
}

#[test]
fn a_name_of_100_kilobytes_is_cut_like_any_long_name() {
    for name in [
        "x".repeat(100_000),
        "🦉".repeat(25_000),
        "&".repeat(100_000),
        "\u{202e}".repeat(50_000),
    ] {
        let alert = alerts::failure_of(&name);
        let message = rendered(Content::One(alert.stored()), Audience::Team);
        assert_eq!(faults(&message), [""; 0]);
    }
}

#[test]
fn the_checks_find_the_faults_they_are_for() {
    for (message, fault) in invalid::invalid() {
        let found = faults(&message);
        assert!(
            found.iter().any(|one| one.contains(fault)),
            "{fault}: {found:?} in {message}"
        );
    }
}

#[test]
fn every_kind_of_alert_has_its_own_words() {
    for (name, post) in kinds::all() {
        let message = rendered_plainly(post);
        let text = message["text"].as_str().unwrap();
        assert!(text.chars().any(char::is_alphabetic), "{name}: {message}");
        assert!(!text.contains("does not recognize"), "{name}: {message}");
    }
}

#[test]
fn no_kind_of_message_contains_an_integration_id_a_secret_or_foreign_markup() {
    assert_eq!(kinds::kinds().len(), 17, "a sample of each kind is checked");
    let mut pictures = Vec::new();
    for (name, post) in kinds::all() {
        let message = rendered_plainly(post);
        assert_eq!(faults(&message), [""; 0], "{name}");
        let text = message.to_string();
        for secret in ["T3xkPq9VwLm2ZrYs8GdHnC5J", "very-secret"] {
            assert!(!text.contains(secret), "{name}: {text}");
        }
        pictures.push(serde_json::json!({ "name": name, "message": message }));
    }
    // For scripts/pictures.mjs.
    let pictures = Value::Array(pictures).to_string();
    std::fs::write(
        concat!(env!("CARGO_TARGET_TMPDIR"), "/slack-kinds.json"),
        pictures,
    )
    .unwrap();
}

#[test]
fn a_summary_has_a_heading_for_each_topic_even_as_plain_text() {
    let Content::One(alert) = kinds::sample("daily-summary") else {
        panic!("the summary is one alert");
    };
    let blocks = shown(&rendered_plainly(Content::One(alert.clone())));
    assert!(blocks.contains("\n2 not connected yet\n• "), "{blocks}");
    let plain = rendered_plainly(Content::Plain(alert));
    let plain = plain["text"].as_str().unwrap();
    assert!(plain.contains("\n2 not connected yet\n• "), "{plain}");
}

/// Writes a sample for `scripts/slack-sdk.py`: hostile alerts of every kind.
#[test]
fn a_sample_is_written_for_the_other_validator() {
    let mut runner = TestRunner::deterministic();
    let mut sample = String::new();
    for _ in 0..400 {
        let alert = alert().new_tree(&mut runner).unwrap().current();
        let post = post().new_tree(&mut runner).unwrap().current();
        for post in [
            Content::One(alert.stored()),
            Content::Plain(alert.stored()),
            post,
        ] {
            writeln!(sample, "{}", rendered(post, Audience::Engineers)).unwrap();
        }
    }
    std::fs::write(
        concat!(env!("CARGO_TARGET_TMPDIR"), "/slack-messages.ndjson"),
        sample,
    )
    .unwrap();
}
