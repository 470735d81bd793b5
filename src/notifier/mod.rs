//! One Slack channel: what waits for it, and how fast it goes out.
//!
//! Serial, because the channel is: one message a second. An alert leaves the queue
//! only when Slack took it, or when it stands in the list of undelivered ones. The
//! team's Notifier also makes the daily summary; the engineers' one keeps the
//! quarantine and watches over deliveries and projections, and hands its alerts to
//! the team's when it has no hook. What an alert says is `slack`'s.

mod delivering;
mod departing;
mod gathering;
mod late;
mod quarantine;
mod queue;
mod reporting;
mod status;
mod summary;
mod vigil;
mod waiting;

use serde::Serialize;

use self::departing::Departure;
use self::late::Outage;
use self::quarantine::{Backlog, Record};
use self::queue::Head;
use self::summary::Summary;
use self::vigil::Vigil;
use self::waiting::{Class, Waiting};
use crate::id::EventId;
use crate::kombo;
use crate::machine::{
    Change, CorruptRow, Heard, Machine, Outcome, Read, Rows, Scene, Settled, Table, Work,
};
use crate::outbox;
use crate::record::{Json, reads};
use crate::reply::{Health, Reply};
use crate::seen;
use crate::time::Timestamp;

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
        alert: Json,
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
    /// The Workers KV keys of an object are late, or no longer. Told to the engineers' Notifier only.
    Late {
        /// The object's name.
        object: String,
        /// Whether they are.
        late: bool,
        /// Why.
        reason: String,
    },
    /// What an isolate of the edge noticed. Told to the engineers' Notifier only.
    Watch {
        /// When the latest valid delivery came to it.
        valid_at: Option<Timestamp>,
        /// Deliveries that nobody here signed, since it told last.
        refused: u64,
    },
    /// Asks how it fares.
    Health {
        /// Which Notifier this is.
        channel: Channel,
    },
    /// Asks how it stands, in full.
    Status {
        /// Which Notifier this is.
        channel: Channel,
    },
}

reads!(enum Message {
    "alert" => Alert { channel, id, alert },
    "quarantine" => Quarantine { id, kind, reason, body },
    "late" => Late { object, late, reason },
    "watch" => Watch { valid_at, refused },
    "health" => Health { channel },
    "status" => Status { channel },
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
            Self::Late { .. } | Self::Watch { .. } | Self::Health { .. } | Self::Status { .. } => {
                None
            }
        }
    }

    /// Which Notifier is told.
    fn channel(&self) -> Channel {
        match self {
            Self::Alert { channel, .. } | Self::Health { channel } | Self::Status { channel } => {
                *channel
            }
            Self::Quarantine { .. } | Self::Late { .. } | Self::Watch { .. } => Channel::Ops,
        }
    }
}

/// Note on a task of a Notifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket(Errand);

