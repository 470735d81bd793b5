//! An alert in the queue: its row, and its place in the order.
//!
//! There is one row for everything queued about one incident. Each alert repeats what the earlier
//! ones of its incident said, so the latest replaces them: an opening and its closing become one
//! line, whatever happened in between. A second row keeps the place in the order: openings first,
//! then updates, then what is resolved.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::alert::{CustomerRef, IncidentRef, Phase};
use crate::domain::id::{EventId, OriginId};
use crate::domain::json::{Json, Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Change, Rows, StepError, parse};

/// What the key of a queued alert begins with, before its slot.
pub(super) const QUEUED: &str = "waiting/";
/// What the key of a place in the order begins with, before priority and number.
const ORDER: &str = "order/";

/// How soon an alert goes out, if there are others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Priority {
    /// A new incident.
    New = 0,
    /// More about what is known.
    Update = 1,
    /// The end of something, or good news.
    Resolved = 2,
    /// What is too long for a line of a digest.
    Standalone = 3,
}

impl Priority {
    /// All of them, most urgent first.
    pub(super) const ALL: [Self; 4] = [Self::New, Self::Update, Self::Resolved, Self::Standalone];

    /// What the keys of the places of this priority begin with.
    fn prefix(self) -> String {
        format!("{ORDER}{}/", self as u8)
    }
}

/// What the queue needs to know of an alert. It is read once, when the alert arrives, also from an
/// alert that only a newer version can read whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct AlertHeader {
    /// The tag of what it says.
    pub(super) kind: Option<String>,
    /// The incident that it belongs to, if it belongs to one.
    pub(super) incident: Option<IncidentRef>,
    /// When it was made.
    pub(super) at: Option<Timestamp>,
    /// The event behind it, for the log.
    pub(super) event_id: Option<EventId>,
    /// The customer, for the log.
    pub(super) origin_id: Option<OriginId>,
}

impl AlertHeader {
    pub(super) fn of(alert: &Json) -> Self {
        #[derive(Deserialize)]
        struct Alert {
            what: Option<Value>,
            episode: Option<IncidentRef>,
            at: Option<Timestamp>,
            event_id: Option<EventId>,
            #[serde(default)]
            who: CustomerRef,
        }
        let Ok(alert) = alert.read::<Alert>() else {
            return Self::default();
        };
        let kind = match alert.what {
            Some(Value::String(tag)) => Some(tag),
            Some(Value::Object(tagged)) => tagged.into_iter().next().map(|(tag, _)| tag),
            _ => None,
        };
        Self {
            kind,
            incident: alert.episode,
            at: alert.at,
            event_id: alert.event_id,
            origin_id: alert.who.origin_id,
        }
    }

    /// What the alerts of one incident have in common; any other alert has its id.
    pub(super) fn slot(&self, id: &str) -> String {
        let incident = self.incident.as_ref();
        incident.map_or_else(|| id.to_owned(), |incident| incident.incident.clone())
    }

    /// What the alerts of one customer have in common, or else those of one slot.
    pub(super) fn subject(&self, slot: &str) -> String {
        let origin_id = self.origin_id.as_ref();
        origin_id.map_or_else(|| slot.to_owned(), |id| id.as_str().to_owned())
    }

    fn phase(&self) -> Option<Phase> {
        self.incident.as_ref().map(|incident| incident.phase)
    }
}

/// The row of an alert in the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct QueuedAlert {
    /// Since when something about it has been queued.
    pub(super) queued_at: Timestamp,
    /// Its place among those of its priority.
    #[serde(default)]
    place: u64,
    /// The number of the latest alert in it.
    #[serde(default)]
    pub(super) number: u64,
    /// The number of the latest one that says that the incident opened.
    opened: Option<u64>,
    #[serde(default)]
    pub(super) header: AlertHeader,
    /// The latest alert, as it was handed over.
    #[serde(default)]
    pub(super) alert: Json,
    #[serde(flatten)]
    unknown: Unknown,
}

