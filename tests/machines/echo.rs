//! A machine that does what its rows say, and a host that records what it is asked to do: what the
//! tests of the driver drive.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use core::time::Duration;

use kombo_edge::contracts::kombo::Question;
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::contracts::operator::settings::{Config, Settings};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::http::Answered;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::{
    Batch, Change, Completion, Context, Driver, Effect, EffectError, Handled, Host, LedgerQuery,
    Machine, Outcome, Post, Rows, Run, StateRow, StepError, Storage, StorageError, Table,
    Transition,
};
use serde::Deserialize;

use crate::outside::config;

pub(crate) const START: Timestamp = Timestamp::from_millis(1_000_000);

/// A message to the test machine.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Message {
    /// Write a row that is due after this many milliseconds.
    Due { key: String, millis: u64 },
    /// Reply with the number of rows.
    Count,
}

/// A machine that asks Kombo something, or posts, for each row, and then removes the row. Of a row
/// with the key `stuck` it knows nothing, one with the key `corrupt` it cannot read, and for one with
/// the key `log` it writes only to the ledger.
pub(crate) struct Echo;

impl Machine for Echo {
    type Message = Message;
    type Completed = (String, Outcome<Answered>);

    fn handle(
        context: Context<'_>,
        rows: Rows<'_>,
        message: Message,
    ) -> Result<Transition, StepError> {
        match message {
            Message::Due { key, millis } => {
                let due = context.now.plus(Duration::from_millis(millis));
                let change = Change::state(key, &(), Some(due));
                Ok(Transition::new(Reply::Acknowledged, vec![change]))
            }
            Message::Count => {
                let count = rows.state_texts("")?.count();
                let is_empty = count == 0;
                let reply = if is_empty {
                    Reply::Document(None)
                } else {
                    Reply::Duplicate
                };
                Ok(reply.into())
            }
        }
    }

    fn poll_effects(_: Context<'_>, rows: Rows<'_>) -> Result<Batch<Self::Completed>, StepError> {
        let mut batch = Batch::default();
        rows.state::<()>("corrupt")?;
        for (key, _) in rows.state_texts("ask/")? {
            let key = format!("ask/{key}");
            batch.ask(Question::Key, |outcome| (key, outcome));
        }
        for (key, _) in rows.state_texts("post/")? {
            let post = Post {
                audience: Audience::Team,
                payload: "{}".to_owned(),
            };
            let key = format!("post/{key}");
            batch.post(post, |outcome| (key, outcome));
        }
        if rows.state_texts("log")?.next().is_some() {
            batch.change(Change::ledger("line", String::new()));
        }
        for (key, _) in rows.state_texts("once/")? {
            batch.change(Change::remove_state(format!("once/{key}")));
        }
        Ok(batch)
    }

    fn complete(
        _: Context<'_>,
        _: Rows<'_>,
        completed: Vec<Self::Completed>,
    ) -> Result<Completion, StepError> {
        let done = completed.into_iter().filter(|(_, outcome)| outcome.is_ok());
        Ok(Completion {
            changes: done.map(|(key, _)| Change::remove_state(key)).collect(),
            lines: Vec::new(),
        })
    }
}

/// A host that records what it is asked to do.
pub(crate) struct TestHost {
    pub(crate) config: Config,
    pub(crate) now: Cell<Timestamp>,
    pub(crate) state: RefCell<BTreeMap<String, StateRow>>,
    pub(crate) state_reads: Cell<usize>,
    /// The keys of each commit.
    pub(crate) commits: RefCell<Vec<Vec<String>>>,
    /// What the alarm was set to, in order.
    pub(crate) alarms: RefCell<Vec<Option<Timestamp>>>,
    pub(crate) fails: Cell<bool>,
}

impl TestHost {
    pub(crate) fn new() -> Self {
        Self {
            config: config(&[]),
            now: Cell::new(START),
            state: RefCell::default(),
            state_reads: Cell::new(0),
            commits: RefCell::default(),
            alarms: RefCell::default(),
            fails: Cell::new(false),
        }
    }

