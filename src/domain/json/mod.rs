//! JSON that is read: our own (rows, messages between objects, alerts), and what
//! others send.
//!
//! serde's derive reads and writes the types.
//! [`parse`] also accepts what this version does not write, and serde rejects: a field that is null
//! where `#[serde(default)]` is not an `Option`, and a repeated field, of which the last counts, as
//! in JavaScript. [`read_row`] distinguishes a kind that only a newer version knows from a broken
//! one. So a version reads what all older ones wrote, and what the next one wrote before it was
//! rolled back.
//!
//! Unknown fields are kept ([`Unknown`]) in every row, in an integration's facts and in
//! its snapshot. The parts inside (a retry, a projection, a register) are closed: a later
//! version adds fields beside them, never in them.
//!
//! JSON from others is read in `foreign`; what is wrong with a text is in `flaw`.

mod flaw;
mod foreign;

pub use flaw::Flaw;
pub use foreign::{Lenient, Object, is_foreign_json, parse_foreign};

use core::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Fields that only a newer version knows, for `#[serde(flatten)]`: kept as they were,
/// after the known ones.
pub type Unknown = Map<String, Value>;

/// Reads a text.
///
/// # Errors
/// [`Flaw::NotJson`], or [`Flaw::Shape`] if it is not a `T`.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Flaw> {
    serde_json::from_str(text).or_else(|_| {
        let plain = plain(text)?.to_string();
        serde_json::from_str(&plain).map_err(|_| Flaw::Shape)
    })
}

/// Reads the text of a row.
///
/// # Errors
/// What is wrong with it, by the name of the field.
pub fn read_row<T: DeserializeOwned>(text: &str) -> Result<T, Flaw> {
    parse(text).map_err(|_| match plain(text) {
        Ok(value) => flaw::of::<T>(&value),
        Err(flaw) => flaw,
    })
}

/// The value of a text, without what serde's derive rejects: each field is present once,
/// and none is null. Unknown fields that are kept lose their nulls, too: a version that
/// writes null must expect it to count as absent.
fn plain(text: &str) -> Result<Value, Flaw> {
    let mut value = serde_json::from_str(text).map_err(|_| Flaw::NotJson)?;
    leave_out_nulls(&mut value);
    Ok(value)
}

fn leave_out_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

/// JSON of one of our own types. Their maps have text keys and their numbers are
/// finite, so writing them cannot fail.
#[must_use]
pub fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Any JSON value, kept as it was written.
///
/// It cannot be used in types that serde buffers before it reads them: flattened types,
/// and enums with an untagged variant.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// The JSON of one of our own values.
    #[must_use]
    pub fn of<T: Serialize>(value: &T) -> Self {
        serde_json::value::to_raw_value(value).map_or_else(|_| Self::default(), Self)
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Reads it; see [`parse`].
    ///
    /// # Errors
    /// A [`Flaw`] if it is not a `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Flaw> {
        parse(self.text())
    }
}

impl Default for Json {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Part {
        #[serde(default)]
        attempts: u32,
        name: Option<String>,
        at: i64,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Plain,
        Named(String),
        Placed { at: i64 },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        id: String,
        #[serde(default)]
        open: bool,
        #[serde(default)]
        causes: Vec<String>,
        #[serde(default)]
        part: Part,
        kind: Option<Kind>,
        #[serde(default)]
        alert: Json,
        #[serde(flatten)]
        unknown: Unknown,
    }

    fn row(text: &str) -> Result<Row, Flaw> {
        read_row(text)
    }

    fn field(name: &str) -> Result<Row, Flaw> {
        Err(Flaw::Field(name.to_owned()))
    }

