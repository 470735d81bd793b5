//! Kombo's Markdown as text: emphasis dropped, list items as bullets.
//!
//! A light parser (minimad) finds what is markup. A full one would be larger than
//! a third of the module for a few sentences a month. What it does not know,
//! links among them, stays as Kombo wrote it, which can be read.

use minimad::{Composite, CompositeStyle, Line, Options, parse_text};

use super::text::{clamp, line};

/// Longest line of it.
const MAX_LINE: usize = 1_000;

/// The text, at most `most` UTF-16 units of it.
pub(super) fn plain(markdown: &str, most: usize) -> String {
    let parsed = parse_text(markdown, Options::default());
    let lines: Vec<String> = parsed.lines.iter().map(one).collect();
    clamp(lines.join("\n").trim(), most)
}

fn one(parsed: &Line<'_>) -> String {
    match parsed {
        Line::Normal(text) | Line::CodeFence(text) => composite(text),
        Line::TableRow(row) => {
            let cells: Vec<String> = row.cells.iter().map(composite).collect();
            cells.join(" | ")
        }
        Line::TableRule(_) | Line::HorizontalRule => String::new(),
    }
}

fn composite(text: &Composite<'_>) -> String {
    let whole: String = text.compounds.iter().map(|part| part.src).collect();
    let whole = line(&whole, MAX_LINE);
    match text.style {
        CompositeStyle::ListItem(_) => format!("• {whole}"),
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emphasis_goes_and_lists_stay_lists() {
        let text =
            "# Access\n\nAsk your customer to **reconnect**:\n\n* open `Settings`\n- then *save*\n";
        assert_eq!(
            plain(text, 500),
            "Access\n\nAsk your customer to reconnect:\n\n• open Settings\n• then save"
        );
    }

    #[test]
    fn what_is_no_markup_stays() {
        let text = "2 * 3 = 6, see [the guide](https://docs.kombo.dev/x) & <b>";
        assert_eq!(plain(text, 500), text);
    }
}
