//! Finds integration ids in foreign text, however they are spelled, and cuts them out.
//!
//! An id is read as its reader would: percent-encoded, as an HTML entity or a JavaScript escape, in
//! full-width characters, with a space or a line break after the colon, or with a slash in its place.

/// Replaces whatever was cut out.
const ELLIPSIS: char = '…';

/// The length of the random part of an integration id in all of Kombo's samples.
const ID_TAIL: usize = 24;

/// A random part of an id that is known is cut out alone if it is at least this long. A shorter one
/// may be a word.
const MIN_TAIL: usize = 12;

/// Words before a slash or a colon and a space that are no tools: what follows is another id.
const NOT_TOOLS: [&str; 4] = ["event", "events", "logs", "quarantine"];

/// The text without whatever looks like an integration id: a tool, a colon, and at least 24 letters
/// and digits.
#[must_use]
pub fn without_ids(text: &str) -> String {
    let read = Reading::of(text);
    let mut cuts = Vec::new();
    let mut at = 0;
    while at < read.0.len() {
        let found = read.id_around(at);
        at = found.map_or(at.saturating_add(1), |(_, end)| end);
        cuts.extend(found);
    }
    read.without(text, &cuts)
}

/// The text without this integration id, and without its random part alone.
#[must_use]
pub fn without_id(text: &str, id: &str) -> String {
    let (tool, tail) = id.split_once(':').unwrap_or(("", id));
    let (tool, tail): (Vec<char>, Vec<char>) = (tool.chars().collect(), tail.chars().collect());
    let read = Reading::of(text);
    let mut cuts = Vec::new();
    let mut at = 0;
    while at < read.0.len() {
        let found = read.known_id_at(at, &tool, &tail);
        at = found.map_or(at.saturating_add(1), |(_, end)| end);
        cuts.extend(found);
    }
    read.without(text, &cuts)
}

/// A character as its reader sees it, and where its spelling begins and ends in the text.
struct Spelled {
    one: char,
    from: usize,
    to: usize,
}

/// A text as its reader sees it, without what has no shape.
struct Reading(Vec<Spelled>);

/// Places in a reading: of the first character, and after the last one.
type Span = (usize, usize);

impl Reading {
    fn of(text: &str) -> Self {
        let (mut read, mut from) = (Vec::with_capacity(text.len()), 0_usize);
        while let Some(rest) = text.get(from..)
            && let Some(first) = rest.chars().next()
        {
            let (one, length) = decoded(rest).unwrap_or((first, first.len_utf8()));
            let to = from.saturating_add(length.max(1));
            let one = plain(one);
            if one.is_ascii_graphic() || one.is_whitespace() || one.is_alphanumeric() {
                read.push(Spelled { one, from, to });
            }
            from = to;
        }
        Self(read)
    }

    /// The text without some spans of its reading, in order.
    fn without(&self, text: &str, cuts: &[Span]) -> String {
        let (mut kept, mut from) = (String::with_capacity(text.len()), 0_usize);
        for (first, end) in cuts {
            let begin = self.0.get(*first).map_or(from, |it| it.from);
            kept.push_str(text.get(from..begin).unwrap_or_default());
            kept.push(ELLIPSIS);
            let last = self.0.get(end.saturating_sub(1));
            from = last.map_or(from, |it| it.to);
        }
        kept.push_str(text.get(from..).unwrap_or_default());
        kept
    }

    fn at(&self, place: usize) -> Option<char> {
        self.0.get(place).map(|it| it.one)
    }

    fn text(&self, (from, end): Span) -> String {
        let spelled = self.0.get(from..end).unwrap_or_default();
        spelled.iter().map(|it| it.one).collect()
    }

    /// The place after the characters of a kind that begin at `from`.
    fn skip(&self, from: usize, is_of_kind: impl Fn(char) -> bool) -> usize {
        let rest = self.0.get(from..).unwrap_or_default().iter();
        let run = rest.take_while(|it| is_of_kind(it.one)).count();
        from.saturating_add(run)
    }

    /// The place of the first of the characters of a kind that end before `end`.
    fn skip_back(&self, end: usize, is_of_kind: impl Fn(char) -> bool) -> usize {
        let before = self.0.get(..end).unwrap_or_default().iter().rev();
        let run = before.take_while(|it| is_of_kind(it.one)).count();
        end.saturating_sub(run)
    }

