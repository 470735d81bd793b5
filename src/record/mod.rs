//! Reading our own JSON back: rows, messages between objects, alerts.
//!
//! Writing is serde's derive. Reading is by name, out of the text, for two
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

mod json;

pub use json::{Fields, Json, Unknown, string};

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
    /// Reads the text of one JSON value, without white space around it.
    ///
    /// # Errors
    /// A [`Flaw`] when it is no `Self`.
    fn read(text: &str) -> Result<Self, Flaw>;

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
    T::read(text.trim())
}

/// The tag of an enum's value, and the text of what it carries (serde's external tagging).
///
/// # Errors
/// [`Flaw::Shape`] when it is neither a text nor an object of one field.
pub fn tagged(text: &str) -> Result<(String, &str), Flaw> {
    if text.starts_with('"') {
        return Ok((string(text)?, "null"));
    }
    Fields::of(text)?.first().ok_or(Flaw::Shape)
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
            fn read(text: &str) -> Result<Self, $crate::record::Flaw> {
                let (tag, content) = $crate::record::tagged(text)?;
                match tag.as_str() {
                    $($tag => $crate::record::reads!(
                        @read content, $variant $(($inner))? $({ $($field),+ })?
                    ),)+
                    _ => $crate::record::reads!(@newer text $(, $newer)?),
                }
            }
        }
    };
    (@newer $text:expr) => { Err($crate::record::Flaw::Newer) };
    (@newer $text:expr, $newer:ident) => { $crate::record::parse($text).map(Self::$newer) };
    (@read $content:ident, $variant:ident) => {{
        let _ = $content;
        Ok(Self::$variant)
    }};
    (@read $content:ident, $variant:ident (_)) => {
        Ok(Self::$variant($crate::record::Readable::read($content)?))
    };
    (@read $content:ident, $variant:ident { $($field:ident),+ $(,)? }) => {{
        let mut fields = $crate::record::Fields::of($content)?;
        if let ($(Some($field),)+) = ($(fields.take(stringify!($field)),)+) {
            return Ok(Self::$variant { $($field),+ });
        }
        Err(fields.flaw())
    }};
    ($name:ident { $($field:ident),+ $(; $rest:ident)? } $(or $default:ident)?) => {
        impl $crate::record::Readable for $name {
            fn read(text: &str) -> Result<Self, $crate::record::Flaw> {
                let mut fields = $crate::record::Fields::of(text)?;
                if let ($(Some($field),)+) = ($(fields.take(stringify!($field)),)+) {
                    return Ok(Self {
                        $($field,)+
                        $($rest: fields.rest(),)?
                    });
                }
                Err(fields.flaw())
            }

            $(fn absent() -> Option<Self> {
                Some(<Self as Default>::$default())
            })?
        }
    };
}

pub(crate) use reads;

impl Readable for String {
    fn read(text: &str) -> Result<Self, Flaw> {
        string(text)
    }
}

impl Readable for bool {
    fn read(text: &str) -> Result<Self, Flaw> {
        text.parse().map_err(|_| Flaw::Shape)
    }

    fn absent() -> Option<Self> {
        Some(false)
    }
}

impl Readable for i64 {
    fn read(text: &str) -> Result<Self, Flaw> {
        text.parse().map_err(|_| Flaw::Shape)
    }
}

impl Readable for u64 {
    fn read(text: &str) -> Result<Self, Flaw> {
        text.parse().map_err(|_| Flaw::Shape)
    }

    fn absent() -> Option<Self> {
        Some(0)
    }
}

impl Readable for u32 {
    fn read(text: &str) -> Result<Self, Flaw> {
        text.parse().map_err(|_| Flaw::Shape)
    }

    fn absent() -> Option<Self> {
        Some(0)
    }
}

impl<T: Readable> Readable for Option<T> {
    fn read(text: &str) -> Result<Self, Flaw> {
        if text == "null" {
            return Ok(None);
        }
        T::read(text).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Readable> Readable for Box<T> {
    fn read(text: &str) -> Result<Self, Flaw> {
        T::read(text).map(Self::new)
    }
}

impl<T: Readable> Readable for Vec<T> {
    fn read(text: &str) -> Result<Self, Flaw> {
        let mut read = Self::new();
        for item in json::items(text)? {
            read.push(T::read(item)?);
        }
        Ok(read)
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<A: Readable, B: Readable> Readable for (A, B) {
    fn read(text: &str) -> Result<Self, Flaw> {
        match json::items(text)?.as_slice() {
            [a, b] => Ok((A::read(a)?, B::read(b)?)),
            _ => Err(Flaw::Shape),
        }
    }
}
