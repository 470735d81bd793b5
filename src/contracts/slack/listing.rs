//! Messages that list open problems: those of a customer whose mute has ended, and the daily
//! summary.

use super::acts;
use super::draft::{Draft, Item, Mood, Part, Span, Words, contact, name, tool_and_category};
use super::mail::{self, Subject};
use super::text::{counted, line, span};
use crate::domain::act::Act;
use crate::domain::alert::{CustomerRef, OpenProblem, Section, Topic};
use crate::domain::time::Timestamp;

/// How many lines of a topic have links to acts: they take the room of two lines each.
const MAX_LINKED_LINES: usize = 8;
/// The longest text of a line.
const MAX_LINE: usize = 260;
/// How many topics the title of a summary names.
const MAX_TITLE_TOPICS: usize = 2;

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
    let items = standing.iter().map(|one| {
        let problem = if one.attempts > 0 { "" } else { "not working " };
        let tool = tool_and_category(&one.connection);
        let mut item = text(&format!("{tool}: {problem}{}", course(one, words.view.now)));
        let acts = [Act::Take, Act::Mute, Act::Close];
        item.extend(acts_of(words, one, &acts));
        item
    });
    let parts = vec![
        Part::List(items.collect()),
        Part::Plain(contact(&words.alert.who)),
    ];
    Draft::new(Mood::Attention, title, parts)
}

/// The daily summary.
pub(super) fn summary(words: Words<'_>, sections: &[Section]) -> Draft {
    let parts = sections.iter().flat_map(|section| {
        let lines = section.standing.iter().enumerate();
        let items = lines.map(|(place, one)| {
            let has_links = place < MAX_LINKED_LINES;
            let act = act_of(section.topic).filter(|_| has_links);
            let mut item = problem(words, section.topic, one);
            item.extend(acts_of(words, one, act.as_slice()));
            item
        });
        let mut items: Vec<Item> = items.collect();
        let named = u64::try_from(items.len()).unwrap_or(u64::MAX);
        let more = section.total.saturating_sub(named);
        if named > 0 && more > 0 {
            items.push(text(&format!("… and {more} more")));
        }
        let heading = Part::Heading(topic(section.topic, section.total));
        [heading, Part::List(items)]
            .into_iter()
            .chain(next_step(section.topic))
    });
    Draft::new(Mood::Summary, summary_title(sections), parts.collect())
}

/// The first topics; a phone would not show more.
fn summary_title(sections: &[Section]) -> String {
    let named = sections.iter().take(MAX_TITLE_TOPICS);
    let named = named.map(|section| topic(section.topic, section.total));
    let rest = sections.iter().skip(MAX_TITLE_TOPICS);
    let rest = rest.fold(0_u64, |sum, section| sum.saturating_add(section.total));
    let rest = (rest > 0).then(|| format!("{rest} more"));
    let named: Vec<String> = named.chain(rest).collect();
    format!("Daily summary: {}", named.join(", "))
}

/// A line about a problem, with the links for writing to the contact if no other message has them.
fn problem(words: Words<'_>, topic: Topic, one: &OpenProblem) -> Item {
    let course = course(one, words.view.now);
    let mut item = text(&format!("{}, {course}", subject(one)));
    if topic == Topic::GivenUp {
        let about = Subject {
            who: &one.who,
            connection: &one.connection,
            settings: words.view.settings,
        };
        let links = [mail::about_connecting(about), mail::customer(about)];
        item.extend(links.into_iter().flatten().map(Span::Link));
    }
    item
}

/// Who is on a problem, and the links to these acts.
fn acts_of(words: Words<'_>, one: &OpenProblem, acts: &[Act]) -> Item {
    let (incident, assignee) = (one.incident.as_deref(), one.assignee.as_ref());
    acts::spans(words.view, incident, acts.iter().copied(), assignee)
}

/// The act that the lines of a topic offer.
fn act_of(topic: Topic) -> Option<Act> {
    match topic {
        Topic::NotConnected | Topic::NotWorking | Topic::Muted => Some(Act::Take),
        Topic::StillBroken => Some(Act::Close),
        Topic::Unassigned | Topic::Quarantined | Topic::GivenUp | Topic::Incomplete => None,
    }
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

/// What to do about the problems of a topic, if the lines do not say it.
fn next_step(topic: Topic) -> Vec<Part> {
    let plain = |text: &str| Part::Plain(text.to_owned());
    match topic {
        Topic::GivenUp => vec![plain(
            "These incidents are now closed. Ask the contacts whether they still want to connect; without a contact, ask the customer's account manager.",
        )],
        Topic::StillBroken => vec![
            plain(
                "Kombo has not reported an end. If it works again, close it by the name after # (or environment):",
            ),
            Part::Code("npx kombo-edge close <name>".to_owned()),
        ],
        Topic::Incomplete => vec![plain(
            "Kombo refuses calls until the setup is complete. Open the integration in Kombo, or ask the contact.",
        )],
        _ => Vec::new(),
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

/// An item that is text alone.
pub(super) fn text(text: &str) -> Item {
    vec![Span::Text(line(text, MAX_LINE))]
}
