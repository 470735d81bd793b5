//! One object of the world: the rows that its machine reads and changes.

use std::collections::BTreeMap;

use kombo_edge::contracts::objects::address::Class;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::{Change, DynMachine, Read, Rows, Table};
use kombo_edge::objects::{customer, integration, notifier};

/// An object: its rows, and nothing else.
#[derive(Debug, Default, Clone)]
pub(crate) struct Object {
    pub(crate) rows: BTreeMap<(Table, String), (String, Option<Timestamp>)>,
}

impl Object {
    pub(crate) fn load(&self, reads: &[Read]) -> Rows {
        let mut rows = Rows::default();
        self.load_into(reads, &mut rows);
        rows
    }

    pub(crate) fn load_into(&self, reads: &[Read], rows: &mut Rows) {
        for read in reads {
            let found = self.rows.iter().filter(|((table, key), _)| match read {
                Read::State => *table == Table::State,
                Read::One(of, one) => table == of && key == one,
                Read::First {
                    table: of, prefix, ..
                } => table == of && key.starts_with(prefix),
                Read::Next { prefix, after, .. } => {
                    *table == Table::Ledger && key.starts_with(prefix) && key > after
                }
            });
            let limit = match read {
                Read::First { limit, .. } | Read::Next { limit, .. } => {
                    usize::try_from(*limit).unwrap()
                }
                Read::State | Read::One(..) => usize::MAX,
            };
            for ((table, key), (text, _)) in found.take(limit) {
                rows.insert(*table, key.clone(), text.clone());
            }
        }
    }

    pub(crate) fn commit(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Put {
                    table,
                    key,
                    value,
                    due,
                } => drop(self.rows.insert((table, key), (value, due))),
                Change::Remove(table, key) => drop(self.rows.remove(&(table, key))),
                Change::Forget(prefix) => self
                    .rows
                    .retain(|(table, key), _| *table != Table::Ledger || !key.starts_with(&prefix)),
            }
        }
    }

    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.rows.values().filter_map(|(_, due)| *due).min()
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
