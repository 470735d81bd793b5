//! Rows, as a machine asks for them.
//!
//! The state is read whole, once, and remembered ([`RowCache`]). The ledger is read when a machine
//! asks, and not remembered. So a row that a machine does not get is not there; there is no list of
//! reads that could be incomplete.
//!
//! A step sees the rows as they were when it began, not what it changes itself. Where rows are kept
//! is the host's business ([`Storage`]).

use core::ops::Bound;

use serde::de::DeserializeOwned;
use thiserror::Error;

use super::cache::RowCache;
use super::storage::{LedgerQuery, StateRow, Storage, StorageError};
use crate::domain::json::{self, Flaw};

/// A stored row that this version cannot read. The object refuses to act on half of what it knows,
/// and the row stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the stored row `{key}` cannot be read: {flaw}")]
pub struct CorruptRow {
    /// The kind of row, without the ids in its key.
    pub key: String,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// Why a step of a machine came to nothing. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StepError {
    /// A row cannot be read.
    #[error(transparent)]
    Corrupt(#[from] CorruptRow),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The rows of an object, read when they are asked for.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    cache: &'a RowCache,
    storage: &'a dyn Storage,
}

impl<'a> Rows<'a> {
    /// The rows in `storage`; what is read of the state is remembered in `cache`.
    #[must_use]
    pub fn new(cache: &'a RowCache, storage: &'a dyn Storage) -> Self {
        Self { cache, storage }
    }

    /// The rows of a state alone, without a ledger: those of a backup.
    #[must_use]
    pub fn of_state(cache: &'a RowCache) -> Self {
        Self::new(cache, &EmptyStorage)
    }

    /// The text of a row of the state; `None` if there is none.
    ///
    /// # Errors
    /// [`StepError::Storage`].
    pub fn state_text(&self, key: &str) -> Result<Option<&'a str>, StepError> {
        let rows = self.cache.state(self.storage)?;
        Ok(rows.get(key).map(|row| row.text.as_str()))
    }

    /// A row of the state, read as `T`; `None` if there is none.
    ///
    /// # Errors
    /// [`StepError`].
    pub fn state<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StepError> {
        let text = self.state_text(key)?;
        Ok(text.map(|text| parse(key, text)).transpose()?)
    }

    /// The rows of the state whose keys begin with `prefix`, in order: the rest of the key, and the
    /// text.
    ///
    /// # Errors
    /// [`StepError::Storage`].
    pub fn state_texts(
        &self,
        prefix: &'a str,
    ) -> Result<impl Iterator<Item = (&'a str, &'a str)> + use<'a>, StepError> {
        let rows = self.cache.state(self.storage)?;
        let from = rows.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        Ok(from.map_while(move |(key, row)| Some((key.strip_prefix(prefix)?, row.text.as_str()))))
    }

    /// As [`Rows::state_texts`], each row read as `T`. A row of a kind that only a newer version
    /// knows is left out, and stays as it is.
    ///
    /// # Errors
    /// [`StepError`], at the first row that is not a `T`.
    pub fn state_with_prefix<T: DeserializeOwned>(
        &self,
        prefix: &'a str,
    ) -> Result<Vec<(String, T)>, StepError> {
        known(self.state_texts(prefix)?, prefix)
    }

    /// The text of a row of the ledger; `None` if there is none.
    ///
    /// # Errors
    /// [`StepError::Storage`].
    pub fn ledger_text(&self, key: &str) -> Result<Option<String>, StepError> {
        let query = LedgerQuery::Keys(vec![key.to_owned()]);
        let found = self.storage.ledger(&query)?.into_iter().next();
        Ok(found.map(|(_, text)| text))
    }

    /// A row of the ledger, read as `T`; `None` if there is none.
    ///
    /// # Errors
    /// [`StepError`].
    pub fn ledger<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StepError> {
        let text = self.ledger_text(key)?;
        Ok(text.map(|text| parse(key, &text)).transpose()?)
    }

    /// Whether the ledger has any of these keys.
    ///
    /// # Errors
    /// [`StepError::Storage`].
    pub fn ledger_has_any(&self, keys: Vec<String>) -> Result<bool, StepError> {
        Ok(!self.storage.ledger(&LedgerQuery::Keys(keys))?.is_empty())
    }

    /// The first rows of the ledger whose keys begin with `prefix`, at most `limit` of them: the
    /// rest of the key, and the text.
    ///
    /// # Errors
    /// [`StepError::Storage`].
    pub fn ledger_first(
        &self,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<(String, String)>, StepError> {
        self.ledger_after(prefix, "", limit)
    }

    /// As [`Rows::ledger_first`], of those rows whose rest of the key sorts after `after`.
    ///
    /// # Errors
    /// [`StepError::Storage`].
    pub fn ledger_after(
        &self,
        prefix: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(String, String)>, StepError> {
        let rows = self.storage.ledger(&LedgerQuery::Page {
            prefix: prefix.to_owned(),
            after: after.to_owned(),
            limit,
        })?;
        let rest = |key: String| key.strip_prefix(prefix).map(str::to_owned);
        let rows = rows.into_iter();
        Ok(rows
            .filter_map(|(key, text)| Some((rest(key)?, text)))
            .collect())
    }
}

/// The storage of a backup, which has a state alone.
struct EmptyStorage;

impl Storage for EmptyStorage {
    fn state(&self) -> Result<Vec<(String, StateRow)>, StorageError> {
        Ok(Vec::new())
    }

    fn ledger(&self, _: &LedgerQuery) -> Result<Vec<(String, String)>, StorageError> {
        Ok(Vec::new())
    }
}

/// Those rows that this version knows, read as `T`.
fn known<'t, T: DeserializeOwned>(
    rows: impl Iterator<Item = (&'t str, &'t str)>,
    kind: &str,
) -> Result<Vec<(String, T)>, StepError> {
    let mut known = Vec::new();
    for (rest, text) in rows {
        match parse(kind, text) {
            Ok(row) => known.push((rest.to_owned(), row)),
            Err(CorruptRow {
                flaw: Flaw::Newer, ..
            }) => {}
            Err(corrupt) => return Err(corrupt.into()),
        }
    }
    Ok(known)
}

/// The text of a row as `T`; `key` names the row in the error.
///
/// # Errors
/// [`CorruptRow`] if it is not a `T`.
pub fn parse<T: DeserializeOwned>(key: &str, text: &str) -> Result<T, CorruptRow> {
    json::read_row(text).map_err(|flaw| CorruptRow {
        key: key.split('/').next().unwrap_or_default().to_owned(),
        flaw,
    })
}