#[derive(Debug, Clone, PartialEq)]
enum Errand {
    /// What left the queue.
    Deliver(Departure),
    /// An alert for the engineers' Notifier, by its id.
    Report(String),
    /// A page of keys.
    Gather,
    /// Waking the team's Notifier.
    Wake,
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
        reads.push(match message.channel() {
            Channel::Main => summary::read(),
            Channel::Ops => vigil::read(),
        });
        match message {
            Message::Alert { id, alert, .. } => {
                reads.push(Waiting::read(&waiting::slot(id, alert)));
            }
            Message::Quarantine { kind, reason, .. } => {
                let key = quarantine::kind_key(kind, reason);
                reads.push(Read::One(Table::State, key));
                reads.push(Backlog::read());
            }
            Message::Health { .. } | Message::Late { .. } => {
                reads.extend([late::read(), Backlog::read()]);
            }
            Message::Status { .. } => {
                reads.extend([late::read(), Backlog::read()]);
                reads.extend(Class::ALL.map(|class| waiting::places(Some(class), 1)));
            }
            Message::Watch { .. } => {}
        }
        reads
    }

    fn hear(scene: Scene<'_>, rows: &Rows, message: Message) -> Result<Heard, CorruptRow> {
        let seen_as = message.seen_as();
        let known = seen_as
            .as_deref()
            .is_some_and(|id| seen::contains(rows, id));
        if known {
            let quarantined = matches!(message, Message::Quarantine { .. });
            let reply = if quarantined {
                Reply::Duplicate
            } else {
                Reply::Taken
            };
            return Ok(reply.alone());
        }
        let channel = message.channel();
        let known = Head::load(rows)?;
        let mut changes = begin(scene, rows, channel, known.is_none())?;
        let mut head = known.unwrap_or_else(|| Head::new(channel));
        let reply = match message {
            Message::Alert { alert, id, .. } => {
                if summary::keeps(&alert) {
                    let mut summary = Summary::load(rows)?;
                    changes.push(summary.note(&id, &alert));
                    summary.schedule(scene);
                    changes.push(summary.row());
                } else {
                    changes.extend(head.queue(scene, rows, &id, alert)?);
                }
                changes.extend(head.remember(seen_as.as_deref(), scene.now));
                changes.push(head.row(scene));
                Reply::Taken
            }
            Message::Quarantine {
                id,
                kind,
                reason,
                body,
            } => {
                let record = Record::new(id, kind, reason, scene.now);
                changes.extend(record.keep(rows, body, scene, &mut head)?);
                changes.extend(head.remember(seen_as.as_deref(), scene.now));
                changes.push(head.row(scene));
                Reply::Quarantined
            }
            Message::Late {
                object,
                late,
                reason,
            } => {
                changes.extend(late::hear(scene, rows, &object, late, reason)?);
                Reply::Taken
            }
            Message::Watch { valid_at, refused } => {
                let mut vigil = Vigil::load(rows)?;
                vigil.hear(scene, valid_at, refused);
                changes.push(vigil.row(scene));
                Reply::Taken
            }
            Message::Health { .. } => {
                changes.extend(head.touched(scene));
                Reply::Health(Health {
                    slack_failing: head.is_failing(scene),
                    kv_late: Outage::load(rows)?.stands()
                        || Backlog::load(rows)?.is_late(scene.now),
                })
            }
            Message::Status { .. } => {
                changes.extend(head.touched(scene));
                Reply::Status(status::of(scene, rows, &head)?)
            }
        };
        Ok(reply.with(changes))
    }

    fn further_reads(scene: Scene<'_>, rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
        let mut reads = quarantine::further_reads(rows);
        reads.extend(departing::further_reads(scene, rows)?);
        reads.extend(late::further_reads(scene, rows)?);
        reads.extend(summary::further_reads(scene, rows)?);
        reads.extend([late::slot_read(), summary::slot_read()]);
        Ok(reads)
    }

    fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Ticket>, CorruptRow> {
        let mut work = Work::none();
        outbox::work(scene, rows, &mut work, |id| Ticket(Errand::Report(id)))?;
        let mut changes = Vec::new();
        if let Some(mut head) = Head::load(rows)? {
            // Before anything is added: what is queued now can be read in the next round.
            head.work(scene, rows, &mut work)?;
            if head.channel == Channel::Main {
                let mut summary = Summary::load(rows)?;
                summary.schedule(scene);
                summary.work(scene, rows, &mut head, &mut work)?;
                let row = Some(summary.row()).filter(|row| rows.are_changed_by(row));
                changes.extend(row);
            } else {
                let mut vigil = Vigil::load(rows)?;
                vigil.wake(scene, &mut work);
                changes.extend(vigil.work(scene, rows, &mut head)?);
                changes.push(vigil.row(scene));
                changes.extend(late::work(scene, rows, &mut head)?);
            }
            let report = head.report(scene);
            changes.extend(report.map(|alert| outbox::owe(scene, &alert)));
            changes.push(head.row(scene));
        }
        changes.into_iter().for_each(|change| work.change(change));
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
                Errand::Deliver(departure) => {
                    let Some(mut head) = Head::load(rows)? else {
                        continue;
                    };
                    let (changes, line) = head.settle(scene, rows, &departure, &outcome)?;
                    settled.changes.extend(changes);
                    settled.changes.push(head.row(scene));
                    settled.lines.push(line);
                }
                Errand::Report(id) => {
                    let change = outbox::settle(scene, rows, &id, &outcome)?;
                    settled.changes.extend(change);
                }
                Errand::Gather => {
                    let mut summary = Summary::load(rows)?;
                    summary.settle(scene, &outcome);
                    settled.changes.push(summary.row());
                }
                Errand::Wake => {
                    let mut vigil = Vigil::load(rows)?;
                    vigil.settle(scene, &outcome);
                    settled.changes.push(vigil.row(scene));
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

/// What a Notifier does by itself from its first message on.
fn begin(
    scene: Scene<'_>,
    rows: &Rows,
    channel: Channel,
    first: bool,
) -> Result<Vec<Change>, CorruptRow> {
    let change = match channel {
        Channel::Main => Summary::load(rows)?.schedule(scene),
        Channel::Ops => Vigil::load(rows)?.begin(scene),
    };
    let head = first.then(|| Head::new(channel).row(scene));
    Ok(change.into_iter().chain(head).collect())
}
