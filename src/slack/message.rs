//! An alert as a Slack message: Block Kit for reading, `text` for notifications.
//!
//! Foreign text stands in `plain_text` objects without emoji; the only `mrkdwn`
//! is ours: dates and links. Nothing here can fail, and no mention comes from an
//! alert. What a message says is `draft`'s.

use serde_json::{Value, json};

use super::draft::{Draft, MAX_VALUE};
use super::text::{line, mrkdwn};
use crate::config::Settings;
use crate::machine;
use crate::notifier::Channel;

/// Longest header (Block Kit reference), less a margin.
const MAX_HEADER: usize = 145;
/// Longest text of a section (3000), less a margin for our own words.
const MAX_SECTION: usize = 2_800;

/// The JSON that posts an alert, as it was stored, to a channel.
#[must_use]
pub fn render(stored: Value, channel: Channel, settings: &Settings) -> String {
    let draft = Draft::of(stored, channel, settings);
    let mut blocks = vec![json!({
        "type": "header",
        "text": plain(&draft.title, MAX_HEADER),
    })];
    if !draft.facts.is_empty() {
        let facts = draft.facts.join("\n");
        blocks.push(json!({
            "type": "section",
            "text": plain_lines(&facts, MAX_SECTION),
        }));
    }
    if !draft.links.is_empty() {
        blocks.push(json!({
            "type": "section",
            "text": { "type": "mrkdwn", "text": draft.links.join(" · "), "verbatim": true },
        }));
    }
    blocks.push(json!({
        "type": "context",
        "elements": [plain(&draft.footer, MAX_SECTION)],
    }));
    payload(&draft.title, Some(blocks))
}

/// The same as text alone: the form for a message whose blocks Slack refused.
#[must_use]
pub fn render_plain(stored: Value, channel: Channel, settings: &Settings) -> String {
    let draft = Draft::of(stored, channel, settings);
    let mut lines = vec![draft.title];
    lines.extend(draft.facts);
    lines.push(draft.footer);
    payload(&lines.join("\n"), None)
}

fn payload(text: &str, blocks: Option<Vec<Value>>) -> String {
    let lines = text.lines().map(|text| mrkdwn(text, MAX_VALUE));
    let mut message = json!({
        "text": lines.collect::<Vec<_>>().join("\n"),
        "unfurl_links": false,
        "unfurl_media": false,
    });
    if let (Some(blocks), Some(fields)) = (blocks, message.as_object_mut()) {
        fields.insert("blocks".to_owned(), Value::Array(blocks));
    }
    machine::json(&message)
}

fn plain(text: &str, most: usize) -> Value {
    json!({ "type": "plain_text", "text": line(text, most), "emoji": false })
}

/// Several lines, each of which is already one.
fn plain_lines(text: &str, most: usize) -> Value {
    json!({ "type": "plain_text", "text": super::text::clamp(text, most), "emoji": false })
}
