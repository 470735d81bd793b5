//! How far a Workers KV key is behind the object that writes it.
//!
//! A key is a projection: what is written is always the present document, never
//! a queued one. This remembers which revision KV has, when it may be written
//! next, and whether a write without an answer may still land. What the document
//! says is the object's to know.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::backoff::Retry;
use crate::domain::time::Timestamp;
use crate::machine::Outcome;

/// KV takes one write a second to a key; the rest is for its clock and ours.
pub const PACE: Duration = Duration::from_millis(1_100);

/// Longest wait between tries of a write.
const MAX_BACKOFF: Duration = Duration::from_mins(5);

/// A write whose answer was lost may land this much later, over a newer one.
const DOUBT: Duration = Duration::from_secs(60);

/// A key that is this much behind is late.
pub const LATE: Duration = Duration::from_mins(10);

/// The state of one key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Projection {
    /// The revision that KV should have.
    wanted: u64,
    /// The revision that KV has, as far as we know; 0 is "never written".
    written: u64,
    /// When the key may be written next.
    retry: Retry,
    /// A write is on its way. Stored before it leaves, so that a crash is known as a lost answer.
    trying: bool,
    /// Until then an unanswered write may still land: then write once more.
    doubt: Option<Timestamp>,
    /// Since when the key is behind.
    behind_since: Option<Timestamp>,
}

impl Projection {
    /// KV should have this revision of the document.
    pub fn want(&mut self, revision: u64, now: Timestamp) {
        if self.wanted != revision {
            self.wanted = revision;
            self.behind_since.get_or_insert(now);
        }
    }

    /// Nothing was ever written, nor tried, and the document is gone: KV need not hear of it.
    pub fn forget_unwritten(&mut self) {
        let tried = self.trying || self.retry.attempts > 0 || self.doubt.is_some();
        if self.written == 0 && !tried {
            *self = Self::default();
        }
    }

    /// A write leaves now. One that left before and never came back may still land.
    pub fn start(&mut self, now: Timestamp) {
        if self.trying {
            self.doubt = Some(now.plus(DOUBT));
        }
        self.trying = true;
    }

