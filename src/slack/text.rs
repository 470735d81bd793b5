//! Foreign text made fit for Slack: inert, whole characters, within the limits.
//!
//! Foreign text only ever stands in `plain_text` objects or, in the top-level
//! `text`, escaped and with its markup characters defused; links are ours, with
//! the foreign URL percent-encoded. Limits count after escaping, with a margin
//! for Slack counting UTF-16.

use core::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::draft::Part;
use super::message::MAX_SECTION;
use crate::id::MAX_KEY_BYTES;
use crate::time::Timestamp;

/// Longest URL of a link.
const MAX_URL: usize = 2_000;

/// Stands where something was cut out or off.
const ELLIPSIS: char = '…';

/// Length of the random part of an integration id in all samples of Kombo.
const ID_TAIL: usize = 24;

/// One line of foreign text: no control or direction characters, no integration
/// ids, single spaces, at most `most` UTF-16 units.
pub(super) fn line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let clean: String = words
        .join(" ")
        .chars()
        .filter(|&one| !is_hidden(one))
        .collect();
    clamp(&without_ids(&clean), most)
}

/// Several lines of foreign text, each as [`line`] has it.
pub(super) fn lines(text: &str, most: usize) -> String {
    let lines: Vec<String> = text.lines().map(|text| line(text, most)).collect();
    clamp(lines.join("\n").trim(), most)
}

/// Foreign text for the top-level `text`, which Slack reads as mrkdwn: the three
/// characters that can be escaped are, the ones that can't are defused by a
/// word joiner, and no link or mention is left.
pub(super) fn mrkdwn(text: &str, most: usize) -> String {
    let mut safe = String::with_capacity(text.len());
    let text = line(text, most);
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // A colon of a sentence begins no emoji.
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

/// UTF-16 units, as Slack may count them.
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

/// A link to a foreign `https:` URL under a label of ours; `None` for any other
/// URL, one that is too long, and one that holds an integration id.
pub(super) fn link(url: &str, label: &str) -> Option<String> {
    let safe = url.starts_with("https://") && without_ids(url) == url;
    let encoded = encode(url);
    (safe && encoded.len() <= MAX_URL).then(|| format!("<{encoded}|{label}>"))
}

/// A `mailto:` link under a label of ours, with a subject and a body that can be
/// changed before it is sent; `None` for what is no plain address. A body that
/// makes the link too long is left out.
pub(super) fn mailto(address: &str, subject: &str, body: &str, label: &str) -> Option<String> {
    let (local, domain) = address.split_once('@')?;
    let plain = !local.is_empty()
        && domain.contains('.')
        && address.len() <= 254
        && !address
            .chars()
            .any(|one| one.is_whitespace() || one.is_control())
        && !domain.contains(['@', '/', '?', '&', '%']);
    let to = format!("{}@{}", encode_all(local), encode_all(domain));
    let subject = encode_all(&without_ids(&clamp(subject, 200)));
    let body = encode_all(&without_ids(body).replace('\n', "\r\n"));
    let url = format!("mailto:{to}?subject={subject}&body={body}");
    let url = if url.len() <= MAX_URL {
        url
    } else {
        format!("mailto:{to}?subject={subject}")
    };
    (plain && url.len() <= MAX_URL).then(|| format!("<{url}|{label}>"))
}

/// Links as a list.
pub(super) fn links(links: impl IntoIterator<Item = String>) -> Vec<Part> {
    let lines = links.into_iter().map(|link| format!("• {link}"));
    folded(lines).into_iter().map(Part::Own).collect()
}

/// Lines in as many paragraphs as they need.
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

/// The moment in the reader's own time zone (Slack's date token).
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

/// `1 attempt`, `4 attempts`.
pub(super) fn attempts_of(count: u64) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} attempt{ending}")
}

/// Percent-encodes what would end the link or is no URL character at all.
fn encode(url: &str) -> String {
    const ENDS: AsciiSet = CONTROLS
        .add(b' ')
        .add(b'<')
        .add(b'>')
        .add(b'|')
        .add(b'"')
        .add(b'`');
    utf8_percent_encode(url, &ENDS).to_string()
}

/// Percent-encodes all but letters, digits and what is plain in every part of a URL.
pub(super) fn encode_all(part: &str) -> String {
    const ALL: AsciiSet = NON_ALPHANUMERIC
        .remove(b'.')
        .remove(b'-')
        .remove(b'_')
        .remove(b'+');
    utf8_percent_encode(part, &ALL).to_string()
}

