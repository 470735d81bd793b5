//! What is wrong with a text that cannot be read.
//!
//! serde's derive reports what is wrong as any type that is a [`de::Error`]. That of
//! `serde_json` has texts that may repeat the value. So a value that could not be read is read a second time here, with a
//! [`Flaw`] as the error. That only happens to broken rows.

use core::fmt;

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess};
use serde::de::{IntoDeserializer, MapAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Value, map};
use thiserror::Error;

/// Why a text cannot be read. It never contains a value of the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Flaw {
    /// It is not JSON.
    #[error("it is not JSON")]
    NotJson,
    /// It has another type.
    #[error("it has the wrong type")]
    Shape,
    /// The named field is absent or has another type. The name of a nested field begins
    /// with those of its parents, joined by dots.
    #[error("`{0}` is missing or has the wrong type")]
    Field(String),
    /// Its kind is unknown to this version: a newer one wrote it.
    #[error("a newer version wrote it")]
    Newer,
}

impl Flaw {
    /// The flaw of an object that has this one in a field.
    fn within(self, field: &str) -> Self {
        match self {
            Self::Shape => Self::Field(field.to_owned()),
            Self::Field(name) => Self::Field(format!("{field}.{name}")),
            Self::NotJson | Self::Newer => self,
        }
    }
}

impl de::Error for Flaw {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Shape
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Field(name.to_owned())
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::Newer
    }
}

/// What is wrong with a value that is not a `T`.
pub(super) fn of<T: DeserializeOwned>(value: &Value) -> Flaw {
    T::deserialize(Look(value)).err().unwrap_or(Flaw::Shape)
}

/// A value that is read to find its flaw.
#[derive(Clone, Copy)]
struct Look<'de>(&'de Value);

impl<'de> Look<'de> {
    fn map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        let fields = self.0.as_object().ok_or(Flaw::Shape)?;
        visitor.visit_map(Fields {
            left: fields.iter(),
            value: &Value::Null,
            name: "",
        })
    }

    fn seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        let items = self.0.as_array().ok_or(Flaw::Shape)?;
        visitor.visit_seq(SeqDeserializer::new(items.iter().map(Look)))
    }
}

impl<'de> Deserializer<'de> for Look<'de> {
    type Error = Flaw;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.0.deserialize_any(visitor).map_err(|_| Flaw::Shape)
    }

    /// A field that is present is not null, since nulls are left out.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_some(self)
    }

    /// [`Json`](super::Json) asks for its text this way, which only the value itself can give.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        let read = self.0.deserialize_newtype_struct(name, visitor);
        read.map_err(|_| Flaw::Shape)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.seq(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        self.seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        self.map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _tags: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple_struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Flaw> for Look<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The fields of an object. What is wrong with one is reported with its name.
struct Fields<'de> {
    left: map::Iter<'de>,
    /// The field that is being read.
    name: &'de str,
    value: &'de Value,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Flaw;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Flaw> {
        let Some((name, value)) = self.left.next() else {
            return Ok(None);
        };
        (self.name, self.value) = (name, value);
        seed.deserialize(StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Flaw> {
        let read = seed.deserialize(Look(self.value));
        read.map_err(|flaw| flaw.within(self.name))
    }
}

/// A tag, or an object of one field: the tag and what belongs to it.
impl<'de> EnumAccess<'de> for Look<'de> {
    type Error = Flaw;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Flaw> {
        let (tag, content) = match self.0 {
            Value::String(tag) => (tag, &Value::Null),
            Value::Object(tagged) => tagged.iter().next().ok_or(Flaw::Shape)?,
            _ => return Err(Flaw::Shape),
        };
        let variant = seed.deserialize(StrDeserializer::new(tag))?;
        Ok((variant, Self(content)))
    }
}

impl<'de> VariantAccess<'de> for Look<'de> {
    type Error = Flaw;

    fn unit_variant(self) -> Result<(), Flaw> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Flaw> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Flaw> {
        self.seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        self.map(visitor)
    }
}
