//! Reading our own JSON back: rows, messages between objects, alerts.
//!
//! Writing is serde's derive. Reading is by name, out of a parsed value, for two
//! reasons. Derived readers made up a third of the module. And versions differ:
//! an absent number, flag, list, option or part that has a default counts as that
//! ([`Readable::absent`]); what is unknown can be kept ([`Unknown`]); and a value
//! that only a newer version knows is told from a broken one ([`Flaw`]). So a
//! version reads what all older ones wrote, and what the next one wrote before it
//! was rolled back.
//!
//! Unknown fields are kept in every row, in an integration's facts and in the
//! snapshot of it. The parts within (a retry, a projection, a register) are
//! closed: a later version adds beside them, never in them.
//!
//! What others send is not read here: see `kombo`.

use serde::Serialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// Why a value cannot be read. Never the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Flaw {
    /// It is no JSON.
    #[error("it is no JSON")]
    NotJson,
    /// It is of another type.
    #[error("it is of another type")]
    Shape,
    /// The named field is absent or of another type.
    #[error("`{0}` is missing or of another type")]
    Field(&'static str),
    /// It is of a kind that this version does not know: a newer one wrote it.
    #[error("a newer version wrote it")]
    Newer,
}

/// A type that can be read back.
pub trait Readable: Sized {
    /// Reads a value.
    ///
    /// # Errors
    /// A [`Flaw`] when it is no `Self`.
    fn read(value: Value) -> Result<Self, Flaw>;

    /// What an absent field of this type counts as, if it may be absent.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }
}

/// Reads a text.
///
/// # Errors
/// A [`Flaw`] when it is no JSON of a `T`.
pub fn parse<T: Readable>(text: &str) -> Result<T, Flaw> {
    T::read(serde_json::from_str(text).map_err(|_| Flaw::NotJson)?)
}

/// The fields of an object, taken one by one.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// The fields of a value.
    ///
    /// # Errors
    /// [`Flaw::Shape`] when it is no object.
    pub fn of(value: Value) -> Result<Self, Flaw> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Flaw::Shape),
        }
    }

    /// Takes a field. One that is null counts as absent.
    ///
    /// # Errors
    /// A [`Flaw`] when it is no `T`, or absent and must not be.
    pub fn take<T: Readable>(&mut self, name: &'static str) -> Result<T, Flaw> {
        match self.0.remove(name) {
            None | Some(Value::Null) => T::absent().ok_or(Flaw::Field(name)),
            Some(value) => T::read(value).map_err(|flaw| match flaw {
                Flaw::Newer => Flaw::Newer,
                _ => Flaw::Field(name),
            }),
        }
    }

    /// What was not taken.
    #[must_use]
    pub fn rest(self) -> Unknown {
        Unknown(self.0)
    }
}

/// Fields that only a newer version knows, kept as they were.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Unknown(Map<String, Value>);

/// The tag of an enum's value, and what it carries (serde's external tagging).
///
/// # Errors
/// [`Flaw::Shape`] when it is neither a text nor an object of one field.
pub fn tagged(value: Value) -> Result<(String, Value), Flaw> {
    match value {
        Value::String(tag) => Ok((tag, Value::Null)),
        Value::Object(fields) => fields.into_iter().next().ok_or(Flaw::Shape),
        _ => Err(Flaw::Shape),
    }
}

/// The value that [`tagged`] took apart.
#[must_use]
pub fn untagged(tag: String, content: Value) -> Value {
    if content.is_null() {
        return Value::String(tag);
    }
    Value::Object(Map::from_iter([(tag, content)]))
}

