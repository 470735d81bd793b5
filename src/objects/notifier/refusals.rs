//! Deliveries of one kind that were rejected: how many in the last day, and when the engineers are to
//! hear of them.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// They are reported at most this often.
const REPORT_INTERVAL: Duration = Duration::from_hours(24);
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;
/// They are counted for this many hours.
const COUNTED_HOURS: i64 = 24;

/// Counts of the last day, by the hour since the epoch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Hourly(Vec<(i64, u64)>);

impl Hourly {
    /// Counts some more.
    pub(super) fn add(&mut self, now: Timestamp, count: u64) {
        if count == 0 {
            return;
        }
        self.0.retain(|(at, _)| is_recent(*at, now));
        let hour = now.as_millis().div_euclid(HOUR);
        match self.0.iter_mut().find(|(at, _)| *at == hour) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.0.push((hour, count)),
        }
    }

    /// How many there were in the last day.
    pub(super) fn sum(&self, now: Timestamp) -> u64 {
        let recent = self.0.iter().filter(|(at, _)| is_recent(*at, now));
        recent.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }
}

fn is_recent(hour: i64, now: Timestamp) -> bool {
    hour.saturating_add(COUNTED_HOURS) > now.as_millis().div_euclid(HOUR)
}

/// What is known of the rejected deliveries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Refusals {
    /// Those of the last day.
    refused: Hourly,
    /// When the first one was rejected since the last valid delivery.
    refused_since: Option<Timestamp>,
    /// When they were last reported to the engineers.
    refusal_reported_at: Option<Timestamp>,
}

impl Refusals {
    /// Notes what an isolate counted, and when its latest valid delivery came. Reports may arrive late
    /// and in any order.
    pub(super) fn note(&mut self, now: Timestamp, valid_at: Option<Timestamp>, count: u64) {
        if valid_at >= self.refused_since {
            self.refused_since = None;
        }
        if count > 0 {
            self.refused_since.get_or_insert(now);
            self.refused.add(now, count);
        }
    }

    /// Corrects what a clock that was ahead noted.
    pub(super) fn correct_times(&mut self, now: Timestamp) {
        let past = [&mut self.refused_since, &mut self.refusal_reported_at];
        for at in past.into_iter().flatten() {
            at.end_within(Duration::ZERO, now);
        }
    }

    /// How many there were in the last day.
    pub(super) fn sum(&self, now: Timestamp) -> u64 {
        self.refused.sum(now)
    }

    /// When to report them, if no valid delivery comes within `delay`.
    pub(super) fn due(&self, delay: Duration) -> Option<Timestamp> {
        let due = self.refused_since?.plus(delay);
        let reported = self.refusal_reported_at;
        Some(reported.map_or(due, |at| due.max(at.plus(REPORT_INTERVAL))))
    }

    /// They are reported: since when they have been rejected.
    pub(super) fn report(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.refusal_reported_at = Some(now);
        self.refused_since.take()
    }
}
