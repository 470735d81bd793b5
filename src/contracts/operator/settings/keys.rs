//! Settings that hold keys: secrets and tokens, several of which are separated by white space.
//!
//! Each costs a hash of a body or of a token that a stranger sends, so only the first few count. A key that
//! was pasted badly is used as it is, because nothing but its owner knows better, but it is named.

use super::reader::Reader;
use super::{Fault, Problem};

/// At most this many keys of a setting count: two are enough for a rotation.
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
    use std::collections::BTreeMap;

    use super::*;

    /// The texts that the set-up's own check is tested with, too.
    fn texts(kind: &str) -> Vec<String> {
        let all = include_str!("../../../../tests/fixtures/keys.json");
        let mut all: BTreeMap<String, Vec<String>> = serde_json::from_str(all).unwrap();
        all.remove(kind).unwrap()
    }

    #[test]
    fn a_key_that_was_pasted_badly_is_recognized_and_no_other() {
        for text in texts("pasted badly") {
            assert!(is_pasted_badly("SETTING", &text), "{text}");
        }
        for text in texts("pasted well") {
            assert!(!is_pasted_badly("SETTING", &text), "{text}");
        }
    }
}
