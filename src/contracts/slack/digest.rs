//! Several alerts in one message: digests, and the first message after Slack was unavailable.
//! Each line names its customer.

use core::time::Duration;

use super::draft::{Draft, MAX_VALUE, Part, heading};
use super::listing::{address, bullet, paragraphs};
use super::text::{counted, line, span};
use super::wording::draft_of;
use crate::contracts::operator::settings::Settings;
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::audience::Audience;
use crate::domain::json::Json;
use crate::domain::time::Timestamp;

/// Several alerts, one per line, the team's first.
pub(super) fn digest(
    alerts: Vec<Json>,
    channel: Audience,
    settings: &Settings,
    now: Timestamp,
) -> Draft {
    let (mut team, mut engineers) = (Vec::new(), Vec::new());
    let (mut counts, mut mentions) = ([0_usize; 4], false);
    for stored in alerts {
        let draft = draft_of(&stored, channel, settings, now);
        let alert = stored.read::<Alert>().ok();
        let (kind, who) = alert
            .as_ref()
            .map_or((3, String::new()), |it| (kind(it), address(&it.who)));
        if let Some(count) = counts.get_mut(kind) {
            *count = count.saturating_add(1);
        }
        mentions |= alert.as_ref().is_some_and(|it| it.mentions);
        let ops = alert.is_some_and(|it| it.audience == Audience::Engineers);
        let group = if ops { &mut engineers } else { &mut team };
        group.push(bullet(&format!("{}{who}", draft.title)));
    }
    let mention = settings.alerting.mention.as_ref().filter(|_| mentions);
    let mut parts: Vec<Part> = mention.cloned().map(Part::Own).into_iter().collect();
    let both = !team.is_empty() && !engineers.is_empty();
    let audience = if team.is_empty() {
        Audience::Engineers
    } else {
        Audience::Team
    };
    parts.extend(paragraphs(&team));
    if both {
        parts.push(Part::Heading("For engineers".to_owned()));
    }
    parts.extend(paragraphs(&engineers));
    let title = overview(counts);
    Draft {
        heading: heading(audience, channel, settings),
        brief: title.clone(),
        footer: "kombo-edge".to_owned(),
        ..Draft::titled(title, parts)
    }
}

/// What happened while Slack was unavailable, and what is still open.
pub(super) fn lead(
    outage: Duration,
    [open, over]: [u64; 2],
    alerts: Vec<Json>,
    settings: &Settings,
    now: Timestamp,
) -> Draft {
    let all = open.saturating_add(over);
    let title = format!(
        "Slack was unavailable for {}. Meanwhile {} came up.",
        span(outage),
        counted(all, "problem")
    );
    let end = if alerts.is_empty() { "." } else { ":" };
    let mut lines = vec![format!(
        "{over} {} resolved, {open} {} still open{end}",
        are(over),
        are(open)
    )];
    let named = u64::try_from(alerts.len()).unwrap_or(u64::MAX);
    lines.extend(alerts.into_iter().map(|stored| {
        let draft = draft_of(&stored, Audience::Team, settings, now);
        bullet(&draft.title)
    }));
    if open > named {
        lines.push(format!("… and {} more.", open.saturating_sub(named)));
    }
    lines.push("The messages that waited follow, with what to do.".to_owned());
    Draft {
        heading: heading(Audience::Team, Audience::Team, settings),
        brief: title.clone(),
        footer: "kombo-edge".to_owned(),
        ..Draft::titled(title, paragraphs(&lines))
    }
}

fn kind(alert: &Alert) -> usize {
    match &alert.what {
        AlertKind::CouldNotConnect { .. } => 0,
        AlertKind::StoppedWorking { .. } => 1,
        AlertKind::Connected { .. } | AlertKind::Recovered { .. } => 2,
        _ => 3,
    }
}

fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn overview(counts: [usize; 4]) -> String {
    let words = [
        "could not connect",
        "stopped working",
        "connected or resolved",
        "other",
    ];
    let some = counts.iter().zip(words).filter(|(count, _)| **count > 0);
    let parts: Vec<String> = some
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    line(&parts.join(", "), MAX_VALUE)
}
