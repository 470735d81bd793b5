//! The settings of the alerts: when they are sent, who is mentioned, and which customers are tests.
//!
//! What a message links to is in `links`, where it goes in `webhook_url`.

use core::time::Duration;

use super::Problem;
use super::reader::Reader;
use crate::domain::id::OriginId;
use crate::domain::zone::Zone;

/// Name of the variable that delays the first alert of an incident.
pub const FIRST_ALERT_DELAY_SECONDS: &str = "FIRST_ALERT_DELAY_SECONDS";
/// Name of the variable with the first pause between two alerts of an incident.
pub const ALERT_REPEAT_MINUTES: &str = "ALERT_REPEAT_MINUTES";
/// Name of the variable that says when the daily summary is due where the team lives.
pub const DAILY_SUMMARY_HOUR: &str = "DAILY_SUMMARY_HOUR";
/// Name of the variable that says where the team lives.
pub const DAILY_SUMMARY_TIMEZONE: &str = "DAILY_SUMMARY_TIMEZONE";
/// Name of the variable that says when the daily summary is due in UTC.
pub const DAILY_SUMMARY_UTC: &str = "DAILY_SUMMARY_UTC";
/// Name of the variable that says how long Kombo may be silent.
pub const SILENCE_DAYS: &str = "SILENCE_DAYS";
/// Name of the variable that says who is mentioned.
pub const SLACK_MENTION: &str = "SLACK_MENTION";
/// Name of the variable that names the customers who never alert.
pub const TEST_CUSTOMERS: &str = "TEST_CUSTOMERS";
/// Name of the variable that says which events without an incident are announced.
pub const ANNOUNCE: &str = "ANNOUNCE";

const DAY: Duration = Duration::from_hours(24);

/// The hour of the daily summary if none is set.
const DEFAULT_SUMMARY_HOUR: i8 = 7;

/// When alerts are sent, and about what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerting {
    /// How long an incident must be open before the first alert: 0 to 3600 s.
    pub first_delay: Duration,
    /// The first pause between two alerts of an incident: 1 to 240 min.
    pub repeat: Duration,
    /// Who is mentioned when an incident drags on, as mrkdwn.
    pub mention: Option<String>,
    /// When the daily summary is due.
    pub summary: SummaryTime,
    /// After how long without deliveries an alert is sent; `None` for never.
    pub silence: Option<Duration>,
    /// Customers without alerts.
    pub test_customers: TestCustomers,
    /// What is announced without an incident.
    pub announced: Announced,
}

impl Alerting {
    /// Where the team lives.
    #[must_use]
    pub fn zone(&self) -> Zone {
        match &self.summary {
            SummaryTime::Off => Zone::UTC,
            SummaryTime::Weekdays { week, .. } => week.clone(),
        }
    }
}

/// When the daily summary is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SummaryTime {
    /// Never.
    Off,
    /// On weekdays at an hour.
    Weekdays {
        /// The hour, 0 to 23.
        hour: i8,
        /// Whose hour it is.
        clock: Zone,
        /// Whose weekdays they are: the team's.
        week: Zone,
    },
}

/// The value of a setting for the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hour {
    Off,
    At(i8),
}

/// What is announced without an incident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Announced {
    /// That a customer connected a tool.
    pub connected: bool,
    /// That a customer's integration was deleted.
    pub disconnected: bool,
}

/// The company's own test customers: origin ids, or prefixes of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestCustomers(Vec<String>);

impl TestCustomers {
    /// Parses origin ids that are separated by white space; `*` at the end matches any rest.
    fn parse(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_owned).collect())
    }

    /// Whether this customer is one of them.
    #[must_use]
    pub fn contains(&self, id: &OriginId) -> bool {
        self.0.iter().any(|one| match one.strip_suffix('*') {
            Some(beginning) => id.as_str().starts_with(beginning),
            None => id.as_str() == one,
        })
    }
}

impl Alerting {
    pub(super) fn read(settings: &mut Reader<'_>) -> Self {
        let number = |least: u64, most: u64| {
            move |text: &str| {
                let number = text.parse().ok()?;
                (least..=most).contains(&number).then_some(number)
            }
        };
        let delay = settings.read(
            FIRST_ALERT_DELAY_SECONDS,
            number(0, 3600),
            Problem::BadDelay,
        );
        let repeat = settings.read(ALERT_REPEAT_MINUTES, number(1, 240), Problem::BadRepeat);
        let silence = settings.read(SILENCE_DAYS, number(0, 365), Problem::BadSilence);
        let silence = DAY.saturating_mul(u32::try_from(silence.unwrap_or(7)).unwrap_or(u32::MAX));
        let test_customers = settings.text(TEST_CUSTOMERS);
        Self {
            first_delay: Duration::from_secs(delay.unwrap_or(0)),
            repeat: Duration::from_mins(repeat.unwrap_or(15)),
            mention: settings.read(SLACK_MENTION, mention, Problem::BadMention),
            summary: summary(settings),
            silence: (!silence.is_zero()).then_some(silence),
            test_customers: TestCustomers::parse(&test_customers.unwrap_or_default()),
            announced: settings
                .read(ANNOUNCE, announced, Problem::BadAnnounce)
                .unwrap_or_default(),
        }
    }
}

