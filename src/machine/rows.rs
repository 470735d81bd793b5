//! Rows: what a machine asks for, is given and gives back.
//!
//! Rows come in two tables. `State` is small by design and may be read whole:
//! its rows can carry a due time, and an object wakes at the earliest of them.
//! `Ledger` may grow long and is read by key or by prefix only. Where rows are
//! kept is the shell's.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::domain::json::{self, Flaw, to_json};
use crate::domain::time::Timestamp;

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
    /// The rows of the ledger behind one of those that [`Read::First`] would give.
    Next {
        /// What the keys begin with; not empty.
        prefix: String,
        /// They sort behind this key.
        after: String,
        /// At most so many.
        limit: u32,
    },
}

/// The rows that were read, by table and key.
#[derive(Debug, Clone, Default)]
pub struct Rows(Vec<Row>);

#[derive(Debug, Clone)]
struct Row {
    table: Table,
    key: String,
    text: String,
}

/// A stored row that this version cannot read: the object refuses to act on
/// half of what it knows, and the row stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the stored row `{key}` cannot be read: {flaw}")]
pub struct CorruptRow {
    /// Kind of the row, without the ids in its key.
    pub key: String,
    /// What is wrong with it.
    pub flaw: Flaw,
}

impl Rows {
    /// Adds a row that was read.
    pub fn insert(&mut self, table: Table, key: String, text: String) {
        let place = self.place(table, &key);
        if self
            .0
            .get(place)
            .is_some_and(|row| row.table == table && row.key == key)
        {
            return;
        }
        self.0.insert(place, Row { table, key, text });
    }

    /// Writes a row, whether it was there or not.
    pub(super) fn put(&mut self, table: Table, key: &str, text: &str) {
        self.remove(table, key);
        self.insert(table, key.to_owned(), text.to_owned());
    }

    /// Removes a row, if it is there.
    pub(super) fn remove(&mut self, table: Table, key: &str) {
        let place = self.place(table, key);
        let is_it = |row: &Row| row.table == table && row.key == key;
        if self.0.get(place).is_some_and(is_it) {
            self.0.remove(place);
        }
    }

    /// Lets go of all rows but some.
    pub(super) fn retain(&mut self, stays: impl Fn(Table, &str) -> bool) {
        self.0.retain(|row| stays(row.table, &row.key));
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a change makes the text of a row another one than was read. Of due
    /// times nothing is known here.
    #[must_use]
    pub fn are_changed_by(&self, change: &Change) -> bool {
        match change {
            Change::Put {
                table, key, value, ..
            } => self.text(*table, key) != Some(value),
            Change::Remove(..) | Change::Forget(_) => true,
        }
    }

    /// Whether the row that a change writes was there before.
    #[must_use]
    pub fn hold(&self, change: &Change) -> bool {
        match change {
            Change::Put { table, key, .. } | Change::Remove(table, key) => {
                self.text(*table, key).is_some()
            }
            Change::Forget(prefix) => self.under(Table::Ledger, prefix).next().is_some(),
        }
    }

    /// The text of one row.
    #[must_use]
    pub fn text(&self, table: Table, key: &str) -> Option<&str> {
        let row = self.0.get(self.place(table, key))?;
        (row.table == table && row.key == key).then_some(row.text.as_str())
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

    /// As [`Rows::state`] for the ledger.
    ///
    /// # Errors
    /// [`CorruptRow`] when it is no `T`.
    pub fn ledger<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, CorruptRow> {
        self.text(Table::Ledger, key)
            .map(|text| read(key, text))
            .transpose()
    }

    /// Every row of a table whose key begins with `prefix`, in order: the rest of the key, and the text.
    pub fn under<'a>(
        &'a self,
        table: Table,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let from = self.place(table, prefix);
        let rows = self.0.get(from..).unwrap_or_default().iter();
        rows.take_while(move |row| row.table == table)
            .map_while(move |row| Some((row.key.strip_prefix(prefix)?, row.text.as_str())))
    }

    /// As [`Rows::under`] for the rows of the ledger whose rest of the key sorts behind
    /// `after`, as those of [`Read::Next`] do; other reads may have fetched more.
    pub fn behind<'a>(
        &'a self,
        prefix: &'a str,
        after: &str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.under(Table::Ledger, prefix);
        all.filter(move |(rest, _)| *rest > after)
    }

    /// Where a row stands, or would stand.
    fn place(&self, table: Table, key: &str) -> usize {
        self.0
            .partition_point(|row| (row.table, row.key.as_str()) < (table, key))
    }

    /// As [`Rows::under`] for the state, with each row read as `T`. A row of a kind
    /// that only a newer version knows is left out, and stays as it is.
    ///
    /// # Errors
    /// [`CorruptRow`] at the first row that is no `T`.
    pub fn all<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<(String, T)>, CorruptRow> {
        let mut known = Vec::new();
        for (rest, text) in self.under(Table::State, prefix) {
            match read(prefix, text) {
                Ok(row) => known.push((rest.to_owned(), row)),
                Err(CorruptRow {
                    flaw: Flaw::Newer, ..
                }) => {}
                Err(corrupt) => return Err(corrupt),
            }
        }
        Ok(known)
    }
}

/// The text of a row as `T`; `key` names the row in the error.
///
/// # Errors
/// [`CorruptRow`] when it is no `T`.
pub fn read<T: DeserializeOwned>(key: &str, text: &str) -> Result<T, CorruptRow> {
    json::read_row(text).map_err(|flaw| CorruptRow {
        key: key.split('/').next().unwrap_or_default().to_owned(),
        flaw,
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
            value: to_json(row),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_key_are_those_that_sort_after_it_and_not_itself() {
        let mut rows = Rows::default();
        for key in ["a/1", "b/1", "b/2", "b/3", "c/9"] {
            rows.insert(Table::Ledger, key.to_owned(), key.to_owned());
        }
        rows.insert(Table::State, "b/9".to_owned(), String::new());
        let expected: [(&str, Vec<&str>); 4] = [
            ("", vec!["1", "2", "3"]),
            ("1", vec!["2", "3"]),
            ("2", vec!["3"]),
            ("3", vec![]),
        ];
        for (after, rest) in expected {
            let behind = rows.behind("b/", after).map(|(rest, _)| rest);
            assert_eq!(Vec::from_iter(behind), rest, "{after}");
        }
    }
}
