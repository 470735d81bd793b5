//! An object's rows in its SQLite database.
//!
//! The two tables of `machine` are one of SQLite, in which a key begins with the name of its table:
//! each further table is rows and pages more in every object. It is `WITHOUT ROWID`, so that a row
//! costs one written row.
//!
//! The table is made by the first commit, so that asking an object that was never written to leaves
//! nothing behind.
//!
//! A failing statement alone does not undo the ones before it. So the rows of a commit are written
//! in one transaction: everything that an event means, or nothing.
//!
//! Calls between WebAssembly and the platform cost more than what SQLite does with a few rows. So
//! SQLite packs the rows that it finds into one text of JSON, and unpacks those that it writes.

use core::cell::Cell;

use worker::{Result, SqlCursor, SqlStorage, SqlStorageValue, Storage};

use super::ffi;
use crate::domain::json::to_json;
use crate::domain::time::Timestamp;
use crate::machine::{Change, LedgerQuery, StateRow, Table};

const CREATE: &str = "CREATE TABLE IF NOT EXISTS rows \
    (key TEXT PRIMARY KEY, value TEXT NOT NULL, due INTEGER) WITHOUT ROWID";

/// What the keys of each table begin with.
const STATE: &str = "state/";
const LEDGER: &str = "ledger/";

/// Sorts after every key that begins with the same prefix.
const LAST: char = '\u{10ffff}';

/// A row if the table is there.
const TABLE: &str = "SELECT name FROM sqlite_master WHERE name = 'rows'";

/// Bound to a JSON array of rows.
const PUT: &str = "INSERT OR REPLACE INTO rows \
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)";
// One statement a key: for `IN`, SQLite reads its own list too, which is billed.
const REMOVE: &str = "DELETE FROM rows WHERE key = ?";

const REMOVE_RANGE: &str = "DELETE FROM rows WHERE key >= ? AND key < ?";
const ROWS: &str = "SELECT key, value, due FROM rows WHERE";

/// A row as SQLite packs it: its key, value, and due time in milliseconds.
type PackedRow = (String, String, Option<i64>);

/// A statement, with the values that are bound in it.
struct Statement {
    sql: String,
    bindings: Vec<String>,
}

/// The rows of one object.
pub(super) struct Store {
    storage: Storage,
    sql: SqlStorage,
    /// Whether the table is known to exist. It is never dropped.
    has_table: Cell<bool>,
}

impl Store {
    pub(super) fn new(storage: Storage) -> Self {
        Self {
            sql: storage.sql(),
            storage,
            has_table: Cell::new(false),
        }
    }

    /// Every row of the state.
    pub(super) fn state(&self) -> Result<Vec<(String, StateRow)>> {
        let rows = self
            .select(
                &format!("{ROWS} key >= ? AND key < ?"),
                range_of(Table::State, "").into(),
            )?
            .into_iter();
        let rows = rows.filter_map(|(key, text, due)| {
            let due = due.map(Timestamp::from_millis);
            let key = key.strip_prefix(STATE)?.to_owned();
            Some((key, StateRow { text, due }))
        });
        Ok(rows.collect())
    }

    /// Rows of the ledger.
    pub(super) fn ledger(&self, query: &LedgerQuery) -> Result<Vec<(String, String)>> {
        let stored = |key: &String| stored(Table::Ledger, key);
        let rows = match query {
            LedgerQuery::Keys(keys) => {
                // One seek a key: for `IN`, SQLite reads a list of its own too, which is billed.
                let rows = vec![format!("{ROWS} key = ?"); keys.len()].join(" UNION ALL ");
                self.select(&rows, keys.iter().map(stored).collect())?
            }
            LedgerQuery::Page {
                prefix,
                after,
                limit,
            } => {
                let rows = format!("{ROWS} key > ? AND key < ? ORDER BY key LIMIT {limit}");
                let [begin, end] = range_of(Table::Ledger, prefix);
                self.select(&rows, vec![format!("{begin}{after}"), end])?
            }
        };
        let rows = rows.into_iter();
        Ok(rows
            .filter_map(|(key, text, _)| Some((key.strip_prefix(LEDGER)?.to_owned(), text)))
            .collect())
    }