impl QueuedAlert {
    pub(super) fn new(number: u64, header: AlertHeader, alert: Json, now: Timestamp) -> Self {
        Self {
            queued_at: now,
            place: number,
            number,
            opened: opening(&header, number),
            header,
            alert,
            unknown: Unknown::default(),
        }
    }

    /// The row of this slot.
    pub(super) fn load(rows: Rows<'_>, slot: &str) -> Result<Option<Self>, StepError> {
        rows.ledger(&key(slot))
    }

    /// The same incident, with a newer alert.
    pub(super) fn merge(self, number: u64, header: AlertHeader, alert: Json) -> Self {
        Self {
            number,
            opened: opening(&header, number).or(self.opened),
            header,
            alert,
            ..self
        }
    }

    /// What is left to be sent once everything up to this number was; `None` if that was all.
    pub(super) fn after(self, sent: u64) -> Option<Self> {
        let opened = self.opened.filter(|&opened| opened > sent);
        (self.number > sent).then_some(Self { opened, ..self })
    }

    /// Its place in the course of an incident, if it belongs to one.
    pub(super) fn phase(&self) -> Option<Phase> {
        self.header.phase()
    }

    pub(super) fn priority(&self) -> Priority {
        match self.phase() {
            Some(Phase::Resolved) => Priority::Resolved,
            Some(_) if self.opened.is_some() => Priority::New,
            Some(_) => Priority::Update,
            None => match self.header.kind.as_deref() {
                Some("summary") => Priority::Standalone,
                Some("connected" | "disconnected" | "failed_after_success") => Priority::Resolved,
                _ => Priority::New,
            },
        }
    }

    /// The rows that put it into the queue, or move it.
    pub(super) fn rows(&self, slot: &str, before: Option<&Self>) -> Vec<Change> {
        let (now, before) = (self.order_key(), before.map(Self::order_key));
        let mut changes = vec![Change::ledger(key(slot), to_json(self))];
        if before.as_ref() != Some(&now) {
            changes.extend(before.map(Change::remove_ledger));
            let place = to_json(&(slot, self.queued_at));
            changes.push(Change::ledger(now, place));
        }
        changes
    }

    /// The rows that take it out of the queue.
    pub(super) fn removal(&self, slot: &str) -> Vec<Change> {
        [key(slot), self.order_key()]
            .map(Change::remove_ledger)
            .into()
    }

    /// Keys sort as their numbers do: twenty digits hold every number.
    fn order_key(&self) -> String {
        format!("{}{:020}", self.priority().prefix(), self.place)
    }
}

/// The slots that go first, at most `limit`, most urgent first.
pub(super) fn first_slots(rows: Rows<'_>, limit: u32) -> Result<Vec<String>, StepError> {
    let places = places(rows, ORDER, limit)?;
    Ok(places.into_iter().map(|(slot, _)| slot).collect())
}

/// Since when the oldest alert has been queued.
pub(super) fn oldest(rows: Rows<'_>) -> Result<Option<Timestamp>, StepError> {
    let mut oldest = None;
    for priority in Priority::ALL {
        let first = places(rows, &priority.prefix(), 1)?;
        let queued_at = first.into_iter().map(|(_, queued_at)| queued_at);
        oldest = queued_at.chain(oldest).min();
    }
    Ok(oldest)
}

/// The slots at the first places, each with its time in the queue.
fn places(rows: Rows<'_>, prefix: &str, limit: u32) -> Result<Vec<(String, Timestamp)>, StepError> {
    let places = rows.ledger_first(prefix, limit)?.into_iter();
    Ok(places
        .filter_map(|(_, text)| parse(ORDER, &text).ok())
        .collect())
}

fn key(slot: &str) -> String {
    format!("{QUEUED}{slot}")
}

fn opening(header: &AlertHeader, number: u64) -> Option<u64> {
    (header.phase() == Some(Phase::Opened)).then_some(number)
}
