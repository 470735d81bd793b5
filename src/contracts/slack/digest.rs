//! Several alerts in one message: digests, and the first message after Slack was unavailable.
//! Each line names its customer.

use core::time::Duration;

use super::acts;
use super::draft::{Draft, Item, Mood, Part, Span, Words, heading, name, tool, tool_and_category};
use super::link::link;
use super::listing::{address, text};
use super::text::{counted, span};
use super::view::View;
use super::wording::draft_of;
use crate::domain::act::Act;
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::audience::Audience;
use crate::domain::json::Json;

/// How many tools the title names.
const MAX_TITLE_TOOLS: usize = 3;

/// What the lines of a group have in common, in the order of the groups.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum News {
    /// Customers could not connect this tool.
    Failed(String),
    /// Integrations of this tool stopped working.
    Stopped(String),
    /// Good news.
    Good,
    Other,
    ForEngineers,
}

/// The lines with the same news.
struct Group {
    news: News,
    items: Vec<Item>,
}

/// Several alerts, one per line, grouped by their news, the team's first.
pub(super) fn digest(alerts: Vec<Json>, view: View<'_>) -> Draft {
    let mut groups: Vec<Group> = Vec::new();
    let mut failed: Vec<(String, u64)> = Vec::new();
    let mut mentions = false;
    for stored in alerts {
        let draft = draft_of(&stored, view);
        let alert = stored.read::<Alert>().ok();
        mentions |= alert.as_ref().is_some_and(|it| it.mentions);
        let news = alert.as_ref().map_or(News::Other, |it| news(it, &draft));
        if let Some(tool) = alert.as_ref().and_then(failed_tool) {
            count(&mut failed, tool);
        }
        let item = item(alert.as_ref(), &news, &draft, view);
        match groups.iter_mut().find(|group| group.news == news) {
            Some(group) => group.items.push(item),
            None => groups.push(Group {
                news,
                items: vec![item],
            }),
        }
    }
    groups.sort_by(|one, other| one.news.cmp(&other.news));
    let mention = view.settings.alerting.mention.as_ref().filter(|_| mentions);
    let mut parts: Vec<Part> = mention.cloned().map(Part::Own).into_iter().collect();
    let title = overview(&groups, failed);
    let audience = match groups.first() {
        Some(Group {
            news: News::ForEngineers,
            ..
        }) => Audience::Engineers,
        _ => Audience::Team,
    };
    let mood = mood(&groups);
    let is_one = groups.len() == 1;
    for group in groups {
        // The title of the message says it.
        if !is_one {
            parts.push(Part::Heading(heading_of(&group)));
        }
        parts.push(Part::List(group.items));
    }
    Draft {
        heading: heading(audience, view),
        ..Draft::new(mood, title, parts)
    }
}

/// What happened while Slack was unavailable, and what is still open.
pub(super) fn lead(
    outage: Duration,
    [open, over]: [u64; 2],
    alerts: Vec<Json>,
    view: View<'_>,
) -> Draft {
    let view = View {
        channel: Audience::Team,
        ..view
    };
    let all = open.saturating_add(over);
    let title = format!(
        "Slack was unavailable for {}. Meanwhile {} came up.",
        span(outage),
        counted(all, "problem")
    );
    let counts = [(over, "resolved"), (open, "still open")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, what)| format!("{count} {} {what}", are(count)))
        .collect();
    let end = if alerts.is_empty() { "." } else { ":" };
    let named = u64::try_from(alerts.len()).unwrap_or(u64::MAX);
    let mut items: Vec<Item> = alerts
        .into_iter()
        .map(|stored| text(&draft_of(&stored, view).title))
        .collect();
    if open > named {
        let more = open.saturating_sub(named);
        items.push(text(&format!("… and {more} more.")));
    }
    let follows = "The messages that waited follow, with what to do.";
    let parts = vec![
        Part::Plain(format!("{}{end}", counts.join(", "))),
        Part::List(items),
        Part::Plain(follows.to_owned()),
    ];
    let mood = if open > 0 { Mood::Bad } else { Mood::Good };
    Draft {
        heading: heading(Audience::Team, view),
        ..Draft::new(mood, title, parts)
    }
}

fn news(alert: &Alert, draft: &Draft) -> News {
    if alert.audience == Audience::Engineers {
        return News::ForEngineers;
    }
    match &alert.what {
        AlertKind::CouldNotConnect { connection, .. } => {
            News::Failed(tool_and_category(connection))
        }
        AlertKind::StoppedWorking {
            connection,
            handle: Some(_),
            ..
        } => News::Stopped(tool_and_category(connection)),
        _ if draft.mood == Mood::Good => News::Good,
        _ => News::Other,
    }
}

