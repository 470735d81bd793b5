//! Defuses markup in a line of text for the top-level `text`, which Slack parses as mrkdwn.
//!
//! The three characters that have an escape are escaped. Where other markup would begin (emphasis,
//! code, an emoji, a mention, a link, a quotation), an invisible word joiner keeps it from
//! beginning. Everywhere else the text stays as it is, so that it can be searched and copied.

use super::text::line;

/// Keeps what is before it from being read together with what is after it.
const WORD_JOINER: char = '\u{2060}';

/// Foreign text for the top-level `text`: one line, inert. The limit is that of [`line()`].
pub(super) fn mrkdwn(text: &str, most: usize) -> String {
    let text = line(text, most);
    let mut safe = String::with_capacity(text.len());
    let mut before = None;
    for (at, one) in text.char_indices() {
        let after = text.get(at.saturating_add(one.len_utf8())..);
        let after = after.unwrap_or_default();
        match one {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => {
                // At the beginning of a line it quotes, also when it is escaped.
                safe.extend(before.is_none().then_some(WORD_JOINER));
                safe.push_str("&gt;");
            }
            one => {
                safe.push(one);
                safe.extend(begins(before, one, after).then_some(WORD_JOINER));
            }
        }
        before = Some(one);
    }
    safe
}

/// Foreign text for a reader that shows each character as it is: one line, in which nothing looks
/// like one of Slack's tokens.
pub(super) fn verbatim(text: &str, most: usize) -> String {
    let mut safe = line(text, most);
    for begin in ["<!", "<@", "<#", "<http", "<mailto"] {
        let (first, rest) = begin.split_at(1);
        safe = safe.replace(begin, &format!("{first}{WORD_JOINER}{rest}"));
    }
    safe
}

/// Whether markup begins with this character.
fn begins(before: Option<char>, one: char, after: &str) -> bool {
    let is_first = before.is_none_or(|before| !before.is_alphanumeric());
    match one {
        '*' | '_' | '~' => is_first && closes(one, after),
        '`' => after.contains('`'),
        ':' => after.starts_with("//") || is_emoji(after),
        // An e-mail address is no mention.
        '@' => is_first && after.starts_with(char::is_alphanumeric),
        _ => false,
    }
}

/// Whether emphasis that begins before `after` ends in it: with the same mark, right after a word.
fn closes(mark: char, after: &str) -> bool {
    if after.starts_with(char::is_whitespace) {
        return false;
    }
    let mut ends = after.match_indices(mark).map(|(at, _)| after.split_at(at));
    ends.any(|(inside, rest)| {
        let is_last = rest
            .chars()
            .nth(1)
            .is_none_or(|next| !next.is_alphanumeric());
        let is_empty = inside.trim_matches(mark).is_empty();
        is_last && !is_empty && !inside.ends_with(char::is_whitespace)
    })
}

/// Whether the name of an emoji and a colon follow.
fn is_emoji(after: &str) -> bool {
    let is_part = |one: char| {
        (one.is_alphanumeric() && !one.is_uppercase()) || matches!(one, '_' | '-' | '+' | '\'')
    };
    let behind = after.trim_start_matches(is_part);
    behind.len() < after.len() && behind.starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(text: &str) -> String {
        mrkdwn(text, 300)
    }

    #[test]
    fn text_without_markup_can_be_searched_and_copied() {
        for text in [
            "first_last@acme-corp.example",
            "snake_case_name, 5 * 3 * 2, ~10 %, a~b~c",
            "Kurs: 10:30, Verhältnis 3:4",
            "Acme #1 | HR @ work",
            "C*** Ltd",
            "* Sternchen *",
            "it's `",
            "Acme (HRIS): #vAv8wy0k",
            "نرم\u{200c}افزار",
        ] {
            assert_eq!(safe(text), text);
        }
    }

    #[test]
    fn markup_does_not_begin() {
        for (text, shown) in [
            ("*bold* b", "*\u{2060}bold* b"),
            ("(_it_)", "(_\u{2060}it_)"),
            ("~gone~", "~\u{2060}gone~"),
            ("a `code`", "a `\u{2060}code`"),
            ("x:tada:", "x:\u{2060}tada:"),
            ("@here now", "@\u{2060}here now"),
            (
                "see https://evil.example",
                "see https:\u{2060}//evil.example",
            ),
            ("> quoted", "\u{2060}&gt; quoted"),
            ("a > b & <!channel>", "a &gt; b &amp; &lt;!channel&gt;"),
        ] {
            assert_eq!(safe(text), shown);
        }
        assert_eq!(verbatim("a <!here> < b", 50), "a <\u{2060}!here> < b");
    }
}
