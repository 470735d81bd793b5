//! When a Workers KV key is read back, to see whether KV still has what its object wrote: about
//! once a week, at times that are spread over the objects.
//!
//! Only documents that exist are read back. Writing a key that differs is left to `projection`.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contracts::operator::log::{Line, kind};
use crate::domain::backoff;
use crate::domain::time::Timestamp;
use crate::machine::{Comparison, Outcome};
use crate::parts::projection::Projection;

/// The longest interval between two reads; the shortest is half of it.
const MAX_INTERVAL: Duration = Duration::from_hours(9 * 24);
/// A number of attempts after which the backoff is spread over the whole interval.
const ATTEMPTS: u32 = 30;

/// When a key is read back next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Check {
    at: Option<Timestamp>,
}

impl Check {
    /// Plans a read of a document that exists, and none of one that is gone. `seed` spreads the
    /// times.
    pub fn schedule(&mut self, exists: bool, now: Timestamp, seed: &str) {
        self.at = exists.then(|| self.at.unwrap_or_else(|| next(now, seed)));
    }

    /// Corrects what a clock that was ahead made too long.
    pub fn correct_wait(&mut self, now: Timestamp) {
        if let Some(at) = &mut self.at {
            at.end_within(MAX_INTERVAL, now);
        }
    }

    /// When the key is to be read back; `None` while it is being written.
    #[must_use]
    pub fn due(&self, key: &Projection) -> Option<Timestamp> {
        Some(self.at?.max(key.settled_from()?))
    }

    /// Whether the key is to be read back now. If so, the next read is planned, whatever comes of
    /// this one.
    pub fn begin(&mut self, key: &Projection, now: Timestamp, seed: &str) -> bool {
        let is_due = self.due(key).is_some_and(|due| due <= now);
        if is_due {
            self.at = Some(next(now, seed));
        }
        is_due
    }
}

fn next(now: Timestamp, seed: &str) -> Timestamp {
    now.plus(backoff::after(ATTEMPTS, seed, MAX_INTERVAL))
}

/// Takes in a comparison. A key that differs is written again, and the log says so.
pub fn complete(
    key: &mut Projection,
    outcome: &Outcome<Comparison>,
    now: Timestamp,
) -> Option<Line> {
    if *outcome != Ok(Comparison::Differs) {
        return None;
    }
    key.rewrite(now);
    let reason = "Workers KV did not have what was written; writing it again";
    Some(Line::new(now, kind::KV_CHECK_DIFFERED).because(reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::EffectError;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn written() -> Projection {
        let mut key = Projection::default();
        key.want(1, NOW);
        key.complete(1, &Ok(()), NOW, "seed");
        key
    }

    #[test]
    fn reads_a_document_back_within_nine_days_and_not_all_at_once() {
        let times = ["one", "two", "three", "four"].map(|seed| {
            let mut check = Check::default();
            check.schedule(true, NOW, seed);
            check.due(&written()).unwrap()
        });
        for time in times {
            let days = time.since(NOW).as_secs() / 86_400;
            assert!((4..=9).contains(&days), "{days}");
        }
        assert!(times.iter().any(|time| *time != times[0]));
    }

    #[test]
    fn never_reads_back_a_document_that_is_gone_or_being_written() {
        let mut check = Check::default();
        check.schedule(true, NOW, "seed");
        let mut key = written();
        key.want(2, NOW);
        assert_eq!(check.due(&key), None);
        check.schedule(false, NOW, "seed");
        assert_eq!(check.due(&written()), None);
    }

    #[test]
    fn writes_again_only_what_differs() {
        for (outcome, again) in [
            (Ok(Comparison::Same), false),
            (Err(EffectError::Unknown("no answer".to_owned())), false),
            (Err(EffectError::Failed("refused".to_owned())), false),
            (Ok(Comparison::Differs), true),
        ] {
            let mut key = written();
            let line = complete(&mut key, &outcome, NOW);
            assert_eq!(
                (key.due().is_some(), line.is_some()),
                (again, again),
                "{outcome:?}"
            );
        }
    }
}
