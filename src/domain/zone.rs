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