    #[test]
    fn an_absent_field_and_a_null_count_as_the_default() {
        let absent = row(r#"{"id":"1"}"#).unwrap();
        let null = r#"{"id":"1","open":null,"causes":null,"part":null,"kind":null,"alert":null}"#;
        assert_eq!(row(null).unwrap(), absent);
        let part = r#"{"attempts":null,"name":null,"at":7}"#;
        let expected = || Part {
            at: 7,
            ..Part::default()
        };
        assert_eq!(parse(part), Ok(expected()));
        let within = row(&format!(r#"{{"id":"1","part":{part}}}"#)).unwrap();
        assert_eq!(within.part, expected());
        let listed = parse(&format!("[{part}]"));
        assert_eq!(listed, Ok(vec![expected()]));
    }

    #[test]
    fn a_required_field_must_not_be_null() {
        assert_eq!(row(r#"{"id":null}"#), field("id"));
    }

    #[test]
    fn unknown_fields_are_written_again_after_the_known_ones() {
        let text = r#"{"id":"1","open":true,"causes":[],"part":{"attempts":0,"name":null,"at":0},"kind":null,"alert":null,"a":[1.5,null,{"b":18446744073709551615}],"c":-9007199254740993}"#;
        assert_eq!(serde_json::to_string(&row(text).unwrap()).unwrap(), text);
    }

    #[test]
    fn a_value_that_is_kept_is_written_as_it_was() {
        let alert = r#"{ "b":1.0,"a":"\u00e9" }"#;
        let read = row(&format!(r#"{{"id":"1","alert":{alert}}}"#)).unwrap();
        assert_eq!(read.alert.text(), alert);
        assert_eq!(serde_json::to_string(&read.alert).unwrap(), alert);
    }

    #[test]
    fn of_a_repeated_field_the_last_counts() {
        let text = r#"{"id":"1","part":{"at":1,"at":2},"alert":1,"id":"2","alert":[2]}"#;
        let read = row(text).unwrap();
        assert_eq!((read.id.as_str(), read.part.at), ("2", 2));
        assert_eq!(read.alert.text(), "[2]");
    }

    #[test]
    fn a_kind_that_only_a_newer_version_knows_is_distinguished_from_a_broken_one() {
        let kind = |kind: &str| row(&format!(r#"{{"id":"1","kind":{kind}}}"#));
        for newer in [r#""tired""#, r#"{"tired":{"since":1}}"#] {
            assert_eq!(kind(newer), Err(Flaw::Newer), "{newer}");
        }
        for broken in ["7", "[]", "{}", r#"{"named":7}"#, r#"{"placed":{}}"#] {
            let flaw = kind(broken).unwrap_err();
            assert!(matches!(flaw, Flaw::Field(name) if name.starts_with("kind")));
        }
        for known in [r#""plain""#, r#"{"named":"x"}"#, r#"{"placed":{"at":1}}"#] {
            // Because of the null elsewhere, it is read a second time.
            let text = format!(r#"{{"id":"1","open":null,"kind":{known}}}"#);
            assert_eq!(row(&text).unwrap().kind, kind(known).unwrap().kind);
        }
    }

    #[test]
    fn a_flaw_names_the_field_and_never_its_value() {
        assert_eq!(row("{}"), field("id"));
        assert_eq!(row(r#"{"id":7}"#), field("id"));
        assert_eq!(row(r#"{"id":"1","open":"secret"}"#), field("open"));
        assert_eq!(
            row(r#"{"id":"1","part":{"at":"secret"}}"#),
            field("part.at")
        );
        assert_eq!(row(r#"{"id":"1","part":{}}"#), field("part.at"));
        assert_eq!(row(r#"{"id":"1","causes":[1]}"#), field("causes"));
        assert_eq!(
            row(r#"{"id":7,"alert":{"a":[1]},"part":{"at":1}}"#),
            field("id")
        );
        assert_eq!(row(r#""secret""#), Err(Flaw::Shape));
        for text in ["", "secret", r#"{"id":"1""#, r#"{"id":"1"} 7"#] {
            assert_eq!(row(text), Err(Flaw::NotJson), "{text}");
        }
    }
}
