//! An object of the platform as the host of a [`Driver`].
//!
//! The driver decides when its machine runs; this keeps its rows ([`Store`]), sets its alarm and
//! runs its effects. Nothing is awaited between the statements of a commit and setting the alarm,
//! so the platform makes them one transaction; it holds back the answer, and whatever the effects
//! send, until that is on disk.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use worker::durable::ScheduledTime;
use worker::js_sys::Date;
use worker::{Env, Error, Result, State, Storage};

use super::store::Store;
use super::{bindings, clock, console, effects};
use crate::contracts::operator::log::{Line, kind};
use crate::contracts::operator::settings::{Config, Settings};
use crate::domain::json::to_json;
use crate::domain::time::Timestamp;
use crate::machine::{
    self, Change, Driver, DynMachine, Host, LedgerQuery, Run, StateRow, StepError, StorageError,
};

/// An object of the platform around a machine.
pub(super) struct Shell {
    storage: Storage,
    store: Store,
    env: Env,
    config: Config,
    driver: Rc<RefCell<Driver>>,
    /// The run that began with a message, until [`Shell::take_begun`] takes it.
    begun: Cell<Option<Run>>,
}

impl Shell {
    pub(super) fn new(state: &State, env: Env, machine: &'static dyn DynMachine) -> Self {
        console::log_panics();
        let driver = Rc::new(RefCell::new(Driver::new(machine)));
        recall_alarm(state, Rc::clone(&driver));
        Self {
            store: Store::new(state.storage()),
            storage: state.storage(),
            config: bindings::config(&env),
            env,
            driver,
            begun: Cell::new(None),
        }
    }

    /// Handles a message: commits what it means, and gives back the reply as JSON. Nothing is
    /// awaited, so no other message sees half of it. `None` if the message cannot be read.
    pub(super) fn handle(&self, message: &str) -> Result<Option<String>> {
        #[cfg(feature = "forced-panics")]
        super::forced_panics::panic_if_forced(&self.env, "fetch", || message.to_owned());
        let handled = self.driver.borrow_mut().handle(self, message);
        let Some(handled) = or_logged(handled)?.flatten() else {
            return Ok(None);
        };
        if handled.run.is_some() {
            self.begun.set(handled.run);
        }
        Ok(Some(to_json(&handled.reply)))
    }

    /// Whether a run began with a message, and nobody took it yet.
    pub(super) fn has_begun(&self) -> bool {
        let begun = self.begun.take();
        let has_begun = begun.is_some();
        self.begun.set(begun);
        has_begun
    }

    /// The run that began with a message, if one did.
    pub(super) fn take_begun(&self) -> Option<Run> {
        self.begun.take()
    }

    /// Runs what is due by an alarm.
    pub(super) async fn alarm(&self) -> Result<()> {
        let run = self.driver.borrow_mut().begin(self);
        match or_logged(run)?.flatten() {
            Some(run) => self.run(run).await,
            None => Ok(()),
        }
    }

    /// Runs effects, and then those that are due after them.
    pub(super) async fn run(&self, run: Run) -> Result<()> {
        let mut next = Some(run);
        while let Some(mut begun) = next {
            #[cfg(feature = "forced-panics")]
            super::forced_panics::panic_if_forced(&self.env, "run", || self.store.text());
            let effects = core::mem::take(&mut begun.effects);
            effects::run(&self.env, &self.config, effects).await;
            let finished = self.driver.borrow_mut().finish(self, begun);
            let finished = or_logged(finished)?.unwrap_or_default();
            finished.lines.iter().for_each(console::print);
            next = finished.next;
        }
        Ok(())
    }
}

impl machine::Storage for Shell {
    fn state(&self) -> core::result::Result<Vec<(String, StateRow)>, StorageError> {
        self.store.state().map_err(|error| failed(&error))
    }

    fn ledger(
        &self,
        query: &LedgerQuery,
    ) -> core::result::Result<Vec<(String, String)>, StorageError> {
        self.store.ledger(query).map_err(|error| failed(&error))
    }
}

impl Host for Shell {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn settings(&self) -> &Settings {
        &self.config.settings
    }

    fn commit(&self, changes: &[Change]) -> core::result::Result<(), StorageError> {
        self.store.commit(changes).map_err(|error| failed(&error))
    }

    fn set_alarm(&self, at: Option<Timestamp>) -> core::result::Result<(), StorageError> {
        let set = match at {
            Some(at) => started(self.storage.set_alarm(scheduled(at))),
            None => started(self.storage.delete_alarm()),
        };
        set.map_err(|error| failed(&error))
    }
}

fn failed(error: &Error) -> StorageError {
    StorageError(error.to_string())
}

/// The result of a step; `None`, and a line in the log, if a row cannot be read.
fn or_logged<T>(result: core::result::Result<T, StepError>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StepError::Corrupt(corrupt)) => {
            let reason = format!("{corrupt}: deploy the version that wrote it, or a newer one");
            console::print(&Line::new(clock::now(), kind::STATE_UNREADABLE).because(reason));
            Ok(None)
        }
        Err(StepError::Storage(error)) => Err(Error::RustError(error.to_string())),
    }
}

/// Takes over the alarm that an instance before this one left, before any message arrives.
fn recall_alarm(state: &State, driver: Rc<RefCell<Driver>>) {
    let storage = state.storage();
    let _blocked = state.block_concurrency_while(async move {
        let alarm = storage.get_alarm().await?;
        let alarm = alarm.map(Timestamp::from_millis);
        driver.borrow_mut().recall_alarm(alarm);
        Ok(())
    });
}

/// Starts a change of the alarm, and does not wait for it: it is a write like any other, so nothing
/// leaves the object before it is on disk, and if it fails the platform restarts the object.
fn started(change: impl Future<Output = Result<()>>) -> Result<()> {
    change.now_or_never().unwrap_or(Ok(()))
}

fn scheduled(at: Timestamp) -> ScheduledTime {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the platform counts milliseconds in floating point, exact for 285 000 years"
    )]
    let millis = at.as_millis() as f64;
    ScheduledTime::new(Date::new(&millis.into()))
}
