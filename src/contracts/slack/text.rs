//! Makes foreign text safe for Slack: inert, cut at whole characters, within the limits.
//!
//! Foreign text appears only in `plain_text` objects or, in the top-level `text`,
//! escaped and with its markup characters defused. Links are ours, with the foreign
//! URL percent-encoded. Limits apply after escaping, with a margin in case Slack
//! counts UTF-16.

use core::time::Duration;

use super::visible::{ELLIPSIS, visible};
use crate::domain::redaction::without_ids;
use crate::domain::time::Timestamp;

/// The longest text of a section (3000 in the Block Kit reference), less a margin.
pub(super) const MAX_SECTION: usize = 2_800;

/// Foreign text on one line: without control or direction characters or integration
/// ids, with single spaces, at most `most` UTF-16 units long.
pub(super) fn line(text: &str, most: usize) -> String {
    let visible = visible(text);
    let words: Vec<&str> = visible.split_whitespace().collect();
    clamp(&without_ids(&words.join(" ")), most)
}

/// Foreign text on several lines, each cleaned as by [`line()`].
pub(super) fn lines(text: &str, most: usize) -> String {
    // An id may go on in the next line.
    let text = without_ids(&visible(text));
    let lines: Vec<String> = text.lines().map(|text| line(text, most)).collect();
    clamp(lines.join("\n").trim(), most)
}

/// Foreign text for the top-level `text`, which Slack parses as mrkdwn. Escapes the
/// three characters that have an escape and puts a word joiner after the other markup
/// characters, so that no link or mention remains.
pub(super) fn mrkdwn(text: &str, most: usize) -> String {
    let mut safe = String::with_capacity(text.len());
    let text = line(text, most);
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // A colon before white space does not start an emoji.
            ':' if rest.peek().is_none_or(|next| next.is_whitespace()) => safe.push(one),
            '*' | '_' | '~' | '`' | ':' | '@' | '#' | '|' => {
                safe.push(one);
                safe.push('\u{2060}');
            }
            one => safe.push(one),
        }
    }
    safe
}

/// The length in UTF-16 units, as Slack may count it.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Cuts at a whole character so that at most `most` UTF-16 units remain.
pub(super) fn clamp(text: &str, most: usize) -> String {
    if units(text) <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let mut cut: String = text
        .chars()
        .take_while(|one| {
            let fits = one.len_utf16() <= left;
            left = left.saturating_sub(one.len_utf16());
            fits
        })
        .collect();
    cut.push(ELLIPSIS);
    cut
}

/// Joins lines into as few paragraphs as fit the limit of a section.
pub(super) fn folded(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for line in lines {
        match texts.last_mut() {
            Some(last) if units(last).saturating_add(units(&line)) < MAX_SECTION => {
                last.push('\n');
                last.push_str(&line);
            }
            _ => texts.push(line),
        }
    }
    texts
}

/// A date token, which Slack shows in the reader's own time zone.
pub(super) fn date(at: Timestamp) -> String {
    format!(
        "<!date^{}^{{date_short_pretty}} {{time}}|{}>",
        at.as_seconds(),
        at.to_minutes()
    )
}

/// `42 min`, `3 h 5 min`, `2 days`.
pub(super) fn span(lasted: Duration) -> String {
    let minutes = lasted.as_secs().div_euclid(60);
    let (hours, rest) = (minutes.div_euclid(60), minutes.rem_euclid(60));
    match (hours, rest) {
        (0, 0) => "less than a minute".to_owned(),
        (0, _) => format!("{rest} min"),
        (1..48, 0) => format!("{hours} h"),
        (1..48, _) => format!("{hours} h {rest} min"),
        _ => format!("{} days", hours.div_euclid(24)),
    }
}

/// A number and its noun in the singular or plural: `1 attempt`, `4 attempts`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_becomes_one_visible_line() {
        assert_eq!(
            line("  Acme\n\tGmbH \u{202e}evil\u{0} ", 100),
            "Acme GmbH evil"
        );
    }

    #[test]
    fn invisible_and_direction_characters_are_removed() {
        for one in "\u{ad}\u{61c}\u{200b}\u{200d}\u{202e}\u{2066}\u{3164}\u{fe0f}\u{e0041}".chars()
        {
            assert_eq!(line(&format!("Ac{one}me"), 100), "Acme", "{one:?}");
        }
        let name = "\u{200b} \u{3164} \u{202e}";
        assert_eq!(line(name, 100), "", "the name would be blank");
        let id = "hibob:T3xkPq9VwLm2\u{ad}ZrYs8GdHnC5J";
        assert_eq!(
            line(id, 100),
            "…",
            "a soft hyphen does not hide an integration id"
        );
    }

    #[test]
    fn several_lines_stay_separate() {
        assert_eq!(lines("\na  b\r\n\n c\u{202e}\n", 100), "a b\n\nc");
        assert_eq!(lines("one\ntwo", 5), "one\n…");
    }

    #[test]
    fn text_is_cut_at_whole_characters_and_counted_in_utf_16_units() {
        assert_eq!(clamp("🦉🦉🦉", 6), "🦉🦉🦉");
        assert_eq!(clamp("🦉🦉🦉", 5), "🦉🦉…");
        assert_eq!(clamp("🦉🦉🦉", 4), "🦉…");
        assert_eq!(clamp("abc", 3), "abc");
        assert_eq!(clamp("abcd", 3), "ab…");
    }

    #[test]
    fn lines_share_a_paragraph_while_it_fits_a_section() {
        let folded = |sizes: [usize; 2]| {
            let texts = folded(sizes.map(|size| "x".repeat(size)));
            texts.iter().map(|text| units(text)).collect::<Vec<_>>()
        };
        assert_eq!(folded([1_400, 1_399]), [2_800]);
        assert_eq!(folded([1_400, 1_400]), [1_400, 1_400]);
    }

    #[test]
    fn no_mention_link_or_markup_survives_in_the_top_level_text() {
        let safe = mrkdwn("<!channel> *bold* <https://evil|x> & `code`", 200);
        assert!(!safe.contains('<') && !safe.contains('>'), "{safe}");
        assert!(!safe.contains("*b") && !safe.contains("`c"), "{safe}");
    }

    #[test]
    fn spans_read_as_people_say_them() {
        for (seconds, shown) in [
            (59, "less than a minute"),
            (60, "1 min"),
            (42 * 60, "42 min"),
            (3_600, "1 h"),
            (47 * 3_600 + 300, "47 h 5 min"),
            (49 * 3_600, "2 days"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), shown);
        }
    }
}
