//! What people read in Slack, for each kind of alert.

use kombo_edge::domain::audience::Audience;
use serde_json::{Value, json};

use crate::kombo::{created, failed, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

/// The message that an event makes.
fn message(events: &[Value]) -> Value {
    let mut world = World::new();
    for event in events {
        world.deliver(event);
        world.settle();
    }
    let (audience, message) = world.slack.pop().expect("a message was sent");
    assert_eq!(audience, Audience::Team);
    message
}

/// Every text of the blocks, with its type; a link is shown as in mrkdwn.
fn parts(message: &Value) -> Vec<(&str, String)> {
    let blocks = message["blocks"].as_array().unwrap();
    blocks.iter().flat_map(texts).collect()
}

fn texts(part: &Value) -> Vec<(&str, String)> {
    let elements = part["elements"].as_array().into_iter().flatten();
    let kind = part["type"].as_str().unwrap_or_default();
    let shown = match (part["url"].as_str(), part["text"].as_str()) {
        (Some(url), Some(label)) => Some((kind, format!("<{url}|{label}>"))),
        (_, text) => text.map(|text| (kind, text.to_owned())),
    };
    let nested = part["text"].is_object().then(|| texts(&part["text"]));
    let texts = shown.into_iter().chain(nested.into_iter().flatten());
    texts.chain(elements.flat_map(self::texts)).collect()
}

/// All text that a reader sees, and every link.
fn shown(message: &Value) -> String {
    let texts: Vec<String> = parts(message).into_iter().map(|(_, text)| text).collect();
    texts.join("\n")
}

#[test]
fn a_failure_names_customer_tool_and_where_to_look() {
    let message = message(&[failed("event-7", "hibob", Some("36123"))]);
    let text = message["text"].as_str().unwrap();
    assert!(
        text.starts_with("🔴 Customer 36123 could not connect HiBob"),
        "{text}"
    );
    let shown = shown(&message);
    for part in [
        "Customer 36123",
        "Customer id: 36123",
        "Contact: hr@example.com",
        "<mailto:hr@example.com?subject=Connecting%20HiBob&body=Hello",
        "|Write to the contact>",
        "<https://app.kombo.dev/env/production/logs?flowId=event-7|Open Kombo's log of the attempt>",
        "first integration",
        "<!date^",
    ] {
        assert!(shown.contains(part), "{part} is missing in:\n{shown}");
    }
}

#[test]
fn a_failure_says_what_is_connected_already() {
    let message = message(&[
        created("e1", "personio:Two", Some("36123")),
        failed("e2", "hibob", Some("36123")),
    ]);
    assert!(shown(&message).contains("Already connected: Personio"));
}

#[test]
fn a_customer_without_an_id_is_known_by_its_name() {
    let message = message(&[failed("e1", "hibob", None)]);
    let shown = shown(&message);
    assert!(shown.contains("Nameless GmbH"), "{shown}");
    assert!(
        shown.contains("The connection link was created without one"),
        "{shown}"
    );
}

#[test]
fn a_problem_names_the_cause_and_the_remedy() {
    let events = [state("e1", HIBOB, Some("42"), "INVALID", 1)];
    let shown_text = shown(&message(&events));
    assert!(shown_text.contains("can no longer log in"), "{shown_text}");
    assert!(shown_text.contains("Relink integration"), "{shown_text}");
    let events = [issue("e1", "i1", Some((HIBOB, Some("42"))), 1, None)];
    let shown_text = shown(&message(&events));
    assert!(shown_text.contains("Authentication failed"), "{shown_text}");
    assert!(shown_text.contains("Ask your customer to"), "{shown_text}");
}

#[test]
fn nothing_is_unfurled() {
    let message = message(&[failed("e1", "hibob", Some("42"))]);
    assert_eq!(message["unfurl_links"], false);
    assert_eq!(message["unfurl_media"], false);
}

#[test]
fn foreign_text_becomes_no_mention_no_link_and_no_markup() {
    let hostile = "<!channel> <https://evil.example|click> *bold* `code` & @here :tada: \u{202e}";
    let mut event = failed("e1", "hibob", Some("42"));
    event["data"]["end_user"]["organization_name"] = json!(hostile);
    event["data"]["end_user"]["creator_email"] = json!("<!here>|x@example.com");
    event["data"]["integration_tool"] = json!("<!everyone>");
    event["data"]["log_url"] = json!("https://x.example/|<!channel>");
    let message = message(&[event]);
    let text = message["text"].as_str().unwrap();
    assert!(
        !text.contains("<!channel>") && !text.contains("<https://evil"),
        "{text}"
    );
    for (kind, text) in parts(&message) {
        assert!(
            !text.contains('\u{202e}'),
            "direction marks are dropped: {text:?}"
        );
        let marks = ["<!channel", "<!here", "<!everyone", "<https://evil"];
        let inert =
            matches!(kind, "plain_text" | "text") || marks.iter().all(|mark| !text.contains(mark));
        assert!(inert, "{text}");
    }
}

#[test]
fn what_looks_like_an_integration_id_is_cut_out_of_foreign_text() {
    let mut event = issue("e1", "i1", Some((HIBOB, Some("42"))), 1, None);
    event["data"]["issue"]["markdown_message"] = json!(format!(
        "Look at {HIBOB} and personio:CBNMt7dSNCzBdnRTx87dev4E."
    ));
    let message = message(&[event]).to_string();
    assert!(!message.contains("T3xkPq9VwLm2ZrYs8GdHnC5J"), "{message}");
    assert!(!message.contains("CBNMt7dSNCzBdnRTx87dev4E"), "{message}");
}

#[test]
fn a_link_that_grows_too_long_is_left_out_and_the_message_stays_whole() {
    let mut event = failed("e1", "hibob", Some("42"));
    event["data"]["log_url"] = json!(format!("https://app.kombo.dev/{}", "|".repeat(1_900)));
    let message = message(&[event]);
    for (_, text) in parts(&message) {
        assert!(text.encode_utf16().count() <= 3_000);
    }
    assert!(shown(&message).contains("<mailto:"));
}
