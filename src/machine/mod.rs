//! What a state machine is, seen from the shell that runs it.
//!
//! A machine is told something ([`Machine::hear`]), asked what is due
//! ([`Machine::work`]) and told what came of it ([`Machine::settle`]). Each is a
//! pure function of rows, input and time. The machine names the rows that it
//! needs beforehand and gives back the rows that change; reading, committing,
//! waking and running are the shell's (`cloudflare/shell.rs`, or a simulator),
//! which knows every machine as a [`DynMachine`].

mod erased;
mod memory;
mod order;
mod rows;

pub use erased::{DynMachine, DynMessage, Round, Settling};
pub use memory::Memory;
pub use order::{Order, Outcome, Page};
pub use rows::{Change, CorruptRow, Read, Rows, Table, read};

use serde::de::DeserializeOwned;

use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::log::Line;
use crate::contracts::operator::settings::Settings;
use crate::domain::time::Timestamp;

/// What every step may know besides its rows: the time and the settings.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The present.
    pub now: Timestamp,
    /// The configuration, without secrets.
    pub settings: &'a Settings,
}

/// What the object answers to a message, and the rows that make the answer true.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Committed before the answer leaves.
    pub changes: Vec<Change>,
    /// The answer.
    pub answer: Reply,
}

impl Heard {
    /// A reply, and the rows that make it true.
    #[must_use]
    pub fn new(answer: Reply, changes: Vec<Change>) -> Self {
        Self { changes, answer }
    }
}

/// A reply to what changes nothing.
impl From<Reply> for Heard {
    fn from(answer: Reply) -> Self {
        Self::new(answer, Vec::new())
    }
}

/// An order, with the machine's own note of what it was for.
#[derive(Debug, Clone, PartialEq)]
pub struct Task<T> {
    /// Comes back with the outcome.
    pub ticket: T,
    /// What to do.
    pub order: Order,
}

/// Tasks in one round at most: the platform opens six connections at once. Later
/// ones wait for the next round.
pub const ROUND: usize = 6;

/// What is due: rows that change with time alone or because something leaves
/// now, and a round of things to do, the most urgent first.
#[derive(Debug, Clone, PartialEq)]
pub struct Work<T> {
    changes: Vec<Change>,
    tasks: Vec<Task<T>>,
}

impl<T> Work<T> {
    /// Nothing yet.
    #[must_use]
    pub fn none() -> Self {
        Self {
            changes: Vec::new(),
            tasks: Vec::new(),
        }
    }

    /// Whether another task still fits the round.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.tasks.len() < ROUND
    }

    /// Adds a task. A full round takes none: what is left out stays due, and must
    /// not be noted as on its way.
    pub fn add(&mut self, ticket: T, order: Order) {
        if self.has_room() {
            self.tasks.push(Task { ticket, order });
        }
    }

    /// Adds a row that changes. Rows are committed before any task is run.
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The rows, and the tasks.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Change>, Vec<Task<T>>) {
        (self.changes, self.tasks)
    }
}

/// What follows from the outcomes of some tasks.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// Committed.
    pub changes: Vec<Change>,
    /// Written to the log.
    pub lines: Vec<Line>,
}

/// A state machine: one object of the design.
pub trait Machine {
    /// What it can be told.
    type Message: DeserializeOwned + 'static;
    /// Its note on a task.
    type Ticket: 'static;

    /// The rows that a message touches.
    fn reads(message: &Self::Message) -> Vec<Read>;

    /// What the keys of rows begin with that may lie at rest, in order. Of such rows the
    /// state counts only those that [`Machine::awake`] names: a row at rest is never due,
    /// and no step does anything else for having read it, but one on a message whose
    /// [`Machine::reads`] name it beside the state.
    #[must_use]
    fn resting() -> &'static [&'static str] {
        &[]
    }

    /// The rows that could lie at rest and do not, as the rest of the state says.
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn awake(_rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
        Ok(Vec::new())
    }

    /// Decides on a message.
    ///
    /// # Errors
    /// [`CorruptRow`] when a stored row cannot be read; nothing changes then.
    fn hear(scene: Scene<'_>, rows: &Rows, message: Self::Message) -> Result<Heard, CorruptRow>;

    /// The rows of the ledger that [`Machine::work`] and [`Machine::settle`] need
    /// besides the whole state. Asked again with what was read, until it names
    /// nothing new: what must be read can depend on other rows.
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn further_reads(_scene: Scene<'_>, _rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
        Ok(Vec::new())
    }

    /// What is due now.
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Self::Ticket>, CorruptRow>;

    /// Takes in what came of some tasks. The rows are fresh: other messages may
    /// have come between.
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn settle(
        scene: Scene<'_>,
        rows: &Rows,
        results: Vec<(Self::Ticket, Outcome)>,
    ) -> Result<Settled, CorruptRow>;
}
