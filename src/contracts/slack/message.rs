//! A message in Slack's format: Block Kit for the channel, `text` for notifications.
//!
//! Foreign text is in `plain_text` objects without emoji. The only `mrkdwn` is our own:
//! headings, dates, links and the configured mention. Nothing here can fail, and no
//! mention comes from an alert. `draft` has what a message says.

use crate::contracts::operator::settings::Settings;
use crate::domain::audience::Audience;
use crate::domain::json::{Json, to_json};
use crate::domain::time::Timestamp;
use serde::Serialize;

use super::digest;
use super::draft::{Draft, MAX_VALUE, Part};
use super::text::{MAX_SECTION, clamp, line, mrkdwn, units};
use super::wording::draft_of;

/// The longest header (150 in the Block Kit reference), less a margin.
const MAX_HEADER: usize = 145;
/// The longest text of all blocks together (Slack accepted 13,200), less a margin.
const MAX_MESSAGE: usize = 12_000;

/// What a message is made of: alerts in their stored form.
#[derive(Debug, Clone)]
pub enum Content {
    /// One alert.
    One(Json),
    /// One alert as text without blocks, for a message whose blocks Slack rejected.
    Plain(Json),
    /// Several alerts, one per line.
    Digest(Vec<Json>),
    /// What happened while Slack was unavailable.
    Lead {
        /// When Slack became unavailable.
        since: Timestamp,
        /// How many incidents are still open.
        open: u64,
        /// How many incidents were resolved meanwhile.
        over: u64,
        /// Alerts about the first of the open incidents.
        alerts: Vec<Json>,
    },
}

/// The JSON body to post to a channel's webhook.
#[must_use]
pub fn render(post: Content, channel: Audience, settings: &Settings, now: Timestamp) -> String {
    let (draft, plain) = match post {
        Content::One(alert) => (draft_of(&alert, channel, settings, now), false),
        Content::Plain(alert) => (draft_of(&alert, channel, settings, now), true),
        Content::Digest(alerts) => (digest::digest(alerts, channel, settings, now), false),
        Content::Lead {
            since,
            open,
            over,
            alerts,
        } => {
            let draft = digest::lead(now.since(since), [open, over], alerts, settings, now);
            (draft, false)
        }
    };
    if plain {
        return text_alone(&draft);
    }
    let blocks = blocks(&draft);
    let brief = mrkdwn(&draft.brief, MAX_VALUE);
    payload(&brief, blocks)
}

/// The title of an alert's message.
#[must_use]
pub fn title(alert: &Json, channel: Audience, settings: &Settings, now: Timestamp) -> String {
    draft_of(alert, channel, settings, now).title
}

/// What Slack's incoming webhooks accept (reference, "Sending messages").
#[derive(Serialize)]
struct Payload<'a> {
    text: &'a str,
    unfurl_links: bool,
    unfurl_media: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<Block>,
}

/// A block (Block Kit reference). A section or header has `text`, a context block
/// has `elements`.
#[derive(Serialize)]
struct Block {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Passage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    elements: Vec<Passage>,
}

/// A text object: `emoji` belongs to plain text, `verbatim` to mrkdwn.
#[derive(Serialize)]
struct Passage {
    r#type: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbatim: Option<bool>,
}

fn blocks(draft: &Draft) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !draft.heading.is_empty() {
        blocks.push(context(&draft.heading));
    }
    blocks.push(block("header", plain(line(&draft.title, MAX_HEADER))));
    let mut left = MAX_MESSAGE;
    for part in &draft.parts {
        let text = match part {
            Part::Plain(text) => plain(clamp(text, MAX_SECTION)),
            // A link must not be cut, so the part is left out.
            Part::Own(text) if units(text) > MAX_SECTION => continue,
            Part::Own(text) => own(text.clone()),
            Part::Heading(text) => own(format!("*{text}*")),
        };
        let size = units(&text.text);
        if size == 0 || size > left {
            continue;
        }
        left = left.saturating_sub(size);
        blocks.push(block("section", text));
    }
    blocks.push(context(&draft.footer));
    blocks
}