/// Control characters, and those that change direction or show nothing.
fn is_hidden(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Cuts out whatever looks like an integration id: a tool, a colon (or its
/// percent-encoding), and 24 letters and digits.
pub(super) fn without_ids(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((tail_at, colon)) = find_colon(rest) {
        let (head, tail) = rest.split_at(tail_at);
        let run = tail.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let tool = tool_before(head, colon);
        if run >= ID_TAIL && tool > 0 && tool <= MAX_KEY_BYTES {
            let keep = head.len().saturating_sub(tool).saturating_sub(colon);
            kept.push_str(head.get(..keep).unwrap_or_default());
            kept.push(ELLIPSIS);
            rest = tail.get(run..).unwrap_or_default();
        } else {
            kept.push_str(head);
            rest = tail;
        }
    }
    kept.push_str(rest);
    kept
}

/// Where the text behind the next colon starts, and how many bytes the colon takes.
fn find_colon(text: &str) -> Option<(usize, usize)> {
    text.char_indices().find_map(|(at, one)| {
        let encoded = || matches!(text.get(at..at.saturating_add(3)), Some("%3a" | "%3A"));
        let length = match one {
            ':' => 1,
            '%' if encoded() => 3,
            _ => return None,
        };
        Some((at.saturating_add(length), length))
    })
}

/// How many bytes of a tool's name stand right before the colon at the end of `head`.
fn tool_before(head: &str, colon: usize) -> usize {
    head.bytes()
        .rev()
        .skip(colon)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_out_whatever_looks_like_an_integration_id() {
        for (text, kept) in [
            ("see hibob:T3xkPq9VwLm2ZrYs8GdHnC5J now", "see … now"),
            (
                "https://x/?id=hibob%3AT3xkPq9VwLm2ZrYs8GdHnC5J&a=b",
                "https://x/?id=…&a=b",
            ),
            ("360learning:T3xkPq9VwLm2ZrYs8GdHnC5J", "…"),
            ("at 10:30, ratio 3:4", "at 10:30, ratio 3:4"),
            (
                "hibob:short and ü:T3xkPq9VwLm2ZrYs8GdHnC5J",
                "hibob:short and ü:T3xkPq9VwLm2ZrYs8GdHnC5J",
            ),
        ] {
            assert_eq!(without_ids(text), kept);
        }
    }

    #[test]
    fn foreign_text_is_one_visible_line() {
        assert_eq!(
            line("  Acme\n\tGmbH \u{202e}evil\u{0} ", 100),
            "Acme GmbH evil"
        );
    }

    #[test]
    fn several_lines_stay_several() {
        assert_eq!(lines("\na  b\r\n\n c\u{202e}\n", 100), "a b\n\nc");
        assert_eq!(lines("one\ntwo", 5), "one\n…");
    }

    #[test]
    fn cuts_at_whole_characters_and_counts_utf_16() {
        assert_eq!(clamp("🦉🦉🦉", 6), "🦉🦉🦉");
        assert_eq!(clamp("🦉🦉🦉", 5), "🦉🦉…");
        assert_eq!(clamp("🦉🦉🦉", 4), "🦉…");
        assert_eq!(clamp("abc", 3), "abc");
        assert_eq!(clamp("abcd", 3), "ab…");
    }

    #[test]
    fn no_mention_link_or_markup_survives_in_the_top_level_text() {
        let safe = mrkdwn("<!channel> *bold* <https://evil|x> & `code`", 200);
        assert!(!safe.contains('<') && !safe.contains('>'), "{safe}");
        assert!(!safe.contains("*b") && !safe.contains("`c"), "{safe}");
    }

    #[test]
    fn links_only_to_https_and_encodes_what_would_end_the_link() {
        assert_eq!(
            link("https://x/a|b>c", "Log").unwrap(),
            "<https://x/a%7Cb%3Ec|Log>"
        );
        for url in [
            "http://x",
            "javascript:alert(1)",
            "https://x/hibob:T3xkPq9VwLm2ZrYs8GdHnC5J",
        ] {
            assert_eq!(link(url, "Log"), None, "{url}");
        }
    }

    #[test]
    fn writes_to_plain_addresses_only() {
        assert_eq!(
            mailto("hr.admin@lindqvist.example", "A & B", "Hello\nyou", "Write").unwrap(),
            "<mailto:hr.admin@lindqvist.example?subject=A%20%26%20B&body=Hello%0D%0Ayou|Write>"
        );
        for address in ["", "x", "a@b", "a b@c.de", "a@b.c?bcc=d@e.f", "a@b@c.de"] {
            assert_eq!(mailto(address, "", "", "Write"), None, "{address}");
        }
    }

    #[test]
    fn a_body_that_is_too_long_for_a_link_is_left_out() {
        let link = mailto("a@b.c", "subject", &"ü".repeat(2_000), "Write").unwrap();
        assert_eq!(link, "<mailto:a@b.c?subject=subject|Write>");
    }

    #[test]
    fn spans_are_told_as_people_do() {
        for (seconds, told) in [
            (59, "less than a minute"),
            (60, "1 min"),
            (42 * 60, "42 min"),
            (3_600, "1 h"),
            (47 * 3_600 + 300, "47 h 5 min"),
            (49 * 3_600, "2 days"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), told);
        }
    }
}
