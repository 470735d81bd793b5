//! The objects, each run by the real driver. What a message makes due runs right after its commit.
//! An object can die at every point: before anything is committed, after it and before the reply
//! leaves, after the reply and before any effect leaves, while effects are under way, and before what
//! came of them is committed.

use core::cell::{Cell, RefCell};
use core::time::Duration;

use fastrand::Rng;
use kombo_edge::contracts::objects::address::{Address, Class};
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::contracts::operator::settings::Settings;
use kombo_edge::domain::json;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::{
    Change, Driver, Effect, GUARD, Handled, Host, LedgerQuery, MAX_EFFECTS, Run as Driven,
    SLACK_GUARD, StateRow, StepError, Storage, StorageError,
};

use crate::actor::{Actor, Moment, Run};
use crate::alerts::Alerts;
use crate::effects::{PATIENCE, PATIENCE_WITH_SLACK};
use crate::mutation::Mutation;
use crate::object::{ObjectHost, machine};
use crate::posts::head;
use crate::script::Fault;
use crate::versions;
use crate::world::{SimEvent, World};

/// The platform rings again when an object died of its alarm.
const RING_AGAIN: Moment = 2_000;
/// The promise of the guard.
const GUARDED: &str = "an interrupted object continues soon";
/// Rows that one message may change: work is bounded, whatever came before.
const MAX_CHANGES: usize = 64;
/// How long after it is due an object may wake if it found nothing that it could do.
const STUCK_RETRY: Duration = Duration::from_secs(60);
/// The soonest alarm from within a run.
const SOONEST: Duration = Duration::from_millis(100);

/// A host of one object for one step, which watches what is committed.
struct SimHost<'a> {
    inner: ObjectHost<'a>,
    name: &'a str,
    alerts: RefCell<&'a mut Alerts>,
    mutation: Option<Mutation>,
    /// Whether a newer version runs.
    is_newer: bool,
    /// A row that lost what a newer version wrote.
    lost: RefCell<Option<String>>,
    /// Whether alarms that are set now never come.
    ignores_alarms: Cell<bool>,
    /// Whether the object dies once this step is done.
    dies_after_commit: Cell<bool>,
}

impl Storage for SimHost<'_> {
    fn state(&self) -> Result<Vec<(String, StateRow)>, StorageError> {
        self.inner.state()
    }

    fn ledger(&self, query: &LedgerQuery) -> Result<Vec<(String, String)>, StorageError> {
        self.inner.ledger(query)
    }
}

impl Host for SimHost<'_> {
    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn settings(&self) -> &Settings {
        self.inner.settings()
    }

    fn commit(&self, changes: &[Change]) -> Result<(), StorageError> {
        let mut changes = changes.to_vec();
        if self.mutation == Some(Mutation::DropTheOutbox) {
            let all = changes.len();
            changes.retain(
                |change| !matches!(change, Change::Put { key, .. } if key.starts_with("alert/")),
            );
            self.dies_after_commit.set(changes.len() < all);
        }
        if !self.inner.dies_at_commit.get() {
            let object = self.inner.object.borrow();
            let lost = versions::check(&object, &changes, self.is_newer);
            self.lost.replace(lost);
            self.alerts.borrow_mut().watch(self.name, &object, &changes);
        }
        if self.is_newer {
            versions::decorate(&mut changes);
        }
        self.inner.commit(&changes)
    }

    fn set_alarm(&self, at: Option<Timestamp>) -> Result<(), StorageError> {
        if self.ignores_alarms.get() {
            return Ok(());
        }
        self.inner.set_alarm(at)
    }
}

/// What a step of a driver did.
struct Stepped<T> {
    result: Result<T, StepError>,
    rows_written: usize,
    /// Whether the object died after it.
    has_died: bool,
}

