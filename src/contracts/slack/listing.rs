//! Messages that list what is open: what a mute kept, and the daily summary. Each line names its
//! customer.

use super::draft::{Draft, Part, Words, name, tool_and_category};
use super::text::{attempts_of, clamp, folded, line, span};
use crate::domain::alert::{Section, Standing, Topic, Who};
use crate::domain::time::Timestamp;

/// Longest line.
const MAX_LINE: usize = 260;

/// A mute is over, and this stands.
pub(super) fn still_open(words: Words<'_>, standing: &[Standing]) -> Draft {
    let who = name(&words.alert.who);
    let what = match standing {
        [one] => tool_and_category(&one.connection),
        all => format!("{} things", all.len()),
    };
    let title = format!("{who}: {what} still not connected or working, and no longer muted");
    let lines: Vec<String> = standing
        .iter()
        .map(|one| {
            bullet(&format!(
                "{}{}",
                tool_and_category(&one.connection),
                course(one, words.now)
            ))
        })
        .collect();
    Draft::titled(title, paragraphs(&lines))
}

/// The daily summary.
pub(super) fn summary(words: Words<'_>, sections: &[Section]) -> Draft {
    let titles: Vec<String> = sections
        .iter()
        .map(|section| format!("{} {}", section.total, topic(section.topic)))
        .collect();
    let title = format!("Daily summary: {}", titles.join(", "));
    let mut parts = Vec::new();
    for section in sections {
        let mut lines: Vec<String> = section
            .standing
            .iter()
            .map(|one| {
                let tool = tool_and_category(&one.connection);
                let course = course(one, words.now);
                bullet(&format!(
                    "{}{}: {tool}{course}",
                    name(&one.who),
                    address(&one.who)
                ))
            })
            .collect();
        let named = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let more = section.total.saturating_sub(named);
        if named > 0 && more > 0 {
            lines.push(format!("… and {more} more"));
        }
        let heads = format!("{} {}", section.total, topic(section.topic));
        parts.push(Part::Heading(heads));
        parts.extend(paragraphs(&lines));
    }
    Draft::titled(title, parts)
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::NotConnected => "not connected yet",
        Topic::NotWorking => "stopped working",
        Topic::Unassigned => "without a customer",
        Topic::Quarantined => "events not understood",
        Topic::Muted => "muted",
        Topic::GivenUp => "gave up: a week without an attempt",
    }
}

/// How often it was tried, and for how long it stands.
fn course(one: &Standing, now: Timestamp) -> String {
    let often = if one.attempts > 0 {
        format!(", {}", attempts_of(one.attempts))
    } else {
        String::new()
    };
    format!("{often}, for {}", span(now.since(one.since)))
}

/// What tells a customer from others of its name, and whom to write to.
pub(super) fn address(who: &Who) -> String {
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

/// Lines in as many paragraphs as they need.
pub(super) fn paragraphs(lines: &[String]) -> Vec<Part> {
    let texts = folded(lines.iter().cloned());
    texts.into_iter().map(Part::Plain).collect()
}
