//! What an isolate counts at the edge, and when it reports it to the engineers' Notifier.
//!
//! No one can query an isolate, so each reports by itself: rejected deliveries at most once a minute,
//! and valid deliveries at most once in ten minutes, or once in half a day if their types are
//! ignored; but at once after rejected ones were reported, because that ends what the report began.

use core::time::Duration;

use crate::contracts::kombo::signature::SignatureError;
use crate::contracts::objects::notifier::{IntakeReport, Message};
use crate::domain::time::Timestamp;

/// Rejected deliveries are reported at most this often.
const REFUSED_INTERVAL: Duration = Duration::from_mins(1);
/// Deliveries that were stored are reported at most this often.
const STORED_INTERVAL: Duration = Duration::from_mins(10);
/// Ignored deliveries are reported at most this often.
const IGNORED_INTERVAL: Duration = Duration::from_hours(12);

const NOTHING: IntakeReport = IntakeReport {
    valid_at: None,
    refused: 0,
    malformed: 0,
    missing: 0,
    misdirected: 0,
};

/// The memory of one isolate. It may be lost at any moment.
#[derive(Debug, Clone, Copy)]
pub struct IntakeReporter {
    /// What is reported next: the latest valid delivery of any type, and what was rejected since the
    /// last report.
    next: IntakeReport,
    valid_reported: Option<Timestamp>,
    refused_reported: Option<Timestamp>,
}

impl IntakeReporter {
    /// Nothing counted yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            next: NOTHING,
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

    /// The signature of a delivery was rejected: the report that is due.
    pub fn refused(&mut self, now: Timestamp, error: SignatureError) -> Option<Message> {
        let count = match error {
            SignatureError::Missing => &mut self.next.missing,
            SignatureError::Malformed => &mut self.next.malformed,
            SignatureError::Mismatch => &mut self.next.refused,
        };
        *count = count.saturating_add(1);
        self.rejected(now)
    }

    /// Kombo delivered to another path: the report that is due.
    pub fn misdirected(&mut self, now: Timestamp) -> Option<Message> {
        self.next.misdirected = self.next.misdirected.saturating_add(1);
        self.rejected(now)
    }

    fn rejected(&mut self, now: Timestamp) -> Option<Message> {
        let is_due = self
            .refused_reported
            .is_none_or(|at| now.since(at) >= REFUSED_INTERVAL);
        is_due.then(|| self.report(now))
    }

    fn valid(&mut self, now: Timestamp, pause: Duration) -> Option<Message> {
        self.next.valid_at = Some(now);
        let is_due = self.valid_reported.is_none_or(|at| now.since(at) >= pause);
        let ends_refusals = self
            .refused_reported
            .is_some_and(|at| Some(at) >= self.valid_reported);
        (is_due || ends_refusals).then(|| self.report(now))
    }

    fn report(&mut self, now: Timestamp) -> Message {
        let valid_at = self.next.valid_at;
        self.valid_reported = valid_at.map(|_| now).or(self.valid_reported);
        let rest = IntakeReport {
            valid_at,
            ..NOTHING
        };
        let report = core::mem::replace(&mut self.next, rest);
        if report != rest {
            self.refused_reported = Some(now);
        }
        Message::IntakeReport(report)
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

    /// A delivery with a wrong signature: the report that is due.
    fn refused(reporter: &mut IntakeReporter, now: Timestamp) -> Option<IntakeReport> {
        let report = reporter.refused(now, SignatureError::Mismatch)?;
        let Message::IntakeReport(report) = report else {
            unreachable!("it reports nothing else")
        };
        Some(report)
    }

    #[test]
    fn a_flood_of_refused_signatures_is_reported_once_a_minute_with_its_count() {
        let mut reporter = IntakeReporter::new();
        let mut counts = Vec::new();
        for second in 0..=120 {
            let report = refused(&mut reporter, after(second));
            counts.extend(report.map(|report| report.refused));
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
        assert!(refused(&mut reporter, after(2)).is_some());
        let report = reporter.ignored(after(3));
        let Some(Message::IntakeReport(report)) = report else {
            unreachable!("it says that the refusals are over")
        };
        assert_eq!(report.valid_at, Some(after(3)));
        assert!(reporter.ignored(after(4)).is_none(), "and only that one");
        let report = refused(&mut reporter, after(5));
        assert!(report.is_none(), "a minute is not over");
        assert!(refused(&mut reporter, after(62)).is_some());
    }

    #[test]
    fn ignored_deliveries_are_reported_twice_a_day_and_with_the_next_report() {
        let mut reporter = IntakeReporter::new();
        let hours = (0..24).filter(|hour| reporter.ignored(after(hour * 3600)).is_some());
        assert_eq!(hours.count(), 2);
        let report = refused(&mut reporter, after(24 * 3600));
        let expected = IntakeReport {
            valid_at: Some(after(23 * 3600)),
            refused: 1,
            ..NOTHING
        };
        assert_eq!(report, Some(expected));
    }

    #[test]
    fn each_kind_of_rejected_delivery_is_counted_by_itself() {
        let mut reporter = IntakeReporter::new();
        assert!(refused(&mut reporter, START).is_some());
        for error in [SignatureError::Missing, SignatureError::Malformed] {
            let report = reporter.refused(after(1), error);
            assert!(report.is_none(), "a minute is not over");
        }
        assert!(reporter.misdirected(after(2)).is_none());
        let report = refused(&mut reporter, after(60));
        let expected = IntakeReport {
            valid_at: None,
            refused: 1,
            malformed: 1,
            missing: 1,
            misdirected: 1,
        };
        assert_eq!(report, Some(expected));
    }

    #[test]
    fn the_first_rejected_delivery_of_each_kind_is_reported_at_once() {
        for error in [SignatureError::Missing, SignatureError::Malformed] {
            assert!(IntakeReporter::new().refused(START, error).is_some());
        }
        assert!(IntakeReporter::new().misdirected(START).is_some());
    }
}