    /// When the key is to be written next; `None` when KV is as it should be.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        if self.wanted == self.written {
            self.doubt.map(|doubt| doubt.max(self.retry.at))
        } else {
            Some(self.retry.at)
        }
    }

    /// From when on KV can be asked what it has: it caches what was read for a minute.
    /// None while the key is to be written.
    #[must_use]
    pub fn rests_from(&self) -> Option<Timestamp> {
        let rests = !self.trying && self.due().is_none();
        rests.then(|| self.retry.at.plus(DOUBT.saturating_mul(2)))
    }

    /// What was ever written is to be written once more.
    pub fn again(&mut self, now: Timestamp) {
        if self.wanted > 0 {
            self.doubt = Some(self.doubt.unwrap_or(now));
        }
    }

    /// Whether the key is to be written now.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// The revision that KV should have.
    #[must_use]
    pub fn wanted(&self) -> u64 {
        self.wanted
    }

    /// When this key, if it stays behind, counts as late.
    #[must_use]
    pub fn late_at(&self) -> Option<Timestamp> {
        self.behind_since.map(|since| since.plus(LATE))
    }

    /// Takes in what came of writing `revision`. `key` spreads the waits.
    pub fn settle(&mut self, revision: u64, outcome: &Outcome, now: Timestamp, key: &str) {
        self.trying = false;
        match outcome {
            Outcome::Done => {
                self.written = revision;
                self.retry = Retry::from(now.plus(PACE));
                self.doubt = self.doubt.filter(|&doubt| doubt > now);
                if self.wanted == self.written {
                    self.behind_since = None;
                }
            }
            Outcome::Unknown(_) => {
                self.fail(now, key);
                self.doubt = Some(now.plus(DOUBT));
            }
            Outcome::Failed(_)
            | Outcome::Answered(_)
            | Outcome::Listed(_)
            | Outcome::Differs
            | Outcome::Unsettled => {
                self.fail(now, key);
            }
        }
    }

    fn fail(&mut self, now: Timestamp, key: &str) {
        self.retry.fail(now, key, MAX_BACKOFF);
        self.retry.at = self.retry.at.max(now.plus(PACE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "customer:1";
    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn behind() -> Projection {
        let mut projection = Projection::default();
        projection.want(1, START);
        projection
    }

    fn later(millis: u64) -> Timestamp {
        START.plus(Duration::from_millis(millis))
    }

    #[test]
    fn is_due_at_once_and_rests_when_written() {
        let mut projection = behind();
        assert!(projection.is_due(START));
        projection.settle(1, &Outcome::Done, START, KEY);
        assert_eq!(projection.due(), None);
        assert_eq!(projection.late_at(), None);
    }

    #[test]
    fn writes_a_key_at_most_once_a_second() {
        let mut projection = behind();
        projection.settle(1, &Outcome::Done, START, KEY);
        projection.want(2, later(10));
        assert!(!projection.is_due(later(1_000)));
        assert!(projection.is_due(later(1_100)));
        projection.settle(2, &Outcome::Failed("429".to_owned()), later(1_100), KEY);
        assert!(!projection.is_due(later(2_100)));
    }

    #[test]
    fn a_change_during_the_write_is_written_too() {
        let mut projection = behind();
        projection.want(2, START);
        projection.settle(1, &Outcome::Done, START, KEY);
        assert_eq!(projection.due(), Some(later(1_100)));
        assert_eq!(projection.wanted(), 2);
    }

    #[test]
    fn a_write_without_an_answer_is_repeated_a_minute_later_though_a_retry_succeeded() {
        let mut projection = behind();
        projection.settle(1, &Outcome::Unknown("time".to_owned()), START, KEY);
        let retry = projection.due().unwrap();
        assert!(retry < later(60_000));
        projection.settle(1, &Outcome::Done, retry, KEY);
        assert_eq!(projection.due(), Some(later(60_000)));
        projection.settle(1, &Outcome::Done, later(60_000), KEY);
        assert_eq!(projection.due(), None);
    }

    #[test]
    fn retries_for_ever_and_never_waits_longer_than_five_minutes() {
        let (mut projection, mut now) = (behind(), START);
        for _ in 0..1_000 {
            projection.settle(1, &Outcome::Failed("503".to_owned()), now, KEY);
            let due = projection.due().unwrap();
            assert!(due.since(now) <= MAX_BACKOFF && due > now);
            now = due;
        }
        assert_eq!(projection.late_at(), Some(START.plus(LATE)));
    }

    #[test]
    fn a_document_that_came_and_went_unwritten_leaves_no_work() {
        let mut projection = behind();
        projection.want(2, START);
        projection.forget_unwritten();
        assert_eq!(projection.due(), None);
    }

    #[test]
    fn a_write_that_a_crash_interrupted_is_repeated_a_minute_later() {
        let mut projection = behind();
        projection.start(START);
        assert!(projection.is_due(START), "it is tried again");
        projection.start(later(20_000));
        projection.settle(1, &Outcome::Done, later(20_000), KEY);
        assert_eq!(projection.due(), Some(later(80_000)));
    }

    #[test]
    fn a_document_that_a_crash_may_have_written_is_removed_for_certain() {
        let mut projection = behind();
        projection.start(START);
        projection.want(2, START);
        projection.forget_unwritten();
        assert!(projection.due().is_some());
    }

    #[test]
    fn a_document_that_may_have_been_written_is_removed_for_certain() {
        let mut projection = behind();
        projection.settle(1, &Outcome::Unknown("time".to_owned()), START, KEY);
        projection.want(2, START);
        projection.forget_unwritten();
        assert!(projection.due().is_some());
    }
}