/// Implements [`Readable`] for a struct by its fields, or for an enum by its tags.
///
/// `reads!(Name { a, b })` reads a struct; with `; rest` behind the fields, what
/// is unknown goes there; `or default` lets the struct itself be absent.
/// `reads!(enum Name { "tag" => Unit, "tag" => Inner(_), "tag" => Parts { a, b } })`
/// reads an enum; with `else Kept`, the variant `Kept` keeps what has another tag.
macro_rules! reads {
    (enum $name:ident {
        $($tag:literal => $variant:ident $(($inner:tt))? $({ $($field:ident),+ $(,)? })?),+ $(,)?
    } $(else $newer:ident)?) => {
        impl $crate::record::Readable for $name {
            fn read(value: serde_json::Value) -> Result<Self, $crate::record::Flaw> {
                let (tag, content) = $crate::record::tagged(value)?;
                match tag.as_str() {
                    $($tag => $crate::record::reads!(
                        @read content, $variant $(($inner))? $({ $($field),+ })?
                    ),)+
                    _ => $crate::record::reads!(
                        @newer $crate::record::untagged(tag, content) $(, $newer)?
                    ),
                }
            }
        }
    };
    (@newer $value:expr) => { Err($crate::record::Flaw::Newer) };
    (@newer $value:expr, $newer:ident) => { Ok(Self::$newer($value)) };
    (@read $content:ident, $variant:ident) => {{
        drop($content);
        Ok(Self::$variant)
    }};
    (@read $content:ident, $variant:ident (_)) => {
        Ok(Self::$variant($crate::record::Readable::read($content)?))
    };
    (@read $content:ident, $variant:ident { $($field:ident),+ $(,)? }) => {{
        let mut fields = $crate::record::Fields::of($content)?;
        Ok(Self::$variant { $($field: fields.take(stringify!($field))?),+ })
    }};
    ($name:ident { $($field:ident),+ $(; $rest:ident)? } $(or $default:ident)?) => {
        impl $crate::record::Readable for $name {
            fn read(value: serde_json::Value) -> Result<Self, $crate::record::Flaw> {
                let mut fields = $crate::record::Fields::of(value)?;
                Ok(Self {
                    $($field: fields.take(stringify!($field))?,)+
                    $($rest: fields.rest(),)?
                })
            }

            $(fn absent() -> Option<Self> {
                Some(<Self as Default>::$default())
            })?
        }
    };
}

pub(crate) use reads;

impl Readable for Value {
    fn read(value: Value) -> Result<Self, Flaw> {
        Ok(value)
    }

    fn absent() -> Option<Self> {
        Some(Self::Null)
    }
}

impl Readable for String {
    fn read(value: Value) -> Result<Self, Flaw> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(Flaw::Shape),
        }
    }
}

impl Readable for bool {
    fn read(value: Value) -> Result<Self, Flaw> {
        value.as_bool().ok_or(Flaw::Shape)
    }

    fn absent() -> Option<Self> {
        Some(false)
    }
}

impl Readable for i64 {
    fn read(value: Value) -> Result<Self, Flaw> {
        value.as_i64().ok_or(Flaw::Shape)
    }
}

impl Readable for u64 {
    fn read(value: Value) -> Result<Self, Flaw> {
        value.as_u64().ok_or(Flaw::Shape)
    }

    fn absent() -> Option<Self> {
        Some(0)
    }
}

impl Readable for u32 {
    fn read(value: Value) -> Result<Self, Flaw> {
        u64::read(value)?.try_into().map_err(|_| Flaw::Shape)
    }

    fn absent() -> Option<Self> {
        Some(0)
    }
}

impl<T: Readable> Readable for Option<T> {
    fn read(value: Value) -> Result<Self, Flaw> {
        match value {
            Value::Null => Ok(None),
            value => T::read(value).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Readable> Readable for Box<T> {
    fn read(value: Value) -> Result<Self, Flaw> {
        T::read(value).map(Self::new)
    }
}

impl<T: Readable> Readable for Vec<T> {
    fn read(value: Value) -> Result<Self, Flaw> {
        match value {
            Value::Array(values) => {
                let mut read = Self::new();
                for value in values {
                    read.push(T::read(value)?);
                }
                Ok(read)
            }
            _ => Err(Flaw::Shape),
        }
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<A: Readable, B: Readable> Readable for (A, B) {
    fn read(value: Value) -> Result<Self, Flaw> {
        let [a, b]: [Value; 2] = Vec::read(value)?.try_into().map_err(|_| Flaw::Shape)?;
        Ok((A::read(a)?, B::read(b)?))
    }
}
