//! JSON that others sent, as JavaScript writes it: half characters, fields of unexpected types,
//! and a byte order mark in front.
//!
//! It is parsed after its signature was verified over the bytes as they arrived. A body that is kept
//! is kept as it arrived, and parsed here again when it is read again.

use core::fmt;
use core::marker::PhantomData;
use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Flaw, parse};

/// Reads a JSON object that others sent.
///
/// # Errors
/// A [`Flaw`] if it is not a JSON object that makes a `T`.
pub fn parse_foreign<T: DeserializeOwned>(text: &str) -> Result<T, Flaw> {
    parse(&with_whole_characters(without_mark(text))).map(|Object(read)| read)
}

/// Whether others sent JSON, of any type. Neither depth nor the size of a number matters.
#[must_use]
pub fn is_foreign_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(without_mark(text)).is_ok()
}

/// A text without the byte order mark that it may begin with.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A `T` that is a JSON object. serde's derive alone would accept an array of the fields, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
    }
}

/// A field that should be a `T`. If it is something else, only the field is lost.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Lenient<T> {
    /// It is one.
    Is(T),
    /// It is something else.
    Other(IgnoredAny),
}

impl<T> Lenient<T> {
    /// The `T`, if it is one.
    #[must_use]
    pub fn ok(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Other(_) => None,
        }
    }
}

/// An escape of one UTF-16 unit: `\u` and four digits.
const ESCAPE: usize = 6;

/// A text in which U+FFFD replaces each half of a character. JavaScript writes a
/// character beyond U+FFFF as two escapes, one for each surrogate, and leaves a single one
/// where it cut a text between them, which a Rust string cannot hold. Nothing else changes.
fn with_whole_characters(text: &str) -> Cow<'_, str> {
    let may_have_halves = text.contains(r"\ud") || text.contains(r"\uD");
    if !may_have_halves {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut left = text;
    while let Some((before, escape)) = left.find('\\').and_then(|at| left.split_at_checked(at)) {
        whole.push_str(before);
        let next = escape.get(ESCAPE..).and_then(unit);
        let (length, is_half) = match (unit(escape), next) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (2 * ESCAPE, false),
            (Some(0xD800..=0xDFFF), _) => (ESCAPE, true),
            // A backslash may follow that does not begin an escape.
            _ => (escape.chars().take(2).map(char::len_utf8).sum(), false),
        };
        let (escape, rest) = escape.split_at_checked(length).unwrap_or((escape, ""));
        whole.push_str(if is_half { r"\ufffd" } else { escape });
        left = rest;
    }
    whole.push_str(left);
    Cow::Owned(whole)
}