/// The message without blocks, links and dates, one of which Slack may have rejected.
fn text_alone(draft: &Draft) -> String {
    let plain = draft.parts.iter().filter_map(|part| match part {
        Part::Plain(text) | Part::Heading(text) => Some(text.as_str()),
        Part::Own(_) => None,
    });
    let texts = [draft.brief.as_str()].into_iter().chain(plain);
    let texts = texts.chain([draft.heading.as_str(), draft.footer.as_str()]);
    let mut lines = String::new();
    for text in texts.flat_map(str::lines) {
        let text = mrkdwn(text, MAX_VALUE);
        // A cut within a line could split an escape.
        if units(&lines).saturating_add(units(&text)) > MAX_SECTION {
            break;
        }
        if !lines.is_empty() && !text.is_empty() {
            lines.push('\n');
        }
        lines.push_str(&text);
    }
    payload(&lines, Vec::new())
}

fn payload(text: &str, blocks: Vec<Block>) -> String {
    to_json(&Payload {
        text,
        unfurl_links: false,
        unfurl_media: false,
        blocks,
    })
}

fn block(kind: &'static str, text: Passage) -> Block {
    Block {
        r#type: kind,
        text: Some(text),
        elements: Vec::new(),
    }
}

fn context(text: &str) -> Block {
    Block {
        r#type: "context",
        text: None,
        elements: vec![plain(clamp(text, MAX_SECTION))],
    }
}

fn plain(text: String) -> Passage {
    Passage {
        r#type: "plain_text",
        text,
        emoji: Some(false),
        verbatim: None,
    }
}

fn own(text: String) -> Passage {
    Passage {
        r#type: "mrkdwn",
        text,
        emoji: None,
        verbatim: Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(size: usize) -> Part {
        Part::Own("x".repeat(size))
    }

    /// The lengths of the sections made from these parts.
    fn sections(parts: Vec<Part>) -> Vec<usize> {
        let blocks = blocks(&Draft::titled("Title".to_owned(), parts));
        let sections = blocks.iter().filter(|block| block.r#type == "section");
        let texts = sections.filter_map(|block| block.text.as_ref());
        texts.map(|passage| units(&passage.text)).collect()
    }

    #[test]
    fn links_that_do_not_fit_a_section_are_left_out_and_never_cut() {
        assert_eq!(sections(vec![own(2_800)]), [2_800]);
        assert_eq!(sections(vec![own(2_801), own(7)]), [7]);
    }

    #[test]
    fn a_message_is_filled_to_its_limit_and_has_no_empty_section() {
        let nearly = || (0..4).map(|_| own(2_800));
        let parts = nearly().chain([own(0), own(800)]);
        assert_eq!(sections(parts.collect()), [2_800, 2_800, 2_800, 2_800, 800]);
        let parts = nearly().chain([own(801), own(7)]);
        assert_eq!(sections(parts.collect()), [2_800, 2_800, 2_800, 2_800, 7]);
    }

    #[test]
    fn text_alone_has_whole_lines_up_to_its_limit() {
        let last_line = |size: usize| {
            let long = "x".repeat(300);
            let parts = vec![Part::Plain(format!(
                "{}{}",
                format!("{long}\n").repeat(8),
                "y".repeat(size)
            ))];
            let draft = Draft {
                brief: long,
                ..Draft::titled(String::new(), parts)
            };
            let payload: serde_json::Value = serde_json::from_str(&text_alone(&draft)).unwrap();
            let text = payload["text"].as_str().unwrap();
            text.lines().last().map(str::to_owned)
        };
        // Nine lines of 300, the eight line breaks leave 92.
        assert_eq!(last_line(92), Some("y".repeat(92)));
        assert_eq!(last_line(93), Some("x".repeat(300)));
    }
}
