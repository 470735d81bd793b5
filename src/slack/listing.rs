//! Messages that list: digests, what happened while Slack took nothing, what a
//! mute kept, and the daily summary. Each line names its customer.

use core::time::Duration;

use super::draft::{Draft, MAX_VALUE, Part, Words, heading, name, tool_and_category};
use super::text::{attempts_of, clamp, folded, line, span};
use crate::alert::{Alert, Section, Standing, Topic, What, Who};
use crate::config::Settings;
use crate::json::Json;
use crate::notifier::Channel;
use crate::time::Timestamp;

/// Longest line.
const MAX_LINE: usize = 260;

/// Several alerts, a line each: the team's first.
pub(super) fn digest(
    alerts: Vec<Json>,
    channel: Channel,
    settings: &Settings,
    now: Timestamp,
) -> Draft {
    let (mut team, mut engineers) = (Vec::new(), Vec::new());
    let (mut counts, mut mentions) = ([0_usize; 4], false);
    for stored in alerts {
        let draft = Draft::of(&stored, channel, settings, now);
        let alert = stored.read::<Alert>().ok();
        let (kind, who) = alert
            .as_ref()
            .map_or((3, String::new()), |it| (kind(it), address(&it.who)));
        if let Some(count) = counts.get_mut(kind) {
            *count = count.saturating_add(1);
        }
        mentions |= alert.as_ref().is_some_and(|it| it.mentions);
        let ops = alert.is_some_and(|it| it.audience == Channel::Ops);
        let group = if ops { &mut engineers } else { &mut team };
        group.push(bullet(&format!("{}{who}", draft.title)));
    }
    let mention = settings.alerting.mention.as_ref().filter(|_| mentions);
    let mut parts: Vec<Part> = mention.cloned().map(Part::Own).into_iter().collect();
    let both = !team.is_empty() && !engineers.is_empty();
    let audience = if team.is_empty() {
        Channel::Ops
    } else {
        Channel::Main
    };
    parts.extend(paragraphs(&team));
    if both {
        parts.push(Part::Heading("For engineers".to_owned()));
    }
    parts.extend(paragraphs(&engineers));
    let title = counted(counts);
    Draft {
        heading: heading(audience, channel, settings),
        brief: title.clone(),
        footer: "kombo-edge".to_owned(),
        ..Draft::titled(title, parts)
    }
}

/// What happened while Slack took nothing, and who is still in trouble.
pub(super) fn lead(
    silence: Duration,
    [open, over]: [u64; 2],
    alerts: Vec<Json>,
    settings: &Settings,
    now: Timestamp,
) -> Draft {
    let all = open.saturating_add(over);
    let title = format!(
        "Slack took nothing for {}: {all} had trouble meanwhile",
        span(silence)
    );
    let mut lines = vec![format!("{over} of them are well by now, {open} are not.")];
    let named = u64::try_from(alerts.len()).unwrap_or(u64::MAX);
    lines.extend(alerts.into_iter().map(|stored| {
        let draft = Draft::of(&stored, Channel::Main, settings, now);
        bullet(&draft.title)
    }));
    if open > named {
        lines.push(format!("… and {} more.", open.saturating_sub(named)));
    }
    lines.push("All that waited follows, with what to do.".to_owned());
    Draft {
        heading: heading(Channel::Main, Channel::Main, settings),
        brief: title.clone(),
        footer: "kombo-edge".to_owned(),
        ..Draft::titled(title, paragraphs(&lines))
    }
}

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
fn address(who: &Who) -> String {
    let id = who.origin_id.as_ref().map(|id| line(id.as_str(), 60));
    let contact = who.contact.as_deref().map(|contact| line(contact, 60));
    let parts: Vec<String> = [id, contact].into_iter().flatten().collect();
    if parts.is_empty() {
        return String::new();
    }
    format!(" ({})", parts.join(", "))
}

fn bullet(text: &str) -> String {
    clamp(&format!("• {}", line(text, MAX_LINE)), MAX_LINE)
}

/// Lines in as many paragraphs as they need.
fn paragraphs(lines: &[String]) -> Vec<Part> {
    let texts = folded(lines.iter().cloned());
    texts.into_iter().map(Part::Plain).collect()
}

fn kind(alert: &Alert) -> usize {
    match &alert.what {
        What::CouldNotConnect { .. } => 0,
        What::StoppedWorking { .. } => 1,
        What::Connected { .. } | What::Recovered { .. } => 2,
        _ => 3,
    }
}

fn counted(counts: [usize; 4]) -> String {
    let words = [
        "could not connect",
        "stopped working",
        "are well again",
        "more",
    ];
    let some = counts.iter().zip(words).filter(|(count, _)| **count > 0);
    let parts: Vec<String> = some
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    line(&parts.join(", "), MAX_VALUE)
}