    pub(crate) fn pass(&self, millis: u64) {
        self.now
            .set(self.now.get().plus(Duration::from_millis(millis)));
    }

    pub(crate) fn last_alarm(&self) -> Option<Timestamp> {
        self.alarms.borrow().last().copied().flatten()
    }

    /// How long from now the last alarm is, in milliseconds.
    pub(crate) fn alarm_in(&self) -> u128 {
        let at = self.last_alarm().expect("an alarm is set");
        at.since(self.now.get()).as_millis()
    }
}

impl Storage for TestHost {
    fn state(&self) -> Result<Vec<(String, StateRow)>, StorageError> {
        self.state_reads.set(self.state_reads.get() + 1);
        Ok(self.state.borrow().clone().into_iter().collect())
    }

    fn ledger(&self, _: &LedgerQuery) -> Result<Vec<(String, String)>, StorageError> {
        Ok(Vec::new())
    }
}

impl Host for TestHost {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn settings(&self) -> &Settings {
        &self.config.settings
    }

    fn commit(&self, changes: &[Change]) -> Result<(), StorageError> {
        if self.fails.get() {
            return Err(StorageError("full".to_owned()));
        }
        let mut keys = Vec::new();
        for change in changes {
            match change.clone() {
                Change::Put {
                    key, value, due, ..
                } => {
                    keys.push(key.clone());
                    let row = StateRow { text: value, due };
                    self.state.borrow_mut().insert(key, row);
                }
                Change::Remove(Table::State, key) => {
                    self.state.borrow_mut().remove(&key);
                    keys.push(key);
                }
                Change::Remove(..) | Change::RemovePrefix(_) => {}
            }
        }
        self.commits.borrow_mut().push(keys);
        Ok(())
    }

    fn set_alarm(&self, at: Option<Timestamp>) -> Result<(), StorageError> {
        self.alarms.borrow_mut().push(at);
        Ok(())
    }
}

/// A driver that knows that no alarm is set.
pub(crate) fn new_driver() -> Driver {
    let mut driver = Driver::new(&Echo);
    driver.recall_alarm(None);
    driver
}

pub(crate) fn handle(driver: &mut Driver, host: &TestHost, message: &str) -> Handled {
    let handled = driver.handle(host, message).unwrap();
    handled.expect("a message of a known shape")
}

/// Writes a row that is due after `millis`; the run that begins with it, if any.
pub(crate) fn write(driver: &mut Driver, host: &TestHost, key: &str, millis: u64) -> Option<Run> {
    let message = format!(r#"{{"message":{{"due":{{"key":"{key}","millis":{millis}}}}}}}"#);
    let Handled { reply, run } = handle(driver, host, &message);
    assert_eq!(reply, Reply::Acknowledged);
    run
}

/// Writes a row that is due later.
pub(crate) fn write_later(driver: &mut Driver, host: &TestHost, key: &str, millis: u64) {
    assert!(write(driver, host, key, millis).is_none());
}

/// Writes a row that is due now, with which a run begins.
pub(crate) fn write_due(driver: &mut Driver, host: &TestHost, key: &str) -> Run {
    write(driver, host, key, 0).expect("a run")
}

pub(crate) fn has_rows(driver: &mut Driver, host: &TestHost) -> bool {
    let Handled { reply, .. } = handle(driver, host, r#"{"message":"count"}"#);
    reply == Reply::Duplicate
}

pub(crate) fn begin(driver: &mut Driver, host: &TestHost) -> Run {
    driver.begin(host).unwrap().expect("no other run")
}

/// Runs the effects of a run; each has this outcome.
pub(crate) fn run(run: &mut Run, outcome: &Outcome<Answered>) {
    for effect in core::mem::take(&mut run.effects) {
        let Effect::Ask(_, then) = effect else {
            panic!("{effect:?}")
        };
        then.complete(outcome.clone());
    }
}

pub(crate) fn failed() -> Outcome<Answered> {
    Err(EffectError::Unknown("no answer".to_owned()))
}
