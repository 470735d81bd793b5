//! The words for integrations (or the environment) that stopped working or work again.

use super::acts;
use super::draft::{Draft, MAX_VALUE, Mood, Part, Span, Words, contact, name, tool_and_category};
use super::link::{link, links};
use super::mail::{self, Subject};
use super::text::{counted, date, line, lines, span};
use crate::domain::act::Person;
use crate::domain::alert::{AlertKind, Cause, Connection, Resolution, Returns};
use crate::domain::id::Handle;
use crate::domain::time::Timestamp;

/// Where to reconnect an integration (Kombo's guide to reconnection).
const INTEGRATIONS: &str = "https://app.kombo.dev/integrations";

/// The longest text of an issue; the dashboard has the rest. Kombo's Markdown is shown
/// as is, because it is readable and a parser would be a third of the module.
const MAX_ISSUE: usize = 1_500;

pub(super) fn draft(words: Words<'_>) -> Draft {
    match &words.alert.what {
        AlertKind::StoppedWorking { .. } => stopped_working(words),
        AlertKind::Recovered {
            connection,
            handle,
            since,
            ending,
            returns,
            by,
        } => {
            let title = end(words, connection, handle.as_ref(), (*ending, by.as_ref()));
            let lasted = span(words.alert.at.since(*since));
            let lasted = match returns {
                Some(returns) => came_back(returns),
                None => format!("The problem lasted {lasted}. It began {}.", date(*since)),
            };
            let mood = match ending {
                Resolution::Works | Resolution::Replaced => Mood::Good,
                Resolution::Resolved
                | Resolution::SwitchedOff
                | Resolution::Gone
                | Resolution::Closed => Mood::Info,
            };
            Draft::new(mood, title, vec![Part::Own(lasted)])
        }
        AlertKind::StillBroken {
            connection,
            handle,
            since,
        } => still_broken(words, connection, handle.as_ref(), *since),
        _ => Draft::default(),
    }
}

fn stopped_working(words: Words<'_>) -> Draft {
    let AlertKind::StoppedWorking {
        connection,
        handle,
        causes,
        since,
        returns,
    } = &words.alert.what
    else {
        return Draft::default();
    };
    let title = if handle.is_some() {
        let who = name(&words.alert.who);
        format!("{who}: {} stopped working", tool_and_category(connection))
    } else {
        "Kombo reports an issue with the whole environment".to_owned()
    };
    let mut parts: Vec<Part> = causes.iter().map(cause).map(Part::Plain).collect();
    if let Some(handle) = handle {
        let facts = format!("{}\nIntegration: #{handle}", contact(&words.alert.who));
        parts.push(Part::Plain(facts));
    }
    parts.push(Part::Own(format!("Since {}", date(*since))));
    parts.extend(
        returns
            .as_ref()
            .map(|returns| Part::Own(came_back(returns))),
    );
    parts.push(match handle {
        Some(_) => next(words, connection, causes),
        None => links([link(INTEGRATIONS, "Open the integrations in Kombo")]),
    });
    let has_link = words.view.settings.rechecks
        && handle.is_some()
        && causes.iter().any(Cause::is_authentication);
    parts.extend(acts::parts(words, has_link));
    Draft::new(Mood::Bad, title, parts)
}

fn still_broken(
    words: Words<'_>,
    connection: &Connection,
    handle: Option<&Handle>,
    since: Timestamp,
) -> Draft {
    let about = match handle {
        Some(_) => format!(
            "{}: {} has",
            name(&words.alert.who),
            tool_and_category(connection)
        ),
        None => "Kombo's issue with the whole environment has".to_owned(),
    };
    let title = format!("{about} been open for 14 days");
    let which = handle.map_or_else(|| "environment".to_owned(), Handle::to_string);
    let parts = vec![
        Part::Plain(
            "Kombo has not reported an end. If it works again, close the incident:".to_owned(),
        ),
        Part::Code(format!("npx kombo-edge close {which}")),
        Part::Own(format!("Since {}", date(since))),
    ];
    Draft::new(Mood::Attention, title, parts)
}

/// How a problem ended, and who closed it if a person with a name did.
fn end(
    words: Words<'_>,
    connection: &Connection,
    handle: Option<&Handle>,
    (ending, by): (Resolution, Option<&Person>),
) -> String {
    let (who, tool) = (name(&words.alert.who), tool_and_category(connection));
    match ending {
        Resolution::Closed => closed(words, connection, by),
        _ if handle.is_none() => "Kombo's issue with the whole environment is resolved".to_owned(),
        Resolution::Works => format!("{who}: {tool} works again"),
        Resolution::Resolved => format!("{who}: Kombo no longer reports a problem with {tool}"),
        Resolution::SwitchedOff => {
            format!("{who}: {tool} was switched off after it stopped working")
        }
        Resolution::Replaced => format!("{who}: {tool} was reconnected and works again"),
        Resolution::Gone => format!("{who}: {tool} was removed after it stopped working"),
    }
}

/// That someone closed an incident, of whatever kind.
fn closed(words: Words<'_>, connection: &Connection, by: Option<&Person>) -> String {
    let by = by.map(|by| line(by.as_str(), MAX_VALUE));
    if connection.tool.is_none() {
        let by = by.as_deref().unwrap_or("Someone");
        return format!("{by} closed the incident of the whole environment");
    }
    let by = by.as_deref().unwrap_or("someone");
    let (who, tool) = (name(&words.alert.who), tool_and_category(connection));
    format!("{who}: {by} closed the incident about {tool}")
}

/// How often the problem came back.
fn came_back(returns: &Returns) -> String {
    let times = counted(returns.times, "time");
    format!(
        "The problem came back {times} since {}.",
        date(returns.since)
    )
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
