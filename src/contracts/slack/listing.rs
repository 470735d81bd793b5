//! Messages that list open problems: those of a customer whose mute has ended, and the daily
//! summary.

use super::draft::{Draft, Part, Words, contact, name, tool_and_category};
use super::text::{clamp, counted, folded, line, span};
use crate::domain::alert::{CustomerRef, OpenProblem, Section, Topic};
use crate::domain::time::Timestamp;

/// The longest line.
const MAX_LINE: usize = 260;

/// What is still open after a mute.
pub(super) fn still_open(words: Words<'_>, standing: &[OpenProblem]) -> Draft {
    let who = name(&words.alert.who);
    let what = match standing {
        [one] if one.attempts > 0 => {
            format!(
                "{} is still not connected",
                tool_and_category(&one.connection)
            )
        }
        [one] => format!(
            "{} is still not working",
            tool_and_category(&one.connection)
        ),
        all => format!("{} problems are still open", all.len()),
    };
    let title = format!("{who}: {what} after the mute");
    let mut lines: Vec<String> = standing
        .iter()
        .map(|one| {
            let problem = if one.attempts > 0 { "" } else { "not working " };
            let tool = tool_and_category(&one.connection);
            bullet(&format!("{tool}: {problem}{}", course(one, words.now)))
        })
        .collect();
    lines.push(contact(&words.alert.who));
    Draft::titled(title, paragraphs(&lines))
}

/// The daily summary.
pub(super) fn summary(words: Words<'_>, sections: &[Section]) -> Draft {
    let titles: Vec<String> = sections
        .iter()
        .map(|section| topic(section.topic, section.total))
        .collect();
    let title = format!("Daily summary: {}", titles.join(", "));
    let mut parts = Vec::new();
    for section in sections {
        let mut lines: Vec<String> = section
            .standing
            .iter()
            .map(|one| {
                let course = course(one, words.now);
                bullet(&format!("{}, {course}", subject(one)))
            })
            .collect();
        let named = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let more = section.total.saturating_sub(named);
        if named > 0 && more > 0 {
            lines.push(format!("… and {more} more"));
        }
        lines.extend(next_step(section.topic).map(str::to_owned));
        parts.push(Part::Heading(topic(section.topic, section.total)));
        parts.extend(paragraphs(&lines));
    }
    Draft::titled(title, parts)
}

fn topic(topic: Topic, total: u64) -> String {
    match topic {
        Topic::NotConnected => format!("{total} not connected yet"),
        Topic::NotWorking => format!("{total} stopped working"),
        Topic::Unassigned => format!("{} without a customer", counted(total, "integration")),
        Topic::Quarantined => format!("{} not understood", counted(total, "event")),
        Topic::Muted => format!("{total} muted"),
        Topic::Incomplete => format!("{total} with an incomplete setup"),
        Topic::StillBroken => format!("{total} open for 14 days"),
        Topic::GivenUp => format!("{total} not tried again for 7 days"),
    }
}

/// What to do about a topic, if its lines do not say so.
fn next_step(topic: Topic) -> Option<&'static str> {
    match topic {
        Topic::StillBroken => Some(
            "Kombo has not reported an end. If it works again, close it by the name after # (or environment): npm run close -- <name>",
        ),
        Topic::Incomplete => Some(
            "Kombo refuses calls until the setup is complete. Open the integration in Kombo, or ask the contact.",
        ),
        _ => None,
    }
}

/// Whose problem it is, and with what.
fn subject(one: &OpenProblem) -> String {
    if one.who == CustomerRef::default() && one.connection.tool.is_none() {
        return "The whole environment".to_owned();
    }
    let (who, tool) = (name(&one.who), tool_and_category(&one.connection));
    let handle = one.handle.as_ref();
    let handle = handle.map_or_else(String::new, |handle| format!(" #{handle}"));
    format!("{who}{}: {tool}{handle}", address(&one.who))
}

/// How many attempts failed, and how long the incident has been open.
fn course(one: &OpenProblem, now: Timestamp) -> String {
    let open = span(now.since(one.since));
    match one.attempts {
        0 => format!("for {open}"),
        1 => format!("1 failed attempt, {open} ago"),
        many => format!("{many} failed attempts, the first {open} ago"),
    }
}

/// The customer's id, which distinguishes it from others with the same name, and its contact.
pub(super) fn address(who: &CustomerRef) -> String {
    let id = who.origin_id.as_ref().map(|id| line(id.as_str(), 60));
    let contact = who.contact.as_deref().map(|contact| line(contact, 60));
    let parts: Vec<String> = [id, contact].into_iter().flatten().collect();
    if parts.is_empty() {
        return String::new();
    }
    format!(" ({})", parts.join(", "))
}

pub(super) fn bullet(text: &str) -> String {
    clamp(&format!("• {}", line(text, MAX_LINE)), MAX_LINE)
}

/// Joins lines into as few paragraphs as fit the limit of a section.
pub(super) fn paragraphs(lines: &[String]) -> Vec<Part> {
    let texts = folded(lines.iter().cloned());
    texts.into_iter().map(Part::Plain).collect()
}
