//! Messages that are wrong on purpose, to show that `checks` finds each fault. `alerts`
//! makes the valid ones, however hostile.

use serde_json::{Value, json};

/// Messages with one fault each, and a word from the report of that fault.
pub(crate) fn invalid() -> Vec<(Value, &'static str)> {
    let section = |kind: &str, text: &str| {
        json!({ "text": "x", "unfurl_links": false, "unfurl_media": false, "blocks": [
            { "type": "section", "text": { "type": kind, "text": text, "emoji": false } },
        ]})
    };
    let own = |text: &str| {
        let mut message = section("mrkdwn", text);
        message["blocks"][0]["text"] = json!({ "type": "mrkdwn", "text": text, "verbatim": true });
        message
    };
    vec![
        (section("plain_text", ""), "empty"),
        (section("plain_text", &"x".repeat(3_001)), "too long"),
        (
            section("plain_text", "see hibob:T3xkPq9VwLm2ZrYs8GdHnC5J"),
            "integration id",
        ),
        (section("plain_text", "a\u{202e}b"), "hidden"),
        (own("<!channel> hello"), "token"),
        (own("<https://evil.example|click here>"), "label"),
        (own("<http://x.example|Open the customer's page>"), "token"),
        (own("a *bold* word"), "outside"),
        (own("*bold* and *bold*"), "outside"),
        (own("*`code`*"), "outside"),
        (
            json!({ "text": "a <b", "unfurl_links": false, "unfurl_media": false }),
            "text",
        ),
        (
            json!({ "text": "*a*", "unfurl_links": false, "unfurl_media": false }),
            "text",
        ),
        (json!({ "text": "a", "unfurl_media": false }), "unfurl"),
    ]
}
