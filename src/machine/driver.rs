//! When the machine of an object runs.
//!
//! A driver turns two occasions, a message and an alarm, into steps of the machine, and makes sure
//! that whatever is due gets its turn. It decides; a small [`Host`] does: it keeps rows, sets the
//! alarm, runs effects. The Worker, the simulation, the tests and the fuzzer are hosts of this one
//! driver.
//!
//! - **A message**: the machine decides. If something is due now, a run of it begins at once. The
//!   rows of both are committed together with an alarm ([`Driver::handle`]). Then the reply leaves,
//!   and the host runs the effects.
//! - **An alarm** begins a run of what is due ([`Driver::begin`]).
//! - **The end of a run**: each effect has its outcome, and what follows from them is committed
//!   ([`Driver::finish`]). If more is due by then, the next run begins in the same commit.
//!
//! What it holds to:
//! - While effects are under way the alarm is a *guard*, set for after the longest of them: should
//!   the object die, that alarm takes up what it left.
//! - One run at a time. An alarm that finds one under way sets the guard again and leaves it alone.
//!   Of a run that is much older than its guard nothing will come, and another one may begin.
//! - Messages may be handled during a run: its outcomes are taken in with the rows of that moment.
//! - An alarm that is overdue counts as lost, and the next message sets another one.
//! - Something due that this version does not know how to do, or cannot read, is looked at again
//!   after a while, and not in a tight loop.
//! - Whatever fails, rows are either committed whole or not at all, and what is remembered of them
//!   is what is stored.

use core::fmt;
use core::time::Duration;

use super::Context;
use super::cache::RowCache;
use super::dyn_machine::{Complete, DynBatch, DynMachine};
use super::effect::{Effect, Failures};
use super::rows::{CorruptRow, Rows, StepError};
use super::staged::{Staged, merged};
use super::storage::{Change, Storage, StorageError, Table};
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::log::Line;
use crate::contracts::operator::settings::Settings;
use crate::domain::time::Timestamp;

/// The soonest alarm after a message.
const MIN_ALARM_DELAY: Duration = Duration::from_millis(1);
/// The soonest alarm set from within a run: nearer ones can get lost (workerd issue 6866).
const MIN_ALARM_DELAY_IN_RUN: Duration = Duration::from_millis(100);
/// How long after its beginning a run counts as interrupted: longer than its effects take.
pub const GUARD: Duration = Duration::from_secs(4);
/// The same of a run that posts to Slack, which may take longer than anything else.
pub const SLACK_GUARD: Duration = Duration::from_secs(12);
/// An alarm that comes this much before a guard would still serves as one.
const GUARD_TOLERANCE: Duration = Duration::from_millis(500);
/// A run that is this old was abandoned: its effects have had outcomes for long.
const ABANDONED_AFTER: Duration = Duration::from_secs(60);
/// An alarm that is this late is lost. Until then it is not set again: while messages keep coming,
/// each would put it off a little more.
const LOST_AFTER: Duration = Duration::from_secs(10);
/// When an object looks again at something due that this version cannot do.
const STUCK_RETRY: Duration = Duration::from_secs(60);
/// This many runs follow each other without an alarm in between.
const MAX_RUNS_IN_A_ROW: u32 = 16;

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
    /// When the run that is under way began.
    running_since: Option<Timestamp>,
}

/// What a message came to.
#[derive(Debug)]
pub struct Handled {
    /// The reply.
    pub reply: Reply,
    /// The run that began with it, if any. The reply need not wait for it.
    pub run: Option<Run>,
}

/// Effects under way. Dropped when the object is interrupted.
pub struct Run {
    /// What the host is to run. It takes them, and hands each outcome to its
    /// [`Then`](super::Then).
    pub effects: Vec<Effect>,
    failures: Failures,
    complete: Complete,
    began_at: Timestamp,
    /// How many runs followed each other, this one included.
    number: u32,
}

impl fmt::Debug for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(&self.effects).finish()
    }
}

/// What the end of a run came to.
#[derive(Debug, Default)]
pub struct Finished {
    /// What the log should say.
    pub lines: Vec<Line>,
    /// The run that began with it, if any.
    pub next: Option<Run>,
}

/// What came of the attempt to begin a run.
enum Begun {
    Run(Run),
    /// Nothing is due, or a run is under way.
    Nothing,
    /// Something is due, and nothing can be done about it. With the row that cannot be read, if
    /// that is why.
    Stuck(Option<CorruptRow>),
}