    /// What looks like an id with its colon or slash at this place.
    fn id_around(&self, place: usize) -> Option<Span> {
        let mark = self.at(place).filter(|one| is_mark(*one))?;
        let next = place.saturating_add(1);
        let (before, behind) = if mark == ':' {
            let before = self.skip_back(place, char::is_whitespace);
            (before, self.skip(next, char::is_whitespace))
        } else {
            (place, next)
        };
        let tool = (self.skip_back(before, is_of_tool), before);
        let tail = (behind, self.skip(behind, |one| one.is_ascii_alphanumeric()));
        let is_long = tail.1.saturating_sub(tail.0) >= ID_TAIL && tool.0 < tool.1;
        let is_strict = mark == ':' && before == place && behind == next;
        let is_id = is_long && (is_strict || self.is_loose_id(tool, tail));
        is_id.then_some((tool.0, tail.1))
    }

    /// Whether a tool and a tail make an id although something else than a colon is between them.
    /// Other ids, of one case or without digits, are no tails.
    fn is_loose_id(&self, tool: Span, tail: Span) -> bool {
        let (tool, tail) = (self.text(tool), self.text(tail));
        let has = |is_of_kind: fn(&char) -> bool| tail.chars().any(|one| is_of_kind(&one));
        let is_random = has(char::is_ascii_uppercase)
            && has(char::is_ascii_lowercase)
            && has(char::is_ascii_digit);
        is_random && !NOT_TOOLS.contains(&tool.to_ascii_lowercase().as_str())
    }

    /// This id if its random part begins at this place: all of it, or that part alone.
    fn known_id_at(&self, place: usize, tool: &[char], tail: &[char]) -> Option<Span> {
        if tail.is_empty() || !self.begins_with(place, tail) {
            return None;
        }
        let end = place.saturating_add(tail.len());
        let behind = self.skip_back(place, char::is_whitespace);
        let mark = behind
            .checked_sub(1)
            .filter(|at| self.at(*at).is_some_and(is_mark));
        let begin = mark.and_then(|mark| {
            let begin = self
                .skip_back(mark, char::is_whitespace)
                .checked_sub(tool.len())?;
            self.begins_with(begin, tool).then_some(begin)
        });
        match begin {
            Some(begin) => Some((begin, end)),
            None => (tail.len() >= MIN_TAIL).then_some((place, end)),
        }
    }

    fn begins_with(&self, place: usize, wanted: &[char]) -> bool {
        let mut rest = self.0.get(place..).unwrap_or_default().iter();
        wanted
            .iter()
            .all(|one| rest.next().is_some_and(|it| it.one == *one))
    }
}

fn is_mark(one: char) -> bool {
    matches!(one, ':' | '/')
}

fn is_of_tool(one: char) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, '_' | '-')
}

/// The plain form of a character that looks like another one.
fn plain(one: char) -> char {
    match one {
        '\u{ff01}'..='\u{ff5e}' => {
            let ascii = u32::from(one).checked_sub(0xfee0);
            ascii.and_then(char::from_u32).unwrap_or(one)
        }
        '\u{2d0}' | '\u{2236}' | '\u{a789}' | '\u{fe13}' | '\u{fe55}' => ':',
        '\u{2044}' | '\u{2215}' => '/',
        one => one,
    }
}

/// The ASCII character that a text begins with in another spelling, and the length of that.
fn decoded(text: &str) -> Option<(char, usize)> {
    let (code, rest) = match text.chars().next()? {
        '%' => percent_encoded(text)?,
        '&' => entity(text)?,
        '\\' => escaped(text)?,
        _ => return None,
    };
    let one = char::from_u32(code).filter(char::is_ascii)?;
    Some((one, text.len().checked_sub(rest.len())?))
}

/// `%3A`, also if it was encoded more than once.
fn percent_encoded(text: &str) -> Option<(u32, &str)> {
    let mut rest = text.strip_prefix('%')?;
    while let Some(again) = rest.strip_prefix("25") {
        rest = again;
    }
    number(rest, 16, 2..=2)
}

/// `&#58;`, `&#x3a;`, `&colon;`, also if the ampersand is an entity itself.
fn entity(text: &str) -> Option<(u32, &str)> {
    let mut rest = text.strip_prefix('&')?;
    while let Some(again) = rest.strip_prefix("amp;") {
        rest = again;
    }
    for (name, one) in [("colon;", ':'), ("sol;", '/')] {
        if let Some(rest) = rest.strip_prefix(name) {
            return Some((one.into(), rest));
        }
    }
    let rest = rest.strip_prefix('#')?;
    let (code, rest) = match rest.strip_prefix(['x', 'X']) {
        Some(rest) => number(rest, 16, 1..=7)?,
        None => number(rest, 10, 1..=7)?,
    };
    Some((code, rest.strip_prefix(';').unwrap_or(rest)))
}

