//! One object as the platform runs it: its rows, its alarm, and what a crash takes away.

use kombo_edge::contracts::objects::address::Class;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::{self, Driver, Effect};

use crate::object::{Object, machine};

/// Milliseconds of the simulation's own clock.
pub(crate) type Moment = i64;

/// An object.
pub(crate) struct Actor {
    pub(crate) class: Class,
    /// What survives a crash. Its alarm is in its own time.
    pub(crate) object: Object,
    /// The instance.
    pub(crate) driver: Driver,
    /// The alarm that the platform keeps.
    pub(crate) alarm: Option<Moment>,
    /// The run that is under way.
    pub(crate) run: Option<u64>,
    /// How far its clock is ahead.
    pub(crate) skew: i64,
    /// Counts its random decisions.
    pub(crate) chances: u64,
}

impl Actor {
    pub(crate) fn new(class: Class) -> Self {
        Self {
            class,
            object: Object::default(),
            driver: Driver::new(machine(class)),
            alarm: None,
            run: None,
            skew: 0,
            chances: 0,
        }
    }

    /// What a crash takes away: everything that is not on disk.
    pub(crate) fn crash(&mut self) {
        self.run = None;
        self.restart();
    }

    /// The next instance begins, which asks the platform for the alarm that the last one left.
    pub(crate) fn restart(&mut self) {
        self.driver = Driver::new(machine(self.class));
        let alarm = self.alarm.map(|at| Timestamp::from_millis(at + self.skew));
        self.object.alarm = alarm;
        self.driver.recall_alarm(alarm);
    }
}

/// A run whose effects are under way.
pub(crate) struct Run {
    pub(crate) actor: String,
    pub(crate) driven: machine::Run,
    /// The effects that have no outcome yet.
    pub(crate) effects: Vec<Option<Effect>>,
    /// The object dies before it notes what came of them.
    pub(crate) is_doomed: bool,
}
