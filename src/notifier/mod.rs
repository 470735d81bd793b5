//! One Slack channel: what waits for it, and how fast it goes out.
//!
//! Serial, because the channel is: one message a second, first in first out. An
//! alert leaves the queue only when Slack took it, or when it stands in the list
//! of undelivered ones. The engineers' Notifier also keeps the quarantine
//! (`quarantine`), and hands its alerts to the team's when it has no hook. What
//! an alert says is `slack`'s.

mod delivering;
mod late;
mod quarantine;
mod queue;

use serde::Serialize;
use serde_json::Value;

use self::quarantine::{Backlog, Record};
use self::queue::Head;
use crate::id::EventId;
use crate::kombo;
use crate::machine::{
    CorruptRow, Heard, Machine, Outcome, Read, Rows, Scene, Settled, Table, Work,
};
use crate::record::reads;
use crate::reply::{Health, Reply};
use crate::seen;

/// A Slack hook, and the Notifier that posts to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The team's.
    Main,
    /// The engineers'.
    Ops,
}

reads!(enum Channel {
    "main" => Main,
    "ops" => Ops,
});

impl Channel {
    /// The name of the Notifier.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Ops => "ops",
        }
    }
}

/// What a Notifier can be told.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// People are to be told something.
    Alert {
        /// Which Notifier this is; it only knows its name's hash.
        channel: Channel,
        /// The same however often the alert is handed over.
        id: String,
        /// The alert, kept as it was written.
        alert: Value,
    },
    /// A signed event could not be understood. Told to the engineers' Notifier only.
    Quarantine {
        /// The event's id.
        id: EventId,
        /// Its type.
        kind: String,
        /// What it lacks.
        reason: String,
        /// The body as it was signed.
        body: String,
    },
    /// The Workers KV keys of an object are late, or no longer. Told to the team's Notifier only.
    Late {
        /// The object's name.
        object: String,
        /// Whether they are.
        late: bool,
    },
    /// Asks how it fares.
    Health,
}

reads!(enum Message {
    "alert" => Alert { channel, id, alert },
    "quarantine" => Quarantine { id, kind, reason, body },
    "late" => Late { object, late },
    "health" => Health,
});

impl Message {
    /// Puts an event that lacks what is needed into quarantine.
    #[must_use]
    pub fn quarantine(id: EventId, kind: &str, fault: kombo::Fault, body: &str) -> Self {
        Self::Quarantine {
            id,
            kind: kind.to_owned(),
            reason: fault.to_string(),
            body: body.to_owned(),
        }
    }

    fn seen_as(&self) -> Option<String> {
        match self {
            Self::Alert { id, .. } => Some(format!("alert/{id}")),
            Self::Quarantine { id, kind, .. } => Some(seen::event(kind, id.as_str())),
            Self::Late { .. } | Self::Health => None,
        }
    }
}

/// Note on a task of a Notifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket(Errand);

#[derive(Debug, Clone, PartialEq)]
enum Errand {
    /// The first of the queue, by its number.
    Deliver(u64),
    /// The document of a quarantined event, by the name of its rows.
    Quarantine(String),
}

/// The machine.
#[derive(Debug)]
pub struct Notifier;

impl Machine for Notifier {
    type Message = Message;
    type Ticket = Ticket;

    fn reads(message: &Message) -> Vec<Read> {
        let mut reads = message
            .seen_as()
            .map_or_else(Vec::new, |id| seen::reads(&id));
        reads.push(Read::One(Table::State, queue::HEAD.to_owned()));
        match message {
            Message::Quarantine { kind, reason, .. } => {
                let key = quarantine::kind_key(kind, reason);
                reads.push(Read::One(Table::State, key));
                reads.push(Backlog::read());
            }
            Message::Health => reads.extend([late::read(), Backlog::read()]),
            Message::Alert { .. } | Message::Late { .. } => {}
        }
        reads
    }

    fn hear(scene: Scene<'_>, rows: &Rows, message: Message) -> Result<Heard, CorruptRow> {
        let seen_as = message.seen_as();
        let known = seen_as
            .as_deref()
            .is_some_and(|id| seen::contains(rows, id));
        let head = Head::load(rows)?;
        match message {
            Message::Alert { .. } if known => Ok(Reply::Taken.alone()),
            Message::Quarantine { .. } if known => Ok(Reply::Duplicate.alone()),
            Message::Alert { channel, alert, .. } => {
                let mut head = head.unwrap_or_else(|| Head::new(channel));
                let mut changes = vec![head.queue(scene, &alert)];
                changes.extend(head.remember(seen_as.as_deref(), scene.now));
                changes.push(head.row(scene));
                Ok(Reply::Taken.with(changes))
            }
            Message::Quarantine {
                id,
                kind,
                reason,
                body,
            } => {
                let mut head = head.unwrap_or_else(|| Head::new(Channel::Ops));
                let record = Record::new(id, kind, reason, scene.now);
                let mut changes = record.keep(rows, body, scene, &mut head)?;
                changes.extend(head.remember(seen_as.as_deref(), scene.now));
                changes.push(head.row(scene));
                Ok(Reply::Quarantined.with(changes))
            }
            Message::Late { object, late } => {
                Ok(Reply::Taken.with(vec![late::row(scene, &object, late)]))
            }
            Message::Health => {
                let (others_late, mut changes) = late::any(scene, rows);
                let health = Health {
                    slack_failing: head.as_ref().is_some_and(|head| head.is_failing(scene)),
                    kv_late: others_late || Backlog::load(rows)?.is_late(scene.now),
                };
                changes.extend(head.and_then(|head| head.touched(scene)));
                Ok(Reply::Health(health).with(changes))
            }
        }
    }

    fn further_reads(_scene: Scene<'_>, rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
        let mut reads = quarantine::further_reads(rows);
        reads.push(queue::front_read());
        Ok(reads)
    }

    fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Ticket>, CorruptRow> {
        let mut work = Work::none();
        if let Some(mut head) = Head::load(rows)? {
            head.work(scene, rows, &mut work)?;
            work.change(head.row(scene));
        }
        quarantine::work(scene, rows, &mut work)?;
        Ok(work)
    }

    fn settle(
        scene: Scene<'_>,
        rows: &Rows,
        results: Vec<(Ticket, Outcome)>,
    ) -> Result<Settled, CorruptRow> {
        let mut settled = Settled::default();
        let mut written = Vec::new();
        for (Ticket(errand), outcome) in results {
            match errand {
                Errand::Deliver(number) => {
                    settled = delivering::settle(scene, rows, number, &outcome)?;
                }
                Errand::Quarantine(place) => written.push((place, outcome)),
            }
        }
        if !written.is_empty() {
            let changes = quarantine::settle(scene, rows, &written)?;
            settled.changes.extend(changes);
        }
        Ok(settled)
    }
}
