//! One customer: what it holds, and what is wrong for it.
//!
//! Gathers what the Integrations report, writes the key `customer:…`, keeps the
//! incidents with their `incident:…` keys, and decides what people are told. The
//! same machine stands for an organization whose links carry no customer id and
//! for the Kombo environment; those hold nothing that a backend reads.
//!
//! It does not judge who holds an integration: that is `integration`'s.

mod awake;
mod blaming;
mod contacts;
mod erasing;
mod holding;
mod incident;
mod incident_key;
mod mute;
mod news;
mod projecting;
mod restoring;
mod state;
mod story;
mod subject;

use crate::contracts::objects::address::CustomerKey;
use crate::contracts::objects::customer::Message;
use crate::contracts::objects::reply::Reply;
use crate::machine::{CorruptRow, Heard, Machine, Outcome, Read, Rows, Scene, Settled, Work};
use crate::parts::{backup, dedup, outbox};

use self::state::State;

/// Note on a task of a Customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket(Errand);

#[derive(Debug, Clone, PartialEq)]
enum Errand {
    Alert(String),
    Document(u64),
    Incident(String, u64),
    CheckDocument,
    CheckIncident(String),
    Erase(String),
    Lateness(bool),
}

/// The machine.
#[derive(Debug)]
pub struct Customer;

impl Machine for Customer {
    type Message = Message;
    type Ticket = Ticket;

    fn reads(message: &Message) -> Vec<Read> {
        let mut reads = match message {
            Message::Event { event, .. } => dedup::reads(&event.seen_as()),
            Message::Told(telling) => awake::about(&holding::key(&telling.integration)).into(),
            Message::Mute { .. } | Message::Show => Vec::new(),
            Message::Rebuild | Message::Copy | Message::Restore { .. } | Message::Erase { .. } => {
                awake::at_rest().into()
            }
        };
        reads.push(Read::State);
        reads
    }

    fn resting() -> &'static [&'static str] {
        &awake::RESTING
    }

    fn awake(rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
        awake::reads(rows)
    }

    fn hear(scene: Scene<'_>, rows: &Rows, message: Message) -> Result<Heard, CorruptRow> {
        let (mut state, mut changes, reply);
        match message {
            Message::Event { customer, event } => {
                let seen_as = event.seen_as();
                if dedup::contains(rows, &seen_as) {
                    return Ok(Reply::Duplicate.into());
                }
                state = State::load(rows, customer)?;
                changes = state.hear(scene, *event);
                changes.extend(state.remember(&seen_as, scene.now));
                reply = Reply::Accepted;
            }
            Message::Told(telling) => {
                state = State::load(rows, telling.customer.clone())?;
                changes = state.told(scene, &telling).into_iter().collect();
                reply = Reply::Taken;
            }
            Message::Mute {
                customer,
                tool,
                until,
            } => {
                state = State::load(rows, customer)?;
                changes = Vec::new();
                if state.head.mutes.set(tool.as_ref(), until).is_none() {
                    return Ok(Reply::NoRoom.into());
                }
                reply = Reply::Muted(state.head.mutes.list());
            }
            Message::Show => {
                let known = State::known(rows)?;
                let document = known.and_then(|state| state.show(scene));
                return Ok(Reply::Document(document).into());
            }
            Message::Copy => {
                let prefixes = ["head", "holding/", "incident/", "issue/"];
                return Ok(backup::make("customer", rows, &prefixes).into());
            }
            Message::Restore { copy } => {
                let (changes, reply) = restoring::restore(scene, rows, &copy)?;
                return Ok(Heard::new(reply, changes));
            }
            Message::Rebuild => {
                let Some(known) = State::known(rows)? else {
                    return Ok(Reply::Document(None).into());
                };
                state = known;
                state.rebuild(scene.now);
                (changes, reply) = (Vec::new(), Reply::Taken);
            }
            Message::Erase { customer } => {
                state = State::load(rows, CustomerKey::Customer(customer.clone()))?;
                let (erased, held) = state.erase(rows, &customer, scene.now);
                (changes, reply) = (erased, Reply::Erased(held));
            }
        }
        changes.extend(state.changes(scene, rows));
        Ok(Heard::new(reply, changes))
    }

    fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Ticket>, CorruptRow> {
        let mut work = Work::none();
        outbox::work(scene, rows, &mut work, |id| Ticket(Errand::Alert(id)))?;
        erasing::work(scene, rows, &mut work)?;
        if let Some(mut state) = State::known(rows)? {
            state.give_up(scene);
            for change in state.forget_contacts(scene.now) {
                work.change(change);
            }
            state.work(scene, &mut work);
            for change in state.changes(scene, rows) {
                work.change(change);
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
        let Some(mut state) = State::known(rows)? else {
            return Ok(settled);
        };
        let mut erased = Vec::new();
        for (Ticket(errand), outcome) in results {
            match errand {
                Errand::Alert(id) => {
                    let change = outbox::settle(scene, rows, &id, &outcome)?;
                    settled.changes.extend(change);
                }
                Errand::Erase(key) => erased.push((key, outcome)),
                errand => settled
                    .lines
                    .extend(state.settle(&errand, &outcome, scene.now)),
            }
        }
        if !erased.is_empty() {
            let changes = erasing::settle(scene, rows, &erased)?;
            settled.changes.extend(changes);
        }
        settled.changes.extend(state.changes(scene, rows));
        Ok(settled)
    }
}
