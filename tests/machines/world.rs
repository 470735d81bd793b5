//! A small world around the machines: objects with rows and alarms, Workers KV, Slack and a clock,
//! all in memory.
//!
//! Deliveries go through the real edge, and the real driver runs the machines. The world can stop
//! where a crash would stop it. How time passes is in `clock`, what becomes of messages in
//! `messages_in_flight`, and what is outside of the objects in `outside`.

use std::collections::BTreeMap;

use kombo_edge::contracts::kombo::signature::Signature;
use kombo_edge::contracts::objects::address::{Address, Class};
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::contracts::operator::log::Line;
use kombo_edge::contracts::operator::settings::Config;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::http::Answered;
use kombo_edge::domain::json;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::edge::answer::{DeliveryOutcome, Refusal};
use kombo_edge::edge::delivery::{self, Received};
use kombo_edge::machine::{
    Driver, Effect, EffectError, Handled, MAX_EFFECTS, Outcome, Run, StepError,
};
use serde_json::Value;

use crate::leaks::Leaks;
use crate::messages_in_flight::Fate;
use crate::object::{Object, ObjectHost, machine};
use crate::outside::{SECRETS, config, sign};
use crate::rechecks::Kombo;

/// Where an alarm is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crash {
    /// Nowhere.
    No,
    /// Before anything is done.
    AtOnce,
    /// Everything was done, and nothing was committed.
    BeforeFinish,
}

