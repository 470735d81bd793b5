//! Changes that are decided on and not committed yet, on top of the rows that are stored.
//!
//! What a message makes due begins in the commit of that message. So the machine is asked what is
//! due while the message's own changes are not stored yet.

use std::collections::BTreeMap;

use super::storage::{Change, LedgerQuery, StateRow, Storage, StorageError, Table};
use crate::domain::time::Timestamp;

/// A storage as it will be once `changes` are committed.
pub(super) struct Staged<'a> {
    storage: &'a dyn Storage,
    changes: &'a [Change],
}

impl<'a> Staged<'a> {
    pub(super) fn new(storage: &'a dyn Storage, changes: &'a [Change]) -> Self {
        Self { storage, changes }
    }

    /// The last of the changes that concerns a row; `None` if they leave it as it is.
    fn last_change(&self, table: Table, key: &str) -> Option<&'a Change> {
        self.changes.iter().rev().find(|change| match change {
            Change::Put { .. } | Change::Remove(..) => row_of(change) == Some((table, key)),
            Change::RemovePrefix(prefix) => {
                table == Table::Ledger && key.starts_with(prefix.as_str())
            }
        })
    }

    fn is_untouched(&self, table: Table, key: &str) -> bool {
        self.last_change(table, key).is_none()
    }

    /// The rows that the changes put into a table.
    fn puts(&self, table: Table) -> impl Iterator<Item = (&'a str, &'a str, Option<Timestamp>)> {
        self.changes.iter().filter_map(move |change| match change {
            Change::Put {
                table: of,
                key,
                value,
                due,
            } if *of == table && self.last_change(table, key) == Some(change) => {
                Some((key.as_str(), value.as_str(), *due))
            }
            _ => None,
        })
    }

    /// A page of the stored rows that the changes leave as they are.
    fn stored_page(
        &self,
        prefix: &str,
        after: &str,
        limit: u32,
    ) -> Result<BTreeMap<String, String>, StorageError> {
        let mut rows = BTreeMap::new();
        let mut after = after.to_owned();
        loop {
            let page = self.storage.ledger(&LedgerQuery::Page {
                prefix: prefix.to_owned(),
                after: after.clone(),
                limit,
            })?;
            let is_last = is_shorter(page.len(), limit);
            if let Some(rest) = page.last().and_then(|(key, _)| key.strip_prefix(prefix)) {
                rest.clone_into(&mut after);
            }
            let untouched = page.into_iter();
            rows.extend(untouched.filter(|(key, _)| self.is_untouched(Table::Ledger, key)));
            if is_last || !is_shorter(rows.len(), limit) {
                return Ok(rows);
            }
        }
    }
}

impl Storage for Staged<'_> {
    fn state(&self) -> Result<Vec<(String, StateRow)>, StorageError> {
        let stored = self.storage.state()?.into_iter();
        let mut rows: BTreeMap<_, _> = stored
            .filter(|(key, _)| self.is_untouched(Table::State, key))
            .collect();
        rows.extend(self.puts(Table::State).map(|(key, text, due)| {
            let text = text.to_owned();
            (key.to_owned(), StateRow { text, due })
        }));
        Ok(rows.into_iter().collect())
    }

    fn ledger(&self, query: &LedgerQuery) -> Result<Vec<(String, String)>, StorageError> {
        let is_wanted = |key: &str| match query {
            LedgerQuery::Keys(keys) => keys.iter().any(|wanted| wanted == key),
            LedgerQuery::Page { prefix, after, .. } => key
                .strip_prefix(prefix)
                .is_some_and(|rest| rest > after.as_str()),
        };
        let (mut rows, limit) = match query {
            LedgerQuery::Keys(keys) => {
                let mut keys = keys.clone();
                keys.retain(|key| self.is_untouched(Table::Ledger, key));
                let stored = if keys.is_empty() {
                    Vec::new()
                } else {
                    self.storage.ledger(&LedgerQuery::Keys(keys))?
                };
                (stored.into_iter().collect(), u32::MAX)
            }
            LedgerQuery::Page {
                prefix,
                after,
                limit,
            } => (self.stored_page(prefix, after, *limit)?, *limit),
        };
        let puts = self.puts(Table::Ledger).filter(|(key, ..)| is_wanted(key));
        rows.extend(puts.map(|(key, text, _)| (key.to_owned(), text.to_owned())));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(rows.into_iter().take(limit).collect())
    }
}

fn is_shorter(length: usize, limit: u32) -> bool {
    u32::try_from(length).is_ok_and(|length| length < limit)
}

