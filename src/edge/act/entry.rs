//! What a person entered into a form.

use core::time::Duration;

use crate::contracts::objects::incident::Deed;
use crate::contracts::operator::settings::Settings;
use crate::domain::act::{Act, Person};
use crate::domain::time::Timestamp;
use crate::edge::api::MAX_MUTE;

const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);

/// The fields of a form, as they came.
#[derive(Debug)]
pub(super) struct Entry {
    act: Act,
    name: Option<String>,
    seen: Option<String>,
    span: Option<String>,
    date: Option<String>,
    email: Option<String>,
}

/// What a person asks for.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) by: Person,
    pub(super) deed: Deed,
    /// The address of the person who is to connect, if the form asked for it.
    pub(super) email: Option<String>,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryError {
    /// The name is missing or too long.
    Name,
    /// The end of the mute is missing, over, or too far ahead.
    Until,
    /// The address is missing or not one.
    Email,
}

impl Entry {
    pub(super) fn read(act: Act, body: &[u8]) -> Self {
        let field = |name| parameter(body, name);
        Self {
            act,
            name: field("name"),
            seen: field("seen"),
            span: field("span"),
            date: field("date"),
            email: field("email"),
        }
    }

    pub(super) fn checked(
        self,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Entered, EntryError> {
        let name = self.name.clone().unwrap_or_default();
        let by = Person::try_from(name).map_err(|_| EntryError::Name)?;
        let deed = match self.act {
            Act::Take => Deed::Take {
                instead_of: self.seen(),
            },
            Act::Mute => Deed::Mute {
                until: self.until(settings, now).ok_or(EntryError::Until)?,
            },
            Act::SendLink => Deed::SendLink,
            Act::Close => Deed::Close,
        };
        let email = self.email.map(|text| text.trim().to_owned());
        let email = email.filter(|text| !text.is_empty());
        if email.as_deref().is_some_and(|text| !is_address(text)) {
            return Err(EntryError::Email);
        }
        Ok(Entered { by, deed, email })
    }

    /// Since when the one was on it whom the person saw.
    fn seen(&self) -> Option<Timestamp> {
        let millis = self.seen.as_deref()?.parse().ok()?;
        Some(Timestamp::from_millis(millis))
    }

    fn until(&self, settings: &Settings, now: Timestamp) -> Option<Timestamp> {
        let until = match self.span.as_deref()? {
            "day" => now.plus(DAY),
            "week" => now.plus(WEEK),
            "date" => {
                let zone = settings.alerting.zone();
                zone.start_of_day(self.date.as_deref()?)?
            }
            _ => return None,
        };
        (until > now && until <= now.plus(MAX_MUTE)).then_some(until)
    }
}

/// Whether it may be an e-mail address. Kombo decides.
fn is_address(text: &str) -> bool {
    let is_plain = text.len() <= 254 && text.bytes().all(|byte| byte.is_ascii_graphic());
    let parts = text.split_once('@');
    is_plain && parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

/// A field of a form or a query.
pub(super) fn parameter(form: &[u8], name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(form);
    let (_, value) = pairs.find(|(of, _)| of == name)?;
    Some(value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::operator::settings::Config;

    // Sunday evening in UTC, and Monday in Auckland.
    const NOW: &str = "2026-11-29T20:00:00Z";

    fn entered(act: Act, form: &str, zone: &str) -> Result<Entered, EntryError> {
        let config =
            Config::parse(|name| (name == "DAILY_SUMMARY_TIMEZONE").then(|| zone.to_owned()));
        let now = Timestamp::parse(NOW).unwrap();
        Entry::read(act, form.as_bytes()).checked(&config.settings, now)
    }

    #[test]
    fn a_mute_ends_after_a_day_a_week_or_when_a_day_begins_for_the_team() {
        for (form, zone, until) in [
            ("span=day", "UTC", "2026-11-30T20:00:00Z"),
            ("span=week", "UTC", "2026-12-06T20:00:00Z"),
            ("span=date&date=2026-12-05", "UTC", "2026-12-05T00:00:00Z"),
            (
                "span=date&date=2026-12-05",
                "Europe/Berlin",
                "2026-12-04T23:00:00Z",
            ),
            ("span=date&date=2026-12-29", "UTC", "2026-12-29T00:00:00Z"),
        ] {
            let entered = entered(Act::Mute, &format!("name=Anna&{form}"), zone).unwrap();
            let until = Timestamp::parse(until).unwrap();
            assert_eq!(entered.deed, Deed::Mute { until }, "{form} {zone}");
        }
        for form in [
            "",
            "span=year",
            "span=date",
            "span=date&date=soon",
            "span=date&date=2026-11-29",
            "span=date&date=2026-12-30",
        ] {
            let error = entered(Act::Mute, &format!("name=Anna&{form}"), "UTC").unwrap_err();
            assert_eq!(error, EntryError::Until, "{form}");
        }
    }

    #[test]
    fn every_act_needs_a_name() {
        for act in Act::ALL {
            for form in ["", "name=", "name=+", "span=day&name=%00"] {
                let error = entered(act, form, "UTC").unwrap_err();
                assert_eq!(error, EntryError::Name, "{act:?} {form}");
            }
        }
    }

    #[test]
    fn an_address_may_be_left_out_but_not_be_anything() {
        let email = |text: &str| {
            let form = format!("name=Anna&email={text}");
            entered(Act::SendLink, &form, "UTC").map(|entered| entered.email)
        };
        assert_eq!(email(""), Ok(None));
        assert_eq!(
            email("+hr%40acme.example+"),
            Ok(Some("hr@acme.example".to_owned()))
        );
        for text in [
            "hr",
            "@acme.example",
            "hr%40acme",
            "h+r%40acme.example",
            "hr%40acme.example%0d%0a,x",
        ] {
            assert_eq!(email(text), Err(EntryError::Email), "{text}");
        }
    }
}
