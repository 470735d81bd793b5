//! What an isolate counts at the edge, and when it reports it to the engineers' Notifier.
//!
//! No one can query an isolate, so each reports by itself: rejected signatures at most once a minute,
//! and valid deliveries at most once in ten minutes, or once in half a day if their types are
//! ignored; but at once after rejected ones were reported, because that ends what the report began.

use core::time::Duration;

use crate::contracts::objects::notifier::Message;
use crate::domain::time::Timestamp;

/// Rejected signatures are reported at most this often.
const REFUSED_INTERVAL: Duration = Duration::from_mins(1);
/// Deliveries that were stored are reported at most this often.
const STORED_INTERVAL: Duration = Duration::from_mins(10);
/// Ignored deliveries are reported at most this often.
const IGNORED_INTERVAL: Duration = Duration::from_hours(12);

/// The memory of one isolate. It may be lost at any moment.
#[derive(Debug, Clone, Copy)]
pub struct IntakeReporter {
    /// When the latest valid delivery of any type arrived.
    valid_at: Option<Timestamp>,
    /// Deliveries since the last report whose signature was well-formed but wrong.
    refused: u64,
    valid_reported: Option<Timestamp>,
    refused_reported: Option<Timestamp>,
}

impl IntakeReporter {
    /// Nothing counted yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            valid_at: None,
            refused: 0,
            valid_reported: None,
            refused_reported: None,
        }
    }

    /// A valid delivery was ignored: the report that is due.
    pub fn ignored(&mut self, now: Timestamp) -> Option<Message> {
        self.valid(now, IGNORED_INTERVAL)
    }

    /// A valid delivery was stored: the report that is due.
    pub fn stored(&mut self, now: Timestamp) -> Option<Message> {
        self.valid(now, STORED_INTERVAL)
    }

    /// The signature of a delivery was well-formed but wrong: the report that is due.
    pub fn refused(&mut self, now: Timestamp) -> Option<Message> {
        self.refused = self.refused.saturating_add(1);
        let is_due = self
            .refused_reported
            .is_none_or(|at| now.since(at) >= REFUSED_INTERVAL);
        is_due.then(|| self.report(now))
    }

    fn valid(&mut self, now: Timestamp, pause: Duration) -> Option<Message> {
        self.valid_at = Some(now);
        let is_due = self.valid_reported.is_none_or(|at| now.since(at) >= pause);
        let ends_refusals = self
            .refused_reported
            .is_some_and(|at| Some(at) >= self.valid_reported);
        (is_due || ends_refusals).then(|| self.report(now))
    }

    fn report(&mut self, now: Timestamp) -> Message {
        self.valid_reported = self.valid_at.map(|_| now).or(self.valid_reported);
        if self.refused > 0 {
            self.refused_reported = Some(now);
        }
        Message::IntakeReport {
            valid_at: self.valid_at,
            refused: core::mem::take(&mut self.refused),
        }
    }
}

impl Default for IntakeReporter {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn after(seconds: u64) -> Timestamp {
        START.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_flood_of_refused_signatures_is_reported_once_a_minute_with_its_count() {
        let mut reporter = IntakeReporter::new();
        let mut counts = Vec::new();
        for second in 0..=120 {
            if let Some(Message::IntakeReport { refused, .. }) = reporter.refused(after(second)) {
                counts.push(refused);
            }
        }
        assert_eq!(counts, [1, 60, 60]);
    }

    #[test]
    fn valid_deliveries_are_reported_once_in_ten_minutes() {
        let mut reporter = IntakeReporter::new();
        let reports = (0..1_200).filter(|second| reporter.stored(after(*second)).is_some());
        assert_eq!(reports.count(), 2);
    }

    #[test]
    fn the_first_valid_delivery_after_refused_ones_is_reported_at_once() {
        let mut reporter = IntakeReporter::new();
        assert!(reporter.ignored(START).is_some());
        assert!(reporter.ignored(after(1)).is_none());
        assert!(reporter.refused(after(2)).is_some());
        let report = reporter.ignored(after(3));
        let Some(Message::IntakeReport { valid_at, .. }) = report else {
            unreachable!("it says that the refusals are over")
        };
        assert_eq!(valid_at, Some(after(3)));
        assert!(reporter.ignored(after(4)).is_none(), "and only that one");
        assert!(reporter.refused(after(5)).is_none(), "a minute is not over");
        assert!(reporter.refused(after(62)).is_some());
    }

    #[test]
    fn ignored_deliveries_are_reported_twice_a_day_and_with_the_next_report() {
        let mut reporter = IntakeReporter::new();
        let hours = (0..24).filter(|hour| reporter.ignored(after(hour * 3600)).is_some());
        assert_eq!(hours.count(), 2);
        let report = reporter.refused(after(24 * 3600));
        let Some(Message::IntakeReport { valid_at, refused }) = report else {
            unreachable!("the first refusal is reported")
        };
        assert_eq!((valid_at, refused), (Some(after(23 * 3600)), 1));
    }
}
