//! What a message about an alert says: its title, parts and footer.
//!
//! Words only; the form that Slack takes them in is `message`'s, and what makes
//! foreign text inert is `text`'s. What each kind of alert says is in
//! `connection`, `trouble`, `engineers` and `listing`. Nothing here can fail.

use super::text::{line, units};
use super::tool;
use crate::contracts::operator::settings::{PRODUCTION, Settings};
use crate::domain::alert::{Alert, Connection, Who};
use crate::domain::audience::Audience;
use crate::domain::time::Timestamp;

/// Longest foreign value on a line of its own.
pub(super) const MAX_VALUE: usize = 300;
/// Longest name inside a sentence.
const MAX_NAME: usize = 60;
/// A phone shows so much of a notification.
const MAX_GLANCE: usize = 60;
/// A name is never cut shorter than this.
const MIN_NAME: usize = 12;

/// What a message says, before it takes a form.
#[derive(Default)]
pub(super) struct Draft {
    /// Above the title, small; may be empty.
    pub(super) heading: String,
    pub(super) title: String,
    /// The title as a phone's notification shows it.
    pub(super) brief: String,
    pub(super) parts: Vec<Part>,
    pub(super) footer: String,
}

/// A paragraph.
pub(super) enum Part {
    /// Text that may be foreign, shown as it is.
    Plain(String),
    /// mrkdwn of our own making, in which everything foreign is encoded.
    Own(String),
    /// A line of our own above what follows.
    Heading(String),
}

/// What an alert is worded with.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) alert: &'a Alert,
    pub(super) settings: &'a Settings,
    /// The present, for how long ago something was.
    pub(super) now: Timestamp,
}

impl Draft {
    pub(super) fn titled(title: String, parts: Vec<Part>) -> Self {
        Self {
            title,
            parts,
            ..Self::default()
        }
    }
}

/// Whom it concerns, and which environment, where that is not plain.
pub(super) fn heading(audience: Audience, channel: Audience, settings: &Settings) -> String {
    let engineers = audience == Audience::Engineers && channel == Audience::Team;
    let engineers = engineers.then_some("For engineers".to_owned());
    let other = settings.environment != PRODUCTION;
    let environment = other.then(|| format!("Environment: {}", line(&settings.environment, 64)));
    let parts: Vec<String> = engineers.into_iter().chain(environment).collect();
    parts.join(" · ")
}

/// The customer in a sentence: its name, else its id.
pub(super) fn name(who: &Who) -> String {
    cut_name(who, MAX_NAME)
}

/// The same, so short that it and what follows in the sentence are seen at a glance.
pub(super) fn short_name(who: &Who, follows: &str) -> String {
    let left = MAX_GLANCE.saturating_sub(units(follows));
    cut_name(who, left.max(MIN_NAME))
}

fn cut_name(who: &Who, most: usize) -> String {
    let name = who
        .organization_name
        .as_deref()
        .map(|name| line(name, most));
    let id = who.origin_id.as_ref();
    let id = || id.map(|id| line(&format!("Customer {}", id.as_str()), most));
    name.filter(|name| !name.is_empty())
        .or_else(id)
        .unwrap_or_else(|| "Somebody".to_owned())
}

/// `HiBob`, as far as it is known.
pub(super) fn tool(connection: &Connection, most: usize) -> String {
    let tool = connection.tool.as_ref();
    let name = tool.map(|tool| line(&tool::name(tool.as_str()), most));
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "an integration".to_owned())
}

/// `HiBob (HRIS)`, as far as it is known.
pub(super) fn tool_and_category(connection: &Connection) -> String {
    let name = tool(connection, MAX_NAME);
    let category = connection.category.as_ref();
    let category = category.map(|category| line(category.as_str(), MAX_NAME));
    match category.filter(|category| !category.is_empty()) {
        Some(category) => format!("{name} ({category})"),
        None => name,
    }
}

/// Several of these in a sentence.
pub(super) fn tools(connections: &[Connection]) -> String {
    let mut names: Vec<String> = connections.iter().map(tool_and_category).collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(10);
    names.truncate(10);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

/// Whom to write to.
pub(super) fn contact(who: &Who) -> String {
    who.contact.as_deref().map_or_else(
        || "Contact: Kombo names none, so ask whoever knows this customer".to_owned(),
        |contact| format!("Contact: {}", line(contact, MAX_VALUE)),
    )
}
