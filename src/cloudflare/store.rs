//! An object's rows in its SQLite database.
//!
//! Two tables, as `machine` has them: `state` with due times, `ledger` without.
//! Both are `WITHOUT ROWID`, so that a row costs one written row.
//!
//! The tables are made by the first commit, so that asking an object which was
//! never told anything leaves nothing behind.
//!
//! What was read and written of the state is remembered, with its due times: an object that is
//! awake is the only one who writes its rows.
//!
//! A failing statement alone does not undo the ones before it. So the rows of a
//! commit are written in one transaction: all of what an event means, or nothing.

use core::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;

use super::platform;
use crate::machine::{Change, Memory, Read, Table, json};
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
pub(super) struct Store {
    storage: JsValue,
    /// Whether the tables are known to be there: they stay.
    has_tables: Cell<bool>,
    /// What is remembered between two steps. A step takes it away, so that one which fails leaves
    /// nothing that may be wrong.
    memory: RefCell<Option<Memory>>,
}

type Result<T> = core::result::Result<T, JsValue>;

impl Store {
    pub(super) fn new(storage: JsValue) -> Self {
        Self {
            storage,
            has_tables: Cell::new(false),
            memory: RefCell::default(),
        }
    }

    /// What is remembered; [`Store::commit`] takes it back.
    pub(super) fn recall(&self) -> Memory {
        self.memory.take().unwrap_or_default()
    }

    /// Adds what is asked for.
    pub(super) fn load(&self, reads: &[Read], memory: &mut Memory) -> Result<()> {
        self.select(&reads.iter().map(query).collect::<Vec<_>>(), memory)
    }

    /// Adds the state, but for what a key may lie at rest under.
    pub(super) fn load_state(&self, resting: &[&str], memory: &mut Memory) -> Result<()> {
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
        self.select(&queries, memory)
    }

    fn select(&self, queries: &[Vec<String>], memory: &mut Memory) -> Result<()> {
        if queries.is_empty() || !self.has_tables()? {
            return Ok(());
        }
        let mut cells = platform::select(&self.storage, &json(&queries))?.into_iter();
        let mut next = || Some((cells.next()?, cells.next()?, cells.next()?, cells.next()?));
        while let Some((table, key, value, due)) = next() {
            let is_state = table == name(Table::State);
            let table = if is_state {
                Table::State
            } else {
                Table::Ledger
            };
            let due = due.parse().ok().map(Timestamp::from_millis);
            memory.add(table, key, value, due);
        }
        Ok(())
    }

    fn has_tables(&self) -> Result<bool> {
        if !self.has_tables.get() {
            let tables = platform::select(&self.storage, &json(&vec![vec![TABLES.to_owned()]]))?;
            self.has_tables.set(!tables.is_empty());
        }
        Ok(self.has_tables.get())
    }

    /// Writes the changes, all or none, and remembers them.
    pub(super) fn commit(&self, changes: &[Change], mut memory: Memory) -> Result<()> {
        if !changes.is_empty() {
            self.write(changes)?;
            memory.apply(changes);
        }
        self.memory.replace(memory.kept());
        Ok(())
    }

    fn write(&self, changes: &[Change]) -> Result<()> {
        let mut writes = Vec::new();
        if !self.has_tables()? {
            writes.extend([CREATE_STATE, CREATE_LEDGER].map(|it| vec![it.to_owned()]));
        }
        writes.extend(changes.iter().map(write));
        platform::commit(&self.storage, &json(&writes))?;
        self.has_tables.set(true);
        Ok(())
    }

    /// When the object must be awake next.
    pub(super) fn due(&self) -> Result<Option<Timestamp>> {
        if let Some(memory) = &*self.memory.borrow() {
            return Ok(memory.earliest());
        }
        if !self.has_tables()? {
            return Ok(None);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds are whole and small"
        )]
        let moment = |millis| Timestamp::from_millis(millis as i64);
        Ok(platform::earliest(&self.storage, EARLIEST)?.map(moment))
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
