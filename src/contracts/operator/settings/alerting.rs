//! The settings of the alerts: when they are sent, who is mentioned, and which customers are tests.
//!
//! What a message links to is in `links`, where it goes in `webhook_url`.

use core::time::Duration;

use super::Problem;
use super::reader::Reader;
use crate::domain::id::OriginId;

/// Name of the variable that delays the first alert of an incident.
pub const FIRST_ALERT_DELAY_SECONDS: &str = "FIRST_ALERT_DELAY_SECONDS";
/// Name of the variable with the first pause between two alerts of an incident.
pub const ALERT_REPEAT_MINUTES: &str = "ALERT_REPEAT_MINUTES";
/// Name of the variable that says when the daily summary is due.
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

/// When the daily summary is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SummaryTime {
    /// Never.
    Off,
    /// On weekdays at this hour, 0 to 23, in UTC.
    At(u8),
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
            summary: settings
                .read(DAILY_SUMMARY_UTC, summary, Problem::BadHour)
                .unwrap_or(SummaryTime::At(7)),
            silence: (!silence.is_zero()).then_some(silence),
            test_customers: TestCustomers::parse(&test_customers.unwrap_or_default()),
            announced: settings
                .read(ANNOUNCE, announced, Problem::BadAnnounce)
                .unwrap_or_default(),
        }
    }
}

/// `off`, or an hour.
fn summary(text: &str) -> Option<SummaryTime> {
    if text == "off" {
        return Some(SummaryTime::Off);
    }
    let hour = text.parse().ok()?;
    (hour < 24).then_some(SummaryTime::At(hour))
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
        assert_eq!(summary("off"), Some(SummaryTime::Off));
        assert_eq!(summary("0"), Some(SummaryTime::At(0)));
        assert_eq!(summary("23"), Some(SummaryTime::At(23)));
        assert_eq!(summary("24"), None);
        assert_eq!(summary("7:30"), None);
    }
}
