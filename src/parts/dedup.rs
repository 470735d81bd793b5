//! Event ids that an object remembers, so that it recognizes a repeated delivery.
//!
//! Ids are kept as hashes: the latest 32 in the object's head row, so that an object with few events
//! needs no rows for them, and each older one in a row of its own. Those rows are in two generations
//! of at most 4,984. A full or old generation becomes the previous one, and the one before it is
//! removed. So an object remembers ids for at least 30 days unless more than 5,000 events arrive, and
//! never more than 10,000; and looking one up reads at most two rows. Old ids are removed when a new
//! event arrives, never by a timer.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::id::sha256_base64url;
use crate::domain::time::Timestamp;
use crate::machine::{Change, Rows, StepError};

/// Ids in the head row.
const MAX_RECENT: usize = 32;

/// Rows in one generation: half of what is left of the 10,000 ids that an object may remember.
const GENERATION: u32 = 4_984;

/// A generation is closed at this age, so that an id is kept for at least 30 days.
const AGE: Duration = Duration::from_hours(30 * 24);

/// Characters of an id's hash that are kept: 96 bits.
const HASH_CHARS: usize = 16;

/// The latest ids, and the current generation. Part of an object's head row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenIds {
    /// The hashes of the latest ids, which have no rows, from the oldest.
    #[serde(default)]
    recent: Vec<String>,
    /// The number of the generation. Its parity names its rows.
    #[serde(default)]
    generation: u64,
    /// Rows in it.
    #[serde(default)]
    count: u32,
    /// When it began.
    since: Timestamp,
}

impl SeenIds {
    /// Whether the id was seen before.
    ///
    /// # Errors
    /// [`StepError`] if the storage failed.
    pub fn contains(&self, rows: Rows<'_>, id: &str) -> Result<bool, StepError> {
        let hash = hash(id);
        if self.recent.contains(&hash) {
            return Ok(true);
        }
        let has_rows = self.generation > 0 || self.count > 0;
        Ok(has_rows && rows.ledger_has_any([0, 1].map(|of| key(of, &hash)).into())?)
    }

    /// Remembers an id that was not seen before: the rows that change.
    pub fn remember(&mut self, id: &str, now: Timestamp) -> Vec<Change> {
        self.recent.push(hash(id));
        if self.recent.len() <= MAX_RECENT {
            return Vec::new();
        }
        let oldest = self.recent.remove(0);
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
        changes.push(Change::ledger(key(self.generation, &oldest), String::new()));
        changes
    }
}

fn hash(id: &str) -> String {
    sha256_base64url(id).chars().take(HASH_CHARS).collect()
}

fn key(generation: u64, hash: &str) -> String {
    format!("{}{hash}", prefix(generation))
}

fn prefix(generation: u64) -> String {
    format!("seen/{}/", generation % 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{LedgerQuery, RowCache, StateRow, Storage, StorageError};
    use std::collections::BTreeSet;

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

    fn knows(seen: &SeenIds, ledger: &Ledger, id: &str) -> bool {
        seen.contains(Rows::new(&RowCache::default(), ledger), id)
            .unwrap()
    }

    #[test]
    fn never_remembers_more_than_ten_thousand_and_keeps_the_newest_five_thousand() {
        let (mut seen, mut ledger) = (SeenIds::default(), Ledger(BTreeSet::new()));
        for number in 0..23_000 {
            apply(
                &mut ledger,
                seen.remember(&number.to_string(), Timestamp::default()),
            );
            assert!(ledger.0.len() + seen.recent.len() <= 10_000);
        }
        let knows = |number: u32| knows(&seen, &ledger, &number.to_string());
        assert!((18_000..23_000).all(knows));
        assert!(!(0..13_000).any(knows));
    }

    #[test]
    fn keeps_the_latest_ids_without_a_row_and_each_older_one_in_a_row() {
        let (mut seen, mut ledger) = (SeenIds::default(), Ledger(BTreeSet::new()));
        for number in 0..40_usize {
            apply(
                &mut ledger,
                seen.remember(&number.to_string(), Timestamp::default()),
            );
            assert_eq!(ledger.0.len(), (number + 1).saturating_sub(MAX_RECENT));
        }
        assert!((0..40).all(|number| knows(&seen, &ledger, &number.to_string())));
        assert!(!knows(&seen, &ledger, "40"));
    }

    #[test]
    fn keeps_an_id_for_thirty_days_and_forgets_it_after_some_months() {
        let (mut seen, mut ledger) = (SeenIds::default(), Ledger(BTreeSet::new()));
        let start = Timestamp::default();
        let hour = Duration::from_hours(1);
        for number in 0..24 * 91 {
            apply(
                &mut ledger,
                seen.remember(&number.to_string(), start.plus(hour * number)),
            );
            let month_ago = number.saturating_sub(24 * 30).to_string();
            assert!(knows(&seen, &ledger, &month_ago), "{number}");
        }
        assert!(!knows(&seen, &ledger, "0"));
    }
}
