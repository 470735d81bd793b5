//! One object that is driven by hand: it handles messages, and its alarm rings.
//!
//! The driver is the Worker's own. A row that cannot be read is an answer here, and the outcomes of
//! the effects are decided by the caller.

use core::time::Duration;

use kombo_edge::contracts::objects::address::Class;
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::contracts::operator::settings::Settings;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::{Driver, Effect, MAX_EFFECTS, Run, StepError};

use crate::object::{Object, ObjectHost, machine};

/// What is stored of an object, at a time.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) name: String,
    pub(crate) class: Class,
    pub(crate) object: Object,
    pub(crate) now: Timestamp,
}

impl Snapshot {
    /// An object that continues from here, in a new instance.
    pub(crate) fn drive(&self) -> Driven {
        Driven {
            class: self.class,
            object: self.object.clone(),
            now: self.now,
            driver: driver(self.class, &self.object),
            begun: None,
        }
    }
}

/// The object, with its time.
pub(crate) struct Driven {
    pub(crate) class: Class,
    pub(crate) object: Object,
    pub(crate) now: Timestamp,
    driver: Driver,
    /// A run that began, and whose effects have not left yet.
    begun: Option<Run>,
}

fn driver(class: Class, object: &Object) -> Driver {
    let mut driver = Driver::new(machine(class));
    driver.recall_alarm(object.alarm);
    driver
}

impl Driven {
    /// An empty object.
    pub(crate) fn empty(class: Class, now: Timestamp) -> Self {
        let object = Object::default();
        Self {
            class,
            driver: driver(class, &object),
            object,
            now,
            begun: None,
        }
    }

    pub(crate) fn pass(&mut self, span: Duration) {
        self.now = self.now.plus(span);
    }

    /// The rows were changed from outside: the instance forgets what it read.
    pub(crate) fn restart(&mut self) {
        self.driver = driver(self.class, &self.object);
        self.begun = None;
    }

    /// Handles a message; one of an unknown shape is rejected.
    pub(crate) fn handle(
        &mut self,
        settings: &Settings,
        message: &str,
    ) -> Result<Reply, Option<StepError>> {
        let host = ObjectHost::new(&mut self.object, settings, self.now);
        let handled = self.driver.handle(&host, message)?.ok_or(None)?;
        if handled.run.is_some() {
            self.begun = handled.run;
        }
        Ok(handled.reply)
    }

    /// Runs what a message made due, or else the alarm. `run` hands each effect its outcome, and may let something happen to the
    /// object in between.
    pub(crate) fn alarm(
        &mut self,
        settings: &Settings,
        run: impl FnOnce(&mut Self, Vec<Effect>),
    ) -> Result<(), StepError> {
        let host = ObjectHost::new(&mut self.object, settings, self.now);
        let begun = match self.begun.take() {
            Some(begun) => Some(begun),
            None => self.driver.begin(&host)?,
        };
        let Some(mut begun) = begun else {
            return Ok(());
        };
        let effects = core::mem::take(&mut begun.effects);
        assert!(effects.len() <= MAX_EFFECTS, "six connections at once");
        run(self, effects);
        let host = ObjectHost::new(&mut self.object, settings, self.now);
        let finished = self.driver.finish(&host, begun)?;
        for line in finished.lines {
            serde_json::to_string(&line).expect("a line is JSON");
        }
        self.begun = finished.next;
        Ok(())
    }

    /// Whether the alarm could run: every row that it needs can be read.
    pub(crate) fn can_work(&self, settings: &Settings) -> Result<(), StepError> {
        let mut object = self.object.clone();
        let mut driver = driver(self.class, &object);
        let host = ObjectHost::new(&mut object, settings, self.now);
        driver.begin(&host).map(drop)
    }
}
