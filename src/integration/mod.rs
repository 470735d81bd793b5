//! One integration: the object in which all events about it meet.
//!
//! It decides what is true of the integration (`facts`), tells the object of
//! whoever holds it (`telling`), and writes the keys `integration:…` and
//! `unassigned:…` (`documents`). What a customer holds altogether, and what
//! people are told of trouble, is `customer`'s.
//!
//! A tombstone is for good: after `integration-deleted` later events change
//! nothing, whenever they were sent.

mod documents;
mod facts;
mod head;
mod news;
mod telling;

use serde::Serialize;

use self::head::Head;
use self::telling::Told;
use crate::id::IntegrationId;
use crate::issue::Issues;
use crate::kombo::Event;
use crate::machine::{CorruptRow, Heard, Machine, Outcome, Read, Rows, Scene, Settled, Work};
use crate::outbox;
use crate::record::reads;
use crate::reply::Reply;
use crate::seen;

/// What an Integration can be told.
#[derive(Debug, Clone)]
pub enum Message {
    /// An event of Kombo about this integration.
    Event {
        /// Which integration; the object itself only knows a hash.
        id: IntegrationId,
        /// The event.
        event: Box<Event>,
    },
}

reads!(enum Message { "event" => Event { id, event } });

/// A [`Message`] on its way.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outgoing<'a> {
    /// See [`Message::Event`].
    Event {
        /// Which integration.
        id: &'a IntegrationId,
        /// The event's body, as it was signed.
        event: &'a str,
    },
}

/// Note on a task of an Integration.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket(Errand);

#[derive(Debug, Clone, PartialEq)]
enum Errand {
    Telling(Told),
    Alert(String),
    Document(u64),
    Unassigned(u64),
    Lateness(bool),
}

/// The machine.
#[derive(Debug)]
pub struct Integration;

impl Machine for Integration {
    type Message = Message;
    type Ticket = Ticket;

    fn reads(message: &Message) -> Vec<Read> {
        let Message::Event { event, .. } = message;
        let mut reads = seen::reads(&event.seen_as());
        reads.push(Read::State);
        reads
    }

    fn hear(scene: Scene<'_>, rows: &Rows, message: Message) -> Result<Heard, CorruptRow> {
        let Message::Event { id, event } = message;
        let seen_as = event.seen_as();
        if seen::contains(rows, &seen_as) {
            return Ok(Reply::Duplicate.alone());
        }
        let mut head = Head::load(rows)?.unwrap_or_else(|| Head::new(id));
        let mut issues = Issues::load(rows)?;
        let mut changes = head.hear(scene, &mut issues, *event);
        changes.extend(head.remember(&seen_as, scene.now));
        changes.push(head.row());
        Ok(Reply::Accepted.with(changes))
    }

    fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Ticket>, CorruptRow> {
        let mut work = Work::none();
        outbox::work(scene, rows, &mut work, |id| Ticket(Errand::Alert(id)))?;
        if let Some(mut head) = Head::load(rows)? {
            let causes = head.causes(&Issues::load(rows)?);
            head.work(scene, causes, &mut work);
            let row = head.row();
            if rows.are_changed_by(&row) {
                work.change(row);
            }
        }
        Ok(work)
    }

    fn settle(
        scene: Scene<'_>,
        rows: &Rows,
        results: Vec<(Ticket, Outcome)>,
    ) -> Result<Settled, CorruptRow> {
        let mut settled = Settled::default();
        let changes = &mut settled.changes;
        let Some(before) = Head::load(rows)? else {
            return Ok(settled);
        };
        let mut head = before.clone();
        for (Ticket(errand), outcome) in results {
            match errand {
                Errand::Alert(id) => changes.extend(outbox::settle(scene, rows, &id, &outcome)?),
                errand => head.settle(scene, &errand, &outcome),
            }
        }
        if head != before {
            changes.push(head.row());
        }
        Ok(settled)
    }
}