/// The changes `first` and then `second`, without the rows in `first` that `second` changes again:
/// each row is written once.
pub(super) fn merged(mut first: Vec<Change>, second: Vec<Change>) -> Vec<Change> {
    first.retain(|change| {
        row_of(change).is_none_or(|row| second.iter().all(|later| row_of(later) != Some(row)))
    });
    first.extend(second);
    first
}

fn row_of(change: &Change) -> Option<(Table, &str)> {
    match change {
        Change::Put { table, key, .. } | Change::Remove(table, key) => Some((*table, key)),
        Change::RemovePrefix(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Row = (String, Option<Timestamp>);

    /// A storage in memory.
    #[derive(Debug, Clone, Default, PartialEq)]
    struct Stored(BTreeMap<(Table, String), Row>);

    impl Stored {
        fn with(mut self, changes: &[Change]) -> Self {
            for change in changes.iter().cloned() {
                match change {
                    Change::Put {
                        table,
                        key,
                        value,
                        due,
                    } => drop(self.0.insert((table, key), (value, due))),
                    Change::Remove(table, key) => drop(self.0.remove(&(table, key))),
                    Change::RemovePrefix(prefix) => self
                        .0
                        .retain(|(of, key), _| *of == Table::State || !key.starts_with(&prefix)),
                }
            }
            self
        }

        fn of(&self, table: Table) -> impl Iterator<Item = (&String, &Row)> {
            let rows = self.0.iter();
            rows.filter(move |((of, _), _)| *of == table)
                .map(|((_, key), row)| (key, row))
        }
    }

    impl Storage for Stored {
        fn state(&self) -> Result<Vec<(String, StateRow)>, StorageError> {
            let rows = self.of(Table::State).map(|(key, (text, due))| {
                let text = text.clone();
                (key.clone(), StateRow { text, due: *due })
            });
            Ok(rows.collect())
        }

        fn ledger(&self, query: &LedgerQuery) -> Result<Vec<(String, String)>, StorageError> {
            let rows = self.of(Table::Ledger);
            let rows = rows.map(|(key, (text, _))| (key.clone(), text.clone()));
            Ok(match query {
                LedgerQuery::Keys(keys) => {
                    assert!(!keys.is_empty(), "no query without keys");
                    rows.filter(|(key, _)| keys.contains(key)).collect()
                }
                LedgerQuery::Page {
                    prefix,
                    after,
                    limit,
                } => rows
                    .filter(|(key, _)| {
                        key.strip_prefix(prefix.as_str())
                            .is_some_and(|rest| rest > after.as_str())
                    })
                    .take(usize::try_from(*limit).unwrap())
                    .collect(),
            })
        }
    }

    fn key() -> impl Strategy<Value = String> {
        "[ab]/[a-d]"
    }

    fn change() -> impl Strategy<Value = Change> {
        let table = prop_oneof![Just(Table::State), Just(Table::Ledger)];
        let due = prop::option::of((0..99_i64).prop_map(Timestamp::from_millis));
        let put =
            (table.clone(), key(), "[a-z]", due).prop_map(|(table, key, value, due)| Change::Put {
                table,
                key,
                value,
                due,
            });
        prop_oneof![
            4 => put,
            2 => (table, key()).prop_map(|(table, key)| Change::Remove(table, key)),
            1 => "[ab]/[a-d]?".prop_map(Change::RemovePrefix),
        ]
    }

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        prop::collection::vec(change(), 0..12)
    }

    fn query() -> impl Strategy<Value = LedgerQuery> {
        let page =
            ("[ab]/", "[a-d]?", 1..6_u32).prop_map(|(prefix, after, limit)| LedgerQuery::Page {
                prefix,
                after,
                limit,
            });
        let keys = prop::collection::vec(key(), 1..4).prop_map(LedgerQuery::Keys);
        prop_oneof![page, keys]
    }

    proptest! {
        #[test]
        fn shows_the_rows_as_they_are_after_the_commit(
            before in changes(),
            changes in changes(),
            query in query(),
        ) {
            let stored = Stored::default().with(&before);
            let committed = stored.clone().with(&changes);
            let staged = Staged::new(&stored, &changes);
            prop_assert_eq!(staged.ledger(&query), committed.ledger(&query));
            prop_assert_eq!(staged.state(), committed.state());
        }

        #[test]
        fn merged_changes_come_to_the_same_rows(
            before in changes(),
            first in changes(),
            second in changes(),
        ) {
            let stored = Stored::default().with(&before);
            let one_by_one = stored.clone().with(&first).with(&second);
            prop_assert_eq!(stored.with(&merged(first, second)), one_by_one);
        }
    }

    #[test]
    fn writes_a_row_once_that_is_changed_twice() {
        let [first, second] = ["a", "b"].map(|text| vec![Change::state("head", &text, None)]);
        assert_eq!(merged(first, second.clone()), second);
    }
}
