//! An object's rows in its SQLite database.
//!
//! Two tables, as `machine` has them: `state` with due times, `ledger` without.
//! Both are `WITHOUT ROWID`, so that a row costs one written row.
//!
//! The tables are made by the first commit, so that asking an object which was
//! never told anything leaves nothing behind.
//!
//! A failing statement alone does not undo the ones before it. So the rows of a
//! commit are written in one transaction: all of what an event means, or nothing.

use core::cell::Cell;

use wasm_bindgen::JsValue;

use super::platform;
use crate::machine::{Change, Read, Rows, Table, json};
use crate::time::Timestamp;

const CREATE_STATE: &str = "CREATE TABLE IF NOT EXISTS state \
    (key TEXT PRIMARY KEY, value TEXT NOT NULL, due INTEGER) WITHOUT ROWID";
const CREATE_LEDGER: &str = "CREATE TABLE IF NOT EXISTS ledger \
    (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";

/// Sorts behind every key that begins with the same prefix.
const LAST: char = '\u{10ffff}';

/// A row if the tables are there.
const TABLES: &str = "SELECT name FROM sqlite_master WHERE name = 'ledger'";
const EARLIEST: &str = "SELECT MIN(due) FROM state";
/// A due time is bound as text and stored as a number: the column's affinity converts it.
const PUT_STATE: &str = "INSERT OR REPLACE INTO state VALUES (?, ?, NULLIF(?, ''))";
const PUT_LEDGER: &str = "INSERT OR REPLACE INTO ledger VALUES (?, ?)";
const REMOVE_STATE: &str = "DELETE FROM state WHERE key = ?";
const REMOVE_LEDGER: &str = "DELETE FROM ledger WHERE key = ?";
const FORGET: &str = "DELETE FROM ledger WHERE key >= ? AND key < ?";

/// The rows of one object.
pub(super) struct Store<'a> {
    storage: &'a JsValue,
    has_tables: Cell<bool>,
}

type Result<T> = core::result::Result<T, JsValue>;

impl<'a> Store<'a> {
    /// Opens the database.
    pub(super) fn open(storage: &'a JsValue) -> Result<Self> {
        let tables = platform::select(storage, TABLES, Vec::new())?;
        Ok(Self {
            storage,
            has_tables: Cell::new(!tables.is_empty()),
        })
    }

    /// Adds what is asked for to `rows`.
    pub(super) fn load(&self, reads: &[Read], rows: &mut Rows) -> Result<()> {
        if !self.has_tables.get() {
            return Ok(());
        }
        for read in reads {
            match read {
                Read::State => self.query(Table::State, "", Vec::new(), rows)?,
                Read::One(table, key) => {
                    self.query(*table, "WHERE key = ?", vec![key.clone()], rows)?;
                }
                Read::First {
                    table,
                    prefix,
                    limit,
                } => {
                    let range = format!("WHERE key >= ? AND key < ? ORDER BY key LIMIT {limit}");
                    self.query(*table, &range, range_of(prefix), rows)?;
                }
                Read::Next {
                    prefix,
                    after,
                    limit,
                } => {
                    let range = format!("WHERE key > ? AND key < ? ORDER BY key LIMIT {limit}");
                    let ends = vec![after.clone(), format!("{prefix}{LAST}")];
                    self.query(Table::Ledger, &range, ends, rows)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the changes, all or none.
    pub(super) fn commit(&self, changes: &[Change]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        if !self.has_tables.replace(true) {
            platform::execute(self.storage, CREATE_STATE, Vec::new())?;
            platform::execute(self.storage, CREATE_LEDGER, Vec::new())?;
        }
        let writes: Vec<Vec<String>> = changes.iter().map(write).collect();
        platform::commit(self.storage, &json(&writes))
    }

    /// When the object must be awake next.
    pub(super) fn due(&self) -> Result<Option<Timestamp>> {
        if !self.has_tables.get() {
            return Ok(None);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds are whole and small"
        )]
        let moment = |millis| Timestamp::from_millis(millis as i64);
        Ok(platform::earliest(self.storage, EARLIEST)?.map(moment))
    }

    fn query(
        &self,
        table: Table,
        filter: &str,
        bindings: Vec<String>,
        rows: &mut Rows,
    ) -> Result<()> {
        let statement = format!("SELECT key, value FROM {} {filter}", name(table));
        let mut cells = platform::select(self.storage, &statement, bindings)?.into_iter();
        while let (Some(key), Some(value)) = (cells.next(), cells.next()) {
            rows.insert(table, key, value);
        }
        Ok(())
    }
}

/// A statement, and what is bound in it.
fn write(change: &Change) -> Vec<String> {
    let (statement, bindings) = match change {
        Change::Put {
            table: Table::State,
            key,
            value,
            due,
        } => {
            let due = due.map_or_else(String::new, |due| due.as_millis().to_string());
            (PUT_STATE, vec![key.clone(), value.clone(), due])
        }
        Change::Put {
            table: Table::Ledger,
            key,
            value,
            ..
        } => (PUT_LEDGER, vec![key.clone(), value.clone()]),
        Change::Remove(Table::State, key) => (REMOVE_STATE, vec![key.clone()]),
        Change::Remove(Table::Ledger, key) => (REMOVE_LEDGER, vec![key.clone()]),
        Change::Forget(prefix) => (FORGET, range_of(prefix)),
    };
    let mut write = vec![statement.to_owned()];
    write.extend(bindings);
    write
}

/// The ends of the range of keys that begin so.
fn range_of(prefix: &str) -> Vec<String> {
    vec![prefix.to_owned(), format!("{prefix}{LAST}")]
}

fn name(table: Table) -> &'static str {
    match table {
        Table::State => "state",
        Table::Ledger => "ledger",
    }
}
