//! Event ids that an object remembers, so that it recognizes a repeated delivery.
//!
//! Ids are kept in two generations of at most 5,000 each. A full or old generation becomes the
//! previous one, and the one before it is removed. So an object remembers ids for at least 30 days
//! unless more than 5,000 events arrive, and never more than 10,000; and looking one up reads at
//! most two rows. Old ids are removed when a new event arrives, never by a timer.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::machine::{Change, Rows, StepError};

/// Ids in one generation: half of the 10 000 that an object may remember.
const GENERATION: u32 = 5_000;

/// A generation is closed at this age, so that an id is kept for at least 30 days.
const AGE: Duration = Duration::from_hours(30 * 24);

/// The current generation. Part of an object's head row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenIds {
    /// The number of the generation. Its parity names its rows.
    #[serde(default)]
    generation: u64,
    /// Ids in it.
    #[serde(default)]
    count: u32,
    /// When it began.
    since: Timestamp,
}

/// Whether the id was seen before.
///
/// # Errors
/// [`StepError`] if the storage failed.
pub fn contains(rows: Rows<'_>, id: &str) -> Result<bool, StepError> {
    rows.ledger_has_any([0, 1].map(|generation| key(generation, id)).into())
}

impl SeenIds {
    /// Remembers an id that was not seen before: the rows that change.
    pub fn remember(&mut self, id: &str, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.count >= GENERATION || (self.count > 0 && now.since(self.since) >= AGE) {
            self.generation = self.generation.saturating_add(1);
            self.count = 0;
            changes.push(Change::RemovePrefix(prefix(self.generation)));
        }
        if self.count == 0 {
            self.since = now;
        }
        self.count = self.count.saturating_add(1);
        changes.push(Change::ledger(key(self.generation, id), String::new()));
        changes
    }
}

fn key(generation: u64, id: &str) -> String {
    format!("{}{id}", prefix(generation))
}

fn prefix(generation: u64) -> String {
    format!("seen/{}/", generation % 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{LedgerQuery, RowCache, StateRow, Storage, StorageError};
    use std::collections::BTreeSet;

    const DAY: Duration = Duration::from_hours(24);

    /// The ledger as it stands after some changes.
    fn apply(Ledger(ledger): &mut Ledger, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Put { key, .. } => drop(ledger.insert(key)),
                Change::RemovePrefix(prefix) => ledger.retain(|key| !key.starts_with(&prefix)),
                Change::Remove(..) => unreachable!("ids are forgotten by generation"),
            }
        }
    }

    struct Ledger(BTreeSet<String>);

    impl Storage for Ledger {
        fn state(&self) -> Result<Vec<(String, StateRow)>, StorageError> {
            Ok(Vec::new())
        }

        fn ledger(&self, query: &LedgerQuery) -> Result<Vec<(String, String)>, StorageError> {
            let LedgerQuery::Keys(keys) = query else {
                unreachable!("ids are looked up by key")
            };
            let found = keys.iter().filter(|key| self.0.contains(*key));
            Ok(found.map(|key| (key.clone(), String::new())).collect())
        }
    }

    fn knows(ledger: &Ledger, id: &str) -> bool {
        contains(Rows::new(&RowCache::default(), ledger), id).unwrap()
    }

    #[test]
    fn never_remembers_more_than_ten_thousand_and_keeps_the_newest_five_thousand() {
        let (mut seen, mut ledger) = (SeenIds::default(), Ledger(BTreeSet::new()));
        for number in 0..23_000 {
            apply(
                &mut ledger,
                seen.remember(&number.to_string(), Timestamp::default()),
            );
            assert!(ledger.0.len() <= 10_000);
        }
        assert!((18_000..23_000).all(|number: u32| knows(&ledger, &number.to_string())));
    }

    #[test]
    fn keeps_an_id_for_thirty_days_and_forgets_it_after_sixty() {
        let (mut seen, mut ledger) = (SeenIds::default(), Ledger(BTreeSet::new()));
        let start = Timestamp::default();
        apply(&mut ledger, seen.remember("first", start));
        for day in 1..=30 {
            apply(
                &mut ledger,
                seen.remember(&day.to_string(), start.plus(DAY * day)),
            );
        }
        assert!(knows(&ledger, "first"));
        for day in 31..=60 {
            apply(
                &mut ledger,
                seen.remember(&day.to_string(), start.plus(DAY * day)),
            );
        }
        assert!(!knows(&ledger, "first"));
        assert!(knows(&ledger, "30"));
    }
}
