//! Where the rows of an object are kept, and how they change.
//!
//! There are two tables. The *state* is small by design and read whole; its rows can carry a due
//! time. The *ledger* may grow long and is read by key or by page.

use serde::Serialize;
use thiserror::Error;

use crate::domain::json::to_json;
use crate::domain::time::Timestamp;

/// Which table a row is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Small, read whole, with due times.
    State,
    /// Long, read by key or by page, without due times.
    Ledger,
}

/// A row of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    /// The text, JSON of one of our types.
    pub text: String,
    /// When the object must be awake for it.
    pub due: Option<Timestamp>,
}

/// Rows of the ledger that a step asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerQuery {
    /// Those of these keys that exist. There is at least one.
    Keys(Vec<String>),
    /// The first rows, in byte order of their keys, whose key begins with `prefix` and sorts after
    /// `prefix` + `after`.
    Page {
        /// What the keys begin with; not empty.
        prefix: String,
        /// The rest of the key after which the page begins; empty for the first page.
        after: String,
        /// At most this many rows.
        limit: u32,
    },
}

/// Where the rows of one object are kept.
pub trait Storage {
    /// Every row of the state, with its key, in any order.
    ///
    /// # Errors
    /// [`StorageError`] if they could not be read.
    fn state(&self) -> Result<Vec<(String, StateRow)>, StorageError>;

    /// Rows of the ledger, each as its key and its text, in byte order of the keys.
    ///
    /// # Errors
    /// [`StorageError`] if they could not be read.
    fn ledger(&self, query: &LedgerQuery) -> Result<Vec<(String, String)>, StorageError>;
}

/// The storage failed. Its message is for the log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the storage failed: {0}")]
pub struct StorageError(pub String);

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
        /// When the object must be awake for it; used in the state only.
        due: Option<Timestamp>,
    },
    /// Removed, if it is there.
    Remove(Table, String),
    /// Every row of the ledger whose key begins with this is removed.
    RemovePrefix(String),
}

impl Change {
    /// Writes a row of the state as JSON.
    #[must_use]
    pub fn state<T: Serialize>(key: impl Into<String>, row: &T, due: Option<Timestamp>) -> Self {
        Self::Put {
            table: Table::State,
            key: key.into(),
            value: to_json(row),
            due,
        }
    }

    /// Writes a row of the ledger.
    #[must_use]
    pub fn ledger(key: impl Into<String>, value: String) -> Self {
        Self::Put {
            table: Table::Ledger,
            key: key.into(),
            value,
            due: None,
        }
    }

    /// Removes a row of the state.
    #[must_use]
    pub fn remove_state(key: impl Into<String>) -> Self {
        Self::Remove(Table::State, key.into())
    }

    /// Removes a row of the ledger.
    #[must_use]
    pub fn remove_ledger(key: impl Into<String>) -> Self {
        Self::Remove(Table::Ledger, key.into())
    }
}
