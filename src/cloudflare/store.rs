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
//!
//! Calls between WebAssembly and the platform cost more than what SQLite does with a few rows. So
//! SQLite packs the rows that it finds into one text of JSON, and unpacks those that it writes.

use core::cell::{Cell, RefCell};

use worker::{Result, SqlCursor, SqlStorage, SqlStorageValue, Storage};

use super::ffi;
use crate::domain::json::to_json;
use crate::domain::time::Timestamp;
use crate::machine::{Change, Memory, Read, Table};

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

/// Each takes a JSON array, of rows or of keys.
const PUT: &str = "INSERT OR REPLACE INTO rows \
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)";
const REMOVE: &str = "DELETE FROM rows WHERE key IN (SELECT value FROM json_each(?))";

const REMOVE_RANGE: &str = "DELETE FROM rows WHERE key >= ? AND key < ?";
const RANGE: &str = "key >= ? AND key < ?";

/// A row as SQLite packs it: its key, value, and due time in milliseconds.
type PackedRow = (String, String, Option<i64>);

/// A statement, with what is bound in it.
struct Statement {
    sql: String,
    bindings: Vec<String>,
}

/// The rows of one object.
pub(super) struct Store {
    storage: Storage,
    sql: SqlStorage,
    /// Whether the table is known to be there: it stays.
    has_table: Cell<bool>,
    /// What is remembered between two steps. A step takes it away, so that one which fails leaves
    /// nothing that may be wrong.
    memory: RefCell<Option<Memory>>,
}

impl Store {
    pub(super) fn new(storage: Storage) -> Self {
        Self {
            sql: storage.sql(),
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
        for read in reads {
            self.select(query(read), memory)?;
        }
        Ok(())
    }

    /// Adds the state, but for what a key may lie at rest under.
    pub(super) fn load_state(&self, resting: &[&str], memory: &mut Memory) -> Result<()> {
        let mut from = stored(Table::State, "");
        for prefix in resting {
            let [begin, end] = range_of(Table::State, prefix);
            self.select(select(RANGE, [from, begin]), memory)?;
            from = end;
        }
        let [_, end] = range_of(Table::State, "");
        self.select(select(RANGE, [from, end]), memory)
    }

    fn select(&self, query: Statement, memory: &mut Memory) -> Result<()> {
        if !self.has_table()? {
            return Ok(());
        }
        let Some(SqlStorageValue::String(packed)) = self.first_cell(query)? else {
            return Ok(());
        };
        let rows: Vec<PackedRow> = serde_json::from_str(&packed)?;
        for (row, value, due) in rows {
            // No range reaches beyond its table.
            let Some((table, key)) = named(&row) else {
                continue;
            };
            let due = due.map(Timestamp::from_millis);
            memory.add(table, key.to_owned(), value, due);
        }
        Ok(())
    }

    fn has_table(&self) -> Result<bool> {
        if !self.has_table.get() {
            let table = self.first_cell(Statement::new(TABLE, []))?;
            self.has_table.set(table.is_some());
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

    /// When the object must be awake next.
    pub(super) fn due(&self) -> Result<Option<Timestamp>> {
        if let Some(memory) = &*self.memory.borrow() {
            return Ok(memory.earliest());
        }
        if !self.has_table()? {
            return Ok(None);
        }
        Ok(match self.first_cell(Statement::new(EARLIEST, []))? {
            Some(SqlStorageValue::Integer(due)) => Some(Timestamp::from_millis(due)),
            _ => None,
        })
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

/// The query for what is asked.
fn query(read: &Read) -> Statement {
    match read {
        Read::State => select(RANGE, range_of(Table::State, "")),
        Read::One(table, key) => select("key = ?", [stored(*table, key)]),
        Read::First {
            table,
            prefix,
            limit,
        } => {
            let which = format!("{RANGE} ORDER BY key LIMIT {limit}");
            select(&which, range_of(*table, prefix))
        }
        Read::Next {
            prefix,
            after,
            limit,
        } => {
            let which = format!("key > ? AND key < ? ORDER BY key LIMIT {limit}");
            let [_, end] = range_of(Table::Ledger, prefix);
            select(&which, [stored(Table::Ledger, after), end])
        }
    }
}

/// The query for the rows of which this holds, packed into one cell: see [`PackedRow`].
fn select<const N: usize>(which: &str, bindings: [String; N]) -> Statement {
    let rows = format!("SELECT key, value, due FROM rows WHERE {which}");
    Statement::new(
        format!("SELECT json_group_array(json_array(key, value, due)) FROM ({rows})"),
        bindings,
    )
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
            Change::Forget(prefix) => ranges.push(range_of(Table::Ledger, prefix)),
        }
    }
    let mut statements: Vec<_> = ranges
        .into_iter()
        .map(|range| Statement::new(REMOVE_RANGE, range))
        .collect();
    if !rows.is_empty() {
        statements.push(Statement::new(PUT, [to_json(&rows)]));
    }
    if !keys.is_empty() {
        statements.push(Statement::new(REMOVE, [to_json(&keys)]));
    }
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

/// The table of a stored key, and the key in it.
fn named(stored: &str) -> Option<(Table, &str)> {
    let of = |table, prefix| Some((table, stored.strip_prefix(prefix)?));
    of(Table::State, STATE).or_else(|| of(Table::Ledger, LEDGER))
}
