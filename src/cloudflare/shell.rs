//! The one shell of all objects: load, decide, commit, arm; and on the alarm,
//! run what is due.
//!
//! Nothing is awaited between the statements of a commit and setting the alarm,
//! so the platform makes them one transaction; it holds back the answer until
//! that is on disk.

use core::cell::Cell;
use core::time::Duration;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::platform::Env;
use super::store::Store;
use super::{bindings, clock, console, orders, platform};
use crate::config::Config;
use crate::log::{Line, kind};
use crate::machine::{
    CorruptRow, DynMachine, DynMessage, Memory, Order, Outcome, Read, Round, Scene, Table, json,
};
use crate::reply::Reply;
use crate::time::Timestamp;

/// Why a step came to nothing.
enum Stopped {
    /// The storage failed.
    ByStorage(JsValue),
    /// A row cannot be read.
    ByRow(CorruptRow),
}

impl From<JsValue> for Stopped {
    fn from(error: JsValue) -> Self {
        Self::ByStorage(error)
    }
}

impl From<CorruptRow> for Stopped {
    fn from(corrupt: CorruptRow) -> Self {
        Self::ByRow(corrupt)
    }
}

/// The soonest alarm after a commit.
const SOON: Duration = Duration::from_millis(1);
/// The soonest alarm set from within an alarm: nearer ones can get lost (workerd #6866).
const SOON_AGAIN: Duration = Duration::from_millis(100);
/// Set before an alarm does anything: longer than the longest task takes, so
/// that what a crash interrupted is taken up again.
const GUARD: Duration = Duration::from_secs(20);
/// An alarm that is so late is taken for lost. Before that it is not set anew: while letters keep
/// coming, each would put it off a little more.
const LOST: Duration = Duration::from_secs(10);
/// The next look when something is due that this version does not know how to do.
const PUZZLED: Duration = Duration::from_secs(60);

/// When the alarm comes of an object that has none.
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// An object of the platform around a machine.
pub(super) struct Shell {
    storage: JsValue,
    store: Store,
    env: Env,
    machine: &'static dyn DynMachine,
    config: Config,
    /// When the alarm comes, or [`NEVER`]; none while that is not known.
    armed: Cell<Option<Timestamp>>,
}

impl Shell {
    pub(super) fn new(storage: JsValue, env: Env, machine: &'static dyn DynMachine) -> Self {
        let config = bindings::config(&env);
        Self {
            store: Store::new(storage.clone()),
            storage,
            env,
            machine,
            config,
            armed: Cell::new(None),
        }
    }

    /// Whether it is still to be told when its alarm comes.
    pub(super) fn asks_for_alarm(&self) -> bool {
        self.armed.get().is_none()
    }

