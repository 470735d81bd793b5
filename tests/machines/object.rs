//! One object: its rows and its alarm, and a host for the driver of its machine.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Bound;

use kombo_edge::contracts::objects::address::Class;
use kombo_edge::contracts::operator::settings::Settings;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::{
    Change, DynMachine, Host, LedgerQuery, StateRow, Storage, StorageError, Table,
};
use kombo_edge::objects::{customer, integration, notifier};

/// What survives of an object when its instance dies.
#[derive(Debug, Default, Clone)]
pub(crate) struct Object {
    /// The text and the due time of each row.
    pub(crate) rows: BTreeMap<(Table, String), (String, Option<Timestamp>)>,
    /// When its alarm rings, if it is set.
    pub(crate) alarm: Option<Timestamp>,
}

impl Object {
    /// Writes rows.
    pub(crate) fn commit(&mut self, changes: &[Change]) {
        for change in changes.iter().cloned() {
            match change {
                Change::Put {
                    table,
                    key,
                    value,
                    due,
                } => drop(self.rows.insert((table, key), (value, due))),
                Change::Remove(table, key) => drop(self.rows.remove(&(table, key))),
                Change::RemovePrefix(prefix) => self
                    .rows
                    .retain(|(table, key), _| *table != Table::Ledger || !key.starts_with(&prefix)),
            }
        }
    }

    /// Its rows in a table whose keys begin with `prefix` and sort after `prefix` + `after`.
    fn range<'a>(
        &'a self,
        table: Table,
        prefix: &'a str,
        after: &str,
    ) -> impl Iterator<Item = (&'a String, &'a (String, Option<Timestamp>))> {
        let from = (table, format!("{prefix}{after}"));
        let bound = if after.is_empty() {
            Bound::Included(from)
        } else {
            Bound::Excluded(from)
        };
        let rows = self.rows.range((bound, Bound::Unbounded));
        rows.map(|((of, key), row)| (*of, key, row))
            .take_while(move |(of, key, _)| *of == table && key.starts_with(prefix))
            .map(|(_, key, row)| (key, row))
    }
}

/// A host of one object, at one moment.
pub(crate) struct ObjectHost<'a> {
    pub(crate) object: RefCell<&'a mut Object>,
    pub(crate) settings: &'a Settings,
    pub(crate) now: Timestamp,
    /// Rows that were read.
    pub(crate) rows_read: Cell<usize>,
    /// Rows that were written or removed.
    pub(crate) rows_written: Cell<usize>,
    /// Whether the alarm was set or removed.
    pub(crate) alarm_was_set: Cell<bool>,
    /// Whether the object dies at its next commit, before anything is written.
    pub(crate) dies_at_commit: Cell<bool>,
}

impl<'a> ObjectHost<'a> {
    pub(crate) fn new(object: &'a mut Object, settings: &'a Settings, now: Timestamp) -> Self {
        Self {
            object: RefCell::new(object),
            settings,
            now,
            rows_read: Cell::new(0),
            rows_written: Cell::new(0),
            alarm_was_set: Cell::new(false),
            dies_at_commit: Cell::new(false),
        }
    }

    fn count(&self, rows: usize) {
        self.rows_read.set(self.rows_read.get() + rows);
    }
}

impl Storage for ObjectHost<'_> {
    fn state(&self) -> Result<Vec<(String, StateRow)>, StorageError> {
        let object = self.object.borrow();
        let rows = object.range(Table::State, "", "");
        let rows = rows.map(|(key, (text, due))| {
            let text = text.clone();
            (key.clone(), StateRow { text, due: *due })
        });
        let rows: Vec<_> = rows.collect();
        self.count(rows.len());
        Ok(rows)
    }

    fn ledger(&self, query: &LedgerQuery) -> Result<Vec<(String, String)>, StorageError> {
        let object = self.object.borrow();
        let rows: Vec<(String, String)> = match query {
            LedgerQuery::Keys(keys) => {
                assert!(!keys.is_empty(), "no query without keys");
                let found = keys.iter().filter_map(|key| {
                    let (text, _) = object.rows.get(&(Table::Ledger, key.clone()))?;
                    Some((key.clone(), text.clone()))
                });
                found.collect()
            }
            LedgerQuery::Page {
                prefix,
                after,
                limit,
            } => object
                .range(Table::Ledger, prefix, after)
                .take(usize::try_from(*limit).unwrap())
                .map(|(key, (text, _))| (key.clone(), text.clone()))
                .collect(),
        };
        self.count(rows.len());
        Ok(rows)
    }
}

impl Host for ObjectHost<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn settings(&self) -> &Settings {
        self.settings
    }

    fn commit(&self, changes: &[Change]) -> Result<(), StorageError> {
        if self.dies_at_commit.get() {
            return Err(StorageError("the object died".to_owned()));
        }
        self.rows_written
            .set(self.rows_written.get() + changes.len());
        self.object.borrow_mut().commit(changes);
        Ok(())
    }

    fn set_alarm(&self, at: Option<Timestamp>) -> Result<(), StorageError> {
        self.alarm_was_set.set(true);
        self.object.borrow_mut().alarm = at;
        Ok(())
    }
}

/// The machine of a class.
pub(crate) fn machine(class: Class) -> &'static dyn DynMachine {
    match class {
        Class::Integration => &integration::Integration,
        Class::Customer => &customer::Customer,
        Class::Notifier => &notifier::Notifier,
    }
}
