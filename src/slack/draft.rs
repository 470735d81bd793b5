//! What a message about an alert says: its title, facts, links and footer.
//!
//! Words only; the form that Slack takes them in is `message`'s, and what makes
//! foreign text inert is `text`'s. Nothing here can fail.

use serde_json::Value;

use super::text::{line, link, mailto};
use crate::alert::{Alert, Connection, What, Who};
use crate::config::{PRODUCTION, Settings};
use crate::id::Handle;
use crate::issue::Cause;
use crate::notifier::Channel;
use crate::record::Readable as _;
use crate::time::Timestamp;

/// Longest foreign value on a line of its own.
pub(super) const MAX_VALUE: usize = 300;
/// Longest name inside a sentence, so that the tool still fits a phone's notification.
const MAX_NAME: usize = 60;

/// What a message says, before it takes a form. Only `links` holds mrkdwn.
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) facts: Vec<String>,
    pub(super) links: Vec<String>,
    pub(super) footer: String,
}

impl Draft {
    pub(super) fn of(stored: Value, channel: Channel, settings: &Settings) -> Self {
        let Ok(alert) = Alert::read(stored) else {
            return Self::unknown();
        };
        let mut draft = Self::about(&alert);
        draft.footer = footer(&alert, channel, settings);
        draft
    }

    /// An alert of a kind that this version does not know: a newer one wrote it
    /// before a rollback.
    fn unknown() -> Self {
        Self {
            title: "Something happened that this version of kombo-edge cannot word".to_owned(),
            facts: vec![
                "A newer version wrote the alert. Deploy it again to read such alerts.".to_owned(),
            ],
            links: Vec::new(),
            footer: "kombo-edge".to_owned(),
        }
    }

    fn about(alert: &Alert) -> Self {
        let who = name(&alert.who);
        match &alert.what {
            What::CouldNotConnect {
                connection,
                log_url,
                connected,
            } => Self {
                title: format!("{who} could not connect {}", tool(connection)),
                facts: failed_facts(&alert.who, connected),
                links: failed_links(alert, log_url.as_deref()),
                footer: String::new(),
            },
            What::StoppedWorking {
                connection,
                handle,
                causes,
            } => Self::stopped(alert, connection, handle.as_ref(), causes),
            What::Unassigned { connection, handle } => Self {
                title: format!("{who} connected {} without a customer id", tool(connection)),
                facts: vec![
                    format!("Integration: #{handle}"),
                    "Kombo named no end_user.origin_id, so the backend cannot find it. It waits under unassigned: in Workers KV until somebody assigns it.".to_owned(),
                ],
                links: vec![date(alert.at)],
                footer: String::new(),
            },
            What::Disputed {
                connection,
                handle,
                holder,
                claimant,
            } => Self {
                title: format!("Two customers are named for one {} integration", tool(connection)),
                facts: vec![
                    format!("Integration: #{handle}"),
                    format!("Held by customer: {}", line(holder.as_str(), MAX_VALUE)),
                    format!("Now named too: {}", line(claimant.as_str(), MAX_VALUE)),
                    "Nothing was moved. Find out whose it is.".to_owned(),
                ],
                links: vec![date(alert.at)],
                footer: String::new(),
            },
            What::Quarantined { kind, reason } => Self {
                title: format!("Kombo sent a {kind} event that could not be understood"),
                facts: vec![
                    format!("Reason: {}", line(reason, MAX_VALUE)),
                    "It is kept under quarantine: in Workers KV. Further ones of this type and reason are kept without a message.".to_owned(),
                ],
                links: vec![date(alert.at)],
                footer: String::new(),
            },
        }
    }

    fn stopped(
        alert: &Alert,
        connection: &Connection,
        handle: Option<&Handle>,
        causes: &[Cause],
    ) -> Self {
        let title = if handle.is_some() {
            format!("{}: {} stopped working", name(&alert.who), tool(connection))
        } else {
            "Kombo reports an issue with the whole environment".to_owned()
        };
        let mut facts = customer_facts(&alert.who);
        facts.extend(handle.map(|handle| format!("Integration: #{handle}")));
        facts.extend(causes.iter().map(cause));
        let mut links = vec![date(alert.at)];
        links.extend(write_to(&alert.who));
        Self {
            title,
            facts,
            links,
            footer: String::new(),
        }
    }
}

fn failed_facts(who: &Who, connected: &[Connection]) -> Vec<String> {
    let mut facts = customer_facts(who);
    facts.push(if connected.is_empty() {
        "This would be the customer's first integration.".to_owned()
    } else {
        let tools: Vec<String> = connected.iter().take(10).map(tool).collect();
        format!("Already connected: {}", tools.join(", "))
    });
    facts
}

fn failed_links(alert: &Alert, log_url: Option<&str>) -> Vec<String> {
    let log = log_url.and_then(|url| link(url, "Open Kombo's log"));
    let mut links = vec![date(alert.at)];
    links.extend(log);
    links.extend(write_to(&alert.who));
    links
}

fn customer_facts(who: &Who) -> Vec<String> {
    let id = who.origin_id.as_ref().map_or_else(
        || "Customer id: none, the link was made without one".to_owned(),
        |id| format!("Customer id: {}", line(id.as_str(), MAX_VALUE)),
    );
    let contact = who.contact.as_deref().map_or_else(
        || "Contact: Kombo names none".to_owned(),
        |contact| format!("Contact: {}", line(contact, MAX_VALUE)),
    );
    vec![id, contact]
}

fn write_to(who: &Who) -> Option<String> {
    mailto(who.contact.as_deref()?, "Write to the contact")
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::InvalidState => {
            "Kombo can no longer log in: the customer must reconnect.".to_owned()
        }
        Cause::Newer(_) => "A cause that this version of kombo-edge cannot word.".to_owned(),
        Cause::Issue {
            title,
            markdown_message,
            ..
        } => format!(
            "{}: {}",
            line(title, MAX_VALUE),
            line(markdown_message, 1_000)
        ),
    }
}

/// The customer in a sentence: its name, else its id.
fn name(who: &Who) -> String {
    match (&who.organization_name, &who.origin_id) {
        (Some(name), _) => line(name, MAX_NAME),
        (None, Some(id)) => format!("Customer {}", line(id.as_str(), MAX_NAME)),
        (None, None) => "Somebody".to_owned(),
    }
}

/// `HiBob (HRIS)`, as far as it is known.
fn tool(connection: &Connection) -> String {
    let Some(tool) = &connection.tool else {
        return "an integration".to_owned();
    };
    let name = super::tool::name(tool.as_str());
    match &connection.category {
        Some(category) => format!(
            "{} ({})",
            line(&name, MAX_NAME),
            line(category.as_str(), MAX_NAME)
        ),
        None => line(&name, MAX_NAME),
    }
}

/// The moment in the reader's own time zone (Slack's date token).
fn date(at: Timestamp) -> String {
    format!(
        "<!date^{}^{{date_short_pretty}} {{time}}|{}>",
        at.as_seconds(),
        at.to_minutes()
    )
}

fn footer(alert: &Alert, channel: Channel, settings: &Settings) -> String {
    let heading = (channel == Channel::Main && alert.what.channel() == Channel::Ops)
        .then(|| "For engineers".to_owned());
    let environment = (settings.environment != PRODUCTION)
        .then(|| format!("Environment: {}", settings.environment));
    let event = alert
        .event_id
        .as_ref()
        .map(|id| format!("Event {}", id.as_str()));
    let parts: Vec<String> = [heading, environment, event, Some("kombo-edge".to_owned())]
        .into_iter()
        .flatten()
        .collect();
    parts.join(" · ")
}
