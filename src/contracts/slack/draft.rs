//! What a message says: its title, parts and footer, and the words that several kinds of
//! alerts share.
//!
//! `blocks` turns a draft into Slack's format, `plain` into text alone, and `text` makes foreign
//! text inert. `connection`, `trouble`, `engineers` and `listing` have the words of each kind of
//! alert. Nothing here can fail.

use super::text::{line, units};
use super::tool;
use super::view::View;
use crate::contracts::operator::settings::PRODUCTION;
use crate::domain::alert::{Alert, Connection, CustomerRef};
use crate::domain::audience::Audience;

/// The longest foreign value on a line of its own.
pub(super) const MAX_VALUE: usize = 300;
/// The longest name inside a sentence.
const MAX_NAME: usize = 60;
/// How much of a notification a phone shows, less the emoji at its beginning.
const MAX_GLANCE: usize = 57;
/// The shortest that a name is cut to.
const MIN_NAME: usize = 12;

/// What a message says, before it is put into Slack's format.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) mood: Mood,
    /// Small print above the title; may be empty.
    pub(super) heading: String,
    pub(super) title: String,
    /// The title as a phone's notification shows it.
    pub(super) brief: String,
    pub(super) parts: Vec<Part>,
    /// Small print at the end; may be empty.
    pub(super) footer: String,
}

/// What kind of news it is. Readers see it at a glance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mood {
    /// Something broke, and someone has to help.
    Bad,
    /// Nothing broke, but someone has to look or decide.
    Attention,
    /// Something works (again).
    Good,
    /// There is nothing to do.
    #[default]
    Info,
    /// A list of what is open.
    Summary,
}

impl Mood {
    /// The emoji at the beginning of a title, which differ in shape as well as in color.
    pub(super) fn emoji(self) -> &'static str {
        match self {
            Self::Bad => "🔴",
            Self::Attention => "⚠️",
            Self::Good => "✅",
            Self::Info => "ℹ️",
            Self::Summary => "📋",
        }
    }
}

/// A paragraph.
pub(super) enum Part {
    /// Text that may be foreign, shown verbatim.
    Plain(String),
    /// Our own mrkdwn, without anything foreign: dates and the mention.
    Own(String),
    /// A line above the parts that follow; it may be foreign.
    Heading(String),
    /// A bulleted list.
    List(Vec<Item>),
    /// A command to copy.
    Code(String),
}

/// An item of a list, in pieces.
pub(super) type Item = Vec<Span>;

/// What is between the pieces of an item.
pub(super) const SEPARATOR: &str = " · ";

/// A piece of an item.
pub(super) enum Span {
    /// Text that may be foreign, shown verbatim.
    Text(String),
    Link(Link),
}

/// A link to an encoded URL.
pub(super) struct Link {
    pub(super) url: String,
    pub(super) label: &'static str,
}

/// Everything that the words of a message depend on.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) alert: &'a Alert,
    pub(super) view: View<'a>,
}

impl Draft {
    pub(super) fn new(mood: Mood, title: String, parts: Vec<Part>) -> Self {
        Self {
            mood,
            title,
            parts,
            ..Self::default()
        }
    }

    /// The title with its emoji.
    pub(super) fn headline(&self) -> String {
        format!("{} {}", self.mood.emoji(), self.title)
    }

    /// The same as a phone's notification shows it.
    pub(super) fn notification(&self) -> String {
        let brief = Some(&self.brief).filter(|brief| !brief.is_empty());
        format!("{} {}", self.mood.emoji(), brief.unwrap_or(&self.title))
    }
}

/// Says that a message is for engineers or about another environment than production.
/// Empty if neither is so.
pub(super) fn heading(audience: Audience, view: View<'_>) -> String {
    let engineers = audience == Audience::Engineers && view.channel == Audience::Team;
    let engineers = engineers.then_some("For engineers".to_owned());
    let environment = &view.settings.environment;
    let other = environment != PRODUCTION;
    let environment = other.then(|| format!("Environment: {}", line(environment, 64)));
    let parts: Vec<String> = engineers.into_iter().chain(environment).collect();
    parts.join(" · ")
}

/// The customer in a sentence: its name, or otherwise its id.
#[must_use]
pub fn name(who: &CustomerRef) -> String {
    cut_name(who, MAX_NAME)
}

/// The same, short enough for a phone to show it with the rest of the sentence.
pub(super) fn short_name(who: &CustomerRef, follows: &str) -> String {
    let left = MAX_GLANCE.saturating_sub(units(follows));
    cut_name(who, left.max(MIN_NAME))
}

fn cut_name(who: &CustomerRef, most: usize) -> String {
    let name = who
        .organization_name
        .as_deref()
        .map(|name| line(name, most));
    let id = who.origin_id.as_ref();
    let id = || id.map(|id| line(&format!("Customer {}", id.as_str()), most));
    name.filter(|name| !name.is_empty())
        .or_else(id)
        .unwrap_or_else(|| "Unknown customer".to_owned())
}

/// `HiBob`, if the tool is known.
pub(super) fn tool(connection: &Connection, most: usize) -> String {
    let tool = connection.tool.as_ref();
    let name = tool.map(|tool| line(&tool::name(tool.as_str()), most));
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "an integration".to_owned())
}

/// `HiBob (HRIS)`, if tool and category are known.
#[must_use]
pub fn tool_and_category(connection: &Connection) -> String {
    let name = tool(connection, MAX_NAME);
    let category = connection.category.as_ref();
    let category = category.map(|category| line(category.as_str(), MAX_NAME));
    match category.filter(|category| !category.is_empty()) {
        Some(category) => format!("{name} ({category})"),
        None => name,
    }
}

/// Several tools in a sentence.
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
pub(super) fn contact(who: &CustomerRef) -> String {
    who.contact.as_deref().map_or_else(
        || "Contact: not provided by Kombo. Ask the customer's account manager.".to_owned(),
        |contact| format!("Contact: {}", line(contact, MAX_VALUE)),
    )
}
