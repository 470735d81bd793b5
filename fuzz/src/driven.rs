//! One object that is driven by hand: it hears letters, and its alarm comes.
//!
//! As the tests' world does it, but a row that cannot be read is an answer here, and
//! what comes of the orders is told from outside.

use core::time::Duration;

use kombo_edge::contracts::objects::address::{Address, Class};
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::contracts::operator::settings::Settings;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::{CorruptRow, Order, Outcome, ROUND, Read, Round, Rows, Scene};

use crate::object::{Object, machine};

/// The object, with its time.
#[derive(Debug, Clone)]
pub(crate) struct Driven {
    pub(crate) name: String,
    pub(crate) class: Class,
    pub(crate) object: Object,
    pub(crate) now: Timestamp,
}

impl Driven {
    /// One that has heard nothing yet.
    pub(crate) fn new(address: &Address, now: Timestamp) -> Self {
        Self {
            name: address.name(),
            class: address.class(),
            object: Object::default(),
            now,
        }
    }

    pub(crate) fn pass(&mut self, span: Duration) {
        self.now = self.now.plus(span);
    }

    /// Hears a letter, and commits what follows; a letter of an unknown shape is refused.
    pub(crate) fn hear(
        &mut self,
        settings: &Settings,
        letter: &str,
    ) -> Result<Reply, Option<CorruptRow>> {
        let message = machine(self.class).open(letter).ok_or(None)?;
        let rows = self.object.load(&message.reads());
        let heard = message.hear(self.scene(settings), &rows)?;
        self.object.commit(heard.changes);
        Ok(heard.answer)
    }

    /// Runs the alarm. `run` tells what comes of the orders, and may let something
    /// happen to the object before it notes that.
    pub(crate) fn alarm(
        &mut self,
        settings: &Settings,
        run: impl FnOnce(&mut Self, &[Order]) -> Vec<Outcome>,
    ) -> Result<(), CorruptRow> {
        let rows = self.rows_for_work(settings)?;
        let Round {
            changes,
            orders,
            settle,
        } = machine(self.class).work(self.scene(settings), &rows)?;
        assert!(orders.len() <= ROUND, "six connections at once");
        self.object.commit(changes);
        let outcomes = run(self, &orders);
        let rows = self.rows_for_work(settings)?;
        let settled = settle(self.scene(settings), &rows, outcomes)?;
        for line in settled.lines {
            serde_json::to_string(&line).expect("a line is JSON");
        }
        self.object.commit(settled.changes);
        Ok(())
    }

    /// Whether the alarm could run: every row that it needs can be read.
    pub(crate) fn can_work(&self, settings: &Settings) -> Result<(), CorruptRow> {
        let rows = self.rows_for_work(settings)?;
        let work = machine(self.class).work(self.scene(settings), &rows);
        work.map(|_| ())
    }

    fn rows_for_work(&self, settings: &Settings) -> Result<Rows, CorruptRow> {
        let (mut rows, mut asked) = (Rows::default(), vec![Read::State]);
        let mut reads = asked.clone();
        while !reads.is_empty() {
            self.object.load_into(&reads, &mut rows);
            let scene = self.scene(settings);
            reads = machine(self.class).further_reads(scene, &rows, &mut asked)?;
        }
        Ok(rows)
    }

    fn scene<'a>(&self, settings: &'a Settings) -> Scene<'a> {
        Scene {
            now: self.now,
            settings,
        }
    }
}
