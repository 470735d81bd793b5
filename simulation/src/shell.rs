//! The shell of an object, as `src/cloudflare/shell.rs` is it: load, decide, commit,
//! arm; and on the alarm, run what is due. Here it can die between any two of these.

use kombo_edge::contracts::objects::address::{Address, Class};
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::domain::json;
use kombo_edge::machine::{Order, ROUND, Read, Round, Rows};

use crate::actor::{Actor, Moment, Run};
use crate::object::machine;
use crate::sabotage::Sabotage;
use crate::script::Trouble;
use crate::world::{Thing, World};
use crate::{sparing, versions};

/// The soonest alarm after a commit.
const SOON: Moment = 1;
/// The soonest alarm set from within an alarm.
const SOON_AGAIN: Moment = 100;
/// Set before an alarm does anything.
const GUARD: Moment = 20_000;
/// An alarm that is so late is taken for lost.
const LOST: Moment = 10_000;
/// The next look at something that this version does not know how to do.
const PUZZLED: Moment = 60_000;
/// The platform rings again when an object died of its alarm.
const RING_AGAIN: Moment = 2_000;
/// Rows that one message may change: work is bounded, whatever came before.
const MOST_CHANGES: usize = 64;

impl World<'_> {
    /// Tells an object something. Nothing comes back when it dies of it.
    pub(crate) fn tell(&mut self, to: &Address, letter: &str) -> Option<Reply> {
        self.tell_named(to.class(), &to.name(), letter)
    }

    /// The same, by the object's name.
    pub(crate) fn tell_named(&mut self, class: Class, name: &str, letter: &str) -> Option<Reply> {
        let actor = || Actor::new(class);
        self.actors.entry(name.to_owned()).or_insert_with(actor);
        let mut rng = self.chances(name);
        let dies = self.strikes(Trouble::ObjectsDie, &mut rng);
        let dies_before = dies && rng.bool();
        let letter = if self.is_newer {
            versions::with_field(letter)
        } else {
            letter.to_owned()
        };
        let message = machine(class).open(&letter);
        self.must(message.is_some(), "letters can be read", || letter.clone());
        let message = message?;
        let rows = self.read(name, message.reads());
        let config = self.config.clone();
        let heard = match message.hear(self.scene(name, &config), &rows) {
            Ok(heard) => heard,
            Err(corrupt) => {
                self.must(false, "rows can be read", || corrupt.to_string());
                return None;
            }
        };
        self.compare_hearing(name, &letter, &heard);
        let reply = serde_json::to_string(&heard.answer).expect("replies are JSON");
        let reply = json::parse(&reply).expect("replies can be read");
        if dies_before {
            self.crash(name);
            return (self.sabotage == Some(Sabotage::AnswerBeforeCommit)).then_some(reply);
        }
        let changes = heard.changes.len();
        self.must(changes <= MOST_CHANGES, "work is bounded", || {
            format!("{name} changes {changes} rows at once")
        });
        self.witness(class, name, &letter, &heard);
        self.commit(name, heard.changes);
        self.wake(name);
        if dies {
            self.crash(name);
            return None;
        }
        Some(reply)
    }

    /// The alarm of an object rings.
    pub(crate) fn ring(&mut self, name: &str) {
        if self.actors[name].run.is_some() {
            // It waits for the end of the round, which sets the next one.
            return;
        }
        self.tally.alarms += 1;
        self.actor(name).alarm = None;
        let mut rng = self.chances(name);
        if self.strikes(Trouble::ObjectsDie, &mut rng) {
            self.crash(name);
            self.set_alarm(name, self.now + RING_AGAIN);
            return;
        }
        if self.sabotage != Some(Sabotage::SkipTheGuard) {
            let guard = self.time_of(name) + GUARD;
            self.arm(name, guard, SOON_AGAIN);
        }
        let config = self.config.clone();
        let rows = self.rows_for_work(name);
        let class = self.actors[name].class;
        let round = machine(class).work(self.scene(name, &config), &rows);
        if let Ok(round) = &round {
            self.compare_work(name, &rows, round);
        }
        let Round {
            changes,
            orders,
            settle,
        } = match round {
            Ok(round) => round,
            Err(corrupt) => return self.must(false, "rows can be read", || corrupt.to_string()),
        };
        self.must(orders.len() <= ROUND, "work is bounded", || {
            format!("{name} opens {} connections at once", orders.len())
        });
        let changed = changes.iter().filter(|it| rows.are_changed_by(it)).count();
        self.commit(name, changes);
        let is_doomed = self.strikes(Trouble::ObjectsDie, &mut rng);
        if is_doomed && rng.bool() {
            return self.crash(name);
        }
        let run = Run {
            actor: name.to_owned(),
            settle,
            outcomes: vec![None; orders.len()],
            changed,
            is_doomed,
        };
        self.begin(name, run, &orders);
    }

    /// An alarm may come twice.
    pub(crate) fn echo(&mut self, name: &str) {
        let mut rng = self.chances(name);
        if self.strikes(Trouble::AlarmsAreDoubled, &mut rng) {
            let again = self.now + rng.i64(0..3_000);
            self.plan(again, Thing::AlarmAgain(name.to_owned()));
        }
    }

    fn begin(&mut self, name: &str, run: Run, orders: &[Order]) {
        self.rounds += 1;
        let id = self.rounds;
        self.actor(name).run = Some(id);
        self.runs.insert(id, run);
        for (place, order) in orders.iter().enumerate() {
            self.start(name, (id, place), order);
        }
        if orders.is_empty() {
            self.finish(id);
        }
    }

    /// Every order of a round is over: the object takes in what came of them.
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
        let done = run.outcomes.len() + run.changed;
        let outcomes = run.outcomes.into_iter().flatten().collect();
        let config = self.config.clone();
        let rows = self.rows_for_work(&name);
        match (run.settle)(self.scene(&name, &config), &rows, outcomes) {
            Ok(settled) => self.commit(&name, settled.changes),
            Err(corrupt) => return self.must(false, "rows can be read", || corrupt.to_string()),
        }
        self.alerts.settle(id);
        let now = self.time_of(&name);
        if let Some(due) = self.due(&name) {
            let is_puzzled = done == 0 && due <= now;
            let soonest = if is_puzzled { PUZZLED } else { SOON_AGAIN };
            self.arm(&name, due, soonest);
        } else {
            let actor = self.actor(&name);
            (actor.alarm, actor.armed) = (None, None);
        }
    }

    /// What an instance has of its rows, once it has read what it needs.
    fn read(&mut self, name: &str, reads: Vec<Read>) -> Rows {
        let actor = self.actor(name);
        sparing::load(actor, reads);
        actor.memory.rows().clone()
    }

    fn rows_for_work(&mut self, name: &str) -> Rows {
        let config = self.config.clone();
        let mut asked = vec![Read::State];
        let mut rows = self.read(name, asked.clone());
        loop {
            let scene = self.scene(name, &config);
            let machine = machine(self.actors[name].class);
            let further = machine.further_reads(scene, &rows, &mut asked);
            match further {
                Ok(further) if further.is_empty() => break,
                Ok(further) => rows = self.read(name, further),
                Err(corrupt) => {
                    self.must(false, "rows can be read", || corrupt.to_string());
                    break;
                }
            }
        }
        rows
    }

    /// When an object must be awake, by its own clock.
    pub(crate) fn due(&mut self, name: &str) -> Option<Moment> {
        let actor = &self.actors[name];
        let due = actor.object.due();
        let remembered = actor.memory.earliest();
        let is_remembered = !actor.memory.has_state() || remembered == due;
        self.must(
            is_remembered,
            "what is remembered is what is stored",
            || format!("{name} would wake at {remembered:?} instead of {due:?}"),
        );
        due.map(kombo_edge::domain::time::Timestamp::as_millis)
    }

    /// The time by an object's own clock.
    pub(crate) fn time_of(&self, name: &str) -> Moment {
        self.now + self.actors[name].skew
    }

    /// Makes sure that an alarm comes for what is due.
    pub(crate) fn wake(&mut self, name: &str) {
        let Some(due) = self.due(name) else {
            return;
        };
        let now = self.time_of(name);
        let actor = &self.actors[name];
        // An instance that has set none asks the platform for what one before it left.
        let left = actor.alarm.map(|alarm| alarm + actor.skew);
        let armed = actor.armed.or(left);
        if armed.is_some_and(|armed| armed + LOST > now && armed <= due.max(now + SOON)) {
            return;
        }
        self.arm(name, due, SOON);
    }

    /// Sets the alarm to `due`, by the object's clock, but no nearer than `soonest` from now.
    fn arm(&mut self, name: &str, due: Moment, soonest: Moment) {
        let at = due.max(self.time_of(name) + soonest);
        let actor = self.actor(name);
        actor.armed = Some(at);
        let at = at - actor.skew;
        self.set_alarm(name, at);
    }

    fn set_alarm(&mut self, name: &str, at: Moment) {
        let mut rng = self.chances(name);
        if self.strikes(Trouble::AlarmsAreLost, &mut rng) {
            self.actor(name).alarm = None;
            return;
        }
        let late = if self.strikes(Trouble::AlarmsAreLate, &mut rng) {
            rng.i64(0..60_000)
        } else {
            0
        };
        let at = at.max(self.now) + late;
        self.actor(name).alarm = Some(at);
        self.plan(at, Thing::Alarm(name.to_owned()));
    }
}