/// The world.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) config: Config,
    pub(crate) objects: BTreeMap<String, (Class, Object)>,
    /// The drivers of the objects that are awake.
    drivers: BTreeMap<String, Driver>,
    /// The runs that began, and whose effects have not left yet.
    runs: BTreeMap<String, Run>,
    /// The largest numbers of rows that a step of each object read and wrote.
    costs: BTreeMap<String, (usize, usize)>,
    /// Workers KV, with the metadata of each key.
    pub(crate) kv: BTreeMap<String, (Value, Option<String>)>,
    /// The messages that Slack accepted.
    pub(crate) slack: Vec<(Audience, Value)>,
    /// Slack's next answers; 200 when there are none left.
    pub(crate) slack_answers: Vec<Outcome<Answered>>,
    /// What Slack always answers on the team's webhook.
    pub(crate) slack_answers_on_main: Option<Outcome<Answered>>,
    /// Slack rejects every message that contains this.
    pub(crate) refuse: Option<String>,
    /// Every post, in order: its time and its payload.
    pub(crate) posts: Vec<(Timestamp, Value)>,
    /// How the next calls of Workers KV fail; it works again when there are none left.
    pub(crate) kv_answers: Vec<EffectError>,
    /// The attempts to write each key, with their times.
    pub(crate) kv_tries: Vec<(Timestamp, String)>,
    /// The number of writes and removals in Workers KV.
    pub(crate) kv_writes: usize,
    /// The number of keys read from Workers KV.
    pub(crate) kv_looks: Vec<String>,
    /// The number of pages of keys listed in Workers KV.
    pub(crate) kv_lists: usize,
    /// The number of alarms that rang.
    pub(crate) alarms: usize,
    /// What Kombo's API answers; `None` if it does not answer.
    pub(crate) kombo: Option<Kombo>,
    /// What happens to the next messages; then each arrives and is answered.
    pub(crate) fates: Vec<Fate>,
    /// Late messages.
    pub(crate) late: Vec<(Address, String)>,
    /// What the machines logged, as JSON.
    pub(crate) log: Vec<String>,
    /// The search for leaks.
    pub(crate) leaks: Leaks,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// A world with further settings.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        let mut leaks = Leaks::default();
        leaks.secret(SECRETS);
        let secret = settings.iter().filter(|(name, _)| *name == "LINK_SECRET");
        leaks.secret(secret.map(|(_, secret)| *secret));
        Self {
            now: Timestamp::parse("2026-11-23T08:00:00Z").unwrap(),
            config: config(settings),
            objects: BTreeMap::new(),
            drivers: BTreeMap::new(),
            runs: BTreeMap::new(),
            costs: BTreeMap::new(),
            kv: BTreeMap::new(),
            slack: Vec::new(),
            slack_answers: Vec::new(),
            slack_answers_on_main: None,
            refuse: None,
            posts: Vec::new(),
            kv_answers: Vec::new(),
            kv_tries: Vec::new(),
            kv_writes: 0,
            kv_looks: Vec::new(),
            kv_lists: 0,
            alarms: 0,
            kombo: None,
            fates: Vec::new(),
            late: Vec::new(),
            log: Vec::new(),
            leaks,
        }
    }

    /// Changes the settings, as a deployment does.
    pub(crate) fn configure(&mut self, settings: &[(&str, &str)]) {
        self.config = config(settings);
    }

    /// Delivers a signed event, and returns the outcome.
    pub(crate) fn deliver(&mut self, event: &Value) -> DeliveryOutcome {
        self.post(event.to_string().as_bytes()).unwrap()
    }

    /// Delivers any signed bytes.
    pub(crate) fn post(&mut self, body: &[u8]) -> Result<DeliveryOutcome, Refusal> {
        let signature = sign(body);
        self.leaks.delivered(body, &signature);
        let signature = Signature::parse(Some(&signature)).unwrap();
        let received = delivery::receive(&self.config, &signature, body, self.now);
        match received.inspect_err(|refusal| self.leaks.look_in_answer(&refusal.answer()))? {
            Received::Ignored(line) => {
                self.look_at(&line);
                Ok(DeliveryOutcome::Ignored)
            }
            Received::For {
                address,
                message,
                line,
            } => {
                self.look_at(&line);
                let reply = self.call(&address, &message);
                Ok(DeliveryOutcome::of(&reply).expect("an event is answered"))
            }
        }
    }

    /// Searches a line of the log for leaks, and returns it as JSON.
    pub(crate) fn look_at(&self, line: &Line) -> String {
        let line = serde_json::to_string(line).unwrap();
        self.leaks.look_in_log(&line);
        line
    }

    /// Every object that stores something, by its name.
    pub(crate) fn all_objects(&self) -> Vec<(String, Class)> {
        let objects = self.objects.iter();
        let objects = objects.filter(|(_, (_, object))| !object.rows.is_empty());
        objects
            .map(|(name, (class, _))| (name.clone(), *class))
            .collect()
    }

    /// Gives an object a message, and returns its reply.
    pub(crate) fn call(&mut self, to: &Address, message: &str) -> Reply {
        let object = || (to.class(), Object::default());
        self.objects.entry(to.name()).or_insert_with(object);
        self.call_named(&to.name(), message)
    }

    /// The same, for an object that exists.
    pub(crate) fn call_named(&mut self, name: &str, message: &str) -> Reply {
        let handled = self.drive(name, |driver, host| driver.handle(host, message));
        let Handled { reply, run } = handled.expect("a message of a known shape");
        self.runs.extend(run.map(|run| (name.to_owned(), run)));
        json::parse(&serde_json::to_string(&reply).unwrap()).unwrap()
    }

    /// Uses the driver of an object.
    fn drive<T>(
        &mut self,
        name: &str,
        act: impl FnOnce(&mut Driver, &ObjectHost<'_>) -> Result<T, StepError>,
    ) -> T {
        let (class, object) = self.objects.get_mut(name).unwrap();
        let driver = self.drivers.entry(name.to_owned()).or_insert_with(|| {
            let mut driver = Driver::new(machine(*class));
            driver.recall_alarm(object.alarm);
            driver
        });
        let host = ObjectHost::new(object, &self.config.settings, self.now);
        let result = act(driver, &host).expect("its rows can be read");
        let (read, written) = self.costs.entry(name.to_owned()).or_default();
        *read = host.rows_read.get().max(*read);
        *written = host.rows_written.get().max(*written);
        result
    }

    /// The largest numbers of rows that a step of an object read and wrote since the last call.
    pub(crate) fn take_costs(&mut self, name: &str) -> (usize, usize) {
        self.costs.remove(name).unwrap_or_default()
    }

    /// Every object dies: nothing is remembered between two steps.
    pub(crate) fn forget_everything(&mut self) {
        self.drivers.clear();
        self.runs.clear();
    }

    /// An object dies: only its rows and its alarm remain.
    pub(crate) fn crash(&mut self, name: &str) {
        self.drivers.remove(name);
        self.runs.remove(name);
    }

    /// Runs what a message made due in an object, or else its alarm.
    pub(crate) fn alarm(&mut self, name: &str, crash: Crash) {
        if crash == Crash::AtOnce {
            self.crash(name);
        } else {
            self.run_due(name, crash, |_| {});
        }
    }

    /// The same, and something else before its outcomes are committed.
    pub(crate) fn alarm_with(&mut self, name: &str, meanwhile: impl FnOnce(&mut Self)) {
        self.run_due(name, Crash::No, meanwhile);
    }

    fn run_due(&mut self, name: &str, crash: Crash, meanwhile: impl FnOnce(&mut Self)) {
        let Some(mut run) = self.runs.remove(name).or_else(|| self.ring(name)) else {
            return;
        };
        let effects = core::mem::take(&mut run.effects);
        assert!(
            effects.len() <= MAX_EFFECTS,
            "the platform opens six connections at once"
        );
        for effect in effects {
            self.run(effect);
        }
        if crash == Crash::BeforeFinish {
            return self.crash(name);
        }
        meanwhile(self);
        let finished = self.drive(name, |driver, host| driver.finish(host, run));
        for line in &finished.lines {
            let line = self.look_at(line);
            self.log.push(line);
        }
        self.runs
            .extend(finished.next.map(|next| (name.to_owned(), next)));
    }

    /// The alarm of an object rings.
    fn ring(&mut self, name: &str) -> Option<Run> {
        self.alarms += 1;
        self.objects.get_mut(name).unwrap().1.alarm = None;
        self.drive(name, |driver, host| driver.begin(host))
    }

    /// The objects that have something to run, or whose alarm is set, the earliest first.
    pub(crate) fn due(&self) -> Vec<(Timestamp, String)> {
        let objects = self.objects.iter();
        let due = objects.filter_map(|(name, (_, object))| {
            let has_begun = self.runs.contains_key(name);
            let at = if has_begun { self.now } else { object.alarm? };
            Some((at, name.clone()))
        });
        let mut due: Vec<_> = due.collect();
        due.sort();
        due
    }

    /// A document of Workers KV.
    pub(crate) fn document(&self, key: &str) -> Option<&Value> {
        self.kv.get(key).map(|(document, _)| document)
    }

    /// The texts of all messages that Slack accepted.
    /// What the notifications show after the emoji.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let texts = self
            .slack
            .iter()
            .map(|(_, it)| it["text"].as_str().unwrap());
        texts.map(|text| text.split_once(' ').unwrap().1).collect()
    }

    pub(crate) fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Send(send, then) => then.complete(self.send(&send.to, &send.message)),
            Effect::Write(write, then) => {
                then.complete(self.write(&write.key, write.document.as_ref()));
            }
            Effect::WriteAll(writes, then) => {
                let written = writes.iter();
                let written = written.map(|it| self.write(&it.key, it.document.as_ref()));
                then.complete(Ok(written.collect()));
            }
            Effect::Compare(compare, then) => {
                then.complete(Ok(self.compare(&compare.key, &compare.value)));
            }
            Effect::List(list, then) => {
                then.complete(self.list(&list.prefix, list.cursor.as_deref()));
            }
            Effect::Ask(question, then) => then.complete(self.kombo(&question)),
            Effect::Post(post, then) => then.complete(self.take(post.audience, &post.payload)),
        }
    }
}
