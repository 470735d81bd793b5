//! The world of one run: a clock, the events to come, the objects, and whatever
//! is outside of them.
//!
//! The objects are in `host`, what becomes of their effects in `effects`, who delivers and decides
//! in `outside`. Every random decision depends on the seed, on the object and on
//! how many it had before: so a step that is left out does not change what happens to others.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use fastrand::Rng;
use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::operator::settings::Config;

use crate::actor::{Actor, Moment, Run};
use crate::alerts::Alerts;
use crate::api_calls::ApiCall;
use crate::deployment::config;
use crate::ended::Ended;
use crate::failure::Failure;
use crate::kv::Kv;
use crate::mutation::Mutation;
use crate::script::{Fault, Script};
use crate::stats::Stats;
use crate::truth::Truth;

/// When every run begins: a Monday.
const BEGINNING: Moment = 1_795_420_800_000;
/// At most this many events happen at a stretch; with more, a world does not come to rest.
const MAX_EVENTS: u64 = 200_000;

/// An event of the simulation, to come.
#[derive(Debug)]
pub(crate) enum SimEvent {
    /// The alarm of an object, as it was set.
    Alarm(String),
    /// The same once more, whatever was set since.
    AlarmAgain(String),
    /// A message from one object arrives at another. The sender gets the outcome, if it still
    /// waits for one.
    Arrival {
        to: Address,
        message: String,
        sender: Option<(u64, usize)>,
    },
    /// Workers KV writes a key, or removes it.
    Write {
        key: String,
        document: Option<kombo_edge::contracts::backend::Document>,
        writer: Option<(u64, usize)>,
    },
    /// An effect of a run has its outcome.
    End(u64, usize, Ended),
    /// Kombo delivers once more what was not acknowledged.
    Redelivery(usize),
    /// A human asks once more what was not answered.
    AskAgain(ApiCall),
}

/// Everything there is.
pub(crate) struct World<'a> {
    pub(crate) script: &'a Script,
    pub(crate) mutation: Option<Mutation>,
    pub(crate) now: Moment,
    pub(crate) config: Config,
    pub(crate) actors: BTreeMap<String, Actor>,
    pub(crate) runs: BTreeMap<u64, Run>,
    /// Runs that ever began.
    pub(crate) runs_begun: u64,
    pub(crate) kv: Kv,
    pub(crate) truth: Truth,
    pub(crate) alerts: Alerts,
    pub(crate) stats: Stats,
    /// Whether a newer version runs.
    pub(crate) is_newer: bool,
    /// How many other webhooks the operator set.
    pub(crate) hook: u32,
    pub(crate) acknowledged: BTreeMap<usize, bool>,
    faults: BTreeMap<Fault, Moment>,
    queue: BTreeMap<(Moment, u64), SimEvent>,
    count: u64,
    broken: Option<Failure>,
}

impl<'a> World<'a> {
    pub(crate) fn new(script: &'a Script, mutation: Option<Mutation>) -> Self {
        Self {
            script,
            mutation,
            now: BEGINNING,
            config: config(script.hooks, 0),
            actors: BTreeMap::new(),
            runs: BTreeMap::new(),
            runs_begun: 0,
            kv: Kv::default(),
            truth: Truth::default(),
            alerts: Alerts::default(),
            stats: Stats::default(),
            is_newer: false,
            hook: 0,
            acknowledged: BTreeMap::new(),
            faults: BTreeMap::new(),
            queue: BTreeMap::new(),
            count: 0,
            broken: None,
        }
    }

    /// Records the first broken promise.
    pub(crate) fn must(
        &mut self,
        holds: bool,
        promise: &'static str,
        what: impl FnOnce() -> String,
    ) {
        if !holds && self.broken.is_none() {
            self.broken = Some(Failure::of(promise, what()));
        }
    }

    /// The same, for a result of the books.
    pub(crate) fn note(&mut self, noted: Result<(), Failure>) {
        if let Err(failure) = noted {
            self.must(false, failure.promise, || failure.what);
        }
    }

    /// The broken promise, if there is one.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// Plans an event.
    pub(crate) fn plan(&mut self, at: Moment, event: SimEvent) {
        self.count += 1;
        self.queue.insert((at.max(self.now), self.count), event);
    }

