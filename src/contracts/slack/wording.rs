//! Picks the words for each kind of alert; the only file that knows all kinds.

use super::draft::{Draft, MAX_VALUE, Mood, Part, Words, heading};
use super::text::line;
use super::view::View;
use super::{connection, engineers, listing, trouble};
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::audience::Audience;
use crate::domain::json::Json;

/// What a message about an alert says.
pub(super) fn draft_of(stored: &Json, view: View<'_>) -> Draft {
    let Ok(alert) = stored.read::<Alert>() else {
        return unknown();
    };
    let words = Words {
        alert: &alert,
        view,
    };
    let mut draft = about(words);
    draft.heading = heading(alert.audience, view);
    draft.footer = footer(&alert);
    if let Some(mention) = view
        .settings
        .alerting
        .mention
        .as_ref()
        .filter(|_| alert.mentions)
    {
        draft.parts.insert(0, Part::Own(mention.clone()));
    }
    draft
}

/// An alert of a kind that this version does not know, because a newer version wrote
/// it before a rollback.
fn unknown() -> Draft {
    let title = "An alert that this version of kombo-edge does not recognize";
    let remedy = "A newer version wrote it. Deploy that version again to read such alerts.";
    let parts = vec![Part::Plain(remedy.to_owned())];
    Draft::new(Mood::Attention, title.to_owned(), parts)
}

fn about(words: Words<'_>) -> Draft {
    match &words.alert.what {
        AlertKind::CouldNotConnect { .. }
        | AlertKind::FailedAfterSuccess { .. }
        | AlertKind::Connected { .. }
        | AlertKind::Disconnected { .. }
        | AlertKind::GivenUp { .. } => connection::draft(words),
        AlertKind::StoppedWorking { .. }
        | AlertKind::Recovered { .. }
        | AlertKind::StillBroken { .. } => trouble::draft(words),
        AlertKind::StillOpen { standing } => listing::still_open(words, standing),
        AlertKind::Summary { sections } => listing::summary(words, sections),
        AlertKind::Unassigned { .. }
        | AlertKind::Disputed { .. }
        | AlertKind::Reassigned { .. }
        | AlertKind::Missing { .. }
        | AlertKind::Quarantined { .. }
        | AlertKind::Test
        | AlertKind::Notice(_) => engineers::draft(words),
    }
}

/// The customer's id, and for engineers the event's.
fn footer(alert: &Alert) -> String {
    let id = alert.who.origin_id.as_ref();
    let id = id.map(|id| format!("Customer id: {}", line(id.as_str(), MAX_VALUE)));
    let event = alert.event_id.as_ref();
    let event = event.filter(|_| alert.audience == Audience::Engineers);
    let event = event.map(|id| format!("Event {}", line(id.as_str(), MAX_VALUE)));
    let parts: Vec<String> = [id, event].into_iter().flatten().collect();
    parts.join(" · ")
}