/// `\u003a`, `\x3a`, also if the backslash is escaped itself.
fn escaped(text: &str) -> Option<(u32, &str)> {
    let rest = text.trim_start_matches('\\');
    match rest.strip_prefix('u') {
        Some(rest) => number(rest, 16, 4..=4),
        None => number(rest.strip_prefix('x')?, 16, 2..=2),
    }
}

/// A number of this many digits, and the rest of the text.
fn number(text: &str, radix: u32, digits: core::ops::RangeInclusive<usize>) -> Option<(u32, &str)> {
    let run = text.chars().take(*digits.end());
    let run = run.take_while(|one| one.is_digit(radix)).count();
    let (number, rest) = text
        .split_at_checked(run)
        .filter(|_| digits.contains(&run))?;
    Some((u32::from_str_radix(number, radix).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &str = "T3xkPq9VwLm2ZrYs8GdHnC5J";
    const ID: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

    /// An id with every character percent-encoded.
    fn throughout(id: &str) -> String {
        let bytes = id.bytes().map(|byte| format!("%{byte:02x}"));
        bytes.collect::<Vec<_>>().concat()
    }

    /// Spellings of an id that no one would type, and some that anyone would.
    fn spellings() -> Vec<String> {
        let mut spellings = vec![throughout(ID), format!("hibob%3A{}", throughout(TAIL))];
        for between in [
            ":",
            ": ",
            ":\n",
            " : ",
            ":\r\n  ",
            "：",
            "： ",
            "/",
            "%3A",
            "%253a",
            "%25253A",
            "&#58;",
            "&#058;",
            "&#x3a;",
            "&#58",
            "&colon;",
            "&amp;#58;",
            "\\u003a",
            "\\\\u003A",
            "\\x3a",
            "%2F",
            "\u{2236}",
        ] {
            spellings.push(format!("hibob{between}{TAIL}"));
        }
        let full_width = |one: char| char::from_u32(u32::from(one).wrapping_add(0xfee0)).unwrap();
        spellings.push(ID.chars().map(full_width).collect());
        spellings.push(format!("hibob:{}\u{200b}{}", &TAIL[..9], &TAIL[9..]));
        spellings
    }

    #[test]
    fn whatever_looks_like_an_integration_id_is_removed_however_it_is_spelled() {
        for id in spellings() {
            assert_eq!(without_ids(&format!("see {id} now")), "see … now", "{id}");
        }
        assert_eq!(without_ids("360learning:T3xkPq9VwLm2ZrYs8GdHnC5J"), "…");
        assert_eq!(
            without_ids("https://x/?id=hibob%3AT3xkPq9VwLm2ZrYs8GdHnC5J&a=b"),
            "https://x/?id=…&a=b"
        );
        let long = format!("{}:{TAIL}", "x".repeat(600));
        assert_eq!(without_ids(&long), "…", "the tool is the end of it");
    }

    #[test]
    fn a_known_id_is_removed_however_it_is_spelled_and_its_random_part_alone() {
        let mut spellings = spellings();
        spellings.extend([TAIL.to_owned(), throughout(TAIL)]);
        for spelled in spellings {
            let text = format!("see {spelled} now");
            assert_eq!(without_id(&text, ID), "see … now", "{spelled}");
        }
        assert_eq!(without_id("a/T3xkPq9VwLm2ZrYs8GdHnC5J/b", ID), "a/…/b");
        // Of a short one only the whole.
        assert_eq!(without_id("hibob: One of One", "hibob:One"), "… of One");
        assert_eq!(
            without_id("an-id-without-a-colon", "an-id-without-a-colon"),
            "…"
        );
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in [
            "at 10:30, ratio 3:4, 100 % & more: \\o/ %zz &x; %",
            "/logs%2FT3xkPq9VwLm2ZrYs8GdHnC5J",
            "Event: Qm4vT8sYpR2kWzH6cLxN9dBf",
            "POST /v1/quarantine/Qm4vT8sYpR2kWzH6cLxN9dBf",
            "Customer ID: 507f1f77bcf86cd799439011",
            "hibob:short and ü:T3xkPq9VwLm2ZrYs8GdHnC5J",
            "https://app.kombo.dev/env/production/logs?flowId=Yc3RkTz7PvNq5WmXs8LhBg2D",
            "über \u{1f989} naïve",
            "",
        ] {
            assert_eq!(without_ids(text), text);
            assert_eq!(without_id(text, "personio:CBNMt7dSNCzBdnRTx87dev4E"), text);
        }
    }
}
