//! When the machine of an object runs.
//!
//! A driver turns two occasions, a message and an alarm, into steps of the machine, and makes sure
//! that whatever is due gets its turn. It decides; a small [`Host`] does: it keeps rows, sets the
//! alarm, runs effects. The Worker, the simulation, the tests and the fuzzer are hosts of this one
//! driver.
//!
//! - **A message**: the machine decides, its rows are committed, and an alarm is set for the first
//!   row that is due, in one transaction of the host ([`Driver::handle`]). Then the reply leaves.
//! - **A run**: what is due becomes effects ([`Driver::begin`]); the host runs them and hands each
//!   outcome to its effect; what follows is committed ([`Driver::finish`]). An alarm starts one, and
//!   the host may also do so right after a commit.
//!
//! What it holds to:
//! - A run first sets the *guard*, an alarm for a little after the longest of its effects: should the
//!   object die, that alarm takes up what it left.
//! - One run at a time. An alarm that finds one under way sets the guard again and leaves it alone.
//! - Messages may be handled during a run: its outcomes are taken in with the rows of that moment.
//! - An alarm that is overdue counts as lost, and the next message sets another one.
//! - Something due that this version does not know how to do, or cannot read, is looked at again
//!   after a while, and not in a tight loop.
//! - Whatever fails, rows are either committed whole or not at all, and what is remembered of them
//!   is what is stored.

use core::time::Duration;

use super::Context;
use super::cache::RowCache;
use super::dyn_machine::{Complete, DynMachine};
use super::effect::{Effect, Failures};
use super::rows::{Rows, StepError};
use super::storage::{Change, Storage, StorageError, Table};
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::log::Line;
use crate::contracts::operator::settings::Settings;
use crate::domain::time::Timestamp;

/// The soonest alarm after a message.
const MIN_ALARM_DELAY: Duration = Duration::from_millis(1);
/// The soonest alarm set from within a run: nearer ones can get lost (workerd issue 6866).
const MIN_ALARM_DELAY_IN_RUN: Duration = Duration::from_millis(100);
/// How long after its beginning a run counts as interrupted: longer than its effects may take.
pub const GUARD: Duration = Duration::from_secs(4);
/// The same of a run that posts to Slack, which may take longer than anything else.
pub const SLACK_GUARD: Duration = Duration::from_secs(12);
/// An alarm that is this late is lost. Until then it is not set again: while messages keep coming,
/// each would put it off a little more.
const LOST_AFTER: Duration = Duration::from_secs(10);
/// When an object looks again at something due that this version cannot do.
const STUCK_RETRY: Duration = Duration::from_secs(60);

/// The time of an alarm that is not set.
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// Where a driver runs.
pub trait Host: Storage {
    /// The time.
    fn now(&self) -> Timestamp;

    /// The settings, without secrets.
    fn settings(&self) -> &Settings;

    /// Commits rows, all or none. The alarm that is set right after it belongs to the same
    /// transaction.
    ///
    /// # Errors
    /// [`StorageError`] if nothing was changed.
    fn commit(&self, changes: &[Change]) -> Result<(), StorageError>;

    /// Sets the one alarm of the object, in place of an earlier one; `None` removes it.
    ///
    /// # Errors
    /// [`StorageError`] if it is as it was.
    fn set_alarm(&self, at: Option<Timestamp>) -> Result<(), StorageError>;
}

/// A machine with what its driver remembers between two occasions. One that is new (after a crash,
/// say) remembers nothing and loses nothing.
pub struct Driver {
    machine: &'static dyn DynMachine,
    cache: RowCache,
    /// When the alarm comes, or [`NEVER`]; `None` while that is not known.
    alarm: Option<Timestamp>,
    is_running: bool,
}

/// Effects under way. Dropped when the object is interrupted.
pub struct Run {
    /// What the host is to run. It takes them, and hands each outcome to its
    /// [`Then`](super::Then).
    pub effects: Vec<Effect>,
    failures: Failures,
    complete: Complete,
    /// Whether anything was done: an effect, or a row that changed.
    has_progress: bool,
}

impl Driver {
    /// A driver of this machine that remembers nothing.
    #[must_use]
    pub fn new(machine: &'static dyn DynMachine) -> Self {
        Self {
            machine,
            cache: RowCache::default(),
            alarm: None,
            is_running: false,
        }
    }

    /// Takes over the alarm that was set before this driver began, `None` if there is none. Setting
    /// it again would be billed as a row.
    pub fn recall_alarm(&mut self, at: Option<Timestamp>) {
        self.alarm = Some(at.unwrap_or(NEVER));
    }

    /// Handles a message: commits what it means, makes sure that the object wakes for what is due,
    /// and gives back the reply. `None` if the message cannot be decoded.
    ///
    /// # Errors
    /// [`StepError`]; nothing was changed.
    pub fn handle(&mut self, host: &dyn Host, message: &str) -> Result<Option<Reply>, StepError> {
        let Some(message) = self.machine.decode(message) else {
            return Ok(None);
        };
        let transition = message.handle(context(host), self.rows(host))?;
        self.commit(host, transition.changes)?;
        self.ensure_alarm(host)?;
        self.cache.trim();
        Ok(Some(transition.reply))
    }