/// The UTF-16 unit of the escape at the beginning of a text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix(r"\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[derive(Debug, PartialEq, Deserialize)]
    struct Named {
        name: Option<String>,
        id: Option<String>,
    }

    fn name(text: &str) -> Option<String> {
        parse_foreign::<Named>(text).unwrap().name
    }

    #[test]
    fn each_half_of_a_character_is_replaced_and_a_whole_one_stays() {
        for (written, read) in [
            (r"\ud83d", "\u{fffd}"),
            (r"\uDE00", "\u{fffd}"),
            (r"a\ud83d", "a\u{fffd}"),
            (r"\ud83db", "\u{fffd}b"),
            (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
            (r"\ud83d\ude00", "😀"),
            (r"\uD83D\uDE00\ude00", "😀\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\ud83d\n", "\u{fffd}\n"),
            (r"\ud83d\\ude00", "\u{fffd}\\ude00"),
            (r"\\ud83d", r"\ud83d"),
            (r"\\\ud83d", "\\\u{fffd}"),
            (r"\\\\ud83d", r"\\ud83d"),
            (r"\ud800\udc00\udbff\udfff", "\u{10000}\u{10ffff}"),
            (r"\udc00\ud800", "\u{fffd}\u{fffd}"),
            (r"\udfff\udbff", "\u{fffd}\u{fffd}"),
            (r"\ud7ff\ue000", "\u{d7ff}\u{e000}"),
        ] {
            let text = format!(r#"{{"name":"{written}"}}"#);
            assert_eq!(name(&text).as_deref(), Some(read), "{written}");
        }
    }

    #[test]
    fn half_a_character_costs_nothing_wherever_it_is() {
        for text in [
            r#"{"\ud83d":1,"name":"x"}"#,
            r#"{"unread":"\ud83d","name":"x"}"#,
            r#"{"unread":[{"\ude00\ud83d":"\udfff"}],"name":"x"}"#,
            r#"{"name":"y","\ud83d":1,"name":"x"}"#,
        ] {
            assert_eq!(name(text).as_deref(), Some("x"), "{text}");
        }
    }

    #[test]
    fn invalid_json_stays_invalid() {
        for text in [
            r#"{"name":"\ud83"}"#,
            r#"{"name":"\ud83+"}"#,
            r#"{"name":"\ud83d}"#,
            r#"{"name":\ud83d}"#,
            r#"{"name":"\ud83d\é"}"#,
            r#"{"name":"\ud83d"} \"#,
        ] {
            assert_eq!(parse_foreign::<Named>(text), Err(Flaw::NotJson), "{text}");
        }
    }

    #[test]
    fn of_a_repeated_field_the_last_counts() {
        let text = r#"{"name":"a","id":null,"name":"b","id":"c","name":"d"}"#;
        let expected = Named {
            name: Some("d".to_owned()),
            id: Some("c".to_owned()),
        };
        assert_eq!(parse_foreign(text), Ok(expected));
    }

    #[test]
    fn one_byte_order_mark_is_skipped() {
        let text = "{\"name\":\"\u{feff}x\"}";
        assert_eq!(
            name(&format!("\u{feff}{text}")).as_deref(),
            Some("\u{feff}x")
        );
        for other in [format!("\u{feff}\u{feff}{text}"), format!("{text}\u{feff}")] {
            assert_eq!(parse_foreign::<Named>(&other), Err(Flaw::NotJson));
            assert!(!is_foreign_json(&other));
        }
    }

    #[test]
    fn json_of_any_type_depth_and_size_is_json() {
        let deep = "[".repeat(1_000) + &"]".repeat(1_000);
        for text in ["7", "null", "\u{feff}[]", r#""\ud83d""#, "1e999", &deep] {
            assert!(is_foreign_json(text), "{text}");
        }
        for text in ["", "\u{feff}", "{", "NaN", "{} {}", "'x'"] {
            assert!(!is_foreign_json(text), "{text}");
        }
    }

    #[test]
    fn an_array_is_not_an_object() {
        for text in [r#"["x","y"]"#, "[]", r#""x""#, "null"] {
            assert_eq!(parse_foreign::<Named>(text), Err(Flaw::Shape), "{text}");
        }
    }

    #[test]
    fn a_field_that_is_something_else_costs_only_itself() {
        #[derive(Deserialize)]
        struct Fields {
            a: Option<Lenient<String>>,
            b: Option<Lenient<Object<Named>>>,
        }
        for odd in ["7", "[[]]", "true", "1.5"] {
            let text = format!(r#"{{"a":{odd},"b":{odd}}}"#);
            let fields: Fields = parse_foreign(&text).unwrap();
            assert!(fields.a.is_some_and(|it| it.ok().is_none()), "{odd}");
            assert!(fields.b.is_some_and(|it| it.ok().is_none()), "{odd}");
        }
        let fields: Fields = parse_foreign(r#"{"a":null,"b":{"name":"x"}}"#).unwrap();
        assert!(fields.a.is_none());
        let Object(named) = fields.b.and_then(Lenient::ok).unwrap();
        assert_eq!(named.name.as_deref(), Some("x"));
    }

    /// A piece of a JSON string that JavaScript accepts.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            "[dD][89a-fA-F][0-9a-fA-F]{2}".prop_map(|digits| format!(r"\u{digits}")),
            "[0-9a-fA-F]{4}".prop_map(|digits| format!(r"\u{digits}")),
            r#"\\[\\"/bfnrt]"#,
            "[ud0-9é😀 ]",
        ]
    }

    fn string() -> impl Strategy<Value = String> {
        proptest::collection::vec(piece(), 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn whatever_javascript_accepts_can_be_read(key in string(), value in string()) {
            let text = format!(r#"{{"{key}":["{value}"],"name":"{value}"}}"#);
            // `IgnoredAny` does not check surrogates.
            prop_assert!(serde_json::from_str::<IgnoredAny>(&text).is_ok());
            let whole = with_whole_characters(&text);
            let read: Value = serde_json::from_str(&whole).unwrap();
            let units: Vec<u16> = units(&value);
            prop_assert_eq!(&read["name"], &json!(String::from_utf16_lossy(&units)));
        }

        #[test]
        fn valid_json_stays_as_it_is(key in string(), value in string()) {
            let text = format!(r#"{{"{key}":"{value}"}}"#);
            if serde_json::from_str::<Value>(&text).is_ok() {
                prop_assert_eq!(with_whole_characters(&text), text.as_str());
            }
        }

        #[test]
        fn any_text_can_be_made_whole(text in r#"(\\|u|d83d|de00|"|\PC){0,20}"#) {
            let whole = with_whole_characters(&text);
            prop_assert_eq!(with_whole_characters(&whole), whole.clone());
        }
    }

    /// The UTF-16 units that JavaScript makes of the content of a JSON string.
    fn units(string: &str) -> Vec<u16> {
        let mut units = Vec::new();
        let mut chars = string.chars();
        while let Some(char) = chars.next() {
            let escaped = (char == '\\').then(|| chars.next().unwrap());
            let meant = match escaped {
                None => char,
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                    continue;
                }
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => other,
            };
            units.extend(meant.encode_utf16(&mut [0; 2]).iter());
        }
        units
    }
}
