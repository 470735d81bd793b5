//! What is said of attempts to connect, and of their end.

use super::draft::{Draft, Part, Words, contact, name, short_name, tool, tool_and_category, tools};
use super::link::{link, links};
use super::mail;
use super::text::{attempts_of, date, span};
use crate::domain::alert::{Connection, What};

pub(super) fn draft(words: Words<'_>) -> Draft {
    let alert = words.alert;
    let who = name(&alert.who);
    match &alert.what {
        What::CouldNotConnect {
            connection,
            attempts,
            log_url,
            connected,
            ..
        } => {
            let mut draft = could_not_connect(words, connection, *attempts, connected);
            let log = log_url.as_deref();
            let log = log.and_then(|url| link(url, "Open Kombo's log of the attempt"));
            let mail = mail::about_connecting(words, connection);
            let guide = mail::guide(words, connection);
            let customer = mail::customer(words, connection);
            let next = [log, mail, guide, customer].into_iter().flatten();
            draft.parts.extend(links(next));
            draft
        }
        What::Connected {
            connection,
            instead_of,
            attempts,
            ..
        } => {
            let now = tool_and_category(connection);
            let title = match instead_of {
                Some(other) => {
                    format!(
                        "{who} connected {now} instead of {}",
                        tool_and_category(other)
                    )
                }
                None if *attempts > 0 => {
                    format!("{who} connected {now} after {}", attempts_of(*attempts))
                }
                None => format!("{who} connected {now}"),
            };
            Draft::titled(title, vec![Part::Own(took(words))])
        }
        What::GivenUp { connection, .. } => {
            let tool = tool_and_category(connection);
            let title = format!("{who} gave up connecting {tool}");
            Draft::titled(title, vec![Part::Own(took(words))])
        }
        What::Disconnected { connection } => {
            let tool = tool_and_category(connection);
            let title = format!("{who} no longer has {tool} connected");
            Draft::titled(title, vec![Part::Own(date(alert.at))])
        }
        _ => Draft::default(),
    }
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
        format!(": {}", attempts_of(attempts))
    } else {
        String::new()
    };
    let who = name(&alert.who);
    let what = tool_and_category(connection);
    let context = if connected.contains(connection) {
        format!("{what} is connected already: this attempt is late, or somebody connects it again.")
    } else if connected.is_empty() {
        "This would be the customer's first integration.".to_owned()
    } else {
        format!("Already connected: {}", tools(connected))
    };
    let mut facts = vec![context, contact(&alert.who)];
    if alert.who.origin_id.is_none() {
        facts.push("Customer id: none, the link was made without one".to_owned());
    }
    let parts = vec![Part::Plain(facts.join("\n")), Part::Own(when(words))];
    Draft {
        brief: format!("{brief}{often}"),
        ..Draft::titled(format!("{who} could not connect {what}{often}"), parts)
    }
}

/// When it happened, or from when to when.
fn when(words: Words<'_>) -> String {
    let What::CouldNotConnect {
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
            "{attempts} attempts since {}, the last {}",
            date(*since),
            date(*last_at)
        );
    }
    date(*since)
}

/// When it was, and how long after the first failure.
fn took(words: Words<'_>) -> String {
    let at = words.alert.at;
    match &words.alert.what {
        What::Connected {
            attempts, since, ..
        }
        | What::GivenUp {
            attempts, since, ..
        } if *attempts > 0 => {
            let took = span(at.since(*since));
            let many = attempts_of(*attempts);
            format!("{many}, {took} after the first one ({})", date(*since))
        }
        _ => date(at),
    }
}