impl World<'_> {
    /// Gives an object a message. `None` if the object dies of it.
    pub(crate) fn call(&mut self, to: &Address, message: &str) -> Option<Reply> {
        self.call_named(to.class(), &to.name(), message)
    }

    /// The same, by the object's name.
    pub(crate) fn call_named(&mut self, class: Class, name: &str, message: &str) -> Option<Reply> {
        let actor = || Actor::new(class);
        self.actors.entry(name.to_owned()).or_insert_with(actor);
        let mut rng = self.chances(name);
        let dies = self.strikes(Fault::ObjectsDie, &mut rng);
        let dies_before = dies && rng.bool();
        let message = if self.is_newer {
            versions::with_field(message)
        } else {
            message.to_owned()
        };
        if dies_before {
            let reply = self.reply_without_commit(name, &message);
            self.crash(name);
            return reply;
        }
        self.foresee(&message);
        let before = head(&self.actors[name].object);
        let skips_guard = self.mutation == Some(Mutation::SkipTheGuard);
        let step = self.step(name, |driver, host| {
            host.ignores_alarms.set(skips_guard);
            driver.handle(host, &message)
        });
        let (written, has_died) = (step.rows_written, step.has_died);
        let handled = self.checked(step)?;
        let runs = matches!(&handled, Some(Handled { run: Some(_), .. }));
        self.check_alarm(name, runs);
        self.must(handled.is_some(), "messages can be read", || {
            message.clone()
        });
        let Handled { reply, run } = handled?;
        let reply = serde_json::to_string(&reply).expect("replies are JSON");
        let reply = json::parse(&reply).expect("replies can be read");
        self.must(written <= MAX_CHANGES, "work is bounded", || {
            format!("{name} changes {written} rows at once")
        });
        let is_new = head(&self.actors[name].object)["seen"] != before["seen"];
        self.witness(class, &before, &message, &reply, is_new);
        if dies {
            self.crash(name);
            return None;
        }
        if let Some(run) = run.filter(|_| !has_died) {
            self.launch(name, run, &mut rng);
        }
        Some(reply)
    }

    /// The reply that an object would give that dies before it commits.
    fn reply_without_commit(&self, name: &str, message: &str) -> Option<Reply> {
        if self.mutation != Some(Mutation::AnswerBeforeCommit) {
            return None;
        }
        let actor = &self.actors[name];
        let mut copy = actor.object.clone();
        let now = Timestamp::from_millis(self.now + actor.skew);
        let host = ObjectHost::new(&mut copy, &self.config.settings, now);
        let mut driver = Driver::new(machine(actor.class));
        let handled = driver.handle(&host, message).ok().flatten()?;
        Some(handled.reply)
    }

    /// The alarm of an object rings.
    pub(crate) fn ring(&mut self, name: &str) {
        if self.actors[name].run.is_none() {
            self.stats.alarms += 1;
        }
        self.actor(name).alarm = None;
        let mut rng = self.chances(name);
        if self.strikes(Fault::ObjectsDie, &mut rng) {
            self.crash(name);
            self.set_alarm(name, self.now + RING_AGAIN);
            return;
        }
        let dies_at_commit = self.strikes(Fault::ObjectsDie, &mut rng);
        let skips_guard = self.mutation == Some(Mutation::SkipTheGuard);
        let step = self.step(name, |driver, host| {
            host.inner.dies_at_commit.set(dies_at_commit);
            host.ignores_alarms.set(skips_guard);
            driver.begin(host)
        });
        if matches!(step.result, Err(StepError::Storage(_))) {
            return self.crash(name);
        }
        let has_died = step.has_died;
        match self.checked(step) {
            Some(Some(run)) if !has_died => self.launch(name, run, &mut rng),
            _ => self.check_alarm(name, false),
        }
    }

    /// A run has begun, and its effects leave, unless the object dies before.
    fn launch(&mut self, name: &str, mut run: Driven, rng: &mut Rng) {
        let is_doomed = self.strikes(Fault::ObjectsDie, rng);
        let dies_at_once = is_doomed && rng.bool();
        let effects = core::mem::take(&mut run.effects);
        self.check_guard(name, &effects);
        self.must(effects.len() <= MAX_EFFECTS, "work is bounded", || {
            format!("{name} opens {} connections at once", effects.len())
        });
        if dies_at_once {
            return self.crash(name);
        }
        self.runs_begun += 1;
        let id = self.runs_begun;
        self.actor(name).run = Some(id);
        let places = 0..effects.len();
        let run = Run {
            actor: name.to_owned(),
            driven: run,
            effects: effects.into_iter().map(Some).collect(),
            is_doomed,
        };
        self.runs.insert(id, run);
        for place in places.clone() {
            self.start(name, (id, place));
        }
        if places.is_empty() {
            self.finish(id);
        }
    }

    /// Whatever becomes of a run, its object continues after the longest effect, and soon.
    fn check_guard(&mut self, name: &str, effects: &[Effect]) {
        let posts = effects.iter().any(|it| matches!(it, Effect::Post(..)));
        let (effect, guard) = if posts {
            (PATIENCE_WITH_SLACK, SLACK_GUARD)
        } else {
            (PATIENCE, GUARD)
        };
        let alarm = self.actors[name].object.alarm;
        let wait = alarm.map(|at| at.as_millis() - self.time_of(name));
        let longest = Moment::try_from(guard.as_millis()).unwrap_or(Moment::MAX);
        let is_right = wait.is_some_and(|wait| wait > effect && wait <= longest);
        self.must(is_right, GUARDED, || {
            format!("{name} runs, and its alarm comes in {wait:?} ms")
        });
    }

    /// An alarm may come twice.
    pub(crate) fn echo(&mut self, name: &str) {
        let mut rng = self.chances(name);
        if self.strikes(Fault::AlarmsAreDoubled, &mut rng) {
            let again = self.now + rng.i64(0..3_000);
            self.plan(again, SimEvent::AlarmAgain(name.to_owned()));
        }
    }

    /// Every effect of a run has its outcome: the object handles them.
    pub(crate) fn finish(&mut self, id: u64) {
        let Some(run) = self.runs.remove(&id) else {
            return;
        };
        let name = run.actor;
        if run.is_doomed {
            self.alerts.interrupt(id);
            return self.crash(&name);
        }
        self.actor(&name).run = None;
        let step = self.step(&name, |driver, host| driver.finish(host, run.driven));
        let has_died = step.has_died;
        let finished = self.checked(step).unwrap_or_default();
        self.check_alarm(&name, finished.next.is_some());
        self.alerts.settle(id);
        if let Some(next) = finished.next.filter(|_| !has_died) {
            let mut rng = self.chances(&name);
            self.launch(&name, next, &mut rng);
        }
    }

    /// The alarm that the driver set last is early enough for what is stored: so what the driver
    /// remembers is what is stored. `runs` says whether a run has just begun.
    fn check_alarm(&mut self, name: &str, runs: bool) {
        let actor = &self.actors[name];
        let due = actor.object.rows.values().filter_map(|(_, due)| *due).min();
        let Some(due) = due.filter(|_| self.mutation != Some(Mutation::SkipTheGuard)) else {
            return;
        };
        let now = Timestamp::from_millis(self.time_of(name));
        let latest = if runs || actor.run.is_some() {
            now.plus(SLACK_GUARD)
        } else if due <= now {
            now.plus(STUCK_RETRY)
        } else {
            due.max(now.plus(SOONEST))
        };
        let alarm = self.actors[name].object.alarm;
        let is_early = alarm.is_some_and(|at| at <= latest);
        self.must(is_early, "an object wakes for what is due", || {
            format!("{name} is due at {due:?}, and its alarm is {alarm:?}")
        });
    }

    /// Uses the driver of an object, and follows the alarm that it sets.
    fn step<T>(
        &mut self,
        name: &str,
        act: impl FnOnce(&mut Driver, &SimHost<'_>) -> Result<T, StepError>,
    ) -> Stepped<T> {
        let actor = self.actors.get_mut(name).expect("an object that is there");
        let now = Timestamp::from_millis(self.now + actor.skew);
        let host = SimHost {
            inner: ObjectHost::new(&mut actor.object, &self.config.settings, now),
            name,
            alerts: RefCell::new(&mut self.alerts),
            mutation: self.mutation,
            is_newer: self.is_newer,
            lost: RefCell::default(),
            ignores_alarms: Cell::new(false),
            dies_after_commit: Cell::new(false),
        };
        let result = act(&mut actor.driver, &host);
        let (alarm_was_set, lost) = (host.inner.alarm_was_set.get(), host.lost.take());
        let rows_written = host.inner.rows_written.get();
        let has_died = host.dies_after_commit.get();
        self.must(lost.is_none(), "what a newer version wrote is kept", || {
            format!("{name}: {}", lost.unwrap_or_default())
        });
        if alarm_was_set {
            let actor = &self.actors[name];
            match actor.object.alarm {
                Some(at) => self.set_alarm(name, at.as_millis() - actor.skew),
                None => self.actor(name).alarm = None,
            }
        }
        if has_died {
            self.crash(name);
        }
        Stepped {
            result,
            rows_written,
            has_died,
        }
    }

    /// The result of a step, in which every row can be read.
    fn checked<T>(&mut self, step: Stepped<T>) -> Option<T> {
        step.result
            .map_err(|error| self.must(false, "rows can be read", || error.to_string()))
            .ok()
    }

    /// The time by an object's own clock.
    pub(crate) fn time_of(&self, name: &str) -> Moment {
        self.now + self.actors[name].skew
    }

    /// The platform takes an alarm, unless it loses it.
    pub(crate) fn set_alarm(&mut self, name: &str, at: Moment) {
        let mut rng = self.chances(name);
        if self.strikes(Fault::AlarmsAreLost, &mut rng) {
            self.actor(name).alarm = None;
            return;
        }
        let late = if self.strikes(Fault::AlarmsAreLate, &mut rng) {
            rng.i64(0..60_000)
        } else {
            0
        };
        let at = at.max(self.now) + late;
        self.actor(name).alarm = Some(at);
        self.plan(at, SimEvent::Alarm(name.to_owned()));
    }
}
