//! JSON taken apart without being understood: values and fields as their texts.
//!
//! The parser finds where each value begins and ends; nothing is built of what is
//! not asked for. What a text must say is the parent's.

use core::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Flaw, Readable};

/// The text of no value.
const NULL: &str = "null";

/// Any JSON value, kept as it was written.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// One of our own values.
    #[must_use]
    pub fn of<T: Serialize>(value: &T) -> Self {
        serde_json::value::to_raw_value(value).map_or_else(|_| Self::default(), Self)
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
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

impl Readable for Json {
    fn read(text: &str) -> Result<Self, Flaw> {
        let value = RawValue::from_string(text.to_owned());
        value.map(Self).map_err(|_| Flaw::NotJson)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// The texts of an array's items.
///
/// # Errors
/// [`Flaw::Shape`] when it is no array.
pub(super) fn items(text: &str) -> Result<Vec<&str>, Flaw> {
    let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| Flaw::Shape)?;
    Ok(items.into_iter().map(RawValue::get).collect())
}

/// The text that a JSON string says.
///
/// # Errors
/// [`Flaw::Shape`] when it is no string.
pub fn string(text: &str) -> Result<String, Flaw> {
    serde_json::from_str(text).map_err(|_| Flaw::Shape)
}

/// The fields of an object, taken one by one.
#[derive(Debug)]
pub struct Fields<'a> {
    fields: Vec<(String, &'a str)>,
    flaw: Option<Flaw>,
}

impl<'a> Fields<'a> {
    /// The fields of a value.
    ///
    /// # Errors
    /// [`Flaw::Shape`] when it is no object.
    pub fn of(text: &'a str) -> Result<Self, Flaw> {
        let Pairs(fields) = serde_json::from_str(text).map_err(|_| Flaw::Shape)?;
        Ok(Self { fields, flaw: None })
    }

    /// Takes the text of a field. One that is null counts as absent, and of a
    /// repeated one the last counts.
    pub fn text(&mut self, name: &str) -> Option<&'a str> {
        let place = self.fields.iter().rposition(|(of, _)| of == name)?;
        let (_, text) = self.fields.remove(place);
        Some(text).filter(|text| *text != NULL)
    }

    /// Takes a field; none when it is no `T`, or absent and must not be. Then
    /// [`Fields::flaw`] says what is wrong. Asking for all fields first and looking
    /// at the flaw once keeps readers short.
    pub fn take<T: Readable>(&mut self, name: &'static str) -> Option<T> {
        let read = match self.text(name) {
            None => T::absent().ok_or(Flaw::Field(name)),
            Some(text) => T::read(text),
        };
        match read {
            Ok(value) => Some(value),
            Err(flaw) => {
                self.note(flaw, name);
                None
            }
        }
    }

    /// What was wrong with the first field that could not be taken.
    #[must_use]
    pub fn flaw(&self) -> Flaw {
        self.flaw.unwrap_or(Flaw::Shape)
    }

    /// The names and texts of all that was not taken.
    pub fn all(self) -> impl Iterator<Item = (String, &'a str)> {
        self.fields.into_iter()
    }

    /// What was not taken.
    #[must_use]
    pub fn rest(self) -> Unknown {
        let fields = self.fields.into_iter();
        let kept = fields.filter_map(|(name, text)| Some((name, Json::read(text).ok()?)));
        Unknown(kept.collect())
    }

    /// The first field, for what is told apart by its name.
    pub(super) fn first(self) -> Option<(String, &'a str)> {
        self.fields.into_iter().next()
    }

    fn note(&mut self, flaw: Flaw, name: &'static str) {
        let flaw = match flaw {
            Flaw::Newer => Flaw::Newer,
            _ => Flaw::Field(name),
        };
        self.flaw.get_or_insert(flaw);
    }
}

/// Fields that only a newer version knows, kept as they were.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unknown(Vec<(String, Json)>);

impl Serialize for Unknown {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Unknown {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These fields behind another one.
    #[must_use]
    pub fn behind(mut self, name: &str, value: Json) -> Self {
        self.set(name, None);
        self.0.insert(0, (name.to_owned(), value));
        self
    }

    /// Puts a field in, or takes it out.
    pub fn set(&mut self, name: &str, value: Option<Json>) {
        self.0.retain(|(of, _)| of != name);
        let value = value.map(|value| (name.to_owned(), value));
        self.0.extend(value);
    }
}

/// The names and texts of an object's fields, in order.
struct Pairs<'a>(Vec<(String, &'a str)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Each)
    }
}

struct Each;

impl<'de> Visitor<'de> for Each {
    type Value = Pairs<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key()? {
            let value: &RawValue = map.next_value()?;
            fields.push((name, value.get()));
        }
        Ok(Pairs(fields))
    }
}
