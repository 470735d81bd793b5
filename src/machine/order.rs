//! Orders: what a machine wants done outside its object, and what came of it.
//!
//! Plain facts; doing it is the shell's, and judging the outcome the machine's.

use crate::contracts::backend::Document;
use crate::contracts::kombo::Question;
use crate::contracts::objects::address::Address;
use crate::contracts::operator::log::{Kind, kind};
use crate::domain::audience::Audience;
use crate::domain::http::Answered;

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
        hook: Audience,
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