/// The hour of the team's own clock, or otherwise the one in UTC; the weekdays are the team's in
/// any case.
fn summary(settings: &mut Reader<'_>) -> SummaryTime {
    let local = settings.read(DAILY_SUMMARY_HOUR, hour, Problem::BadHour);
    let zone = settings.read(DAILY_SUMMARY_TIMEZONE, Zone::named, Problem::BadZone);
    let in_utc = settings.read(DAILY_SUMMARY_UTC, hour, Problem::BadHour);
    let week = zone.unwrap_or(Zone::UTC);
    let clock = match (local, in_utc) {
        (None, Some(_)) => Zone::UTC,
        _ => week.clone(),
    };
    match local.or(in_utc).unwrap_or(Hour::At(DEFAULT_SUMMARY_HOUR)) {
        Hour::Off => SummaryTime::Off,
        Hour::At(hour) => SummaryTime::Weekdays { hour, clock, week },
    }
}

/// `off`, or an hour.
fn hour(text: &str) -> Option<Hour> {
    if text == "off" {
        return Some(Hour::Off);
    }
    let hour = text.parse().ok()?;
    (0..24).contains(&hour).then_some(Hour::At(hour))
}

/// The words `connected` and `disconnected`.
fn announced(text: &str) -> Option<Announced> {
    let mut announced = Announced::default();
    for word in words(text) {
        match word {
            "connected" => announced.connected = true,
            "disconnected" => announced.disconnected = true,
            _ => return None,
        }
    }
    Some(announced)
}

/// Who is mentioned, in Slack's spelling ("Formatting message text", mentions).
fn mention(text: &str) -> Option<String> {
    let mentions: Option<Vec<String>> = words(text).map(one_mention).collect();
    mentions.map(|mentions| mentions.join(" "))
}

fn one_mention(word: &str) -> Option<String> {
    let plain = word.trim_start_matches('@');
    if matches!(plain, "here" | "channel") {
        return Some(format!("<!{plain}>"));
    }
    let id = word
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !id || word.len() < 5 {
        return None;
    }
    match word.bytes().next()? {
        b'U' | b'W' => Some(format!("<@{word}>")),
        b'S' => Some(format!("<!subteam^{word}>")),
        _ => None,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\n', '\t'])
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_users_groups_here_and_channel_and_nothing_else() {
        assert_eq!(mention("@here").unwrap(), "<!here>");
        assert_eq!(
            mention("U012AB3CD, S9Z8Y7X6W").unwrap(),
            "<@U012AB3CD> <!subteam^S9Z8Y7X6W>"
        );
        for text in [
            "@anna",
            "<!channel>",
            "C012AB3CD",
            "U01|x",
            "@everyone",
            "U1",
        ] {
            assert_eq!(mention(text), None, "{text}");
        }
    }

    #[test]
    fn test_customers_are_named_in_full_or_by_a_prefix() {
        let tests = TestCustomers::parse("42 test-*\n e2e");
        let contains = |id: &str| tests.contains(&OriginId::try_from(id.to_owned()).unwrap());
        for id in ["42", "test-", "test-7", "e2e"] {
            assert!(contains(id), "{id}");
        }
        for id in ["421", "tes", "4", "e2e-1"] {
            assert!(!contains(id), "{id}");
        }
    }

    #[test]
    fn the_summary_comes_at_an_hour_or_not_at_all() {
        assert_eq!(hour("off"), Some(Hour::Off));
        assert_eq!(hour("0"), Some(Hour::At(0)));
        assert_eq!(hour("23"), Some(Hour::At(23)));
        for text in ["24", "-1", "7:30"] {
            assert_eq!(hour(text), None, "{text}");
        }
    }

    fn summary_of(given: &[(&str, &str)]) -> SummaryTime {
        let lookup = |name: &str| {
            let found = given.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let mut reader = Reader {
            lookup: &lookup,
            faults: Vec::new(),
        };
        let summary = summary(&mut reader);
        assert_eq!(reader.faults, []);
        summary
    }

    #[test]
    fn the_hour_is_the_teams_or_utcs_and_the_weekdays_are_the_teams() {
        let berlin = || Zone::named("Europe/Berlin").unwrap();
        let at = |hour, clock, week| SummaryTime::Weekdays { hour, clock, week };
        let zone = (DAILY_SUMMARY_TIMEZONE, "Europe/Berlin");
        for (given, summary) in [
            (vec![], at(7, Zone::UTC, Zone::UTC)),
            (vec![(DAILY_SUMMARY_UTC, "6")], at(6, Zone::UTC, Zone::UTC)),
            (vec![(DAILY_SUMMARY_HOUR, "9")], at(9, Zone::UTC, Zone::UTC)),
            (vec![zone], at(7, berlin(), berlin())),
            (
                vec![zone, (DAILY_SUMMARY_HOUR, "9")],
                at(9, berlin(), berlin()),
            ),
            (
                vec![zone, (DAILY_SUMMARY_UTC, "6")],
                at(6, Zone::UTC, berlin()),
            ),
            (
                vec![zone, (DAILY_SUMMARY_UTC, "6"), (DAILY_SUMMARY_HOUR, "9")],
                at(9, berlin(), berlin()),
            ),
            (vec![zone, (DAILY_SUMMARY_HOUR, "off")], SummaryTime::Off),
            (vec![(DAILY_SUMMARY_UTC, "off")], SummaryTime::Off),
        ] {
            assert_eq!(summary_of(&given), summary, "{given:?}");
        }
    }
}
