//! How far a Workers KV key is behind the object that writes it.
//!
//! A key is a projection: the object always writes the current document, never a queued one. A
//! [`Projection`] remembers which revision KV has, when it may be written next, and whether a write
//! without an answer may still land. What the document says is left to the object.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::backoff::Retry;
use crate::domain::time::Timestamp;
use crate::machine::{EffectError, Outcome};

/// KV accepts one write a second to a key; the rest allows for two clocks.
pub const PACE: Duration = Duration::from_millis(1_100);

/// Longest wait between tries of a write.
const MAX_WRITE_BACKOFF: Duration = Duration::from_mins(5);

/// A write whose answer was lost may land this much later, over a newer one.
const DOUBT: Duration = Duration::from_secs(60);

/// A key that is behind for this long counts as stale.
pub const STALE_AFTER: Duration = Duration::from_mins(10);

/// The state of one key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Projection {
    /// The revision that KV should have.
    wanted: u64,
    /// The revision that KV has, as far as we know; 0 if it was never written.
    written: u64,
    /// When the key may be written next.
    retry: Retry,
    /// A write is in flight. Stored before it leaves, so that a crash counts as a lost answer.
    in_flight: bool,
    /// Until then an unanswered write may still land; the key is written once more after it.
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

    /// Corrects what a clock that was ahead made too long.
    pub fn correct_waits(&mut self, now: Timestamp) {
        self.retry.correct_wait(MAX_WRITE_BACKOFF, now);
        if let Some(doubt) = &mut self.doubt {
            doubt.end_within(DOUBT, now);
        }
        if let Some(since) = &mut self.behind_since {
            since.end_within(Duration::ZERO, now);
        }
    }

    /// Drops a document that is gone before a write of it was ever tried.
    pub fn cancel_unwritten(&mut self) {
        let tried = self.in_flight || self.retry.attempts > 0 || self.doubt.is_some();
        if self.written == 0 && !tried {
            *self = Self::default();
        }
    }

    /// A write leaves now. An earlier one without an answer may still land.
    pub fn start(&mut self, now: Timestamp) {
        if self.in_flight {
            self.doubt = Some(now.plus(DOUBT));
        }
        self.in_flight = true;
    }

    /// When the key is to be written next; `None` if KV is up to date.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        if self.wanted == self.written {
            self.doubt.map(|doubt| doubt.max(self.retry.at))
        } else {
            Some(self.retry.at)
        }
    }

    /// From when on KV can be asked what it has, since it caches reads for a minute; `None` while
    /// the key is to be written.
    #[must_use]
    pub fn settled_from(&self) -> Option<Timestamp> {
        let is_settled = !self.in_flight && self.due().is_none();
        is_settled.then(|| self.retry.at.plus(DOUBT.saturating_mul(2)))
    }

    /// Has a key that was ever written written once more.
    pub fn rewrite(&mut self, now: Timestamp) {
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

    /// When this key, if it stays behind, counts as stale.
    #[must_use]
    pub fn stale_at(&self) -> Option<Timestamp> {
        self.behind_since.map(|since| since.plus(STALE_AFTER))
    }

    /// Takes in what came of writing `revision`. `key` spreads the waits.
    pub fn complete(&mut self, revision: u64, outcome: &Outcome<()>, now: Timestamp, key: &str) {
        self.in_flight = false;
        match outcome {
            Ok(()) => {
                self.written = revision;
                self.retry = Retry::from(now.plus(PACE));
                self.doubt = self.doubt.filter(|&doubt| doubt > now);
                if self.wanted == self.written {
                    self.behind_since = None;
                }
            }
            Err(EffectError::Unknown(_)) => {
                self.fail(now, key);
                self.doubt = Some(now.plus(DOUBT));
            }
            Err(EffectError::Failed(_)) => self.fail(now, key),
        }
    }

    fn fail(&mut self, now: Timestamp, key: &str) {
        self.retry.fail(now, key, MAX_WRITE_BACKOFF);
        self.retry.at = self.retry.at.max(now.plus(PACE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "customer:1";
    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn failed(reason: &str) -> Outcome<()> {
        Err(EffectError::Failed(reason.to_owned()))
    }

    fn unknown() -> Outcome<()> {
        Err(EffectError::Unknown("no answer".to_owned()))
    }

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
        projection.complete(1, &Ok(()), START, KEY);
        assert_eq!(projection.due(), None);
        assert_eq!(projection.stale_at(), None);
    }

    #[test]
    fn writes_a_key_at_most_once_a_second() {
        let mut projection = behind();
        projection.complete(1, &Ok(()), START, KEY);
        projection.want(2, later(10));
        assert!(!projection.is_due(later(1_000)));
        assert!(projection.is_due(later(1_100)));
        projection.complete(2, &failed("429"), later(1_100), KEY);
        assert!(!projection.is_due(later(2_100)));
    }

    #[test]
    fn a_change_during_the_write_is_written_too() {
        let mut projection = behind();
        projection.want(2, START);
        projection.complete(1, &Ok(()), START, KEY);
        assert_eq!(projection.due(), Some(later(1_100)));
        assert_eq!(projection.wanted(), 2);
    }

    #[test]
    fn a_write_without_an_answer_is_repeated_a_minute_later_though_a_retry_succeeded() {
        let mut projection = behind();
        projection.complete(1, &unknown(), START, KEY);
        let retry = projection.due().unwrap();
        assert!(retry < later(60_000));
        projection.complete(1, &Ok(()), retry, KEY);
        assert_eq!(projection.due(), Some(later(60_000)));
        projection.complete(1, &Ok(()), later(60_000), KEY);
        assert_eq!(projection.due(), None);
    }

    #[test]
    fn retries_for_ever_and_never_waits_longer_than_five_minutes() {
        let (mut projection, mut now) = (behind(), START);
        for _ in 0..1_000 {
            projection.complete(1, &failed("503"), now, KEY);
            let due = projection.due().unwrap();
            assert!(due.since(now) <= MAX_WRITE_BACKOFF && due > now);
            now = due;
        }
        assert_eq!(projection.stale_at(), Some(START.plus(STALE_AFTER)));
    }

    #[test]
    fn a_document_that_came_and_went_unwritten_leaves_no_work() {
        let mut projection = behind();
        projection.want(2, START);
        projection.cancel_unwritten();
        assert_eq!(projection.due(), None);
    }

    #[test]
    fn a_write_that_a_crash_interrupted_is_repeated_a_minute_later() {
        let mut projection = behind();
        projection.start(START);
        assert!(projection.is_due(START), "it is tried again");
        projection.start(later(20_000));
        projection.complete(1, &Ok(()), later(20_000), KEY);
        assert_eq!(projection.due(), Some(later(80_000)));
    }

    #[test]
    fn a_document_that_a_crash_may_have_written_is_removed_for_certain() {
        let mut projection = behind();
        projection.start(START);
        projection.want(2, START);
        projection.cancel_unwritten();
        assert!(projection.due().is_some());
    }

    #[test]
    fn a_document_that_may_have_been_written_is_removed_for_certain() {
        let mut projection = behind();
        projection.complete(1, &unknown(), START, KEY);
        projection.want(2, START);
        projection.cancel_unwritten();
        assert!(projection.due().is_some());
    }
}
