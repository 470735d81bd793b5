//! A message in Slack's format, Block Kit.
//!
//! Foreign text is in `plain_text` objects without emoji and in `rich_text` elements, which Slack
//! shows verbatim. Links are elements of `rich_text`, too: in mrkdwn, Slack on iOS turns the `&` of
//! a URL into `&amp;`. The only `mrkdwn` is our own: dates and the configured mention. `draft` has
//! what a message says.

use serde::Serialize;

use super::draft::{Draft, Item, Link, Part, SEPARATOR, Span};
use super::text::{MAX_SECTION, clamp, line, units};

/// The longest header (150 in the Block Kit reference), less a margin.
const MAX_HEADER: usize = 145;
/// The longest text of all blocks together (Slack accepted 13,200), less a margin.
const MAX_MESSAGE: usize = 12_000;

/// A block (Block Kit reference).
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block {
    Header { text: Text },
    Section { text: Text },
    Context { elements: Vec<Text> },
    RichText { elements: Vec<Rich> },
}

/// A text object: `emoji` belongs to plain text, `verbatim` to mrkdwn.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Text {
    PlainText { text: String, emoji: bool },
    Mrkdwn { text: String, verbatim: bool },
}

/// A paragraph of rich text.
#[derive(Debug, Serialize)]
#[serde(tag = "type")]
pub(super) enum Rich {
    #[serde(rename = "rich_text_section")]
    Section { elements: Vec<Inline> },
    #[serde(rename = "rich_text_preformatted")]
    Preformatted { elements: Vec<Inline> },
    #[serde(rename = "rich_text_list")]
    List {
        style: &'static str,
        elements: Vec<Rich>,
    },
}

/// A piece of a paragraph.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Inline {
    Text {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        style: Option<Style>,
    },
    Link {
        url: String,
        text: &'static str,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct Style {
    bold: bool,
}

/// The blocks of a message.
pub(super) fn blocks(draft: &Draft) -> Vec<Block> {
    let mut blocks: Vec<Block> = context(&draft.heading).into_iter().collect();
    blocks.push(Block::Header {
        text: plain(line(&draft.headline(), MAX_HEADER)),
    });
    let mut left = MAX_MESSAGE;
    for part in &draft.parts {
        match part {
            Part::Plain(text) => {
                let text = clamp(text, MAX_SECTION);
                if fits(&text, &mut left) {
                    blocks.push(Block::Section { text: plain(text) });
                }
            }
            // A token must not be cut, so the part is left out.
            Part::Own(text) if units(text) > MAX_SECTION => {}
            Part::Own(text) => {
                if fits(text, &mut left) {
                    blocks.push(Block::Section { text: own(text) });
                }
            }
            Part::Heading(_) | Part::List(_) | Part::Code(_) => {
                if let Some(rich) = rich(part, &mut left) {
                    push(&mut blocks, rich);
                }
            }
        }
    }
    blocks.extend(context(&draft.footer));
    blocks
}

/// Adds a paragraph to the rich text at the end, or begins one.
fn push(blocks: &mut Vec<Block>, rich: Rich) {
    match blocks.last_mut() {
        Some(Block::RichText { elements }) => elements.push(rich),
        _ => blocks.push(Block::RichText {
            elements: vec![rich],
        }),
    }
}

/// A paragraph, as far as it fits.
fn rich(part: &Part, left: &mut usize) -> Option<Rich> {
    match part {
        Part::Heading(text) => fits(text, left).then(|| Rich::Section {
            elements: vec![Inline::Text {
                text: text.clone(),
                style: Some(Style { bold: true }),
            }],
        }),
        Part::Code(text) => fits(text, left).then(|| Rich::Preformatted {
            elements: vec![text_of(text)],
        }),
        Part::List(items) => {
            let items = items.iter().filter_map(|item| list_item(item, left));
            let elements: Vec<Rich> = items.collect();
            (!elements.is_empty()).then_some(Rich::List {
                style: "bullet",
                elements,
            })
        }
        Part::Plain(_) | Part::Own(_) => None,
    }
}

