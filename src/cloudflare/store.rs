//! An object's rows in its SQLite database.
//!
//! The two tables of `machine` are one of SQLite, where a key begins with the name of its table:
//! each table more is rows and pages more in every object. The one is `WITHOUT ROWID`, so that a
//! row costs one written row.
//!
//! It is made by the first commit, so that asking an object which was never told anything leaves
//! nothing behind.
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

const CREATE: &str = "CREATE TABLE IF NOT EXISTS rows \
    (key TEXT PRIMARY KEY, value TEXT NOT NULL, due INTEGER) WITHOUT ROWID";

/// What the keys of each table begin with. Those of the state sort last, which `EARLIEST` relies on.
const STATE: &str = "state/";
const LEDGER: &str = "ledger/";

/// Sorts behind every key that begins with the same prefix.
const LAST: char = '\u{10ffff}';

/// A row if the table is there.
const TABLE: &str = "SELECT name FROM sqlite_master WHERE name = 'rows'";
const EARLIEST: &str = "SELECT MIN(due) FROM rows WHERE key >= 'state/'";
/// A due time is bound as text and stored as a number: the column's affinity converts it.
const PUT: &str = "INSERT OR REPLACE INTO rows VALUES (?, ?, NULLIF(?, ''))";
const REMOVE: &str = "DELETE FROM rows WHERE key = ?";
/// What is read of a row: its key, value and due time, each as a text.
const SELECT: &str = "SELECT key, value, IFNULL(CAST(due AS TEXT), '') FROM rows WHERE";
const RANGE: &str = "key >= ? AND key < ?";

/// The rows of one object.
pub(super) struct Store {
    storage: JsValue,
    /// Whether the table is known to be there: it stays.
    has_table: Cell<bool>,
    /// What is remembered between two steps. A step takes it away, so that one which fails leaves
    /// nothing that may be wrong.
    memory: RefCell<Option<Memory>>,
}

type Result<T> = core::result::Result<T, JsValue>;

impl Store {
    pub(super) fn new(storage: JsValue) -> Self {
        Self {
            storage,
            has_table: Cell::new(false),
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
        let mut from = stored(Table::State, "");
        for prefix in resting {
            let [begin, end] = range_of(Table::State, prefix);
            queries.push(vec![select(RANGE), from, begin]);
            from = end;
        }
        let [_, end] = range_of(Table::State, "");
        queries.push(vec![select(RANGE), from, end]);
        self.select(&queries, memory)
    }

    fn select(&self, queries: &[Vec<String>], memory: &mut Memory) -> Result<()> {
        if queries.is_empty() || !self.has_table()? {
            return Ok(());
        }
        let mut cells = platform::select(&self.storage, &json(&queries))?.into_iter();
        while let (Some(row), Some(value), Some(due)) = (cells.next(), cells.next(), cells.next()) {
            // No range reaches beyond its table.
            let Some((table, key)) = named(&row) else {
                continue;
            };
            let due = due.parse().ok().map(Timestamp::from_millis);
            memory.add(table, key.to_owned(), value, due);
        }
        Ok(())
    }

    fn has_table(&self) -> Result<bool> {
        if !self.has_table.get() {
            let table = platform::select(&self.storage, &json(&vec![vec![TABLE.to_owned()]]))?;
            self.has_table.set(!table.is_empty());
        }
        Ok(self.has_table.get())
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
        if !self.has_table()? {
            writes.push(vec![CREATE.to_owned()]);
        }
        writes.extend(changes.iter().map(write));
        platform::commit(&self.storage, &json(&writes))?;
        self.has_table.set(true);
        Ok(())
    }

    /// When the object must be awake next.
    pub(super) fn due(&self) -> Result<Option<Timestamp>> {
        if let Some(memory) = &*self.memory.borrow() {
            return Ok(memory.earliest());
        }
        if !self.has_table()? {
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

/// The query for what is asked, and what is bound in it.
fn query(read: &Read) -> Vec<String> {
    match read {
        Read::State => bound(select(RANGE), range_of(Table::State, "")),
        Read::One(table, key) => bound(select("key = ?"), [stored(*table, key)]),
        Read::First {
            table,
            prefix,
            limit,
        } => {
            let rows = select(&format!("{RANGE} ORDER BY key LIMIT {limit}"));
            bound(rows, range_of(*table, prefix))
        }
        Read::Next {
            prefix,
            after,
            limit,
        } => {
            let rows = select(&format!("key > ? AND key < ? ORDER BY key LIMIT {limit}"));
            let [_, end] = range_of(Table::Ledger, prefix);
            bound(rows, [stored(Table::Ledger, after), end])
        }
    }
}

/// The query for rows of which this holds.
fn select(which: &str) -> String {
    format!("{SELECT} {which}")
}

/// A statement, and what is bound in it.
fn write(change: &Change) -> Vec<String> {
    match change {
        Change::Put {
            table,
            key,
            value,
            due,
        } => {
            let due = due.map_or_else(String::new, |due| due.as_millis().to_string());
            bound(PUT.to_owned(), [stored(*table, key), value.clone(), due])
        }
        Change::Remove(table, key) => bound(REMOVE.to_owned(), [stored(*table, key)]),
        Change::Forget(prefix) => bound(
            format!("DELETE FROM rows WHERE {RANGE}"),
            range_of(Table::Ledger, prefix),
        ),
    }
}

/// A statement with what is bound in it.
fn bound<const N: usize>(sql: String, bindings: [String; N]) -> Vec<String> {
    let mut statement = vec![sql];
    statement.extend(bindings);
    statement
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

/// The table of a stored key, and the key in it.
fn named(stored: &str) -> Option<(Table, &str)> {
    let of = |table, prefix| Some((table, stored.strip_prefix(prefix)?));
    of(Table::State, STATE).or_else(|| of(Table::Ledger, LEDGER))
}
