//! The state of an object, remembered between two steps, so that it is read once.
//!
//! An object that is awake is the only one that writes its rows, so what was read and written is
//! what is stored. Forgetting it loses nothing: it is read again. The ledger is not remembered,
//! since it may be long.

use core::cell::OnceCell;
use std::collections::BTreeMap;

use super::storage::{Change, StateRow, Storage, StorageError, Table};
use crate::domain::time::Timestamp;

/// An object with more rows of state than this reads them again for each step, so that the memory
/// of an isolate with many objects stays bounded.
const MAX_ROWS: usize = 500;

/// The rows of the state, by key, once they were read.
#[derive(Debug, Clone, Default)]
pub struct RowCache {
    state: OnceCell<BTreeMap<String, StateRow>>,
}

impl RowCache {
    /// A state that was not read from a storage: that of a backup.
    #[must_use]
    pub fn of(state: BTreeMap<String, StateRow>) -> Self {
        Self {
            state: OnceCell::from(state),
        }
    }

    /// The state, read from `storage` the first time.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn state(
        &self,
        storage: &dyn Storage,
    ) -> Result<&BTreeMap<String, StateRow>, StorageError> {
        if let Some(state) = self.state.get() {
            return Ok(state);
        }
        let read = storage.state()?.into_iter().collect();
        Ok(self.state.get_or_init(|| read))
    }

    /// When the first row of the state is due; `None` if none ever is.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn earliest_due(&self, storage: &dyn Storage) -> Result<Option<Timestamp>, StorageError> {
        let state = self.state(storage)?;
        Ok(state.values().filter_map(|row| row.due).min())
    }

    /// Those of the changes that change something. Whether a row of the ledger changes is not
    /// known here, so all of those are kept.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn effective(
        &self,
        storage: &dyn Storage,
        mut changes: Vec<Change>,
    ) -> Result<Vec<Change>, StorageError> {
        if changes.is_empty() {
            return Ok(changes);
        }
        let state = self.state(storage)?;
        changes.retain(|change| match change {
            Change::Put {
                table: Table::State,
                key,
                value,
                due,
            } => state
                .get(key)
                .is_none_or(|row| row.text != *value || row.due != *due),
            Change::Remove(Table::State, key) => state.contains_key(key),
            Change::Put { .. } | Change::Remove(..) | Change::RemovePrefix(_) => true,
        });
        Ok(changes)
    }

    /// Follows what was committed.
    pub fn apply(&mut self, changes: &[Change]) {
        let Some(state) = self.state.get_mut() else {
            return;
        };
        for change in changes {
            match change {
                Change::Put {
                    table: Table::State,
                    key,
                    value,
                    due,
                } => {
                    let row = StateRow {
                        text: value.clone(),
                        due: *due,
                    };
                    state.insert(key.clone(), row);
                }
                Change::Remove(Table::State, key) => drop(state.remove(key)),
                Change::Put { .. } | Change::Remove(..) | Change::RemovePrefix(_) => {}
            }
        }
    }

    /// Forgets a state that is too large to be remembered.
    pub fn trim(&mut self) {
        if self.state.get().is_some_and(|state| state.len() > MAX_ROWS) {
            self.clear();
        }
    }

    /// Forgets everything: the next step reads it again.
    pub fn clear(&mut self) {
        self.state = OnceCell::new();
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use proptest::prelude::*;

    use super::super::storage::LedgerQuery;
    use super::*;

    /// A storage that counts how often its state is read.
    #[derive(Default)]
    struct Stored {
        state: BTreeMap<String, StateRow>,
        reads: Cell<u32>,
    }

    impl Storage for Stored {
        fn state(&self) -> Result<Vec<(String, StateRow)>, StorageError> {
            self.reads.set(self.reads.get().saturating_add(1));
            Ok(self.state.clone().into_iter().collect())
        }

        fn ledger(&self, _: &LedgerQuery) -> Result<Vec<(String, String)>, StorageError> {
            Ok(Vec::new())
        }
    }

    impl Stored {
        fn commit(&mut self, changes: &[Change]) {
            for change in changes {
                store(&mut self.state, change);
            }
        }
    }

    fn store(state: &mut BTreeMap<String, StateRow>, change: &Change) {
        match change {
            Change::Put {
                table: Table::State,
                key,
                value,
                due,
            } => drop(state.insert(key.clone(), row(value, *due))),
            Change::Remove(Table::State, key) => drop(state.remove(key)),
            _ => {}
        }
    }

    fn row(text: &str, due: Option<Timestamp>) -> StateRow {
        StateRow {
            text: text.to_owned(),
            due,
        }
    }

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let parts = (0..9_u8, 0..9_u8, prop::option::of(0..99_i64));
        let change = prop_oneof![
            3 => parts.prop_map(|(key, value, due)| Change::Put {
                table: Table::State,
                key: key.to_string(),
                value: value.to_string(),
                due: due.map(Timestamp::from_millis),
            }),
            1 => (0..9_u8).prop_map(|key| Change::remove_state(key.to_string())),
            1 => (0..9_u8).prop_map(|key| Change::ledger(key.to_string(), String::new())),
        ];
        prop::collection::vec(change, 0..40)
    }

    proptest! {
        #[test]
        fn holds_what_is_stored_after_any_changes(commits in prop::collection::vec(changes(), 1..5)) {
            let (mut cache, mut stored) = (RowCache::default(), Stored::default());
            for changes in commits {
                cache.state(&stored).unwrap();
                stored.commit(&changes);
                cache.apply(&changes);
                prop_assert_eq!(cache.state(&stored).unwrap(), &stored.state);
                let due = stored.state.values().filter_map(|row| row.due).min();
                prop_assert_eq!(cache.earliest_due(&stored).unwrap(), due);
            }
            prop_assert_eq!(stored.reads.get(), 1);
        }

        #[test]
        fn commits_the_same_without_the_changes_that_change_nothing(
            before in changes(),
            after in changes(),
        ) {
            let (cache, mut stored) = (RowCache::default(), Stored::default());
            stored.commit(&before);
            // Of one key a step writes one row.
            let mut after = after;
            let mut keys = std::collections::BTreeSet::new();
            after.retain(|change| match change {
                Change::Put { key, .. } | Change::Remove(_, key) => keys.insert(key.clone()),
                Change::RemovePrefix(_) => true,
            });
            let effective = cache.effective(&stored, after.clone()).unwrap();
            let mut expected = Stored { state: stored.state.clone(), ..Stored::default() };
            expected.commit(&after);
            stored.commit(&effective);
            prop_assert_eq!(stored.state, expected.state);
        }
    }

    #[test]
    fn leaves_out_a_row_that_is_written_as_it_is() {
        let (cache, mut stored) = (RowCache::default(), Stored::default());
        let due = Some(Timestamp::from_millis(1));
        let head = |text: &str, due| Change::state("head", &text, due);
        stored.commit(&[head("a", due)]);
        let effective = |change: Change| cache.effective(&stored, vec![change]).unwrap().len();
        assert_eq!(effective(head("a", due)), 0);
        assert_eq!(effective(head("b", due)), 1);
        assert_eq!(effective(head("a", None)), 1);
        assert_eq!(effective(Change::remove_state("gone")), 0);
        assert_eq!(effective(Change::remove_state("head")), 1);
    }

    #[test]
    fn forgets_a_state_that_is_large() {
        for (rows, reads) in [(MAX_ROWS, 1), (MAX_ROWS + 1, 2)] {
            let mut stored = Stored::default();
            for key in 0..rows {
                stored.state.insert(key.to_string(), row("", None));
            }
            let mut cache = RowCache::default();
            cache.state(&stored).unwrap();
            cache.trim();
            cache.state(&stored).unwrap();
            assert_eq!(stored.reads.get(), reads, "{rows} rows");
        }
    }
}
