//! Makes foreign text safe for Slack: inert, cut at whole characters, within the limits.
//!
//! Foreign text appears only in `plain_text` objects, in `rich_text` elements or, in the
//! top-level `text`, escaped and with its markup defused by `markup`. Links are ours, with
//! the foreign URL percent-encoded. Limits apply after escaping, with a margin in case
//! Slack counts UTF-16.

use core::time::Duration;

use super::visible::{ELLIPSIS, JOINER, visible};
use crate::domain::redaction::without_ids;
use crate::domain::time::Timestamp;

/// The longest text of a section (3000 in the Block Kit reference), less a margin.
pub(super) const MAX_SECTION: usize = 2_800;

/// The space between Chinese or Japanese words.
const WIDE_SPACE: char = '\u{3000}';

/// Foreign text on one line: without control or direction characters or integration
/// ids, with single spaces, at most `most` UTF-16 units long.
#[must_use]
pub fn line(text: &str, most: usize) -> String {
    clamp(&without_ids(&single_spaced(&visible(text))), most)
}

/// The text with one space in place of each white space, which is the wide one of Chinese and
/// Japanese if that was written.
fn single_spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut space = None;
    for one in text.trim().chars() {
        if !one.is_whitespace() {
            spaced.extend(space.take());
            spaced.push(one);
        } else if one == WIDE_SPACE {
            space = Some(WIDE_SPACE);
        } else {
            space = space.or(Some(' '));
        }
    }
    spaced
}

/// Foreign text on several lines, each cleaned as by [`line()`].
pub(super) fn lines(text: &str, most: usize) -> String {
    // An id may go on in the next line.
    let text = without_ids(&visible(text));
    let lines: Vec<String> = text.lines().map(|text| line(text, most)).collect();
    clamp(lines.join("\n").trim(), most)
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
    // It joined what was cut off.
    let whole = cut.trim_end_matches(JOINER).len();
    cut.truncate(whole);
    cut.push(ELLIPSIS);
    cut
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
#[must_use]
pub fn span(lasted: Duration) -> String {
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
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
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
    fn the_space_of_a_japanese_name_stays_a_wide_one() {
        assert_eq!(line("株式会社 \u{3000} 山田", 100), "株式会社\u{3000}山田");
        assert_eq!(line("Acme\u{a0}\u{2009}GmbH\u{3000}", 100), "Acme GmbH");
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
        assert_eq!(clamp("👩\u{200d}👩\u{200d}👧", 7), "👩\u{200d}👩…");
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
