//! Messages that are wrong on purpose, to show that `checks` finds each fault. `alerts`
//! makes the valid ones, however hostile.

use serde_json::{Value, json};

/// Messages with one fault each, and a word from the report of that fault.
pub(crate) fn invalid() -> Vec<(Value, &'static str)> {
    let message = |block: &Value| json!({ "text": "x", "unfurl_links": false, "unfurl_media": false, "blocks": [block] });
    let section = |kind: &str, text: &str| {
        message(&json!({
            "type": "section", "text": { "type": kind, "text": text, "emoji": false },
        }))
    };
    let own = |text: &str| {
        message(&json!({
            "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true },
        }))
    };
    let rich = |piece: Value| {
        message(&json!({
            "type": "rich_text",
            "elements": [{ "type": "rich_text_section", "elements": [piece] }],
        }))
    };
    let link = |url: &str, text: &str| rich(json!({ "type": "link", "url": url, "text": text }));
    let text = |text: &str| json!({ "text": text, "unfurl_links": false, "unfurl_media": false });
    vec![
        (section("plain_text", ""), "empty"),
        (section("plain_text", &"x".repeat(3_001)), "too long"),
        (
            section("plain_text", "see hibob:T3xkPq9VwLm2ZrYs8GdHnC5J"),
            "integration id",
        ),
        (section("plain_text", "a\u{202e}b"), "hidden"),
        (own("<!channel> hello"), "token"),
        (own("<https://evil.example|click here>"), "token"),
        (own("a *bold* word"), "outside"),
        (own("*`code`*"), "outside"),
        (rich(json!({ "type": "text", "text": "" })), "empty"),
        (rich(json!({ "type": "user", "user_id": "U1" })), "element"),
        (link("http://x.example", "Log"), "token"),
        (link("https://x.example", "click here"), "label"),
        (link("https://x.example/a b", "Log"), "incomplete"),
        (text("a <b"), "text"),
        (text("*a*"), "markup"),
        (text("say `a`"), "markup"),
        (text("x :tada:"), "markup"),
        (text("@here"), "markup"),
        (text("https://evil.example"), "token"),
        (text("&gt; quoted"), "token"),
        (text("• <https://evil.example|click>"), "label"),
        (text("x <https://evil.example|Log>"), "token"),
        (json!({ "text": "a", "unfurl_media": false }), "unfurl"),
    ]
}