    /// Every text of the state.
    #[cfg(feature = "forced-panics")]
    pub(super) fn text(&self) -> String {
        let rows = self.state().unwrap_or_default().into_iter();
        rows.map(|(_, row)| row.text).collect()
    }

    /// The rows that a query finds, packed by SQLite into one cell.
    fn select(&self, rows: &str, bindings: Vec<String>) -> Result<Vec<PackedRow>> {
        if !self.has_table()? {
            return Ok(Vec::new());
        }
        let sql = format!("SELECT json_group_array(json_array(key, value, due)) FROM ({rows})");
        match self.first_cell(Statement { sql, bindings })? {
            Some(SqlStorageValue::String(packed)) => Ok(serde_json::from_str(&packed)?),
            _ => Ok(Vec::new()),
        }
    }

    fn has_table(&self) -> Result<bool> {
        if !self.has_table.get() {
            let table = self.first_cell(Statement::new(TABLE, []))?;
            self.has_table.set(table.is_some());
        }
        Ok(self.has_table.get())
    }

    /// Writes the changes, all or none.
    pub(super) fn commit(&self, changes: &[Change]) -> Result<()> {
        let mut writes = writes(changes);
        if !self.has_table()? {
            writes.insert(0, Statement::new(CREATE, []));
        }
        let mut writes = writes.into_iter();
        ffi::transaction_sync(&self.storage, || {
            writes.try_for_each(|write| self.exec(write).map(drop))
        })?;
        self.has_table.set(true);
        Ok(())
    }

    /// What a query gives first: `None` without a row.
    fn first_cell(&self, query: Statement) -> Result<Option<SqlStorageValue>> {
        let row = self.exec(query)?.raw().next().transpose()?;
        Ok(row.and_then(|cells| cells.into_iter().next()))
    }

    fn exec(&self, statement: Statement) -> Result<SqlCursor> {
        let bindings = statement.bindings.into_iter().map(SqlStorageValue::String);
        self.sql.exec(&statement.sql, bindings.collect::<Vec<_>>())
    }
}

impl Statement {
    fn new<const N: usize>(sql: impl Into<String>, bindings: [String; N]) -> Self {
        Self {
            sql: sql.into(),
            bindings: bindings.into(),
        }
    }
}

/// The statements that make the changes, in their order: one for each run of changes of a kind.
fn writes(changes: &[Change]) -> Vec<Statement> {
    let is_of_one_kind =
        |a: &Change, b: &Change| core::mem::discriminant(a) == core::mem::discriminant(b);
    changes.chunk_by(is_of_one_kind).flat_map(written).collect()
}

/// The statements that make a run of changes of one kind.
fn written(run: &[Change]) -> Vec<Statement> {
    let (mut rows, mut keys, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
    for change in run {
        match change {
            Change::Put {
                table,
                key,
                value,
                due,
            } => rows.push((stored(*table, key), value, due.map(Timestamp::as_millis))),
            Change::Remove(table, key) => keys.push(stored(*table, key)),
            Change::RemovePrefix(prefix) => ranges.push(range_of(Table::Ledger, prefix)),
        }
    }
    let mut statements: Vec<_> = ranges
        .into_iter()
        .map(|range| Statement::new(REMOVE_RANGE, range))
        .collect();
    if !rows.is_empty() {
        statements.push(Statement::new(PUT, [to_json(&rows)]));
    }
    let removals = keys.into_iter().map(|key| Statement::new(REMOVE, [key]));
    statements.extend(removals);
    statements
}

/// The ends of the range of stored keys of a table that begin so.
fn range_of(table: Table, prefix: &str) -> [String; 2] {
    let begin = stored(table, prefix);
    let end = format!("{begin}{LAST}");
    [begin, end]
}

/// A key as it is stored.
fn stored(table: Table, key: &str) -> String {
    let prefix = match table {
        Table::State => STATE,
        Table::Ledger => LEDGER,
    };
    format!("{prefix}{key}")
}
