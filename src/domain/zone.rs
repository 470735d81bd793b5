//! The time zones that people live in: which weekday it is there, and when it is which hour.
//!
//! The rules come from the IANA database that is built into the module, because the platform
//! offers none to it.

use jiff::ToSpan as _;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::domain::time::Timestamp;

/// The days that are looked at: a week, and one more in case today's hour is over.
const DAYS: i8 = 8;

/// A time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone with this name of the IANA database, such as `Europe/Berlin`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TimeZoneDatabase::bundled().get(name).ok().map(Self)
    }

    /// Whether it is Monday to Friday there.
    #[must_use]
    pub fn is_weekday(&self, at: Timestamp) -> bool {
        let date = self.date(at);
        date.is_some_and(|date| date.weekday().to_monday_zero_offset() < 5)
    }

    /// When it is this hour there, on the day of `from` and on the days after it. Where the clock
    /// leaves that hour out, the hour after it counts.
    pub fn days_at(&self, from: Timestamp, hour: i8) -> impl Iterator<Item = Timestamp> {
        let today = self.date(from);
        (0..=DAYS).filter_map(move |ahead| {
            let day = today?.checked_add(i64::from(ahead).days()).ok()?;
            let moment = day
                .at(hour, 0, 0, 0)
                .to_zoned_datetime(self.0.clone())
                .ok()?;
            Some(Timestamp::from_millis(moment.timestamp().as_millisecond()))
        })
    }

    /// When this day begins there; `None` if the text is not a date such as `2026-12-05`.
    #[must_use]
    pub fn start_of_day(&self, date: &str) -> Option<Timestamp> {
        let date: jiff::civil::Date = date.parse().ok()?;
        let start = date.at(0, 0, 0, 0).to_zoned_datetime(self.0.clone()).ok()?;
        Some(Timestamp::from_millis(start.timestamp().as_millisecond()))
    }

    /// The day there, such as `2026-12-05`; empty outside of the calendar.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> String {
        self.date(at)
            .map_or_else(String::new, |date| date.to_string())
    }

    /// `Sat 5 Dec 2026, 08:00 CET`; empty outside of the calendar.
    #[must_use]
    pub fn to_minutes(&self, at: Timestamp) -> String {
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok();
        let there = at.map(|at| at.to_zoned_datetime(self.0.clone()));
        let shown = there.map(|at| at.strftime("%a %-d %b %Y, %H:%M %Z").to_string());
        shown.unwrap_or_default()
    }

    fn date(&self, at: Timestamp) -> Option<jiff::civil::Date> {
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
        Some(at.to_zoned_datetime(self.0.clone()).date())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn zones_have_the_names_of_the_iana_database() {
        for name in ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"] {
            assert!(Zone::named(name).is_some(), "{name}");
        }
        for name in ["", "Berlin", "Europe/Atlantis", "+02:00"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }

    #[test]
    fn the_weekday_is_that_of_the_zone() {
        // Sunday evening in Europe is Monday in Auckland, and Monday morning is Sunday in Honolulu.
        let sunday = moment("2026-11-29T20:00:00Z");
        assert!(Zone::named("Pacific/Auckland").unwrap().is_weekday(sunday));
        assert!(!Zone::UTC.is_weekday(sunday));
        let monday = moment("2026-11-30T06:00:00Z");
        assert!(!Zone::named("Pacific/Honolulu").unwrap().is_weekday(monday));
        assert!(Zone::UTC.is_weekday(monday));
    }

    #[test]
    fn a_day_begins_and_a_moment_is_shown_where_the_team_lives() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let start = moment("2026-12-04T23:00:00Z");
        assert_eq!(berlin.start_of_day("2026-12-05"), Some(start));
        assert_eq!(berlin.to_minutes(start), "Sat 5 Dec 2026, 00:00 CET");
        assert_eq!(Zone::UTC.to_minutes(start), "Fri 4 Dec 2026, 23:00 UTC");
        assert_eq!(berlin.day(start), "2026-12-05");
        for text in ["", "tomorrow", "2026-13-01", "5.12.2026"] {
            assert_eq!(berlin.start_of_day(text), None, "{text}");
        }
    }

    #[test]
    fn the_hour_follows_summer_time_and_an_hour_that_is_left_out_is_the_next_one() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let on = |day: &str, hour| berlin.days_at(moment(day), hour).next().unwrap();
        assert_eq!(
            on("2026-07-01T12:00:00Z", 8),
            moment("2026-07-01T06:00:00Z")
        );
        assert_eq!(
            on("2026-12-01T12:00:00Z", 8),
            moment("2026-12-01T07:00:00Z")
        );
        // The clock goes from 2:00 to 3:00.
        assert_eq!(
            on("2026-03-29T12:00:00Z", 2),
            moment("2026-03-29T01:00:00Z")
        );
    }
}
