//! When a Workers KV key is read back, to see whether KV still has what its object
//! wrote: about once a week, at a time that is spread over the objects.
//!
//! Only documents that exist are read; of a key that is gone nobody asks again.
//! How a key that differs is written is `projection`'s.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contracts::operator::log::{Line, kind};
use crate::domain::backoff;
use crate::domain::time::Timestamp;
use crate::machine::{Order, Outcome};
use crate::parts::projection::Projection;

/// The longest pause between two looks; the shortest is half of it.
const LONGEST: Duration = Duration::from_hours(9 * 24);
/// The spread has many steps, and this one gives a whole pause.
const STEP: u32 = 30;

/// When a key is read back next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Check {
    at: Option<Timestamp>,
}

impl Check {
    /// Plans a look at a document that exists, and none at one that is gone.
    pub fn follow(&mut self, exists: bool, now: Timestamp, who: &str) {
        self.at = exists.then(|| self.at.unwrap_or_else(|| next(now, who)));
    }

    /// When the key is to be read: never while it is being written.
    #[must_use]
    pub fn due(&self, key: &Projection) -> Option<Timestamp> {
        Some(self.at?.max(key.rests_from()?))
    }

    /// Whether the key is to be read now. The next look is planned then, whatever
    /// comes of this one.
    pub fn begin(&mut self, key: &Projection, now: Timestamp, who: &str) -> bool {
        let is_due = self.due(key).is_some_and(|due| due <= now);
        if is_due {
            self.at = Some(next(now, who));
        }
        is_due
    }
}

fn next(now: Timestamp, who: &str) -> Timestamp {
    now.plus(backoff::after(STEP, who, LONGEST))
}

/// The order that compares a key with what would be written to it.
#[must_use]
pub fn order(write: Order) -> Order {
    match write {
        Order::Project {
            key,
            document: Some(document),
        } => Order::Compare {
            key,
            value: document.value,
        },
        other => other,
    }
}

/// Takes in what a look showed. A key that differs is written again, and the log says so.
pub fn settle(key: &mut Projection, outcome: &Outcome, now: Timestamp) -> Option<Line> {
    if *outcome != Outcome::Differs {
        return None;
    }
    key.again(now);
    let reason = "Workers KV had something else than was written: it is written again";
    Some(Line::new(now, kind::KV_CHECK_DIFFERED).because(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn written() -> Projection {
        let mut key = Projection::default();
        key.want(1, NOW);
        key.settle(1, &Outcome::Done, NOW, "who");
        key
    }

    #[test]
    fn a_document_is_looked_at_within_nine_days_and_not_all_at_once() {
        let times = ["one", "two", "three", "four"].map(|who| {
            let mut check = Check::default();
            check.follow(true, NOW, who);
            check.due(&written()).unwrap()
        });
        for time in times {
            let days = time.since(NOW).as_secs() / 86_400;
            assert!((4..=9).contains(&days), "{days}");
        }
        assert!(times.iter().any(|time| *time != times[0]));
    }

    #[test]
    fn nobody_asks_for_a_document_that_is_gone_nor_while_one_is_being_written() {
        let mut check = Check::default();
        check.follow(true, NOW, "who");
        let mut key = written();
        key.want(2, NOW);
        assert_eq!(check.due(&key), None);
        check.follow(false, NOW, "who");
        assert_eq!(check.due(&written()), None);
    }

    #[test]
    fn only_a_difference_is_written_again() {
        for (outcome, again) in [
            (Outcome::Done, false),
            (Outcome::Unknown("late".to_owned()), false),
            (Outcome::Failed("no".to_owned()), false),
            (Outcome::Differs, true),
        ] {
            let mut key = written();
            let line = settle(&mut key, &outcome, NOW);
            assert_eq!(
                (key.due().is_some(), line.is_some()),
                (again, again),
                "{outcome:?}"
            );
        }
    }
}
