//! The one shell of all objects: load, decide, commit, arm; and on the alarm,
//! run what is due.
//!
//! Nothing is awaited between the statements of a commit and setting the alarm,
//! so the platform makes them one transaction; it holds back the answer until
//! that is on disk.

use core::cell::Cell;
use core::time::Duration;
use std::rc::Rc;

use futures_util::FutureExt as _;
use worker::durable::ScheduledTime;
use worker::js_sys::Date;
use worker::{Env, Error, Result, State, Storage};

use super::store::Store;
use super::{bindings, clock, console, effects};
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::log::{Line, kind};
use crate::contracts::operator::settings::Config;
use crate::domain::json::to_json;
use crate::domain::time::Timestamp;
#[cfg(feature = "forced-panics")]
use crate::machine::Table;
use crate::machine::{
    CorruptRow, DynMachine, DynMessage, Memory, Order, Outcome, Read, Round, Scene,
};

/// Why a step came to nothing.
enum Stopped {
    /// The storage failed.
    ByStorage(Error),
    /// A row cannot be read.
    ByRow(CorruptRow),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
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
    storage: Storage,
    store: Store,
    env: Env,
    machine: &'static dyn DynMachine,
    config: Config,
    /// When the alarm comes, or [`NEVER`]; none while that is not known.
    armed: Rc<Cell<Option<Timestamp>>>,
}

impl Shell {
    pub(super) fn new(state: &State, env: Env, machine: &'static dyn DynMachine) -> Self {
        console::log_panics();
        let armed = Rc::default();
        recall_alarm(state, Rc::clone(&armed));
        let config = bindings::config(&env);
        Self {
            store: Store::new(state.storage()),
            storage: state.storage(),
            env,
            machine,
            config,
            armed,
        }
    }

    /// Handles a message: commits what it means, and gives back the reply. Nothing is awaited, so no
    /// other message sees half of it. `None` for a message that cannot be read.
    pub(super) fn handle(&self, message: &str) -> Result<Option<String>> {
        #[cfg(feature = "forced-panics")]
        super::forced_panics::panic_if_forced(&self.env, "fetch", || message.to_owned());
        let Some(message) = self.machine.open(message) else {
            return Ok(None);
        };
        match self.decide(message) {
            Ok(reply) => Ok(Some(to_json(&reply))),
            Err(Stopped::ByRow(corrupt)) => {
                report(&corrupt);
                Ok(None)
            }
            Err(Stopped::ByStorage(error)) => Err(error),
        }
    }

    /// Runs what is due. Whatever happens, another alarm is set.
    pub(super) async fn alarm(&self) -> Result<()> {
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
            return self.arm(due, soonest);
        }
        self.armed.set(Some(NEVER));
        started(self.storage.delete_alarm())
    }

    /// Commits what a message means, and makes sure that the object wakes for it. Gives back the
    /// answer.
    fn decide(&self, message: Box<dyn DynMessage>) -> core::result::Result<Reply, Stopped> {
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
    fn load(&self, memory: &mut Memory, mut reads: Vec<Read>) -> core::result::Result<(), Stopped> {
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
    async fn work(&self) -> core::result::Result<usize, Stopped> {
        let memory = self.memory_for_work()?;
        #[cfg(feature = "forced-panics")]
        super::forced_panics::panic_if_forced(&self.env, "alarm", || {
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
    fn memory_for_work(&self) -> core::result::Result<Memory, Stopped> {
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
        let outcomes = effects::run(&self.env, &self.config, orders).await;
        for (order, outcome) in orders.iter().zip(&outcomes) {
            if let Outcome::Failed(reason) | Outcome::Unknown(reason) = outcome {
                let line = Line::new(clock::now(), order.failure());
                console::print(&line.because(reason.as_str()));
            }
        }
        outcomes
    }

    /// Makes sure that an alarm comes for what is due, as soon as may be.
    fn wake(&self, due: Timestamp) -> Result<()> {
        let now = clock::now();
        let armed = self.armed.get().unwrap_or(NEVER);
        if armed.plus(LOST) > now && armed <= due.max(now.plus(SOON)) {
            return Ok(());
        }
        self.arm(due, SOON)
    }

    /// Sets the alarm to `due`, but no nearer than `soonest` from now.
    fn arm(&self, due: Timestamp, soonest: Duration) -> Result<()> {
        let at = due.max(clock::now().plus(soonest));
        #[expect(
            clippy::cast_precision_loss,
            reason = "the platform counts milliseconds in floating point, exact for 285 000 years"
        )]
        let date = Date::new(&(at.as_millis() as f64).into());
        self.armed.set(Some(at));
        started(self.storage.set_alarm(ScheduledTime::new(date)))
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            now: clock::now(),
            settings: &self.config.settings,
        }
    }
}

/// Takes over the alarm that an instance before this one left, before any message comes in. To set it
/// anew would be billed as a row.
fn recall_alarm(state: &State, armed: Rc<Cell<Option<Timestamp>>>) {
    let storage = state.storage();
    let _blocked = state.block_concurrency_while(async move {
        let alarm = storage.get_alarm().await?;
        armed.set(Some(alarm.map_or(NEVER, Timestamp::from_millis)));
        Ok(())
    });
}

/// Starts a change of the alarm, and does not wait for it: it is a write like any other, so nothing
/// leaves the object before it is on disk, and when it fails the platform starts the object anew.
fn started(change: impl Future<Output = Result<()>>) -> Result<()> {
    change.now_or_never().unwrap_or(Ok(()))
}

/// Says that a row cannot be read, and what to do about it.
fn report(corrupt: &CorruptRow) {
    let reason = format!("{corrupt}: deploy the version that wrote it, or a newer one");
    console::print(&Line::new(clock::now(), kind::STATE_UNREADABLE).because(reason));
}
