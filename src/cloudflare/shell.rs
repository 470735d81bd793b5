//! The one shell of all objects: load, decide, commit, arm; and on the alarm,
//! run what is due.
//!
//! Nothing is awaited between the statements of a commit and setting the alarm,
//! so the platform makes them one transaction; it holds back the answer until
//! that is on disk.

use core::cell::Cell;
use core::time::Duration;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Request;

use super::platform::Env;
use super::store::Store;
use super::{bindings, clock, console, orders, platform};
use crate::config::Config;
use crate::log::{Line, kind};
use crate::machine::{
    CorruptRow, DynMachine, DynMessage, Heard, Order, Outcome, Read, Round, Rows, Scene, Table,
    json,
};
use crate::time::Timestamp;

type Result<T> = core::result::Result<T, JsValue>;

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

/// No alarm is known to be set.
const UNARMED: i64 = i64::MIN;

/// An object of the platform around a machine.
pub(super) struct Shell {
    storage: JsValue,
    env: Env,
    machine: &'static dyn DynMachine,
    config: Config,
    /// The alarm that is set, in milliseconds, or [`UNARMED`] while none is known.
    armed: Cell<i64>,
}

impl Shell {
    pub(super) fn new(storage: JsValue, env: Env, machine: &'static dyn DynMachine) -> Self {
        let config = bindings::config(&env);
        Self {
            storage,
            env,
            machine,
            config,
            armed: Cell::new(UNARMED),
        }
    }

    /// Hears a letter: commits what it means, and answers.
    pub(super) async fn fetch(self: Rc<Self>, request: Request) -> Result<JsValue> {
        // To set anew the alarm that an instance before this one left would be billed as a row.
        // Asked before anything is committed, since nothing may be awaited after that.
        let is_alarm_asked = self.armed.get() == UNARMED;
        let letter = platform::letter_of(&request, &self.storage, is_alarm_asked);
        let letter: Array = JsFuture::from(letter).await?.unchecked_into();
        let body = letter.get(0).as_string().unwrap_or_default();
        self.recall_alarm(letter.get(1).as_f64());
        super::objects::panic_if_forced("fetch", || body.clone());
        let Some(message) = self.machine.open(&body) else {
            return Ok(answer(400, "not a letter of a known shape"));
        };
        let store = Store::open(&self.storage)?;
        let heard = match self.hear(&store, message)? {
            Ok(heard) => heard,
            Err(corrupt) => {
                report(&corrupt);
                return Ok(answer(500, "a stored row cannot be read"));
            }
        };
        store.commit(&heard.changes)?;
        if let Some(due) = store.due()? {
            self.wake(due).await?;
        }
        Ok(answer(200, &json(&heard.answer)))
    }

    /// Runs what is due. Whatever happens, another alarm is set.
    pub(super) async fn alarm(self: Rc<Self>) -> Result<JsValue> {
        let guard = clock::now().plus(GUARD);
        self.arm(guard, SOON_AGAIN).await?;
        let store = Store::open(&self.storage)?;
        let done = match self.work(&store).await? {
            Ok(done) => done,
            Err(corrupt) => {
                report(&corrupt);
                0
            }
        };
        if let Some(due) = store.due()? {
            let puzzled = done == 0 && due <= clock::now();
            let soonest = if puzzled { PUZZLED } else { SOON_AGAIN };
            self.arm(due, soonest).await?;
            return Ok(JsValue::UNDEFINED);
        }
        self.armed.set(UNARMED);
        platform::delete_alarm(&self.storage).await
    }

    fn hear(
        &self,
        store: &Store<'_>,
        message: Box<dyn DynMessage>,
    ) -> Result<core::result::Result<Heard, CorruptRow>> {
        let mut rows = Rows::default();
        let mut reads = message.reads();
        if reads.contains(&Read::State) {
            if let Err(corrupt) = self.load_state(store, &mut rows)? {
                return Ok(Err(corrupt));
            }
            reads.retain(|read| *read != Read::State);
        }
        store.load(&reads, &mut rows)?;
        Ok(message.hear(self.scene(), &rows))
    }

    /// Reads the state, but for what lies at rest.
    fn load_state(
        &self,
        store: &Store<'_>,
        rows: &mut Rows,
    ) -> Result<core::result::Result<(), CorruptRow>> {
        store.load_state(self.machine.resting(), rows)?;
        let awake = match self.machine.awake(rows) {
            Ok(awake) => awake,
            Err(corrupt) => return Ok(Err(corrupt)),
        };
        store.load(&awake, rows)?;
        store.end_state();
        Ok(Ok(()))
    }