impl Driver {
    /// A driver of this machine that remembers nothing.
    #[must_use]
    pub fn new(machine: &'static dyn DynMachine) -> Self {
        Self {
            machine,
            cache: RowCache::default(),
            alarm: None,
            running_since: None,
        }
    }

    /// Takes over the alarm that was set before this driver began, `None` if there is none. Setting
    /// it again would be billed as a row.
    pub fn recall_alarm(&mut self, at: Option<Timestamp>) {
        self.alarm = Some(at.unwrap_or(NEVER));
    }

    /// Handles a message: commits what it means, begins what is due, and makes sure that the object
    /// wakes for the rest. `None` if the message cannot be decoded.
    ///
    /// # Errors
    /// [`StepError`]; nothing was changed.
    pub fn handle(&mut self, host: &dyn Host, message: &str) -> Result<Option<Handled>, StepError> {
        let Some(message) = self.machine.decode(message) else {
            return Ok(None);
        };
        let transition = message.handle(context(host), self.rows(host))?;
        let run = match self.commit_and_begin(host, transition.changes, 1)? {
            Begun::Run(run) => Some(run),
            Begun::Nothing => {
                self.ensure_alarm(host, MIN_ALARM_DELAY)?;
                None
            }
            Begun::Stuck(_) => {
                self.ensure_alarm(host, STUCK_RETRY)?;
                None
            }
        };
        self.cache.trim();
        let reply = transition.reply;
        Ok(Some(Handled { reply, run }))
    }

    /// Begins a run, when the alarm came; `None` if nothing is due, or if a run is under way.
    ///
    /// # Errors
    /// [`StepError`]. If a row cannot be read, the object looks again later; if the storage failed,
    /// the guard is set.
    pub fn begin(&mut self, host: &dyn Host) -> Result<Option<Run>, StepError> {
        self.set_alarm(host, host.now().plus(GUARD))?;
        if self.is_running(host) {
            return Ok(None);
        }
        let begun = self.commit_and_begin(host, Vec::new(), 1)?;
        self.after_run(host, begun)
    }

    /// Ends a run: commits what follows from the outcomes of its effects, and begins the next one
    /// or sets the alarm for what is due later. A run that was taken for abandoned is left out.
    ///
    /// # Errors
    /// As [`Driver::begin`].
    pub fn finish(&mut self, host: &dyn Host, run: Run) -> Result<Finished, StepError> {
        if self.running_since != Some(run.began_at) {
            return Ok(Finished::default());
        }
        self.running_since = None;
        let completion = match (run.complete)(context(host), self.rows(host)) {
            Err(StepError::Corrupt(corrupt)) => {
                self.after_run(host, Begun::Stuck(Some(corrupt)))?;
                return Ok(Finished::default());
            }
            completion => completion?,
        };
        let number = run.number.saturating_add(1);
        let begun = self.commit_and_begin(host, completion.changes, number)?;
        let next = self.after_run(host, begun)?;
        self.cache.trim();
        let failures = run.failures.take().into_iter();
        let mut lines: Vec<Line> = failures
            .map(|(kind, reason)| Line::new(host.now(), kind).because(reason))
            .collect();
        lines.extend(completion.lines);
        Ok(Finished { lines, next })
    }

    /// Commits changes, and with them the beginning of run `number` in a row, if something is due
    /// and no run is under way. The guard is set then.
    fn commit_and_begin(
        &mut self,
        host: &dyn Host,
        changes: Vec<Change>,
        number: u32,
    ) -> Result<Begun, StepError> {
        let changes = self.stage(host, changes)?;
        let may_begin = number <= MAX_RUNS_IN_A_ROW && !self.is_running(host);
        if !may_begin || !self.is_due(host)? {
            self.commit(host, &changes)?;
            return Ok(Begun::Nothing);
        }
        let batch = match self.poll(host, &changes) {
            Err(StepError::Corrupt(corrupt)) => {
                self.commit(host, &changes)?;
                return Ok(Begun::Stuck(Some(corrupt)));
            }
            Err(StepError::Storage(error)) => {
                self.cache.clear();
                return Err(error.into());
            }
            Ok(batch) => batch,
        };
        let begun = self.stage(host, batch.changes)?;
        let has_progress = !batch.effects.is_empty() || begun.iter().any(is_of_state);
        self.commit(host, &merged(changes, begun))?;
        if !has_progress {
            return Ok(Begun::Stuck(None));
        }
        self.set_guard(host, &batch.effects)?;
        let began_at = host.now();
        self.running_since = Some(began_at);
        Ok(Begun::Run(Run {
            effects: batch.effects,
            failures: batch.failures,
            complete: batch.complete,
            began_at,
            number,
        }))
    }

