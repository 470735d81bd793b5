//! The identifiers that Kombo and the company choose, parsed once.
//!
//! Ids are opaque and kept verbatim: they are not trimmed, case-folded or parsed. The only rule is
//! that each must fit the Workers KV keys that contain it. Nothing here has a `Display`, so an integration id is not printed by accident.

use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::domain::redaction::without_id;

/// Longest Workers KV key, in bytes of UTF-8 (Cloudflare's KV limits).
pub const MAX_KEY_BYTES: usize = 512;

/// Longest prefix that any key puts before an integration id (`integration:`).
const INTEGRATION_PREFIX_BYTES: usize = 12;

/// Longest prefix that any key puts before an origin id (`customer:`).
const ORIGIN_PREFIX_BYTES: usize = 9;

/// Longest event id, in bytes: the limit of the HTTP contract.
const MAX_EVENT_BYTES: usize = 256;

/// Longest tool or category: both are, escaped, in one `incident:` key.
const MAX_LABEL_BYTES: usize = 64;

/// What is wrong with an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdError {
    /// It is empty.
    #[error("the id is empty")]
    Empty,
    /// It is longer than the key or the contract allows.
    #[error("the id is too long")]
    TooLong,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                if text.is_empty() {
                    return Err(IdError::Empty);
                }
                if text.len() > $max {
                    return Err(IdError::TooLong);
                }
                Ok(Self(text))
            }
        }
    };
}

identifier!(
    /// Names one event of Kombo; 1 to 256 bytes.
    EventId,
    MAX_EVENT_BYTES
);
identifier!(
    /// Names one integration at Kombo; 1 to 500 bytes. It is half of what gives access
    /// to a customer's HR records, so its `Debug` shows only the [`Handle`].
    IntegrationId,
    MAX_KEY_BYTES - INTEGRATION_PREFIX_BYTES
);
identifier!(
    /// The company's own id of its customer (`end_user.origin_id`); 1 to 503 bytes.
    OriginId,
    MAX_KEY_BYTES - ORIGIN_PREFIX_BYTES
);

identifier!(
    /// Names one issue that Kombo raised; 1 to 256 bytes.
    IssueId,
    MAX_EVENT_BYTES
);
identifier!(
    /// The connected product as Kombo names it (`hibob`); 1 to 64 bytes. An open
    /// set: tools appear without notice.
    Tool,
    MAX_LABEL_BYTES
);
identifier!(
    /// Kombo's category of a tool (`HRIS`, `ATS`, `ASSESSMENT`, `LMS`, or what
    /// comes next); 1 to 64 bytes.
    Category,
    MAX_LABEL_BYTES
);

impl OriginId {
    /// Reads the `origin_id` of an event. Empty or only white space counts as none.
    ///
    /// # Errors
    /// [`IdError::TooLong`] if the id does not fit a KV key.
    pub fn from_event(text: String) -> Result<Option<Self>, IdError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        Self::try_from(text).map(Some)
    }
}

impl Tool {
    /// Whether it is Kombo's own tool for tests.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.0 == "sandbox"
    }
}

impl IntegrationId {
    /// A text without this id, however it is spelled, and without its random part: an ellipsis
    /// replaces it.
    #[must_use]
    pub fn cut_out_of(&self, text: &str) -> String {
        const ENCODED: AsciiSet = NON_ALPHANUMERIC
            .remove(b'-')
            .remove(b'.')
            .remove(b'_')
            .remove(b'~');
        let encoded = utf8_percent_encode(&self.0, &ENCODED).to_string();
        let text = text.replace(&self.0, "…").replace(&encoded, "…");
        without_id(&text, &self.0)
    }

    /// The short name that people use for this integration.
    #[must_use]
    pub fn handle(&self) -> Handle {
        let digest = sha256_base64url(&self.0);
        Handle(
            digest
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(8)
                .collect(),
        )
    }
}

macro_rules! shows_itself_in_debug {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }
    )+};
}

shows_itself_in_debug!(EventId, OriginId, IssueId, Tool, Category);

impl fmt::Debug for IntegrationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "IntegrationId(#{})", self.handle())
    }
}

/// Up to eight letters and digits hashed from an integration id: enough to find
/// the integration, but useless at Kombo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handle(String);

impl fmt::Display for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Base64url, without padding, of the SHA-256 of `text`: 43 characters.
#[must_use]
pub fn sha256_base64url(text: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::json::{self, Flaw};

    #[test]
    fn an_origin_id_of_white_space_counts_as_none() {
        for text in ["", " ", "\t\n", "\u{a0}"] {
            assert_eq!(OriginId::from_event(text.to_owned()), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn an_origin_id_is_kept_verbatim() {
        let id = OriginId::from_event(" 42 ".to_owned()).unwrap().unwrap();
        assert_eq!(id.as_str(), " 42 ");
    }

    #[test]
    fn ids_fill_their_key_to_the_last_byte_and_no_further() {
        let fits = |bytes: usize| OriginId::try_from("x".repeat(bytes)).map(|_| ());
        assert_eq!(fits(503), Ok(()));
        assert_eq!(fits(504), Err(IdError::TooLong));
        let fits = |bytes: usize| IntegrationId::try_from("x".repeat(bytes)).map(|_| ());
        assert_eq!(fits(500), Ok(()));
        assert_eq!(fits(501), Err(IdError::TooLong));
        let fits = |bytes: usize| EventId::try_from("x".repeat(bytes)).map(|_| ());
        assert_eq!(fits(0), Err(IdError::Empty));
        assert_eq!(fits(256), Ok(()));
        assert_eq!(fits(257), Err(IdError::TooLong));
    }

    #[test]
    fn an_integration_id_never_shows_itself_in_debug_output() {
        let id = IntegrationId::try_from("personio:CBNMt7dSNCzBdnRTx87dev4E".to_owned()).unwrap();
        let shown = format!("{id:?}");
        assert!(!shown.contains("CBNMt7dSNCzBdnRTx87dev4E"), "{shown}");
        assert_eq!(id.handle().to_string().len(), 8);
    }

    #[test]
    fn an_integration_id_is_cut_out_of_a_text_in_each_of_its_forms() {
        let id = IntegrationId::try_from("hibob:One/ü".to_owned()).unwrap();
        let text = "hibob:One/ü, https://x/?id=hibob%3AOne%2F%C3%BC&hibob:Two";
        assert_eq!(id.cut_out_of(text), "…, https://x/?id=…&hibob:Two");
    }

    #[test]
    fn a_stored_id_that_is_too_long_cannot_be_read() {
        let stored = format!("\"{}\"", "x".repeat(600));
        let read: Result<OriginId, Flaw> = json::parse(&stored);
        assert_eq!(read, Err(Flaw::Shape));
    }
}
