//! What a state machine is, seen from the shell that runs it.
//!
//! A machine is told something ([`Machine::hear`]), asked what is due
//! ([`Machine::work`]) and told what came of it ([`Machine::settle`]). Each is a
//! pure function of rows, input and time. The machine names the rows that it
//! needs beforehand and gives back the rows that change; reading, committing,
//! waking and running are the shell's (`cloudflare/object.rs`, or a simulator).
//!
//! Rows come in two tables. `State` is small by design and may be read whole:
//! its rows can carry a due time, and an object wakes at the earliest of them.
//! `Ledger` may grow long and is read by key or by prefix only.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::config::Settings;
use crate::log::Line;
use crate::notifier::Channel;
use crate::object::Address;
use crate::time::Timestamp;

/// Which table a row stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Small, with due times.
    State,
    /// Long, without.
    Ledger,
}

/// Rows that a step needs before it can decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// The whole state.
    State,
    /// One row, if it is there.
    One(Table, String),
    /// The first rows, in byte order of their keys, whose key begins so.
    First {
        /// The table.
        table: Table,
        /// What the keys begin with; not empty.
        prefix: String,
        /// At most so many.
        limit: u32,
    },
}

/// The rows that were read.
#[derive(Debug, Clone, Default)]
pub struct Rows(BTreeMap<(Table, String), String>);

/// A stored row that this version cannot read: the object refuses to act on
/// half of what it knows, and the row stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the stored row `{key}` cannot be read: {reason}")]
pub struct CorruptRow {
    /// Kind of the row, without the ids in its key.
    pub key: String,
    /// Where reading stopped; never the value.
    pub reason: String,
}

impl Rows {
    /// Adds a row that was read.
    pub fn insert(&mut self, table: Table, key: String, value: String) {
        self.0.insert((table, key), value);
    }

    /// The text of one row.
    #[must_use]
    pub fn text(&self, table: Table, key: &str) -> Option<&str> {
        self.0.get(&(table, key.to_owned())).map(String::as_str)
    }

    /// One row of the state, read as `T`; `None` when it was never written.
    ///
    /// # Errors
    /// [`CorruptRow`] when it is no `T`.
    pub fn state<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, CorruptRow> {
        self.text(Table::State, key)
            .map(|text| read(key, text))
            .transpose()
    }

    /// Every row of a table whose key begins with `prefix`, in order: the rest of the key, and the text.
    pub fn under<'a>(
        &'a self,
        table: Table,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .range((table, prefix.to_owned())..)
            .take_while(move |((of, _), _)| *of == table)
            .map_while(move |((_, key), text)| Some((key.strip_prefix(prefix)?, text.as_str())))
    }

    /// As [`Rows::under`] for the state, with each row read as `T`.
    ///
    /// # Errors
    /// [`CorruptRow`] at the first row that is no `T`.
    pub fn all<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<(String, T)>, CorruptRow> {
        self.under(Table::State, prefix)
            .map(|(rest, text)| Ok((rest.to_owned(), read(prefix, text)?)))
            .collect()
    }
}

/// The text of a row as `T`; `key` names the row in the error.
///
/// # Errors
/// [`CorruptRow`] when it is no `T`.
pub fn read<T: DeserializeOwned>(key: &str, text: &str) -> Result<T, CorruptRow> {
    serde_json::from_str(text).map_err(|error| CorruptRow {
        key: key.split('/').next().unwrap_or_default().to_owned(),
        reason: format!("{:?} at column {}", error.classify(), error.column()),
    })
}

/// A row that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Written whole.
    Put {
        /// The table.
        table: Table,
        /// The key.
        key: String,
        /// The text, JSON unless its key says otherwise.
        value: String,
        /// When the object must be awake for it; of use in the state only.
        due: Option<Timestamp>,
    },
    /// Removed.
    Remove(Table, String),
    /// Every row of the ledger whose key begins so is removed.
    Forget(String),
}

impl Change {
    /// A row of the state as JSON.
    #[must_use]
    pub fn state<T: Serialize>(key: impl Into<String>, row: &T, due: Option<Timestamp>) -> Self {
        Self::Put {
            table: Table::State,
            key: key.into(),
            value: json(row),
            due,
        }
    }

    /// A row of the ledger.
    #[must_use]
    pub fn ledger(key: impl Into<String>, value: String) -> Self {
        Self::Put {
            table: Table::Ledger,
            key: key.into(),
            value,
            due: None,
        }
    }
}

/// JSON of one of our own types. Their maps have text keys and their numbers are
/// finite, so writing them cannot fail.
#[must_use]
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What every step may know besides its rows: the time and the settings.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The present.
    pub now: Timestamp,
    /// The configuration, without secrets.
    pub settings: &'a Settings,
}

/// A message between objects, with the version of its shape: additions do not
/// change it, and a reader ignores the fields that it does not know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Letter<M> {
    /// Version of the shape.
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

/// What the object answers to a message, and the rows that make the answer true.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard<A> {
    /// Committed before the answer leaves.
    pub changes: Vec<Change>,
    /// The answer.
    pub answer: A,
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
    /// Post a message to Slack.
    Post {
        /// Which hook.
        hook: Channel,
        /// The JSON of the message.
        payload: String,
    },
}

impl Order {
    /// The name of the order in the log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Send { .. } => "hand_over",
            Self::Project { .. } => "kv_write",
            Self::Post { .. } => "slack_post",
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

/// An order, with the machine's own note of what it was for.
#[derive(Debug, Clone, PartialEq)]
pub struct Task<T> {
    /// Comes back with the outcome.
    pub ticket: T,
    /// What to do.
    pub order: Order,
}

/// What is due: rows that change with time alone, and things to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Work<T> {
    /// Committed first.
    pub changes: Vec<Change>,
    /// Most urgent first.
    pub tasks: Vec<Task<T>>,
}

/// What follows from the outcomes of some tasks.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// Committed.
    pub changes: Vec<Change>,
    /// Written to the log.
    pub lines: Vec<Line>,
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done: an object took the message, or KV took the write.
    Done,
    /// The receiver answered over HTTP (Slack; another object only when it did not take the message).
    Answered(Answered),
    /// It was certainly not done.
    Failed(String),
    /// No answer came: it may have been done, or may yet be.
    Unknown(String),
}

/// An answer over HTTP, as far as anybody looks at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// The first 200 characters of the body.
    pub body: String,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
}

/// A state machine: one object of the design.
pub trait Machine {
    /// What it can be told.
    type Message: DeserializeOwned + Serialize;
    /// What it answers.
    type Answer: DeserializeOwned + Serialize;
    /// Its note on a task.
    type Ticket: Clone;

    /// The rows that a message touches.
    fn reads(message: &Self::Message) -> Vec<Read>;

    /// Decides on a message.
    ///
    /// # Errors
    /// [`CorruptRow`] when a stored row cannot be read; nothing changes then.
    fn hear(
        scene: Scene<'_>,
        rows: &Rows,
        message: Self::Message,
    ) -> Result<Heard<Self::Answer>, CorruptRow>;

    /// The rows of the ledger that [`Machine::work`] and [`Machine::settle`] need
    /// besides the whole state, which is `rows`.
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn further_reads(_scene: Scene<'_>, _rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
        Ok(Vec::new())
    }

    /// What is due now.
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Self::Ticket>, CorruptRow>;

    /// Takes in what came of some tasks. The rows are fresh: other messages may
    /// have come between.
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn settle(
        scene: Scene<'_>,
        rows: &Rows,
        results: Vec<(Self::Ticket, Outcome)>,
    ) -> Result<Settled, CorruptRow>;
}
