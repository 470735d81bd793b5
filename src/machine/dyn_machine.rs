//! A machine without the types that only it knows: its messages, and what its effects come to.
//!
//! So the driver is compiled once and not once for each machine, and a simulator keeps all objects
//! in one list.

use super::effect::{Batch, Effect, Failures};
use super::rows::{Rows, StepError};
use super::storage::Change;
use super::{Completion, Context, Machine, Transition};
use crate::contracts::objects::envelope::Envelope;
use crate::domain::json;

/// A machine, as its driver sees it.
pub trait DynMachine {
    /// Decodes a message; `None` if it is of no shape that this version knows.
    fn decode(&self, message: &str) -> Option<Box<dyn DynMessage>>;

    /// What is due now; see [`Machine::poll_effects`].
    ///
    /// # Errors
    /// [`StepError`].
    fn poll_effects(&self, context: Context<'_>, rows: Rows<'_>) -> Result<DynBatch, StepError>;
}

/// A message that was decoded.
pub trait DynMessage {
    /// See [`Machine::handle`].
    ///
    /// # Errors
    /// [`StepError`].
    fn handle(
        self: Box<Self>,
        context: Context<'_>,
        rows: Rows<'_>,
    ) -> Result<Transition, StepError>;
}

/// Hands the machine what its effects came to; see [`Machine::complete`].
pub(super) type Complete = Box<dyn FnOnce(Context<'_>, Rows<'_>) -> Result<Completion, StepError>>;

/// A [`Batch`] of some machine.
pub struct DynBatch {
    pub(super) changes: Vec<Change>,
    pub(super) effects: Vec<Effect>,
    pub(super) failures: Failures,
    pub(super) complete: Complete,
}

impl<M: Machine + 'static> DynMachine for M {
    fn decode(&self, message: &str) -> Option<Box<dyn DynMessage>> {
        let envelope: Envelope<M::Message> = json::parse(message).ok()?;
        Some(Box::new(Decoded::<M>(envelope.message)))
    }

    fn poll_effects(&self, context: Context<'_>, rows: Rows<'_>) -> Result<DynBatch, StepError> {
        let Batch {
            changes,
            effects,
            completed,
            failures,
        } = M::poll_effects(context, rows)?;
        Ok(DynBatch {
            changes,
            effects,
            failures,
            complete: Box::new(move |context, rows| M::complete(context, rows, completed.take())),
        })
    }
}

struct Decoded<M: Machine>(M::Message);

impl<M: Machine> DynMessage for Decoded<M> {
    fn handle(
        self: Box<Self>,
        context: Context<'_>,
        rows: Rows<'_>,
    ) -> Result<Transition, StepError> {
        M::handle(context, rows, self.0)
    }
}
