//! The words for integrations (or the environment) that stopped working or work again.

use super::draft::{Draft, MAX_VALUE, Mood, Part, Span, Words, contact, name, tool_and_category};
use super::link::{link, links};
use super::mail::{self, Subject};
use super::text::{date, line, lines, span};
use crate::domain::alert::{AlertKind, Cause, Connection, Resolution};

/// Where to reconnect an integration (Kombo's guide to reconnection).
const INTEGRATIONS: &str = "https://app.kombo.dev/integrations";

/// The longest text of an issue; the dashboard has the rest. Kombo's Markdown is shown
/// as is, because it is readable and a parser would be a third of the module.
const MAX_ISSUE: usize = 1_500;

pub(super) fn draft(words: Words<'_>) -> Draft {
    match &words.alert.what {
        AlertKind::StoppedWorking {
            connection,
            handle,
            causes,
            since,
        } => {
            let handle = handle
                .as_ref()
                .map(|handle| format!("Integration: #{handle}"));
            let title = if handle.is_some() {
                let who = name(&words.alert.who);
                format!("{who}: {} stopped working", tool_and_category(connection))
            } else {
                "Kombo reports an issue with the whole environment".to_owned()
            };
            let mut parts: Vec<Part> = causes.iter().map(cause).map(Part::Plain).collect();
            if let Some(handle) = handle {
                let facts = format!("{}\n{handle}", contact(&words.alert.who));
                parts.push(Part::Plain(facts));
            }
            parts.push(Part::Own(format!("Since {}", date(*since))));
            parts.push(next(words, connection, causes));
            Draft::new(Mood::Bad, title, parts)
        }
        AlertKind::Recovered {
            connection,
            handle,
            since,
            ending,
        } => {
            let who = name(&words.alert.who);
            let tool = tool_and_category(connection);
            let title = match ending {
                _ if handle.is_none() => {
                    "Kombo's issue with the whole environment is resolved".to_owned()
                }
                Resolution::Works => format!("{who}: {tool} works again"),
                Resolution::Replaced => format!("{who}: {tool} was reconnected and works again"),
                Resolution::Gone => format!("{who}: {tool} was removed after it stopped working"),
            };
            let lasted = span(words.alert.at.since(*since));
            let lasted = format!("The problem lasted {lasted}. It began {}.", date(*since));
            let mood = match ending {
                Resolution::Works | Resolution::Replaced => Mood::Good,
                Resolution::Gone => Mood::Info,
            };
            Draft::new(mood, title, vec![Part::Own(lasted)])
        }
        _ => Draft::default(),
    }
}

/// What to do next. If only the customer can fix the problem, how to ask for it.
fn next(words: Words<'_>, connection: &Connection, causes: &[Cause]) -> Part {
    let dashboard = link(INTEGRATIONS, "Open the integration in Kombo");
    if !causes.iter().any(Cause::is_authentication) {
        return links([dashboard]);
    }
    let relink =
        "Create a reconnection link there, under “Relink integration”, and send it to the contact";
    let about = Subject::of(words, connection);
    let links = [mail::about_reconnecting(about), mail::customer(about)];
    let links = links.into_iter().flatten().map(Span::Link);
    let dashboard = dashboard.map(Span::Link).into_iter();
    let items = dashboard
        .chain([Span::Text(relink.to_owned())])
        .chain(links);
    Part::List(items.map(|item| vec![item]).collect())
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::InvalidState => {
            "Kombo can no longer log in with the customer's credentials.".to_owned()
        }
        Cause::Newer(_) => "A cause that this version of kombo-edge does not recognize.".to_owned(),
        Cause::Issue {
            title,
            markdown_message,
            ..
        } => {
            let text = lines(markdown_message, MAX_ISSUE);
            format!("{}\n{text}", line(title, MAX_VALUE))
        }
    }
}