/// An item, without the links that do not fit. One that consists of nothing else is left out.
fn list_item(item: &Item, left: &mut usize) -> Option<Rich> {
    let mut elements = Vec::new();
    for span in item {
        let piece = match span {
            Span::Text(text) => fits(text, left).then(|| text_of(text)),
            Span::Link(link) => {
                fits(&format!("{}{}", link.url, link.label), left).then(|| link_of(link))
            }
        };
        let Some(piece) = piece else { continue };
        if !elements.is_empty() {
            elements.push(text_of(SEPARATOR));
        }
        elements.push(piece);
    }
    (!elements.is_empty()).then_some(Rich::Section { elements })
}

/// Whether the text, which may not be empty, still fits the message. Then it is counted.
fn fits(text: &str, left: &mut usize) -> bool {
    let size = units(text);
    if size == 0 || size > *left {
        return false;
    }
    *left = left.saturating_sub(size);
    true
}

fn context(text: &str) -> Option<Block> {
    (!text.is_empty()).then(|| Block::Context {
        elements: vec![plain(clamp(text, MAX_SECTION))],
    })
}

fn text_of(text: &str) -> Inline {
    Inline::Text {
        text: text.to_owned(),
        style: None,
    }
}

fn link_of(link: &Link) -> Inline {
    Inline::Link {
        url: link.url.clone(),
        text: link.label,
    }
}

fn plain(text: String) -> Text {
    Text::PlainText { text, emoji: false }
}

fn own(text: &str) -> Text {
    Text::Mrkdwn {
        text: text.to_owned(),
        verbatim: true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::draft::Mood;
    use super::*;

    fn own(size: usize) -> Part {
        Part::Own("x".repeat(size))
    }

    fn blocks_of(parts: Vec<Part>) -> Vec<Block> {
        blocks(&Draft::new(Mood::Bad, "Title".to_owned(), parts))
    }

    /// The lengths of the sections made from these parts.
    fn sections(parts: Vec<Part>) -> Vec<usize> {
        let texts = blocks_of(parts)
            .into_iter()
            .filter_map(|block| match block {
                Block::Section {
                    text: Text::PlainText { text, .. } | Text::Mrkdwn { text, .. },
                } => Some(units(&text)),
                _ => None,
            });
        texts.collect()
    }

    /// The lengths of the pieces of each item of the only list.
    fn items(parts: Vec<Part>) -> Vec<Vec<usize>> {
        let value = serde_json::to_value(blocks_of(parts)).unwrap();
        let list = value[1]["elements"][0]["elements"].as_array().cloned();
        let pieces = |item: &serde_json::Value| {
            let pieces = item["elements"].as_array().unwrap().iter();
            pieces
                .map(|piece| units(piece["text"].as_str().unwrap()))
                .collect()
        };
        list.unwrap_or_default().iter().map(pieces).collect()
    }

    #[test]
    fn tokens_that_do_not_fit_a_section_are_left_out_and_never_cut() {
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
    fn a_link_that_does_not_fit_leaves_the_text_of_its_line() {
        let item = |url: usize| {
            let text = Span::Text("x".repeat(20));
            let url = "u".repeat(url);
            vec![text, Span::Link(Link { url, label: "Log" })]
        };
        let shown = items(vec![Part::List(vec![item(11_970), item(9)])]);
        assert_eq!(shown, [vec![20, 3, 3]]);
        let shown = items(vec![Part::List(vec![item(12_000), item(9)])]);
        assert_eq!(shown, [vec![20], vec![20, 3, 3]]);
    }

    #[test]
    fn headings_lists_and_commands_that_follow_each_other_share_a_block() {
        let list = || Part::List(vec![vec![Span::Text("x".to_owned())]]);
        let parts = vec![
            Part::Heading("A".to_owned()),
            list(),
            Part::Code("npx x".to_owned()),
            own(1),
            list(),
        ];
        let kinds = blocks_of(parts).into_iter().map(|block| match block {
            Block::RichText { elements } => elements.len(),
            _ => 0,
        });
        assert_eq!(kinds.collect::<Vec<_>>(), [0, 3, 0, 1]);
    }
}
