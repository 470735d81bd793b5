//! An object's rows, in the platform's key-value storage.
//!
//! The two tables of `machine` share it: a key begins with the name of its table. The platform keeps
//! it in the object's SQLite database, in a table of its own that nobody is billed for, whereas the
//! creation of a table by SQL is billed as two rows in every object. Each put and each removal is
//! billed as one row.
//!
//! Rows that change together are written in one transaction: everything that an event means, or
//! nothing.

use worker::js_sys::{Array, JsString};
use worker::wasm_bindgen::JsCast as _;
use worker::{Result, Storage};

use super::ffi::{self, KeyValues};
use crate::domain::time::Timestamp;
use crate::machine::{Change, LedgerQuery, StateRow, Table};

/// What the keys of each table begin with.
const STATE: &str = "state/";
const LEDGER: &str = "ledger/";

/// The platform takes limits of 31 bits.
const MAX_LIMIT: u32 = i32::MAX.unsigned_abs();

/// Stands between a row's due time, in milliseconds or empty, and its text.
const SEPARATOR: char = '\n';

/// The rows of one object.
pub(super) struct Store {
    storage: Storage,
    rows: KeyValues,
}

impl Store {
    pub(super) fn new(storage: Storage) -> Self {
        Self {
            rows: ffi::key_values(&storage),
            storage,
        }
    }

    /// Every row of the state.
    pub(super) fn state(&self) -> Result<Vec<(String, StateRow)>> {
        let rows = self.list(STATE, "", None)?.into_iter();
        Ok(rows
            .filter_map(|(key, stored)| {
                let key = key.strip_prefix(STATE)?.to_owned();
                Some((key, unpacked(&stored)?))
            })
            .collect())
    }

    /// Rows of the ledger.
    pub(super) fn ledger(&self, query: &LedgerQuery) -> Result<Vec<(String, String)>> {
        match query {
            LedgerQuery::Keys(keys) => {
                let mut keys: Vec<&String> = keys.iter().collect();
                keys.sort_unstable();
                let mut rows = Vec::new();
                for key in keys {
                    let stored = self.rows.get(&stored_key(Table::Ledger, key))?;
                    rows.extend(stored.as_string().map(|text| (key.clone(), text)));
                }
                Ok(rows)
            }
            LedgerQuery::Page {
                prefix,
                after,
                limit,
            } => {
                let prefix = stored_key(Table::Ledger, prefix);
                let rows = self.list(&prefix, after, Some(*limit))?.into_iter();
                Ok(rows
                    .filter_map(|(key, text)| Some((key.strip_prefix(LEDGER)?.to_owned(), text)))
                    .collect())
            }
        }
    }

    /// Every text of the state.
    #[cfg(feature = "forced-panics")]
    pub(super) fn text(&self) -> String {
        let rows = self.state().unwrap_or_default().into_iter();
        rows.map(|(_, row)| row.text).collect()
    }

    /// Writes the changes, all or none.
    pub(super) fn commit(&self, changes: &[Change]) -> Result<()> {
        ffi::transaction_sync(&self.storage, || {
            changes.iter().try_for_each(|change| self.write(change))
        })
    }

    fn write(&self, change: &Change) -> Result<()> {
        match change {
            Change::Put {
                table,
                key,
                value,
                due,
            } => {
                let key = stored_key(*table, key);
                match table {
                    Table::State => self.rows.put(&key, &packed(value, *due))?,
                    Table::Ledger => self.rows.put(&key, value)?,
                }
            }
            Change::Remove(table, key) => drop(self.rows.delete(&stored_key(*table, key))?),
            Change::RemovePrefix(prefix) => {
                for (key, _) in self.list(&stored_key(Table::Ledger, prefix), "", None)? {
                    self.rows.delete(&key)?;
                }
            }
        }
        Ok(())
    }

    /// The first rows whose stored key begins with `prefix` and sorts after `prefix` + `after`, in
    /// byte order of the keys.
    fn list(&self, prefix: &str, after: &str, limit: Option<u32>) -> Result<Vec<(String, String)>> {
        let options = ffi::ListOptions {
            prefix,
            start_after: (!after.is_empty()).then(|| format!("{prefix}{after}")),
            limit: limit.map(|limit| limit.min(MAX_LIMIT)),
        };
        let rows = Array::from(&self.rows.list(&options.to_js()?)?).into_iter();
        Ok(rows.filter_map(|row| text_pair(&row.into())).collect())
    }
}

/// A key and its value, both text, as the platform lists them.
fn text_pair(row: &Array) -> Option<(String, String)> {
    let text = |at| row.get(at).dyn_into::<JsString>().ok().map(String::from);
    Some((text(0)?, text(1)?))
}

/// A row of the state as it is stored.
fn packed(text: &str, due: Option<Timestamp>) -> String {
    let due = due.map(|due| due.as_millis().to_string());
    format!("{}{SEPARATOR}{text}", due.unwrap_or_default())
}

fn unpacked(stored: &str) -> Option<StateRow> {
    let (due, text) = stored.split_once(SEPARATOR)?;
    Some(StateRow {
        text: text.to_owned(),
        due: due.parse().ok().map(Timestamp::from_millis),
    })
}

/// A key as it is stored.
fn stored_key(table: Table, key: &str) -> String {
    let prefix = match table {
        Table::State => STATE,
        Table::Ledger => LEDGER,
    };
    format!("{prefix}{key}")
}
