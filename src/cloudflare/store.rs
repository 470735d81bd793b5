//! An object's rows in its SQLite database.
//!
//! Two tables, as `machine` has them: `state` with due times, `ledger` without.
//! Both are `WITHOUT ROWID`, so that a row costs one written row.
//!
//! The tables are made by the first commit, so that asking an object which was
//! never told anything leaves nothing behind.
//!
//! What was read and written is remembered with its due times: where that is all that
//! may be due, the earliest is known without asking.
//!
//! A failing statement alone does not undo the ones before it. So the rows of a
//! commit are written in one transaction: all of what an event means, or nothing.

use core::cell::{Cell, RefCell};
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

/// What is read of a row: its table, key, value and due time, each as a text.
const STATE: &str = "SELECT 'state', key, value, IFNULL(CAST(due AS TEXT), '') FROM state";
const LEDGER: &str = "SELECT 'ledger', key, value, '' FROM ledger";

/// The rows of one object.
pub(super) struct Store<'a> {
    storage: &'a JsValue,
    has_tables: Cell<bool>,
    /// The due times of the state's rows that were read or written.
    dues: RefCell<Vec<(String, Timestamp)>>,
    /// Whether these are all that there are.
    knows_all_dues: Cell<bool>,
}

type Result<T> = core::result::Result<T, JsValue>;

impl<'a> Store<'a> {
    /// Opens the database.
    pub(super) fn open(storage: &'a JsValue) -> Result<Self> {
        let tables = platform::select(storage, &json(&vec![vec![TABLES.to_owned()]]))?;
        Ok(Self {
            storage,
            has_tables: Cell::new(!tables.is_empty()),
            dues: RefCell::default(),
            knows_all_dues: Cell::new(false),
        })
    }

    /// Adds what is asked for to `rows`.
    pub(super) fn load(&self, reads: &[Read], rows: &mut Rows) -> Result<()> {
        self.select(&reads.iter().map(query).collect::<Vec<_>>(), rows)
    }

    /// Adds the state, but for what a key may lie at rest under.
    pub(super) fn load_state(&self, resting: &[&str], rows: &mut Rows) -> Result<()> {
        // What was read before may have changed since.
        self.dues.borrow_mut().clear();
        self.knows_all_dues.set(false);
        let mut queries = Vec::new();
        let mut from = String::new();
        for prefix in resting {
            let [begin, end] = range_of(prefix);
            queries.push(vec![
                format!("{STATE} WHERE key >= ? AND key < ?"),
                from,
                begin,
            ]);
            from = end;
        }
        queries.push(vec![format!("{STATE} WHERE key >= ?"), from]);
        self.select(&queries, rows)
    }

    /// All of the state was read that may be due.
    pub(super) fn end_state(&self) {
        self.knows_all_dues.set(true);
    }

    fn select(&self, queries: &[Vec<String>], rows: &mut Rows) -> Result<()> {
        if !self.has_tables.get() || queries.is_empty() {
            return Ok(());
        }
        let mut cells = platform::select(self.storage, &json(&queries))?.into_iter();
        let mut next = || Some((cells.next()?, cells.next()?, cells.next()?, cells.next()?));
        while let Some((table, key, value, due)) = next() {
            let table = if table == name(Table::State) {
                let due = due.parse().ok().map(Timestamp::from_millis);
                self.note(&key, due);
                Table::State
            } else {
                Table::Ledger
            };
            rows.insert(table, key, value);
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
        platform::commit(self.storage, &json(&writes))?;
        for change in changes {
            match change {
                Change::Put {
                    table: Table::State,
                    key,
                    due,
                    ..
                } => self.note(key, *due),
                Change::Remove(Table::State, key) => self.note(key, None),
                Change::Put { .. } | Change::Remove(..) | Change::Forget(_) => {}
            }
        }
        Ok(())
    }

    /// Remembers when a row of the state is due, if ever.
    fn note(&self, key: &str, due: Option<Timestamp>) {
        let mut dues = self.dues.borrow_mut();
        dues.retain(|(known, _)| known != key);
        dues.extend(due.map(|due| (key.to_owned(), due)));
    }

    /// When the object must be awake next.
    pub(super) fn due(&self) -> Result<Option<Timestamp>> {
        if !self.has_tables.get() {
            return Ok(None);
        }
        if self.knows_all_dues.get() {
            return Ok(self.dues.borrow().iter().map(|(_, due)| *due).min());
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds are whole and small"
        )]
        let moment = |millis| Timestamp::from_millis(millis as i64);
        Ok(platform::earliest(self.storage, EARLIEST)?.map(moment))
    }
}

/// A query, and what is bound in it.
fn query(read: &Read) -> Vec<String> {
    let (table, filter, bindings) = match read {
        Read::State => (Table::State, String::new(), Vec::new()),
        Read::One(table, key) => (*table, " WHERE key = ?".to_owned(), vec![key.clone()]),
        Read::First {
            table,
            prefix,
            limit,
        } => {
            let range = format!(" WHERE key >= ? AND key < ? ORDER BY key LIMIT {limit}");
            (*table, range, range_of(prefix).into())
        }
        Read::Next {
            prefix,
            after,
            limit,
        } => {
            let range = format!(" WHERE key > ? AND key < ? ORDER BY key LIMIT {limit}");
            let ends = vec![after.clone(), format!("{prefix}{LAST}")];
            (Table::Ledger, range, ends)
        }
    };
    let rows = match table {
        Table::State => STATE,
        Table::Ledger => LEDGER,
    };
    let mut query = vec![format!("{rows}{filter}")];
    query.extend(bindings);
    query
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
        Change::Forget(prefix) => (FORGET, range_of(prefix).into()),
    };
    let mut write = vec![statement.to_owned()];
    write.extend(bindings);
    write
}

/// The ends of the range of keys that begin so.
fn range_of(prefix: &str) -> [String; 2] {
    [prefix.to_owned(), format!("{prefix}{LAST}")]
}

/// A table, as its rows name it.
fn name(table: Table) -> &'static str {
    match table {
        Table::State => "state",
        Table::Ledger => "ledger",
    }
}
