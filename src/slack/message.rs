//! A message as Slack takes it: Block Kit for reading, `text` for notifications.
//!
//! Foreign text stands in `plain_text` objects without emoji; the only `mrkdwn`
//! is ours: dates, links and the configured mention. Nothing here can fail, and no
//! mention comes from an alert. What a message says is `draft`'s.

use serde_json::{Value, json};

use super::draft::{Draft, MAX_VALUE, Part};
use super::listing;
use super::text::{clamp, line, mrkdwn, units};
use crate::config::Settings;
use crate::machine;
use crate::notifier::Channel;
use crate::time::Timestamp;

/// Longest header (150 in the Block Kit reference), less a margin.
const MAX_HEADER: usize = 145;
/// Longest text of a section (3000 in the Block Kit reference), less a margin.
pub(super) const MAX_SECTION: usize = 2_800;
/// All blocks together (13 200 were seen to pass), less a margin.
const MAX_MESSAGE: usize = 12_000;

/// What one message is made of: alerts, as they were stored.
#[derive(Debug, Clone)]
pub enum Post {
    /// One alert.
    One(Value),
    /// One alert as text alone: the form for a message whose blocks Slack refused.
    Plain(Value),
    /// Several, a line each.
    Digest(Vec<Value>),
    /// What happened while Slack took nothing.
    Lead {
        /// Since when.
        since: Timestamp,
        /// Incidents that are open.
        open: u64,
        /// Incidents that are over.
        over: u64,
        /// The first of those that are open.
        alerts: Vec<Value>,
    },
}

/// The JSON that posts something to a channel at this moment.
#[must_use]
pub fn render(post: Post, channel: Channel, settings: &Settings, now: Timestamp) -> String {
    let (draft, plain) = match post {
        Post::One(alert) => (Draft::of(alert, channel, settings, now), false),
        Post::Plain(alert) => (Draft::of(alert, channel, settings, now), true),
        Post::Digest(alerts) => (listing::digest(alerts, channel, settings, now), false),
        Post::Lead {
            since,
            open,
            over,
            alerts,
        } => {
            let draft = listing::lead(now.since(since), [open, over], alerts, settings, now);
            (draft, false)
        }
    };
    if plain {
        return text_alone(&draft);
    }
    let blocks = blocks(&draft);
    let brief = mrkdwn(&draft.brief, MAX_VALUE);
    payload(&brief, Some(blocks))
}

fn blocks(draft: &Draft) -> Vec<Value> {
    let mut blocks = Vec::new();
    if !draft.heading.is_empty() {
        blocks.push(context(&draft.heading));
    }
    blocks.push(json!({ "type": "header", "text": plain(&line(&draft.title, MAX_HEADER)) }));
    let mut left = MAX_MESSAGE;
    for part in &draft.parts {
        let (text, kind) = match part {
            Part::Plain(text) => (clamp(text, MAX_SECTION), plain as fn(&str) -> Value),
            // A link that was cut would lead nowhere.
            Part::Own(text) if units(text) > MAX_SECTION => continue,
            Part::Own(text) => (text.clone(), own as fn(&str) -> Value),
        };
        let size = units(&text);
        if text.is_empty() || size > left {
            continue;
        }
        left = left.saturating_sub(size);
        blocks.push(json!({ "type": "section", "text": kind(&text) }));
    }
    blocks.push(context(&draft.footer));
    blocks
}

/// Without blocks, links or dates: whatever Slack refused, it is not in it.
fn text_alone(draft: &Draft) -> String {
    let plain = draft.parts.iter().filter_map(|part| match part {
        Part::Plain(text) => Some(text.as_str()),
        Part::Own(_) => None,
    });
    let texts = [draft.brief.as_str()].into_iter().chain(plain);
    let texts = texts.chain([draft.heading.as_str(), draft.footer.as_str()]);
    let lines = texts
        .flat_map(str::lines)
        .map(|text| mrkdwn(text, MAX_VALUE));
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    payload(&clamp(&lines.join("\n"), MAX_SECTION), None)
}

fn payload(text: &str, blocks: Option<Vec<Value>>) -> String {
    let mut message = json!({ "text": text, "unfurl_links": false, "unfurl_media": false });
    if let (Some(blocks), Some(fields)) = (blocks, message.as_object_mut()) {
        fields.insert("blocks".to_owned(), Value::Array(blocks));
    }
    machine::json(&message)
}

fn context(text: &str) -> Value {
    json!({ "type": "context", "elements": [plain(&clamp(text, MAX_SECTION))] })
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text, "emoji": false })
}

fn own(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}