/// The tool that the customer could not connect.
fn failed_tool(alert: &Alert) -> Option<String> {
    match &alert.what {
        AlertKind::CouldNotConnect { connection, .. } if alert.audience == Audience::Team => {
            Some(tool(connection, 40))
        }
        _ => None,
    }
}

fn count(tools: &mut Vec<(String, u64)>, tool: String) {
    match tools.iter_mut().find(|(name, _)| *name == tool) {
        Some((_, count)) => *count = count.saturating_add(1),
        None => tools.push((tool, 1)),
    }
}

/// A line: who it is about, Kombo's log of the attempt, and who is on it. What the heading does not say
/// is in it.
fn item(alert: Option<&Alert>, news: &News, draft: &Draft, view: View<'_>) -> Item {
    let Some(alert) = alert else {
        return text(&draft.title);
    };
    let mut item = facts(alert, news, draft);
    let incident = acts::open_incident(Words { alert, view });
    let assignee = alert.assignee.as_ref();
    item.extend(acts::spans(view, incident, [Act::Take], assignee));
    item
}

fn facts(alert: &Alert, news: &News, draft: &Draft) -> Item {
    let address = address(&alert.who);
    let AlertKind::CouldNotConnect {
        attempts, log_url, ..
    } = &alert.what
    else {
        return match news {
            News::Stopped(_) => text(&format!("{}{address}", name(&alert.who))),
            _ => text(&format!("{}{address}", draft.title)),
        };
    };
    let often = if *attempts > 1 {
        format!(": {}", counted(*attempts, "attempt"))
    } else {
        String::new()
    };
    let mut item = text(&format!("{}{address}{often}", name(&alert.who)));
    let log = log_url.as_deref().and_then(|url| link(url, "Log"));
    item.extend(log.map(Span::Link));
    item
}

/// The worst news sets the mood.
fn mood(groups: &[Group]) -> Mood {
    match groups.first().map(|group| &group.news) {
        Some(News::Failed(_) | News::Stopped(_)) => Mood::Bad,
        Some(News::Good) if groups.len() == 1 => Mood::Good,
        _ => Mood::Attention,
    }
}

fn heading_of(group: &Group) -> String {
    let count = group.items.len();
    match &group.news {
        News::Failed(tool) => format!("{tool}: {} could not connect", customers(count)),
        News::Stopped(tool) => format!("{tool}: {count} stopped working"),
        News::Good => format!("{count} connected or resolved"),
        News::Other => format!("{count} other"),
        News::ForEngineers => "For engineers".to_owned(),
    }
}

fn customers(count: usize) -> String {
    counted(u64::try_from(count).unwrap_or(u64::MAX), "customer")
}

/// The title: the news in the order of the groups.
fn overview(groups: &[Group], failed: Vec<(String, u64)>) -> String {
    let total = |is: fn(&News) -> bool| {
        let groups = groups.iter().filter(|group| is(&group.news));
        groups.map(|group| group.items.len()).sum::<usize>()
    };
    let stopped = total(|news| matches!(news, News::Stopped(_)));
    let good = total(|news| *news == News::Good);
    let other = total(|news| matches!(news, News::Other | News::ForEngineers));
    let counts = [
        (stopped, "stopped working"),
        (good, "connected or resolved"),
        (other, "other"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts = counts.map(|(count, what)| format!("{count} {what}"));
    let parts: Vec<String> = failures(failed).into_iter().chain(counts).collect();
    parts.join(", ")
}

/// `HiBob: 13 customers could not connect`, or of several tools how many of each.
fn failures(mut failed: Vec<(String, u64)>) -> Option<String> {
    let all = failed
        .iter()
        .fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    if let [(tool, count)] = failed.as_slice() {
        let customers = counted(*count, "customer");
        return Some(format!("{tool}: {customers} could not connect"));
    }
    failed.sort_by(|(_, one), (_, other)| other.cmp(one));
    let rest = failed.len().saturating_sub(MAX_TITLE_TOOLS);
    let named = failed.iter().take(MAX_TITLE_TOOLS);
    let named = named.map(|(tool, count)| format!("{tool} {count}"));
    let rest = (rest > 0).then(|| counted(u64::try_from(rest).unwrap_or(u64::MAX), "other tool"));
    let named: Vec<String> = named.chain(rest).collect();
    let customers = counted(all, "customer");
    (all > 0).then(|| format!("{customers} could not connect ({})", named.join(", ")))
}

fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