    /// Lets everything happen until a moment.
    pub(crate) fn until(&mut self, end: Moment) {
        let first = self.stats.events;
        while self.broken.is_none()
            && let Some(entry) = self.queue.first_entry()
            && entry.key().0 <= end
        {
            let ((at, _), event) = entry.remove_entry();
            self.now = at;
            self.happen(event);
            self.stats.events += 1;
            let is_restless = self.stats.events - first > MAX_EVENTS;
            let next = self.queue.values().next().filter(|_| is_restless);
            let next = next.map_or_else(String::new, |it| self.show(it));
            self.must(!is_restless, "the world comes to rest", || next);
        }
        self.now = self.now.max(end);
    }

    /// An event to come, with what is due in its object.
    fn show(&self, event: &SimEvent) -> String {
        let SimEvent::Alarm(name) = event else {
            return format!("{event:?}");
        };
        let rows = self.actors[name].object.rows.iter();
        let due: Vec<_> = rows.filter(|(_, (_, due))| due.is_some()).collect();
        format!("{name} at {}: {due:?}", self.now)
    }

    fn happen(&mut self, event: SimEvent) {
        match event {
            SimEvent::Alarm(name) => {
                if self.actors[&name].alarm == Some(self.now) {
                    self.echo(&name);
                    self.ring(&name);
                }
            }
            SimEvent::AlarmAgain(name) => self.ring(&name),
            SimEvent::Arrival {
                to,
                message,
                sender,
            } => self.arrive(&to, &message, sender),
            SimEvent::Write {
                key,
                document,
                writer,
            } => self.write(&key, document, writer),
            SimEvent::End(run, place, outcome) => self.end(run, place, outcome),
            SimEvent::Redelivery(event) => self.deliver(event),
            SimEvent::AskAgain(call) => self.ask(call),
        }
    }

    /// A fault begins.
    pub(crate) fn fault(&mut self, what: Fault, until: Moment) {
        self.faults.insert(what, until);
    }

    /// Every fault ends.
    pub(crate) fn heal(&mut self) {
        self.faults.clear();
    }

    /// Whether a fault strikes now.
    pub(crate) fn strikes(&mut self, what: Fault, rng: &mut Rng) -> bool {
        let is_on = self.faults.get(&what).is_some_and(|&end| end > self.now);
        let strikes = is_on && rng.u8(..10) < odds(what);
        if strikes {
            *self.stats.faults.entry(what).or_default() += 1;
        }
        strikes
    }

    /// The random numbers for what happens next to an object.
    pub(crate) fn chances(&mut self, name: &str) -> Rng {
        let mut hasher = DefaultHasher::new();
        let chances = self.actors.get_mut(name).map(|actor| {
            actor.chances += 1;
            actor.chances
        });
        (self.script.seed, name, chances).hash(&mut hasher);
        Rng::with_seed(hasher.finish())
    }

    /// The object that a number means: the same one, whatever other objects there are.
    pub(crate) fn pick(&self, number: u64) -> Option<String> {
        let rank = |name: &&String| {
            let mut hasher = DefaultHasher::new();
            (number, name).hash(&mut hasher);
            hasher.finish()
        };
        self.actors.keys().min_by_key(rank).cloned()
    }

    pub(crate) fn actor(&mut self, name: &str) -> &mut Actor {
        self.actors.get_mut(name).expect("an object that is there")
    }

    /// An object dies, with whatever it was doing.
    pub(crate) fn crash(&mut self, name: &str) {
        if let Some(run) = self.actor(name).run {
            self.runs.remove(&run);
            self.alerts.interrupt(run);
        }
        self.actor(name).crash();
        self.stats.crashes += 1;
        if self.actors[name].alarm.is_some_and(|at| at <= self.now) {
            // It waited for the end of the run.
            self.actor(name).alarm = Some(self.now + 1);
            self.plan(self.now + 1, SimEvent::Alarm(name.to_owned()));
        }
    }
}

/// How often a fault strikes, of ten times.
fn odds(what: Fault) -> u8 {
    match what {
        Fault::ObjectsDie | Fault::AlarmsAreLost => 2,
        Fault::SlackRefusesMessages => 4,
        _ => 7,
    }
}
