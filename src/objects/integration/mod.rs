//! One integration: the object in which all events about it meet.
//!
//! It decides what is true of the integration (`facts`), tells the object of
//! whoever holds it (`telling`), and writes the keys `integration:…` and
//! `unassigned:…` (`documents`). What a customer holds altogether, and what
//! people are told of trouble, is `customer`'s.
//!
//! A tombstone is for good: after `integration-deleted` later events change
//! nothing, whenever they were sent.

mod claim;
mod contact;
mod deciding;
mod documents;
mod facts;
mod head;
mod news;
mod recheck;
mod recheck_schedule;
mod register;
mod restoring;
mod shown;
mod telling;
mod upkeep;

pub(crate) use contact::KEPT as CONTACT_KEPT;

use crate::contracts::objects::integration::Message;
use crate::contracts::objects::reply::Reply;
use crate::machine::{CorruptRow, Heard, Machine, Outcome, Read, Rows, Scene, Settled, Work};
use crate::parts::issues::Issues;
use crate::parts::{backup, dedup, outbox};

use self::head::Head;
use self::telling::Told;

/// Note on a task of an Integration.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket(Errand);

#[derive(Debug, Clone, PartialEq)]
enum Errand {
    Telling(Told),
    Alert(String),
    Document(u64),
    Unassigned(u64),
    CheckDocument,
    CheckUnassigned,
    Recheck,
    Lateness(bool),
}

/// The machine.
#[derive(Debug)]
pub struct Integration;

impl Machine for Integration {
    type Message = Message;
    type Ticket = Ticket;

    fn reads(message: &Message) -> Vec<Read> {
        let mut reads = match message {
            Message::Event { event, .. } => dedup::reads(&event.seen_as()),
            _ => Vec::new(),
        };
        reads.push(Read::State);
        reads
    }

    fn hear(scene: Scene<'_>, rows: &Rows, message: Message) -> Result<Heard, CorruptRow> {
        let known = Head::load(rows)?;
        let (mut head, mut changes, reply);
        match message {
            Message::Event { id, event } => {
                let seen_as = event.seen_as();
                if dedup::contains(rows, &seen_as) {
                    return Ok(Reply::Duplicate.into());
                }
                head = known.unwrap_or_else(|| Head::new(id));
                let mut issues = Issues::load(rows)?;
                changes = head.hear(scene, &mut issues, *event);
                head.keep_contact(scene.now);
                changes.extend(head.remember(&seen_as, scene.now));
                reply = Reply::Accepted;
            }
            Message::Decided { id, decision } => {
                let before = known.clone();
                head = known.unwrap_or_else(|| Head::new(id));
                let mut issues = Issues::load(rows)?;
                (changes, reply) = head.decide(scene, rows, &mut issues, decision);
                if before.unwrap_or_else(|| Head::new(head.facts.id.clone())) == head {
                    return Ok(reply.into());
                }
            }
            Message::Show => {
                let reply = known.map_or(Reply::Document(None), |head| head.show(scene));
                return Ok(reply.into());
            }
            Message::Copy => {
                let copy = backup::make("integration", rows, &["head", "issue/"]);
                return Ok(copy.into());
            }
            Message::Restore { copy } => {
                let (changes, reply) = restoring::restore(scene, known, rows, &copy)?;
                return Ok(Heard::new(reply, changes));
            }
            Message::Rebuild => {
                let Some(known) = known else {
                    return Ok(Reply::Document(None).into());
                };
                head = known;
                head.rebuild(scene.now);
                (changes, reply) = (Vec::new(), Reply::Taken);
            }
        }
        changes.push(head.row());
        Ok(Heard::new(reply, changes))
    }

    fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Ticket>, CorruptRow> {
        let mut work = Work::none();
        outbox::work(scene, rows, &mut work, |id| Ticket(Errand::Alert(id)))?;
        if let Some(mut head) = Head::load(rows)? {
            let causes = head.causes(&Issues::load(rows)?);
            head.forget_contact(&causes, scene.now);
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
        let Some(before) = Head::load(rows)? else {
            return Ok(settled);
        };
        let mut head = before.clone();
        for (Ticket(errand), outcome) in results {
            match errand {
                Errand::Alert(id) => {
                    let change = outbox::settle(scene, rows, &id, &outcome)?;
                    settled.changes.extend(change);
                }
                Errand::Recheck => {
                    let (changes, line) = head.rechecked(scene, &outcome);
                    settled.changes.extend(changes);
                    settled.lines.extend(line);
                }
                errand => settled.lines.extend(head.settle(scene, &errand, &outcome)),
            }
        }
        if head != before {
            settled.changes.push(head.row());
        }
        Ok(settled)
    }
}
