//! What each kind of receiver gets: Slack, a workflow of Slack, and whatever is compatible with
//! Slack but may not read blocks.

use kombo_edge::contracts::operator::settings::Settings;
use kombo_edge::contracts::slack::{self, Content};
use kombo_edge::domain::audience::Audience;
use serde_json::Value;

use crate::deployments::{plain, view, workflow};
use crate::kinds::{alert, all, could_not_connect, personio, sample, who};
use crate::{rendered_elsewhere, rendered_plainly, shown};

fn rendered(post: Content, settings: &Settings) -> Value {
    let payload = slack::render(post, view(settings, Audience::Team));
    serde_json::from_str(&payload).unwrap()
}

/// The words of a text, without what only some receivers can show.
fn words(text: &str) -> Vec<String> {
    let tokens = text
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    let words = tokens.split(|one: char| !one.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

#[test]
fn whoever_does_not_read_blocks_gets_everything_in_the_text() {
    for (name, post) in all() {
        let message = rendered_elsewhere(post);
        let text = words(message["text"].as_str().unwrap());
        let blocks = shown(&message);
        // A date is shown in the reader's zone by Slack alone.
        let blocks = blocks.replace("{date_short_pretty} {time}", "");
        for word in words(&blocks) {
            let is_of_a_date = word == "date" || word.parse::<i64>().is_ok_and(|it| it > 1 << 30);
            assert!(
                is_of_a_date || text.contains(&word),
                "{name}: {word} in {message}"
            );
        }
    }
}

#[test]
fn slack_gets_what_a_notification_shows_in_the_text() {
    let message = rendered_plainly(sample("further-failures"));
    let text = message["text"].as_str().unwrap();
    assert_eq!(text, "🔴 Acme, Inc. could not connect Personio: 4 attempts");
}

#[test]
fn a_workflow_gets_flat_texts_and_each_of_its_variables() {
    for (name, post) in all() {
        let message = rendered(post, &workflow());
        let fields = message.as_object().unwrap();
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        let expected = [
            "category",
            "contact",
            "customer",
            "customer_id",
            "environment",
            "log_url",
            "text",
            "title",
            "tool",
        ];
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected, "{name}");
        let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
        assert!(fields.values().all(is_text), "{name}: {message}");
    }
    let message = rendered(sample("first-failure"), &workflow());
    for (field, value) in [
        ("title", "🔴 Acme, Inc. could not connect Personio (HRIS)"),
        ("customer", "Acme, Inc."),
        ("customer_id", "36123"),
        ("contact", "hr@acme.example"),
        ("tool", "Personio"),
        ("category", "HRIS"),
        (
            "log_url",
            "https://app.kombo.dev/env/production/logs?flowId=Yc3RkTz7PvNq",
        ),
        ("environment", "production"),
    ] {
        assert_eq!(message[field], value);
    }
    let text = message["text"].as_str().unwrap();
    let log = "\n• Open Kombo's log of the attempt: https://app.kombo.dev/";
    assert!(text.contains(log), "{text}");
    let digest = rendered(sample("digest"), &workflow());
    assert_eq!(digest["customer"], "-");
}

#[test]
fn a_name_in_a_workflow_is_no_mention() {
    let name = who("1", "<!channel> & <@U1>", "hr@acme.example");
    let failed = alert(
        name,
        Audience::Team,
        could_not_connect(personio(), 1, vec![]),
    );
    let message = rendered(Content::One(failed.stored()), &workflow());
    assert_eq!(message["customer"], "<\u{2060}!channel> & <\u{2060}@U1>");
    let text = message.to_string();
    assert!(!text.contains("<!") && !text.contains("<@"), "{text}");
}

#[test]
fn a_name_is_shown_as_it_is_written_in_every_script() {
    for written in [
        "نرم\u{200c}افزار",
        "葛\u{e0100}城\u{3000}株式会社",
        "first_last GmbH",
    ] {
        let of = who("1", written, "first_last@acme.example");
        let failed = alert(of, Audience::Team, could_not_connect(personio(), 1, vec![]));
        let message = rendered(Content::One(failed.stored()), &plain());
        let text = format!("🔴 {written} could not connect Personio");
        assert_eq!(message["text"], text);
        assert!(shown(&message).contains("first_last@acme.example"));
        let everything = rendered_elsewhere(Content::One(failed.stored()));
        let everything = everything["text"].as_str().unwrap();
        assert!(
            everything.contains("\nContact: first_last@acme.example\n"),
            "{everything}"
        );
    }
}
