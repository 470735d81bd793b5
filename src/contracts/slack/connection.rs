//! The words for attempts to connect and how they ended.

use super::acts;
use super::draft::{
    Draft, Mood, Part, Words, contact, name, short_name, tool, tool_and_category, tools,
};
use super::link::{link, links};
use super::mail::{self, Subject};
use super::text::{counted, date, span};
use crate::domain::alert::{AlertKind, Connection};

pub(super) fn draft(words: Words<'_>) -> Draft {
    match &words.alert.what {
        AlertKind::CouldNotConnect {
            connection,
            attempts,
            log_url,
            connected,
            ..
        } => {
            let mut draft = could_not_connect(words, connection, *attempts, connected);
            let about = Subject::of(words, connection);
            let log = log_url.as_deref();
            draft.parts.push(links([
                log.and_then(|url| link(url, "Open Kombo's log of the attempt")),
                mail::about_connecting(about),
                mail::guide(about),
                mail::customer(about),
            ]));
            let has_link = words.view.settings.rechecks
                && connection.tool.is_some()
                && connection.category.is_some();
            draft.parts.extend(acts::parts(words, has_link));
            draft
        }
        AlertKind::Connected {
            connection,
            instead_of,
            attempts,
            incomplete,
            ..
        } => {
            let title = connected(words, connection, instead_of.as_ref(), *attempts);
            if *incomplete {
                return incomplete_setup(words, &title);
            }
            Draft::new(Mood::Good, title, vec![Part::Own(took(words))])
        }
        AlertKind::FailedAfterSuccess {
            connection,
            log_url,
        } => failed_after_success(words, connection, log_url.as_deref()),
        AlertKind::GivenUp { connection, .. } => not_tried_again(words, connection),
        AlertKind::Disconnected { connection } => disconnected(words, connection),
        _ => Draft::default(),
    }
}

fn connected(
    words: Words<'_>,
    connection: &Connection,
    instead_of: Option<&Connection>,
    attempts: u64,
) -> String {
    let (who, now) = (name(&words.alert.who), tool_and_category(connection));
    match instead_of {
        Some(other) => {
            format!(
                "{who} connected {now} instead of {}",
                tool_and_category(other)
            )
        }
        None if attempts > 0 => {
            format!(
                "{who} connected {now} after {}",
                counted(attempts, "failed attempt")
            )
        }
        None => format!("{who} connected {now}"),
    }
}

fn incomplete_setup(words: Words<'_>, connected: &str) -> Draft {
    let title = format!("{connected}, but its setup is not complete");
    let facts = format!(
        "Kombo refuses calls until the setup is complete. The contact can complete it, or you in Kombo.\n{}",
        contact(&words.alert.who)
    );
    let parts = vec![Part::Plain(facts), Part::Own(took(words))];
    Draft::new(Mood::Attention, title, parts)
}

fn failed_after_success(words: Words<'_>, connection: &Connection, log_url: Option<&str>) -> Draft {
    let who = &words.alert.who;
    let tool = tool_and_category(connection);
    let title = format!("{}: another attempt to connect {tool} failed", name(who));
    let facts = format!(
        "{tool} is connected and works. Either this attempt was reported late, or someone tried to connect it again.\n{}",
        contact(who)
    );
    let log = log_url.and_then(|url| link(url, "Open Kombo's log of the attempt"));
    let parts = vec![
        Part::Plain(facts),
        Part::Own(date(words.alert.at)),
        links([log]),
    ];
    Draft::new(Mood::Info, title, parts)
}

fn not_tried_again(words: Words<'_>, connection: &Connection) -> Draft {
    let who = &words.alert.who;
    let tool = tool_and_category(connection);
    let title = format!("{} has not tried {tool} again for 7 days", name(who));
    let facts = format!(
        "This incident is now closed. Ask the contact whether they still want to connect.\n{}",
        contact(who)
    );
    let about = Subject::of(words, connection);
    let next = links([mail::about_connecting(about), mail::customer(about)]);
    let parts = vec![Part::Plain(facts), Part::Own(took(words)), next];
    Draft::new(Mood::Attention, title, parts)
}

fn disconnected(words: Words<'_>, connection: &Connection) -> Draft {
    let who = &words.alert.who;
    let tool = tool_and_category(connection);
    let title = format!("{}: {tool} was disconnected", name(who));
    let facts = format!(
        "The integration was deleted. If you did not expect this, ask the contact.\n{}",
        contact(who)
    );
    let parts = vec![Part::Plain(facts), Part::Own(date(words.alert.at))];
    Draft::new(Mood::Info, title, parts)
}

fn could_not_connect(
    words: Words<'_>,
    connection: &Connection,
    attempts: u64,
    connected: &[Connection],
) -> Draft {
    let alert = words.alert;
    let tool_name = tool(connection, 24);
    let rest = format!(" could not connect {tool_name}");
    let brief = format!("{}{rest}", short_name(&alert.who, &rest));
    let often = if attempts > 1 {
        format!(": {}", counted(attempts, "attempt"))
    } else {
        String::new()
    };
    let who = name(&alert.who);
    let what = tool_and_category(connection);
    let is_connected = connected.contains(connection);
    let context = if is_connected {
        format!("{what} is already connected. Someone is trying to connect it again.")
    } else if connected.is_empty() {
        "This would be the customer's first integration.".to_owned()
    } else {
        format!("Already connected: {}", tools(connected))
    };
    let mut facts = vec![context, contact(&alert.who)];
    if alert.who.origin_id.is_none() {
        facts.push("Customer id: none. The connection link was created without one.".to_owned());
    }
    let parts = vec![Part::Plain(facts.join("\n")), Part::Own(when(words))];
    let mood = if is_connected {
        Mood::Attention
    } else {
        Mood::Bad
    };
    Draft {
        brief: format!("{brief}{often}"),
        ..Draft::new(
            mood,
            format!("{who} could not connect {what}{often}"),
            parts,
        )
    }
}

/// When the attempt failed, or the first and the latest of several.
fn when(words: Words<'_>) -> String {
    let AlertKind::CouldNotConnect {
        attempts,
        since,
        last_at,
        ..
    } = &words.alert.what
    else {
        return date(words.alert.at);
    };
    if *attempts > 1 {
        return format!(
            "{attempts} attempts since {}, the latest {}",
            date(*since),
            date(*last_at)
        );
    }
    date(*since)
}

/// How long it took since the first attempt, or when it happened if none failed.
fn took(words: Words<'_>) -> String {
    let at = words.alert.at;
    match &words.alert.what {
        AlertKind::Connected {
            attempts,
            since,
            instead_of,
            ..
        } if *attempts > 0 => {
            let took = span(at.since(*since));
            // Otherwise the title has the number.
            let failed = match instead_of {
                Some(_) => format!(" and {}", counted(*attempts, "failed attempt")),
                None => String::new(),
            };
            format!("Took {took}{failed}. First attempt {}.", date(*since))
        }
        AlertKind::GivenUp {
            attempts, since, ..
        } if *attempts > 0 => {
            let failed = counted(*attempts, "failed attempt");
            format!("{failed}. First attempt {}.", date(*since))
        }
        _ => date(at),
    }
}
