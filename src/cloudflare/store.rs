//! An object's rows in its SQLite database.
//!
//! Two tables, as `machine` has them: `state` with due times, `ledger` without.
//! Both are `WITHOUT ROWID`, so that a row costs one written row.
//!
//! A failing statement does not undo the ones before it. So the ledger, where
//! the ids of events are remembered, is written last: an event whose commit
//! broke off is not known yet, and its repetition mends it.

use serde::Deserialize;
use worker::{Result, SqlStorage, SqlStorageValue};

use crate::machine::{Change, Read, Rows, Table};
use crate::time::Timestamp;

const CREATE_STATE: &str = "CREATE TABLE IF NOT EXISTS state \
    (key TEXT PRIMARY KEY, value TEXT NOT NULL, due INTEGER) WITHOUT ROWID";
const CREATE_LEDGER: &str = "CREATE TABLE IF NOT EXISTS ledger \
    (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";

/// Sorts behind every key that begins with the same prefix.
const LAST: char = '\u{10ffff}';

/// The rows of one object.
pub(super) struct Store(SqlStorage);

#[derive(Deserialize)]
struct Row {
    key: String,
    value: String,
}

#[derive(Deserialize)]
struct Due {
    due: Option<f64>,
}

impl Store {
    /// Opens the database, and makes its tables the first time.
    pub(super) fn open(sql: SqlStorage) -> Result<Self> {
        sql.exec(CREATE_STATE, None)?;
        sql.exec(CREATE_LEDGER, None)?;
        Ok(Self(sql))
    }

    /// Adds what is asked for to `rows`.
    pub(super) fn load(&self, reads: &[Read], rows: &mut Rows) -> Result<()> {
        for read in reads {
            match read {
                Read::State => self.query(Table::State, "", vec![], rows)?,
                Read::One(table, key) => {
                    self.query(*table, "WHERE key = ?", vec![text(key)], rows)?;
                }
                Read::First {
                    table,
                    prefix,
                    limit,
                } => {
                    let end = format!("{prefix}{LAST}");
                    let range = "WHERE key >= ? AND key < ? ORDER BY key LIMIT ?";
                    let limit = SqlStorageValue::Integer(i64::from(*limit));
                    self.query(*table, range, vec![text(prefix), text(&end), limit], rows)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the changes.
    pub(super) fn commit(&self, changes: &[Change]) -> Result<()> {
        let (state, ledger): (Vec<&Change>, Vec<&Change>) =
            changes.iter().partition(|change| is_state(change));
        state
            .into_iter()
            .chain(ledger)
            .try_for_each(|change| self.write(change))
    }

    /// When the object must be awake next.
    pub(super) fn due(&self) -> Result<Option<Timestamp>> {
        let cursor = self.0.exec("SELECT MIN(due) AS due FROM state", None)?;
        let row: Option<Due> = cursor.to_array()?.into_iter().next();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds are whole and small"
        )]
        let due = row.and_then(|row| row.due).map(|due| due as i64);
        Ok(due.map(Timestamp::from_millis))
    }

    fn query(
        &self,
        table: Table,
        filter: &str,
        bindings: Vec<SqlStorageValue>,
        rows: &mut Rows,
    ) -> Result<()> {
        let statement = format!("SELECT key, value FROM {} {filter}", name(table));
        for row in self.0.exec(&statement, bindings)?.to_array::<Row>()? {
            rows.insert(table, row.key, row.value);
        }
        Ok(())
    }

    fn write(&self, change: &Change) -> Result<()> {
        let (statement, bindings) = match change {
            Change::Put {
                table: Table::State,
                key,
                value,
                due,
            } => (
                "INSERT OR REPLACE INTO state VALUES (?, ?, ?)",
                vec![text(key), text(value), moment(*due)?],
            ),
            Change::Put {
                table: Table::Ledger,
                key,
                value,
                ..
            } => (
                "INSERT OR REPLACE INTO ledger VALUES (?, ?)",
                vec![text(key), text(value)],
            ),
            Change::Remove(Table::State, key) => {
                ("DELETE FROM state WHERE key = ?", vec![text(key)])
            }
            Change::Remove(Table::Ledger, key) => {
                ("DELETE FROM ledger WHERE key = ?", vec![text(key)])
            }
            Change::Forget(prefix) => (
                "DELETE FROM ledger WHERE key >= ? AND key < ?",
                vec![text(prefix), text(&format!("{prefix}{LAST}"))],
            ),
        };
        self.0.exec(statement, bindings).map(|_| ())
    }
}

fn is_state(change: &Change) -> bool {
    match change {
        Change::Put { table, .. } | Change::Remove(table, _) => *table == Table::State,
        Change::Forget(_) => false,
    }
}

fn name(table: Table) -> &'static str {
    match table {
        Table::State => "state",
        Table::Ledger => "ledger",
    }
}

fn text(text: &str) -> SqlStorageValue {
    SqlStorageValue::String(text.to_owned())
}

fn moment(at: Option<Timestamp>) -> Result<SqlStorageValue> {
    match at {
        Some(at) => SqlStorageValue::try_from_i64(at.as_millis()),
        None => Ok(SqlStorageValue::Null),
    }
}
