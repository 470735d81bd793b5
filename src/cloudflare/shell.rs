//! The one shell of all objects: load, decide, commit, arm; and on the alarm,
//! run what is due.
//!
//! Nothing is awaited between the statements of a commit and setting the alarm,
//! so the platform makes them one transaction; it holds back the answer until
//! that is on disk.

use core::sync::atomic::AtomicI64;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;

use futures_util::future::join_all;
use worker::{Env, Request, Response, Result, Storage};

use super::store::Store;
use super::{bindings, clock, console, orders};
use crate::config::Config;
use crate::log::Line;
use crate::machine::{CorruptRow, Letter, Machine, Outcome, Read, Rows, Scene, Task, Work, json};
use crate::time::Timestamp;

/// The soonest alarm after a commit.
const SOON: Duration = Duration::from_millis(1);
/// The soonest alarm set from within an alarm: nearer ones can get lost (workerd #6866).
const SOON_AGAIN: Duration = Duration::from_millis(100);
/// Set before an alarm does anything: longer than the longest task takes, so
/// that what a crash interrupted is taken up again.
const GUARD: Duration = Duration::from_secs(20);
/// The next look when something is due that this version does not know how to do.
const PUZZLED: Duration = Duration::from_secs(60);
/// Tasks that run at a time: the platform opens six connections at once.
const TASKS: usize = 6;

/// No alarm is known to be set.
const UNARMED: i64 = i64::MIN;

/// An object of the platform around a machine.
pub(super) struct Shell {
    storage: Storage,
    env: Env,
    config: Config,
    /// The alarm that this instance has set, in milliseconds, or [`UNARMED`]. An
    /// atomic, because a panic may unwind past it.
    armed: AtomicI64,
}

impl Shell {
    pub(super) fn new(storage: Storage, env: Env) -> Self {
        let config = bindings::config(&env);
        Self {
            storage,
            env,
            config,
            armed: AtomicI64::new(UNARMED),
        }
    }

    /// Hears a letter: commits what it means, and answers.
    pub(super) async fn fetch<M: Machine>(&self, mut request: Request) -> Result<Response> {
        let body = request.text().await?;
        super::objects::panic_if_forced("fetch", || body.clone());
        let Ok(letter) = serde_json::from_str::<Letter<M::Message>>(&body) else {
            return Response::error("not a letter of a known shape", 400);
        };
        let store = Store::open(self.storage.sql())?;
        match self.hear::<M>(&store, letter.message).await? {
            Ok(answer) => Response::ok(json(&answer)),
            Err(corrupt) => {
                report(&corrupt);
                Response::error("a stored row cannot be read", 500)
            }
        }
    }

    /// Runs what is due. Whatever happens, another alarm is set.
    pub(super) async fn alarm<M: Machine>(&self) -> Result<Response> {
        let guard = clock::now().plus(GUARD);
        self.arm(guard, SOON_AGAIN).await?;
        let store = Store::open(self.storage.sql())?;
        let next = match self.work::<M>(&store).await? {
            Ok(0) => PUZZLED,
            Ok(_) => SOON_AGAIN,
            Err(corrupt) => {
                report(&corrupt);
                PUZZLED
            }
        };
        if let Some(due) = store.due()? {
            self.arm(due, next).await?;
        } else {
            self.armed.store(UNARMED, Relaxed);
            self.storage.delete_alarm().await?;
        }
        Response::empty()
    }

    async fn hear<M: Machine>(
        &self,
        store: &Store,
        message: M::Message,
    ) -> Result<core::result::Result<M::Answer, CorruptRow>> {
        let mut rows = Rows::default();
        store.load(&M::reads(&message), &mut rows)?;
        let heard = match M::hear(self.scene(), &rows, message) {
            Ok(heard) => heard,
            Err(corrupt) => return Ok(Err(corrupt)),
        };
        store.commit(&heard.changes)?;
        if let Some(due) = store.due()? {
            self.wake(due).await?;
        }
        Ok(Ok(heard.answer))
    }

    /// Runs some of what is due, and commits what came of it. Gives back how much it was.
    async fn work<M: Machine>(
        &self,
        store: &Store,
    ) -> Result<core::result::Result<usize, CorruptRow>> {
        let rows = match self.rows::<M>(store)? {
            Ok(rows) => rows,
            Err(corrupt) => return Ok(Err(corrupt)),
        };
        super::objects::panic_if_forced("alarm", || format!("{rows:?}"));
        let Work { changes, mut tasks } = match M::work(self.scene(), &rows) {
            Ok(work) => work,
            Err(corrupt) => return Ok(Err(corrupt)),
        };
        store.commit(&changes)?;
        tasks.truncate(TASKS);
        let done = tasks.len();
        let results = self.run(tasks).await;
        // Other messages may have come while the tasks ran.
        let settled = match self.rows::<M>(store)? {
            Ok(rows) => M::settle(self.scene(), &rows, results),
            Err(corrupt) => return Ok(Err(corrupt)),
        };
        Ok(match settled {
            Ok(settled) => {
                store.commit(&settled.changes)?;
                settled.lines.iter().for_each(console::print);
                Ok(done)
            }
            Err(corrupt) => Err(corrupt),
        })
    }

    fn rows<M: Machine>(&self, store: &Store) -> Result<core::result::Result<Rows, CorruptRow>> {
        let mut rows = Rows::default();
        store.load(&[Read::State], &mut rows)?;
        match M::further_reads(self.scene(), &rows) {
            Ok(reads) => store.load(&reads, &mut rows)?,
            Err(corrupt) => return Ok(Err(corrupt)),
        }
        Ok(Ok(rows))
    }

    async fn run<T>(&self, tasks: Vec<Task<T>>) -> Vec<(T, Outcome)> {
        let runs = tasks.into_iter().map(|task| async move {
            let outcome = orders::run(&self.env, &self.config, &task.order).await;
            if let Outcome::Failed(reason) | Outcome::Unknown(reason) = &outcome {
                let line = Line::error(clock::now(), task.order.name(), "failed", reason.as_str());
                console::print(&line);
            }
            (task.ticket, outcome)
        });
        join_all(runs).await
    }

    /// Makes sure that an alarm comes for what is due, as soon as may be.
    async fn wake(&self, due: Timestamp) -> Result<()> {
        let now = clock::now();
        let armed = Timestamp::from_millis(self.armed.load(Relaxed));
        if armed > now && armed <= due.max(now.plus(SOON)) {
            return Ok(());
        }
        self.arm(due, SOON).await
    }

    /// Sets the alarm to `due`, but no nearer than `soonest` from now.
    async fn arm(&self, due: Timestamp, soonest: Duration) -> Result<()> {
        let now = clock::now();
        let at = due.max(now.plus(soonest));
        let set = self.storage.set_alarm(at.since(now)).await;
        let armed = if set.is_ok() { at.as_millis() } else { UNARMED };
        self.armed.store(armed, Relaxed);
        set
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            now: clock::now(),
            settings: &self.config.settings,
        }
    }
}

/// Says that a row cannot be read, and what to do about it.
fn report(corrupt: &CorruptRow) {
    let reason = format!("{corrupt}: deploy the version that wrote it, or a newer one");
    console::print(&Line::error(clock::now(), "state", "unreadable", reason));
}