    /// Takes over the alarm that an instance before this one left, unless one began meanwhile and
    /// set the next.
    pub(super) fn recall_alarm(&self, at: Option<f64>) {
        if self.asks_for_alarm() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "milliseconds are whole and small"
            )]
            let at = at.map(|millis| Timestamp::from_millis(millis as i64));
            self.armed.set(Some(at.unwrap_or(NEVER)));
        }
    }

    /// Hears a letter: commits what it means, and answers. Null is the answer to what cannot be
    /// heard.
    pub(super) fn hear(&self, letter: &str) -> Result<JsValue, JsValue> {
        super::objects::panic_if_forced("fetch", || letter.to_owned());
        let Some(message) = self.machine.open(letter) else {
            return Ok(JsValue::NULL);
        };
        match self.decide(message) {
            Ok(answer) => Ok(json(&answer).into()),
            Err(Stopped::ByRow(corrupt)) => {
                report(&corrupt);
                Ok(JsValue::NULL)
            }
            Err(Stopped::ByStorage(error)) => Err(error),
        }
    }

    /// Runs what is due. Whatever happens, another alarm is set.
    pub(super) async fn alarm(self: Rc<Self>) -> Result<JsValue, JsValue> {
        let guard = clock::now().plus(GUARD);
        self.arm(guard, SOON_AGAIN)?;
        let done = match self.work().await {
            Ok(done) => done,
            Err(Stopped::ByRow(corrupt)) => {
                report(&corrupt);
                0
            }
            Err(Stopped::ByStorage(error)) => return Err(error),
        };
        if let Some(due) = self.store.due()? {
            let puzzled = done == 0 && due <= clock::now();
            let soonest = if puzzled { PUZZLED } else { SOON_AGAIN };
            self.arm(due, soonest)?;
        } else {
            self.armed.set(Some(NEVER));
            platform::delete_alarm(&self.storage)?;
        }
        Ok(JsValue::UNDEFINED)
    }

    /// Commits what a message means, and makes sure that the object wakes for it. Gives back the
    /// answer.
    fn decide(&self, message: Box<dyn DynMessage>) -> Result<Reply, Stopped> {
        let mut memory = self.store.recall();
        self.load(&mut memory, message.reads())?;
        let heard = message.hear(self.scene(), memory.rows())?;
        self.store.commit(&heard.changes, memory)?;
        if let Some(due) = self.store.due()? {
            self.wake(due)?;
        }
        Ok(heard.answer)
    }

    /// Reads what is asked for. Of the state that is all but what lies at rest.
    fn load(&self, memory: &mut Memory, mut reads: Vec<Read>) -> Result<(), Stopped> {
        if reads.contains(&Read::State) {
            reads.retain(|read| *read != Read::State);
            if !memory.unanswered(vec![Read::State]).is_empty() {
                self.store.load_state(self.machine.resting(), memory)?;
            }
            let awake = self.machine.awake(memory.rows())?;
            memory.let_rest(self.machine.resting(), &awake);
            reads.extend(memory.unanswered(awake));
        }
        Ok(self.store.load(&reads, memory)?)
    }

    /// Runs some of what is due, and commits what came of it. Gives back how much
    /// was done: a row that is written as it was is nothing.
    async fn work(&self) -> Result<usize, Stopped> {
        let memory = self.memory_for_work()?;
        super::objects::panic_if_forced("alarm", || {
            let state = memory.rows().under(Table::State, "");
            state.map(|(_, text)| text).collect()
        });
        let Round {
            changes,
            orders,
            settle,
        } = self.machine.work(self.scene(), memory.rows())?;
        let really = changes
            .iter()
            .filter(|it| memory.rows().are_changed_by(it))
            .count();
        self.store.commit(&changes, memory)?;
        let outcomes = self.run(&orders).await;
        // Other messages may have come meanwhile.
        let memory = self.memory_for_work()?;
        let settled = settle(self.scene(), memory.rows(), outcomes)?;
        self.store.commit(&settled.changes, memory)?;
        settled.lines.iter().for_each(console::print);
        Ok(orders.len().saturating_add(really))
    }

    /// The state, and what else the machine needs to work.
    fn memory_for_work(&self) -> Result<Memory, Stopped> {
        let mut memory = self.store.recall();
        let mut asked = vec![Read::State];
        let mut reads = asked.clone();
        while !reads.is_empty() {
            self.load(&mut memory, reads)?;
            reads = self
                .machine
                .further_reads(self.scene(), memory.rows(), &mut asked)?;
        }
        Ok(memory)
    }

    async fn run(&self, orders: &[Order]) -> Vec<Outcome> {
        if orders.is_empty() {
            return Vec::new();
        }
        let outcomes = orders::run(&self.env, &self.config, orders).await;
        for (order, outcome) in orders.iter().zip(&outcomes) {
            if let Outcome::Failed(reason) | Outcome::Unknown(reason) = outcome {
                let line = Line::new(clock::now(), order.failure());
                console::print(&line.because(reason.as_str()));
            }
        }
        outcomes
    }

    /// Makes sure that an alarm comes for what is due, as soon as may be.
    fn wake(&self, due: Timestamp) -> Result<(), JsValue> {
        let now = clock::now();
        let armed = self.armed.get().unwrap_or(NEVER);
        if armed.plus(LOST) > now && armed <= due.max(now.plus(SOON)) {
            return Ok(());
        }
        self.arm(due, SOON)
    }

    /// Sets the alarm to `due`, but no nearer than `soonest` from now.
    fn arm(&self, due: Timestamp, soonest: Duration) -> Result<(), JsValue> {
        let at = due.max(clock::now().plus(soonest));
        #[expect(
            clippy::cast_precision_loss,
            reason = "the platform counts milliseconds in floating point, exact for 285 000 years"
        )]
        platform::set_alarm(&self.storage, at.as_millis() as f64)?;
        self.armed.set(Some(at));
        Ok(())
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            now: clock::now(),
            settings: &self.config.settings,
        }
    }
}

/// Says that a row cannot be read, and what to do about it.
fn report(corrupt: &CorruptRow) {
    let reason = format!("{corrupt}: deploy the version that wrote it, or a newer one");
    console::print(&Line::new(clock::now(), kind::STATE_UNREADABLE).because(reason));
}
