//! A small world around the machines: objects with rows and alarms, Workers KV,
//! Slack and a clock, all in memory.
//!
//! Deliveries go through the real edge. The world does what the shell of
//! `src/cloudflare/` does, so it can also stop where a crash would stop it. How
//! time passes is in `passing`, what becomes of letters in `letters`, and what
//! stands outside of the objects in `outside`.

use std::collections::BTreeMap;

use kombo_edge::contracts::kombo::signature::Signature;
use kombo_edge::contracts::objects::address::{Address, Class};
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::contracts::operator::log::Line;
use kombo_edge::contracts::operator::settings::Config;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::json;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::edge::answer::{Outcome as Ending, Refusal};
use kombo_edge::edge::delivery::{self, Received};
use kombo_edge::machine::{Change, Order, Outcome, ROUND, Read, Round, Rows, Scene};
use serde_json::Value;

use crate::leaks::Leaks;
use crate::letters::Post;
use crate::object::{Object, machine};
use crate::outside::{SECRETS, config, sign};
use crate::rechecks::Kombo;

/// Where an alarm is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crash {
    /// Nowhere.
    No,
    /// Before anything is done.
    AtOnce,
    /// Everything was done, and nobody noted it.
    BeforeSettling,
}

/// The world.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) config: Config,
    pub(crate) objects: BTreeMap<String, (Class, Object)>,
    /// Workers KV, with the metadata of each key.
    pub(crate) kv: BTreeMap<String, (Value, Option<String>)>,
    /// What Slack took.
    pub(crate) slack: Vec<(Audience, Value)>,
    /// What Slack answers from now on; 200 when there is nothing left.
    pub(crate) slack_answers: Vec<Outcome>,
    /// What Slack answers on the team's hook, whatever comes.
    pub(crate) slack_answers_on_main: Option<Outcome>,
    /// Slack refuses every message in which this stands.
    pub(crate) refuse: Option<String>,
    /// What came of every post, in order: when, and the payload.
    pub(crate) posts: Vec<(Timestamp, Value)>,
    /// What Workers KV answers from now on; it writes only when there is nothing left.
    pub(crate) kv_answers: Vec<Outcome>,
    /// When which key was tried to be written.
    pub(crate) kv_tries: Vec<(Timestamp, String)>,
    /// Writes and removals that Workers KV did.
    pub(crate) kv_writes: usize,
    /// Keys that Workers KV was asked for.
    pub(crate) kv_looks: Vec<String>,
    /// Pages of keys that Workers KV was asked for.
    pub(crate) kv_lists: usize,
    /// Alarms that came.
    pub(crate) alarms: usize,
    /// What Kombo's API answers; without one it is silent.
    pub(crate) kombo: Option<Kombo>,
    /// What happens to the next letters; then each arrives and is answered.
    pub(crate) letters: Vec<Post>,
    /// Letters that are late.
    pub(crate) late: Vec<(Address, String)>,
    /// What the machines logged, as JSON.
    pub(crate) log: Vec<String>,
    /// What is looked for wherever it must not stand.
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
        Self {
            now: Timestamp::parse("2026-11-23T08:00:00Z").unwrap(),
            config: config(settings),
            objects: BTreeMap::new(),
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
            letters: Vec::new(),
            late: Vec::new(),
            log: Vec::new(),
            leaks,
        }
    }

    /// Sets the settings anew, as a deployment does.
    pub(crate) fn configure(&mut self, settings: &[(&str, &str)]) {
        self.config = config(settings);
    }

    /// Delivers an event, signed, and gives back how it ended.
    pub(crate) fn deliver(&mut self, event: &Value) -> Ending {
        self.post(event.to_string().as_bytes()).unwrap()
    }

    /// Delivers any bytes, signed.
    pub(crate) fn post(&mut self, body: &[u8]) -> Result<Ending, Refusal> {
        let signature = sign(body);
        self.leaks.delivered(body, &signature);
        let signature = Signature::parse(Some(&signature)).unwrap();
        let received = delivery::receive(&self.config, &signature, body, self.now);
        match received.inspect_err(|refusal| self.leaks.look_in_answer(&refusal.answer()))? {
            Received::Ignored(line) => {
                self.look_at(&line);
                Ok(Ending::Ignored)
            }
            Received::For {
                address,
                letter,
                line,
            } => {
                self.look_at(&line);
                let reply = self.tell(&address, &letter);
                Ok(Ending::of(&reply).expect("an event is answered"))
            }
        }
    }

    /// Looks for leaks in a line of the log, and gives it back as JSON.
    fn look_at(&self, line: &Line) -> String {
        let line = serde_json::to_string(line).unwrap();
        self.leaks.look_in_log(&line);
        line
    }

    /// Every object, by its name.
    pub(crate) fn everybody(&self) -> Vec<(String, Class)> {
        let objects = self.objects.iter();
        objects
            .map(|(name, (class, _))| (name.clone(), *class))
            .collect()
    }

    /// Tells an object something, and commits what it decides.
    pub(crate) fn tell(&mut self, to: &Address, letter: &str) -> Reply {
        let object = || (to.class(), Object::default());
        self.objects.entry(to.name()).or_insert_with(object);
        self.tell_named(&to.name(), letter)
    }

    /// The same, for an object that is there.
    pub(crate) fn tell_named(&mut self, name: &str, letter: &str) -> Reply {
        let (class, object) = self.objects.get_mut(name).unwrap();
        let machine = machine(*class);
        let message = machine.open(letter).expect("a letter of a known shape");
        let config = self.config.clone();
        let scene = Scene {
            now: self.now,
            settings: &config.settings,
        };
        let rows = object.load(&message.reads());
        let heard = message.hear(scene, &rows).expect("its rows can be read");
        object.commit(heard.changes);
        json::parse(&serde_json::to_string(&heard.answer).unwrap()).unwrap()
    }

    /// Runs the alarm of an object.
    pub(crate) fn alarm(&mut self, name: &str, crash: Crash) {
        if crash != Crash::AtOnce {
            self.ring(name, crash, |_| {});
        }
    }

    /// Runs the alarm of an object, while something happens before it notes what it did.
    pub(crate) fn alarm_with(&mut self, name: &str, meanwhile: impl FnOnce(&mut Self)) {
        self.ring(name, Crash::No, meanwhile);
    }

    fn ring(&mut self, name: &str, crash: Crash, meanwhile: impl FnOnce(&mut Self)) {
        self.alarms += 1;
        let config = self.config.clone();
        let (class, _) = self.objects[name];
        let scene = |now| Scene {
            now,
            settings: &config.settings,
        };
        let rows = self.rows_for_work(name, scene(self.now));
        let Round {
            changes,
            orders,
            settle,
        } = machine(class).work(scene(self.now), &rows).unwrap();
        self.commit(name, changes);
        assert!(
            orders.len() <= ROUND,
            "the platform opens six connections at once"
        );
        let outcomes = orders.iter().map(|order| self.run(order)).collect();
        if crash == Crash::BeforeSettling {
            return;
        }
        meanwhile(self);
        let rows = self.rows_for_work(name, scene(self.now));
        let settled = settle(scene(self.now), &rows, outcomes).unwrap();
        for line in &settled.lines {
            let line = self.look_at(line);
            self.log.push(line);
        }
        self.commit(name, settled.changes);
    }

    /// The objects that have something to do by now, and since when.
    pub(crate) fn due(&self) -> Vec<(Timestamp, String)> {
        let objects = self.objects.iter();
        let due = objects.filter_map(|(name, (_, object))| Some((object.due()?, name.clone())));
        let mut due: Vec<_> = due.collect();
        due.sort();
        due
    }

    /// A document of Workers KV.
    pub(crate) fn document(&self, key: &str) -> Option<&Value> {
        self.kv.get(key).map(|(document, _)| document)
    }

    /// The texts of all messages that Slack took.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let messages = self.slack.iter();
        messages
            .map(|(_, message)| message["text"].as_str().unwrap())
            .collect()
    }

    fn rows_for_work(&self, name: &str, scene: Scene<'_>) -> Rows {
        let (class, object) = &self.objects[name];
        let (mut rows, mut asked) = (Rows::default(), vec![Read::State]);
        let mut reads = asked.clone();
        while !reads.is_empty() {
            object.load_into(&reads, &mut rows);
            let further = machine(*class).further_reads(scene, &rows, &mut asked);
            reads = further.unwrap();
        }
        rows
    }

    fn commit(&mut self, name: &str, changes: Vec<Change>) {
        self.objects.get_mut(name).unwrap().1.commit(changes);
    }

    pub(crate) fn run(&mut self, order: &Order) -> Outcome {
        match order {
            Order::Send { to, message } => self.send(to, message),
            Order::Project { key, document } => self.project(key, document.as_ref()),
            Order::Compare { key, value } => self.compare(key, value),
            Order::List { prefix, cursor, .. } => self.list(prefix, cursor.as_deref()),
            Order::Kombo(question) => self.kombo(question),
            Order::Post { hook, payload } => self.take(*hook, payload),
        }
    }
}
