//! What a state machine is, and the driver that runs it.
//!
//! A machine handles a message ([`Machine::handle`]), says what is due ([`Machine::poll_effects`]),
//! and takes in what came of that ([`Machine::complete`]). Each is a pure function of rows, input
//! and time that gives back the rows that change. Reading, committing, waking and running effects
//! are left to a [`Host`]; when each happens is decided by the [`Driver`].

mod cache;
mod driver;
mod dyn_machine;
mod effect;
mod rows;
mod staged;
mod storage;

pub use cache::RowCache;
pub use driver::{Driver, Host, Run};
pub use dyn_machine::DynMachine;
pub use effect::{
    Batch, Compare, Comparison, Effect, EffectError, List, Listed, Outcome, Page, Post, Receipt,
    Send, Write,
};
pub use rows::{Rows, StepError, parse};
pub use storage::{Change, LedgerQuery, StateRow, Storage, StorageError, Table};

// What only other hosts name.
#[cfg(not(target_arch = "wasm32"))]
pub use driver::{Finished, GUARD, Handled, SLACK_GUARD};
#[cfg(not(target_arch = "wasm32"))]
pub use dyn_machine::{DynBatch, DynMessage};
#[cfg(not(target_arch = "wasm32"))]
pub use effect::{MAX_EFFECTS, Then};
#[cfg(not(target_arch = "wasm32"))]
pub use rows::CorruptRow;

use serde::de::DeserializeOwned;

use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::log::Line;
use crate::contracts::operator::settings::Settings;
use crate::domain::time::Timestamp;

/// What every step may know besides its rows.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The present.
    pub now: Timestamp,
    /// The configuration, without secrets.
    pub settings: &'a Settings,
}

/// What a message leads to: the reply, and the rows that make it true.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Committed before the reply leaves.
    pub changes: Vec<Change>,
    /// The reply.
    pub reply: Reply,
}

impl Transition {
    /// A reply, and the rows that make it true.
    #[must_use]
    pub fn new(reply: Reply, changes: Vec<Change>) -> Self {
        Self { changes, reply }
    }
}

/// A reply to a message that changes nothing.
impl From<Reply> for Transition {
    fn from(reply: Reply) -> Self {
        Self::new(reply, Vec::new())
    }
}

/// What follows from the outcomes of some effects.
#[derive(Debug, Clone, Default)]
pub struct Completion {
    /// Committed.
    pub changes: Vec<Change>,
    /// Written to the log.
    pub lines: Vec<Line>,
}

/// A state machine: the part of an object that decides.
pub trait Machine {
    /// The messages that it handles.
    type Message: DeserializeOwned + 'static;
    /// What an effect of it came to, with the machine's note of what it was for.
    type Completed: 'static;

    /// Decides on a message.
    ///
    /// # Errors
    /// [`StepError`]; nothing changes then.
    fn handle(
        context: Context<'_>,
        rows: Rows<'_>,
        message: Self::Message,
    ) -> Result<Transition, StepError>;

    /// What is due now.
    ///
    /// # Errors
    /// As [`Machine::handle`].
    fn poll_effects(
        context: Context<'_>,
        rows: Rows<'_>,
    ) -> Result<Batch<Self::Completed>, StepError>;

    /// Takes in what came of some effects. The rows are those of this moment: other messages may
    /// have come since.
    ///
    /// # Errors
    /// As [`Machine::handle`].
    fn complete(
        context: Context<'_>,
        rows: Rows<'_>,
        completed: Vec<Self::Completed>,
    ) -> Result<Completion, StepError>;
}