    /// What is due once `changes` are committed.
    fn poll(&self, host: &dyn Host, changes: &[Change]) -> Result<DynBatch, StepError> {
        let staged = Staged::new(host, changes);
        let rows = Rows::new(&self.cache, &staged);
        self.machine.poll_effects(context(host), rows)
    }

    fn rows<'a>(&'a self, host: &'a dyn Host) -> Rows<'a> {
        Rows::new(&self.cache, host)
    }

    /// Those of the changes that change something. From here on they are remembered as if they were
    /// committed.
    fn stage(
        &mut self,
        host: &dyn Host,
        changes: Vec<Change>,
    ) -> Result<Vec<Change>, StorageError> {
        let changes = self.cache.effective(host, changes)?;
        self.cache.apply(&changes);
        Ok(changes)
    }

    /// Commits what was staged.
    fn commit(&mut self, host: &dyn Host, changes: &[Change]) -> Result<(), StorageError> {
        if changes.is_empty() {
            return Ok(());
        }
        host.commit(changes).inspect_err(|_| self.cache.clear())
    }

    fn is_due(&self, host: &dyn Host) -> Result<bool, StorageError> {
        let due = self.cache.earliest_due(host)?;
        Ok(due.is_some_and(|due| due <= host.now()))
    }

    fn is_running(&self, host: &dyn Host) -> bool {
        self.running_since
            .is_some_and(|since| host.now() < since.plus(ABANDONED_AFTER))
    }

    /// After a message: makes sure that an alarm comes for what is due, or for the run that is
    /// under way, no sooner than `delay` from now.
    fn ensure_alarm(&mut self, host: &dyn Host, delay: Duration) -> Result<(), StorageError> {
        let Some(due) = self.cache.earliest_due(host)? else {
            return Ok(());
        };
        let now = host.now();
        let at = if self.is_running(host) {
            now.plus(SLACK_GUARD)
        } else {
            due.max(now.plus(delay))
        };
        let alarm = self.alarm.unwrap_or(NEVER);
        let is_lost = alarm.plus(LOST_AFTER) <= now;
        if is_lost || at < alarm {
            self.set_alarm(host, at)?;
        }
        Ok(())
    }

    /// After a run: sets the alarm for what is due next, or removes it, unless the next run began.
    fn after_run(&mut self, host: &dyn Host, begun: Begun) -> Result<Option<Run>, StepError> {
        let (delay, corrupt) = match begun {
            Begun::Run(run) => return Ok(Some(run)),
            Begun::Nothing => (MIN_ALARM_DELAY_IN_RUN, None),
            Begun::Stuck(corrupt) => (STUCK_RETRY, corrupt),
        };
        if let Some(due) = self.cache.earliest_due(host)? {
            self.set_alarm(host, due.max(host.now().plus(delay)))?;
        } else {
            host.set_alarm(None)?;
            self.alarm = Some(NEVER);
        }
        corrupt.map_or(Ok(None), |corrupt| Err(corrupt.into()))
    }

    /// Makes sure that the alarm is a guard of these effects. Setting it again would be billed as a
    /// row.
    fn set_guard(&mut self, host: &dyn Host, effects: &[Effect]) -> Result<(), StorageError> {
        let guard = guard(effects);
        let latest = host.now().plus(guard);
        let earliest = host.now().plus(guard.saturating_sub(GUARD_TOLERANCE));
        if self
            .alarm
            .is_some_and(|at| (earliest..=latest).contains(&at))
        {
            return Ok(());
        }
        self.set_alarm(host, latest)
    }

    fn set_alarm(&mut self, host: &dyn Host, at: Timestamp) -> Result<(), StorageError> {
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

fn is_of_state(change: &Change) -> bool {
    matches!(
        change,
        Change::Put {
            table: Table::State,
            ..
        } | Change::Remove(Table::State, _)
    )
}
