//! Points in time, as milliseconds since 1970-01-01T00:00:00Z.
//!
//! Time is always an argument: nothing here reads a clock. Times from
//! Kombo are cut to milliseconds, so two moments in the same millisecond compare as
//! equal.

use core::time::Duration;

use chrono::{DateTime, Datelike as _, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch. Arithmetic saturates.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millis` after the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, for Slack's date tokens.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Reads an RFC 3339 date-time; `None` if the text is not one, or if its moment
    /// cannot be written as one in UTC, because it is outside the years 0 to 9999.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let moment = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
        let is_four_digits = (0..=9999).contains(&moment.year());
        is_four_digits.then(|| Self(moment.timestamp_millis()))
    }

    /// Reads a date of an HTTP header, in any of the three forms of RFC 9110; `None` if the text is
    /// not one.
    #[must_use]
    pub fn parse_http_date(text: &str) -> Option<Self> {
        const FORMS: [&str; 3] = [
            "%a, %d %b %Y %H:%M:%S GMT",
            "%A, %d-%b-%y %H:%M:%S GMT",
            "%a %b %e %H:%M:%S %Y",
        ];
        let mut forms = FORMS.into_iter();
        let moment = forms.find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
        Some(Self(moment.and_utc().timestamp_millis()))
    }

    /// This moment as RFC 3339 in UTC with milliseconds, the form of every document.
    ///
    /// A moment outside the calendar (beyond the year 262 000) reads as the epoch.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.calendar().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// `2026-11-23 14:02 UTC`, for readers whose client cannot convert a date.
    #[must_use]
    pub fn to_minutes(self) -> String {
        let moment = self.to_rfc3339();
        let (day, time) = moment.split_once('T').unwrap_or_default();
        let minutes = time.rsplit_once(':').unwrap_or_default().0;
        format!("{day} {minutes} UTC")
    }

    /// The moment `span` later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// Corrects the end of a wait that is further ahead than its longest wait: the clock that set it
    /// was ahead, so it is over. A moment of the past has a longest wait of zero.
    pub fn end_within(&mut self, longest: Duration, now: Self) {
        if *self > now.plus(longest) {
            *self = now;
        }
    }

    /// How long before this moment `earlier` was; zero if it was not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    fn calendar(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_any_rfc_3339_offset_and_writes_utc_milliseconds() {
        let moment = Timestamp::parse("2026-09-28T05:00:12.004+02:00").unwrap();
        assert_eq!(moment.to_rfc3339(), "2026-09-28T03:00:12.004Z");
        assert_eq!(moment.to_minutes(), "2026-09-28 03:00 UTC");
    }

    #[test]
    fn rejects_a_moment_that_has_another_form_in_utc() {
        for text in [
            "9999-12-31T23:59:59-12:00",
            "0000-01-01T00:00:00+12:00",
            "2026-13-01T00:00:00Z",
            "2026-09-28",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        let last = Timestamp::parse("9999-12-31T23:59:59.999Z").unwrap();
        assert_eq!(last.to_rfc3339(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn reads_seconds_without_a_fraction_and_cuts_nanoseconds() {
        assert_eq!(
            Timestamp::parse("2026-09-28T03:00:12Z"),
            Timestamp::parse("2026-09-28T03:00:12.000999Z")
        );
    }

    #[test]
    fn rejects_what_is_not_a_date_time() {
        for text in ["", "2026-09-28", "yesterday", "1790564412"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_wait_that_a_clock_made_too_long_is_over() {
        let now = Timestamp::from_millis(1_000);
        for (end, corrected) in [
            (900, 900),
            (1_500, 1_500),
            (1_501, 1_000),
            (i64::MAX, 1_000),
        ] {
            let mut end = Timestamp::from_millis(end);
            end.end_within(Duration::from_millis(500), now);
            assert_eq!(end.as_millis(), corrected);
        }
    }

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(end.plus(Duration::MAX), end);
        assert_eq!(
            Timestamp::from_millis(i64::MIN).since(end),
            Duration::from_millis(0)
        );
        assert_eq!(end.to_rfc3339(), "1970-01-01T00:00:00.000Z");
    }
}
