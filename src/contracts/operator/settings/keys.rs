//! Settings that hold keys: secrets and tokens, several of which are separated by white space.
//!
//! Each costs a hash of a body or of a token that a stranger sends, so only the first few count. A key that
//! was pasted badly is used as it is, because nothing but its owner knows better, but it is named.

use super::reader::Reader;
use super::{Fault, Problem};

/// So many keys of a setting count: two are enough for a rotation.
const MAX_KEYS: usize = 5;
/// What a key may have been quoted with.
const QUOTES: [(char, char); 4] = [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>')];
/// What may have separated keys, or followed one in a file.
const SEPARATORS: [char; 2] = [',', ';'];

impl Reader<'_> {
    /// The value of a setting of several keys, `None` if it is blank. What is wrong with it is noted.
    pub(super) fn keys<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        problem: Problem,
    ) -> Option<T> {
        let text = self.text(name)?;
        let keys = distinct(&text);
        let used: Vec<&str> = keys.iter().copied().take(MAX_KEYS).collect();
        let value = parse(&used.join(" "));
        let problem = match &value {
            None => Some(problem),
            Some(_) if is_pasted_badly(name, &text) => Some(Problem::PastedBadly),
            Some(_) => (keys.len() > MAX_KEYS).then_some(Problem::TooManyKeys),
        };
        self.faults
            .extend(problem.map(|problem| Fault { name, problem }));
        value
    }

    /// The key in a setting that holds one, `None` if it is blank. If it was pasted badly, that is noted.
    pub(super) fn key(&mut self, name: &'static str) -> Option<String> {
        let key = self.text(name)?;
        let has_space = key.contains(char::is_whitespace);
        if has_space || is_pasted_badly(name, &key) {
            self.note(name, Problem::PastedBadly);
        }
        Some(key)
    }
}

/// The keys in a text, each once.
fn distinct(text: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    for key in text.split_whitespace() {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// Whether keys have something that does not belong to them: quotes around one or all of them, commas
/// between them, the name of the setting, or a character that nobody types. A key may well begin with a
/// quote, so one quote alone says nothing.
fn is_pasted_badly(name: &str, text: &str) -> bool {
    let is_separated = text
        .split_whitespace()
        .rev()
        .skip(1)
        .any(|key| key.ends_with(SEPARATORS));
    is_separated || is_quoted(text) || text.split_whitespace().any(|key| is_no_key(name, key))
}

fn is_quoted(text: &str) -> bool {
    let text = text.trim_end_matches(SEPARATORS);
    let is_between =
        |(start, end)| text.len() > 1 && text.starts_with(start) && text.ends_with(end);
    QUOTES.into_iter().any(is_between)
}

fn is_no_key(name: &str, key: &str) -> bool {
    let named = key.strip_prefix(name);
    let is_named = named.is_some_and(|rest| rest.is_empty() || rest.starts_with(['=', ':']));
    let is_typed = key.bytes().all(|byte| byte.is_ascii_graphic());
    let is_masked = key.bytes().all(|byte| byte == b'*');
    let is_other_text = ["{\"", "${", "http://", "https://"]
        .iter()
        .any(|it| key.starts_with(it));
    is_quoted(key) || is_named || !is_typed || is_masked || is_other_text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_pasted_badly_is_recognized() {
        for key in [
            "\"s3cret\"",
            "'s3cret'",
            "`s3cret`",
            "\u{201c}s3cret\u{201d}",
            "\u{ab}s3cret\u{bb}",
            "\"s3cret\",",
            "\"s3cret other\"",
            "s3cret \"other\"",
            "s3cret, other",
            "s3cret; other",
            "{\"secret\":\"s3cret\"}",
            "<s3cret>",
            "${SECRET}",
            "SETTING=s3cret",
            "SETTING:s3cret",
            "SETTING",
            "SETTING = s3cret",
            "\u{feff}s3cret",
            "s3cret\u{200b}",
            "s3c\u{ad}ret",
            "s3cr\u{e9}t",
            "s3cret\u{7}",
            "******",
            "\u{2022}\u{2022}\u{2022}",
            "https://hooks.slack.com/services/T0/B0/x",
        ] {
            assert!(is_pasted_badly("SETTING", key), "{key}");
        }
    }

    #[test]
    fn any_key_that_is_pasted_well_is_accepted() {
        for key in [
            "s3cret",
            "kombo-test-secret",
            "aAavS81La67meHXP09TqzQmq3p2PZvYhXxDGVKae_vY=",
            "a+b/c==",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "Tr0ub4dor&3!",
            "x'y\"z",
            "\"begins-with-a-quote",
            "ends-with-a-comma,",
            "SETTING-and-more",
            "s3cret other\nthird",
        ] {
            assert!(!is_pasted_badly("SETTING", key), "{key}");
        }
    }
}
