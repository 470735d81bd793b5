//! The memory of event ids, so that a repeated delivery is known as one.
//!
//! Ids are kept in two generations of at most 5 000 each. A full or old
//! generation becomes the previous one, and the one before it is forgotten. So an
//! object remembers at least 30 days unless more than 5 000 events come, and
//! never more than 10 000 ids; and looking one up reads two rows, whatever came
//! before. The oldest ids are forgotten at a new event, never by a timer.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::machine::{Change, Read, Rows, Table};

/// Ids in one generation: half of the 10 000 that an object may remember.
const GENERATION: u32 = 5_000;

/// A generation is closed at this age, so that an id is kept for 30 days at least.
const AGE: Duration = Duration::from_hours(30 * 24);

/// Where the memory stands. Lives inside an object's own head row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Number of the present generation; also its parity, which names its rows.
    #[serde(default)]
    generation: u64,
    /// Ids in it.
    #[serde(default)]
    count: u32,
    /// When it began.
    since: Timestamp,
}

/// The two rows that may hold this id.
#[must_use]
pub fn reads(id: &str) -> Vec<Read> {
    [0, 1]
        .map(|parity| Read::One(Table::Ledger, key(parity, id)))
        .into()
}

/// Whether the id was seen before.
#[must_use]
pub fn contains(rows: &Rows, id: &str) -> bool {
    [0, 1]
        .iter()
        .any(|&parity| rows.text(Table::Ledger, &key(parity, id)).is_some())
}

impl Seen {
    /// Remembers an id that was not seen before.
    pub fn remember(&mut self, id: &str, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.count >= GENERATION || (self.count > 0 && now.since(self.since) >= AGE) {
            self.generation = self.generation.saturating_add(1);
            self.count = 0;
            changes.push(Change::Forget(prefix(self.generation)));
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
    use std::collections::BTreeSet;

    const DAY: Duration = Duration::from_hours(24);

    /// The ledger as it stands after some changes.
    fn apply(ledger: &mut BTreeSet<String>, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Put { key, .. } => drop(ledger.insert(key)),
                Change::Forget(prefix) => ledger.retain(|key| !key.starts_with(&prefix)),
                Change::Remove(..) => unreachable!("ids are forgotten by generation"),
            }
        }
    }

    fn rows(ledger: &BTreeSet<String>) -> Rows {
        let mut rows = Rows::default();
        for key in ledger {
            rows.insert(Table::Ledger, key.clone(), String::new());
        }
        rows
    }

    #[test]
    fn never_remembers_more_than_ten_thousand_and_keeps_the_newest_five_thousand() {
        let (mut seen, mut ledger) = (Seen::default(), BTreeSet::new());
        for number in 0..23_000 {
            apply(
                &mut ledger,
                seen.remember(&number.to_string(), Timestamp::default()),
            );
            assert!(ledger.len() <= 10_000);
        }
        let rows = rows(&ledger);
        assert!((18_000..23_000).all(|number: u32| contains(&rows, &number.to_string())));
    }

    #[test]
    fn keeps_an_id_for_thirty_days_and_forgets_it_after_sixty() {
        let (mut seen, mut ledger) = (Seen::default(), BTreeSet::new());
        let start = Timestamp::default();
        apply(&mut ledger, seen.remember("first", start));
        for day in 1..=30 {
            apply(
                &mut ledger,
                seen.remember(&day.to_string(), start.plus(DAY * day)),
            );
        }
        assert!(contains(&rows(&ledger), "first"));
        for day in 31..=60 {
            apply(
                &mut ledger,
                seen.remember(&day.to_string(), start.plus(DAY * day)),
            );
        }
        assert!(!contains(&rows(&ledger), "first"));
        assert!(contains(&rows(&ledger), "30"));
    }

    #[test]
    fn looks_for_an_id_exactly_where_it_is_remembered() {
        let mut seen = Seen::default();
        let changes = seen.remember("id", Timestamp::default());
        let Some(Change::Put { key, .. }) = changes.first() else {
            unreachable!("the id is written")
        };
        assert!(reads("id").contains(&Read::One(Table::Ledger, key.clone())));
    }
}
