//! One object as the platform runs it: its rows, its alarm, and what a crash takes away.

use kombo_edge::contracts::objects::address::Class;
use kombo_edge::machine::{Memory, Outcome, Settling};

use crate::object::Object;

/// Milliseconds of the simulation's own clock.
pub(crate) type Moment = i64;

/// An object.
#[derive(Debug)]
pub(crate) struct Actor {
    pub(crate) class: Class,
    pub(crate) object: Object,
    /// What the instance remembers of its rows.
    pub(crate) memory: Memory,
    /// The alarm that the platform keeps.
    pub(crate) alarm: Option<Moment>,
    /// The alarm that the instance remembers to have set, in its own time.
    pub(crate) armed: Option<Moment>,
    /// The round that is under way.
    pub(crate) run: Option<u64>,
    /// How far its clock is ahead.
    pub(crate) skew: i64,
    /// Counts whatever is decided by chance for it.
    pub(crate) chances: u64,
}

impl Actor {
    pub(crate) fn new(class: Class) -> Self {
        Self {
            class,
            object: Object::default(),
            memory: Memory::default(),
            alarm: None,
            armed: None,
            run: None,
            skew: 0,
            chances: 0,
        }
    }

    /// What a crash takes away: whatever is not on disk.
    pub(crate) fn crash(&mut self) {
        self.memory = Memory::default();
        self.armed = None;
        self.run = None;
    }
}

/// A round whose orders are under way.
pub(crate) struct Run {
    pub(crate) actor: String,
    pub(crate) settle: Settling,
    pub(crate) outcomes: Vec<Option<Outcome>>,
    /// Rows that really changed before the orders left.
    pub(crate) changed: usize,
    /// The object dies before it notes what came of it.
    pub(crate) is_doomed: bool,
}