    /// Begins a run; `None` if one is under way.
    ///
    /// # Errors
    /// [`StepError`]. If a row cannot be read, the object looks again later; if the storage failed,
    /// the guard is set.
    pub fn begin(&mut self, host: &dyn Host) -> Result<Option<Run>, StepError> {
        self.set_alarm(host, host.now().plus(GUARD), MIN_ALARM_DELAY_IN_RUN)?;
        if self.is_running {
            return Ok(None);
        }
        let run = self.poll(host);
        if let Err(StepError::Corrupt(_)) = &run {
            self.plan_next_run(host, false)?;
        }
        let run = run?;
        let guard = guard(&run.effects);
        if guard > GUARD {
            self.set_alarm(host, host.now().plus(guard), MIN_ALARM_DELAY_IN_RUN)?;
        }
        self.is_running = true;
        Ok(Some(run))
    }

    /// Ends a run: handles the outcomes of its effects, and sets the alarm for what is due next.
    /// Gives back what the log should say.
    ///
    /// # Errors
    /// As [`Driver::begin`].
    pub fn finish(&mut self, host: &dyn Host, run: Run) -> Result<Vec<Line>, StepError> {
        self.is_running = false;
        let completed = self.complete(host, run.complete);
        let has_progress = match &completed {
            Ok(_) => run.has_progress,
            Err(StepError::Corrupt(_)) => false,
            Err(StepError::Storage(_)) => return completed,
        };
        self.plan_next_run(host, has_progress)?;
        self.cache.trim();
        let failures = run.failures.take().into_iter();
        let mut lines: Vec<Line> = failures
            .map(|(kind, reason)| Line::new(host.now(), kind).because(reason))
            .collect();
        lines.extend(completed?);
        Ok(lines)
    }

    fn poll(&mut self, host: &dyn Host) -> Result<Run, StepError> {
        let batch = self.machine.poll_effects(context(host), self.rows(host))?;
        let changed_state = self.commit(host, batch.changes)?;
        Ok(Run {
            has_progress: changed_state || !batch.effects.is_empty(),
            effects: batch.effects,
            failures: batch.failures,
            complete: batch.complete,
        })
    }

    fn complete(&mut self, host: &dyn Host, complete: Complete) -> Result<Vec<Line>, StepError> {
        let completion = complete(context(host), self.rows(host))?;
        self.commit(host, completion.changes)?;
        Ok(completion.lines)
    }

    fn rows<'a>(&'a self, host: &'a dyn Host) -> Rows<'a> {
        Rows::new(&self.cache, as_storage(host))
    }

    /// Commits what really changes. Gives back whether the state did.
    fn commit(&mut self, host: &dyn Host, changes: Vec<Change>) -> Result<bool, StorageError> {
        let changes = self.cache.effective(as_storage(host), changes)?;
        if changes.is_empty() {
            return Ok(false);
        }
        if let Err(error) = host.commit(&changes) {
            self.cache.clear();
            return Err(error);
        }
        self.cache.apply(&changes);
        Ok(changes.iter().any(is_of_state))
    }

    /// Makes sure that an alarm comes for what is due, as soon as it may.
    fn ensure_alarm(&mut self, host: &dyn Host) -> Result<(), StorageError> {
        let Some(due) = self.cache.earliest_due(as_storage(host))? else {
            return Ok(());
        };
        let now = host.now();
        let alarm = self.alarm.unwrap_or(NEVER);
        let is_lost = alarm.plus(LOST_AFTER) <= now;
        if !is_lost && alarm <= due.max(now.plus(MIN_ALARM_DELAY)) {
            return Ok(());
        }
        self.set_alarm(host, due, MIN_ALARM_DELAY)
    }

    /// After a run: sets the alarm for what is due next, or removes it.
    fn plan_next_run(&mut self, host: &dyn Host, has_progress: bool) -> Result<(), StorageError> {
        let Some(due) = self.cache.earliest_due(as_storage(host))? else {
            self.alarm = Some(NEVER);
            return host.set_alarm(None);
        };
        let is_stuck = !has_progress && due <= host.now();
        let delay = if is_stuck {
            STUCK_RETRY
        } else {
            MIN_ALARM_DELAY_IN_RUN
        };
        self.set_alarm(host, due, delay)
    }

    /// Sets the alarm to `at`, but no nearer than `delay` from now.
    fn set_alarm(
        &mut self,
        host: &dyn Host,
        at: Timestamp,
        delay: Duration,
    ) -> Result<(), StorageError> {
        let at = at.max(host.now().plus(delay));
        host.set_alarm(Some(at))?;
        self.alarm = Some(at);
        Ok(())
    }
}

/// How long the alarm waits for a run with these effects.
fn guard(effects: &[Effect]) -> Duration {
    let posts = effects
        .iter()
        .any(|effect| matches!(effect, Effect::Post(..)));
    if posts { SLACK_GUARD } else { GUARD }
}

fn context(host: &dyn Host) -> Context<'_> {
    Context {
        now: host.now(),
        settings: host.settings(),
    }
}

fn as_storage(host: &dyn Host) -> &dyn Storage {
    host
}

fn is_of_state(change: &Change) -> bool {
    matches!(
        change,
        Change::Put {
            table: Table::State,
            ..
        } | Change::Remove(Table::State, _)
    )
}
