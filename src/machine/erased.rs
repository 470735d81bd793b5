//! A machine without the types that only it knows: its messages and its tickets.
//!
//! The shell is compiled once for all machines this way, instead of once for
//! each, and a simulator can keep them in one list.

use super::{Change, CorruptRow, Heard, Machine, Order, Outcome, Read, Rows, Scene, Settled, Task};
use crate::contracts::objects::envelope::Envelope;
use crate::domain::json;

/// A machine, as its shell sees it.
pub trait DynMachine {
    /// Opens a letter; `None` when it holds no message of a known shape.
    fn open(&self, letter: &str) -> Option<Box<dyn DynMessage>>;

    /// See [`Machine::resting`].
    fn resting(&self) -> &'static [&'static str];

    /// See [`Machine::awake`].
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn awake(&self, rows: &Rows) -> Result<Vec<Read>, CorruptRow>;

    /// What the machine wants to read besides `asked`, which grows by it; nothing
    /// once it has all. See [`Machine::further_reads`].
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn further_reads(
        &self,
        scene: Scene<'_>,
        rows: &Rows,
        asked: &mut Vec<Read>,
    ) -> Result<Vec<Read>, CorruptRow>;

    /// What is due now; see [`Machine::work`].
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn work(&self, scene: Scene<'_>, rows: &Rows) -> Result<Round, CorruptRow>;
}

/// A message that was opened.
pub trait DynMessage {
    /// See [`Machine::reads`].
    fn reads(&self) -> Vec<Read>;

    /// See [`Machine::hear`].
    ///
    /// # Errors
    /// As [`Machine::hear`].
    fn hear(self: Box<Self>, scene: Scene<'_>, rows: &Rows) -> Result<Heard, CorruptRow>;
}

/// Takes in the outcomes of a round, in the order of its orders; see [`Machine::settle`].
/// Fewer outcomes than orders settle the first ones.
pub type Settling = Box<dyn FnOnce(Scene<'_>, &Rows, Vec<Outcome>) -> Result<Settled, CorruptRow>>;

/// What is due, and how to take in what comes of it.
pub struct Round {
    /// Committed first.
    pub changes: Vec<Change>,
    /// Most urgent first; at most [`super::ROUND`].
    pub orders: Vec<Order>,
    /// Called once, with fresh rows; dropped when the object is interrupted.
    pub settle: Settling,
}

impl<M: Machine + 'static> DynMachine for M {
    fn open(&self, letter: &str) -> Option<Box<dyn DynMessage>> {
        let letter: Envelope<M::Message> = json::parse(letter).ok()?;
        Some(Box::new(Opened::<M>(letter.message)))
    }

    fn resting(&self) -> &'static [&'static str] {
        M::resting()
    }

    fn awake(&self, rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
        M::awake(rows)
    }

    fn further_reads(
        &self,
        scene: Scene<'_>,
        rows: &Rows,
        asked: &mut Vec<Read>,
    ) -> Result<Vec<Read>, CorruptRow> {
        let mut reads = M::further_reads(scene, rows)?;
        reads.retain(|read| !asked.contains(read));
        asked.extend_from_slice(&reads);
        Ok(reads)
    }

    fn work(&self, scene: Scene<'_>, rows: &Rows) -> Result<Round, CorruptRow> {
        let (changes, tasks) = M::work(scene, rows)?.into_parts();
        let (tickets, orders): (Vec<M::Ticket>, Vec<Order>) = tasks
            .into_iter()
            .map(|Task { ticket, order }| (ticket, order))
            .unzip();
        let settle = |scene: Scene<'_>, rows: &Rows, outcomes: Vec<Outcome>| {
            let results = tickets.into_iter().zip(outcomes).collect();
            M::settle(scene, rows, results)
        };
        Ok(Round {
            changes,
            orders,
            settle: Box::new(settle),
        })
    }
}

struct Opened<M: Machine>(M::Message);

impl<M: Machine> DynMessage for Opened<M> {
    fn reads(&self) -> Vec<Read> {
        M::reads(&self.0)
    }

    fn hear(self: Box<Self>, scene: Scene<'_>, rows: &Rows) -> Result<Heard, CorruptRow> {
        M::hear(scene, rows, self.0)
    }
}
