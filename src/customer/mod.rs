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

pub use holding::{Snapshot, Telling};
pub use mute::Mute;

use serde::{Deserialize, Serialize};

use self::state::State;
use crate::copy;
use crate::id::{OriginId, Tool};
use crate::json::Json;
use crate::kombo::Event;
use crate::machine::{CorruptRow, Heard, Machine, Outcome, Read, Rows, Scene, Settled, Work};
use crate::object::CustomerKey;
use crate::outbox;
use crate::reply::Reply;
use crate::seen;
use crate::time::Timestamp;

/// What a Customer can be told.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// An event of Kombo that names no integration.
    Event {
        /// Whom it is about; the object itself only knows a hash.
        customer: CustomerKey,
        /// The event.
        event: Box<Event>,
    },
    /// An Integration tells how it stands.
    Told(Box<Telling>),
    /// A human silences it, or one of its tools, or lets it speak again.
    Mute {
        /// Whom; the object itself only knows a hash.
        customer: CustomerKey,
        /// The tool; none for all.
        tool: Option<Tool>,
        /// Until when; none for no longer.
        until: Option<Timestamp>,
    },
    /// Asks for its document.
    Show,
    /// Its keys are to be written again.
    Rebuild,
    /// Asks for a copy of all that it knows.
    Copy,
    /// It is to take over a copy.
    Restore {
        /// The copy.
        #[serde(default)]
        copy: Json,
    },
    /// What is known of it is to be erased.
    Erase {
        /// Whom; the object itself only knows a hash.
        customer: OriginId,
    },
}

/// A [`Message`] on its way.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outgoing<'a> {
    /// See [`Message::Event`].
    Event {
        /// Whom it is about.
        customer: &'a CustomerKey,
        /// The event's body, as it was signed.
        event: &'a str,
    },
    /// See [`Message::Told`].
    Told(&'a Telling),
    /// See [`Message::Mute`].
    Mute {
        /// Whom.
        customer: &'a CustomerKey,
        /// The tool; none for all.
        tool: Option<&'a Tool>,
        /// Until when; none for no longer.
        until: Option<Timestamp>,
    },
    /// See [`Message::Show`].
    Show,
    /// See [`Message::Rebuild`].
    Rebuild,
    /// See [`Message::Copy`].
    Copy,
    /// See [`Message::Restore`].
    Restore {
        /// The copy.
        copy: Json,
    },
    /// See [`Message::Erase`].
    Erase {
        /// Whom.
        customer: &'a OriginId,
    },
}

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
            Message::Event { event, .. } => seen::reads(&event.seen_as()),
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
                if seen::contains(rows, &seen_as) {
                    return Ok(Reply::Duplicate.alone());
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
                    return Ok(Reply::NoRoom.alone());
                }
                reply = Reply::Muted(state.head.mutes.list());
            }
            Message::Show => {
                let known = State::known(rows)?;
                let document = known.and_then(|state| state.show(scene));
                return Ok(Reply::Document(document).alone());
            }
            Message::Copy => {
                let prefixes = ["head", "holding/", "incident/", "issue/"];
                return Ok(copy::make("customer", rows, &prefixes).alone());
            }
            Message::Restore { copy } => {
                let (changes, reply) = restoring::restore(scene, rows, &copy)?;
                return Ok(reply.with(changes));
            }
            Message::Rebuild => {
                let Some(known) = State::known(rows)? else {
                    return Ok(Reply::Document(None).alone());
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
        Ok(reply.with(changes))
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
