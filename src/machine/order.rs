//! Orders: what a machine wants done outside its object, and what came of it.
//!
//! Plain facts; doing it is the shell's, and judging the outcome the machine's.

use serde::{Deserialize, Serialize};

use super::rows::json;
use crate::kombo::Question;
use crate::log::{Kind, kind};
use crate::notifier::Channel;
use crate::object::Address;

/// A message between objects, with the version of its shape: additions do not
/// change it, and a reader ignores the fields that it does not know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Letter<M> {
    /// Version of the shape.
    #[serde(default)]
    pub schema: u32,
    /// The message.
    pub message: M,
}

impl<M: Serialize> Letter<M> {
    /// The JSON of a message of the present version.
    #[must_use]
    pub fn seal(message: M) -> String {
        json(&Self { schema: 1, message })
    }
}

/// Something to do outside the object.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Hand a message, as JSON, to another object.
    Send {
        /// Which object.
        to: Address,
        /// The message.
        message: String,
    },
    /// Write a Workers KV key, or remove it.
    Project {
        /// The key.
        key: String,
        /// The document; none removes the key.
        document: Option<Document>,
    },
    /// Ask whether a Workers KV key has this value.
    Compare {
        /// The key.
        key: String,
        /// The JSON that it should have.
        value: String,
    },
    /// List Workers KV keys, with their metadata.
    List {
        /// What the keys begin with.
        prefix: String,
        /// Where the page before ended, if there was one.
        cursor: Option<String>,
        /// At most so many, up to 1000.
        limit: u32,
    },
    /// Ask Kombo something.
    Kombo(Question),
    /// Post a message to Slack.
    Post {
        /// Which hook.
        hook: Channel,
        /// The JSON of the message.
        payload: String,
    },
}

impl Order {
    /// What the log says when it was not done, or nobody knows.
    #[must_use]
    pub fn failure(&self) -> Kind {
        match self {
            Self::Send { .. } => kind::HAND_OVER_FAILED,
            Self::Project { .. } => kind::KV_WRITE_FAILED,
            Self::Compare { .. } => kind::KV_CHECK_FAILED,
            Self::List { .. } => kind::KV_LIST_FAILED,
            Self::Kombo(_) => kind::KOMBO_ASK_FAILED,
            Self::Post { .. } => kind::SLACK_POST_FAILED,
        }
    }
}

/// A value for Workers KV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The JSON of the document.
    pub value: String,
    /// The JSON of its metadata, at most 1024 bytes.
    pub metadata: Option<String>,
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done: an object took the message, or KV took the write.
    Done,
    /// KV has another value, or none; an object knows something else.
    Differs,
    /// An object cannot tell yet.
    Unsettled,
    /// KV listed some keys.
    Listed(Page),
    /// The receiver answered over HTTP (Slack; another object only when it did not take the message).
    Answered(Answered),
    /// It was certainly not done.
    Failed(String),
    /// No answer came: it may have been done, or may yet be.
    Unknown(String),
}

/// Some of the keys that a listing found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Each key, with the JSON of its metadata; empty without one.
    pub keys: Vec<(String, String)>,
    /// Where the next page begins; none when this is the last.
    pub cursor: Option<String>,
}

/// An answer over HTTP, as far as anybody looks at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// The body; of Slack's, the first 200 characters.
    pub body: String,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
}