    /// Runs some of what is due, and commits what came of it. Gives back how much
    /// was done: a row that is written as it was is nothing.
    async fn work(&self, store: &Store<'_>) -> Result<core::result::Result<usize, CorruptRow>> {
        let mut real = 0;
        let round = match self.rows(store)? {
            Ok(rows) => {
                super::objects::panic_if_forced("alarm", || {
                    let state = rows.under(Table::State, "");
                    state.map(|(_, text)| text).collect()
                });
                let round = self.machine.work(self.scene(), &rows);
                let changes = round.iter().flat_map(|round| &round.changes);
                real = changes.filter(|it| rows.are_changed_by(it)).count();
                round
            }
            Err(corrupt) => Err(corrupt),
        };
        let Round {
            changes,
            orders,
            settle,
        } = match round {
            Ok(round) => round,
            Err(corrupt) => return Ok(Err(corrupt)),
        };
        store.commit(&changes)?;
        let outcomes = self.run(&orders).await;
        // Other messages may have come meanwhile.
        let settled = self
            .rows(store)?
            .and_then(|rows| settle(self.scene(), &rows, outcomes));
        Ok(match settled {
            Ok(settled) => {
                store.commit(&settled.changes)?;
                settled.lines.iter().for_each(console::print);
                Ok(orders.len().saturating_add(real))
            }
            Err(corrupt) => Err(corrupt),
        })
    }

    fn rows(&self, store: &Store<'_>) -> Result<core::result::Result<Rows, CorruptRow>> {
        let mut rows = Rows::default();
        if let Err(corrupt) = self.load_state(store, &mut rows)? {
            return Ok(Err(corrupt));
        }
        let mut asked = vec![Read::State];
        loop {
            let further = self.machine.further_reads(self.scene(), &rows, &mut asked);
            let reads = match further {
                Ok(reads) => reads,
                Err(corrupt) => return Ok(Err(corrupt)),
            };
            if reads.is_empty() {
                return Ok(Ok(rows));
            }
            store.load(&reads, &mut rows)?;
        }
    }

    async fn run(&self, orders: &[Order]) -> Vec<Outcome> {
        if orders.is_empty() {
            return Vec::new();
        }
        let outcomes = orders::run(&self.env, &self.config, orders).await;
        for (order, outcome) in orders.iter().zip(&outcomes) {
            if let Outcome::Failed(reason) | Outcome::Unknown(reason) = outcome {
                let line = Line::new(clock::now(), order.failure());
                console::print(&line.because(reason.as_str()));
            }
        }
        outcomes
    }

    /// Takes over the alarm that was found, unless one began meanwhile and set the next.
    fn recall_alarm(&self, found: Option<f64>) {
        if let Some(millis) = found
            && self.armed.get() == UNARMED
        {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "milliseconds are whole and small"
            )]
            self.armed.set(millis as i64);
        }
    }

    /// Makes sure that an alarm comes for what is due, as soon as may be.
    async fn wake(&self, due: Timestamp) -> Result<()> {
        let now = clock::now();
        let armed = Timestamp::from_millis(self.armed.get());
        if armed.plus(LOST) > now && armed <= due.max(now.plus(SOON)) {
            return Ok(());
        }
        self.arm(due, SOON).await
    }

    /// Sets the alarm to `due`, but no nearer than `soonest` from now.
    async fn arm(&self, due: Timestamp, soonest: Duration) -> Result<()> {
        let now = clock::now();
        let at = due.max(now.plus(soonest));
        #[expect(
            clippy::cast_precision_loss,
            reason = "the platform counts milliseconds in floating point, exact for 285 000 years"
        )]
        let set = platform::set_alarm(&self.storage, at.as_millis() as f64).await;
        let armed = if set.is_ok() { at.as_millis() } else { UNARMED };
        self.armed.set(armed);
        set.map(|_| ())
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            now: clock::now(),
            settings: &self.config.settings,
        }
    }
}

fn answer(status: u16, body: &str) -> JsValue {
    platform::respond(status, Vec::new(), Some(body.to_owned())).into()
}

/// Says that a row cannot be read, and what to do about it.
fn report(corrupt: &CorruptRow) {
    let reason = format!("{corrupt}: deploy the version that wrote it, or a newer one");
    console::print(&Line::new(clock::now(), kind::STATE_UNREADABLE).because(reason));
}
