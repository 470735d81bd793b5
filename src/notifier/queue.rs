//! The queue of one channel: its order, its pace, and what holds it.
//!
//! Waiting alerts are rows of the ledger, numbered as they came; this file's
//! [`Head`] knows where the queue stands. Nothing leaves it but by an answer of
//! Slack, or after thirty days, and then it stands in the list of undelivered
//! alerts.

use core::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::{Channel, Errand, Message, Ticket};
use crate::alert::Alert;
use crate::backoff::Retry;
use crate::config::HookMark;
use crate::log::Line;
use crate::machine::{
    Change, CorruptRow, Letter, Order, Outcome, Read, Rows, Scene, Settled, Table, Task, json,
};
use crate::object::Address;
use crate::record::{Readable as _, Unknown, reads};
use crate::seen::Seen;
use crate::slack::{self, Refusal, Verdict};
use crate::time::Timestamp;

/// Key of the head row.
pub(super) const HEAD: &str = "head";
/// What the key of a waiting alert begins with, before its number.
const WAITING: &str = "waiting/";
/// What the key of an undelivered alert begins with, before its number.
const UNDELIVERED: &str = "undelivered/";
/// What the key of an object whose KV keys are late begins with.
const LATE: &str = "late/";

/// Slack takes one message a second on a hook (Slack's rate limits).
const PACE: Duration = Duration::from_secs(1);
/// Longest wait between tries while Slack fails.
const MAX_BACKOFF: Duration = Duration::from_mins(15);
/// How often a refused hook is tried again.
const HELD: Duration = Duration::from_mins(15);
/// Slack that failed for so long counts as failing.
const FAILING: Duration = Duration::from_mins(10);
/// An alert that could not be delivered for so long is given up, and listed.
const GIVEN_UP: Duration = Duration::from_hours(30 * 24);

/// Where the queue stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Head {
    schema: u32,
    channel: Channel,
    /// The number of the next alert that comes.
    next: u64,
    /// Alerts that wait.
    waiting: u64,
    retry: Retry,
    /// The number of the alert that goes as plain text, since Slack refused its blocks.
    plain: Option<u64>,
    trouble: Option<Trouble>,
    seen: Seen,
    #[serde(flatten)]
    unknown: Unknown,
}

reads!(Head { schema, channel, next, waiting, retry, plain, trouble, seen; unknown });

/// Why nothing is delivered at present.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Trouble {
    /// Since the first failure after the last delivery.
    since: Timestamp,
    reason: String,
    /// The hook that Slack refused; another one is tried at once.
    refused: Option<HookMark>,
}

reads!(Trouble {
    since,
    reason,
    refused
});

/// An alert that waits, as it was handed over.
#[derive(Debug, Serialize)]
struct Waiting<A = Value> {
    came_at: Timestamp,
    alert: A,
}

reads!(Waiting { came_at, alert });

/// An alert that Slack would not take.
#[derive(Debug, Serialize)]
struct Undelivered<'a> {
    came_at: Timestamp,
    given_up_at: Timestamp,
    reason: &'a str,
    alert: &'a Value,
}

impl Head {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            schema: 1,
            channel,
            next: 1,
            waiting: 0,
            retry: Retry::default(),
            plain: None,
            trouble: None,
            seen: Seen::default(),
            unknown: Unknown::default(),
        }
    }

    pub(super) fn load(rows: &Rows) -> Result<Option<Self>, CorruptRow> {
        rows.state(HEAD)
    }

    /// Puts an alert at the end of the queue.
    pub(super) fn queue(&mut self, scene: Scene<'_>, alert: &impl Serialize) -> Change {
        let row = Waiting {
            came_at: scene.now,
            alert,
        };
        let key = numbered(WAITING, self.next);
        self.next = self.next.saturating_add(1);
        self.waiting = self.waiting.saturating_add(1);
        Change::ledger(key, json(&row))
    }

    pub(super) fn remember(&mut self, id: Option<&str>, now: Timestamp) -> Vec<Change> {
        id.map_or_else(Vec::new, |id| self.seen.remember(id, now))
    }

    /// The head row as it is now.
    pub(super) fn row(&self, scene: Scene<'_>) -> Change {
        let due = (self.waiting > 0).then(|| self.due(scene));
        Change::state(HEAD, self, due)
    }

    /// The row of a queue that may go on: the operator set another hook.
    pub(super) fn touched(&self, scene: Scene<'_>) -> Option<Change> {
        let freed = self.waiting > 0 && self.is_freed(scene);
        freed.then(|| self.row(scene))
    }

    /// Whether somebody should know that Slack takes nothing.
    pub(super) fn is_failing(&self, scene: Scene<'_>) -> bool {
        let trouble = self.trouble.as_ref();
        trouble.is_some_and(|trouble| {
            let held = trouble.refused.is_some() && !self.is_freed(scene);
            held || scene.now.since(trouble.since) >= FAILING
        })
    }

    /// The first of the queue, if it may go now.
    pub(super) fn work(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
    ) -> Result<Option<Task<Ticket>>, CorruptRow> {
        let Some((number, waiting)) = front(rows)? else {
            self.waiting = 0;
            return Ok(None);
        };
        if self.due(scene) > scene.now {
            return Ok(None);
        }
        let order = self.order(scene, number, &waiting);
        if order.is_none() {
            // No hook: look again later, whatever wakes the object before.
            self.retry.at = scene.now.plus(HELD);
        }
        Ok(order.map(|order| Task {
            ticket: Ticket(Errand::Deliver(number)),
            order,
        }))
    }

    /// Takes in what came of delivering the first of the queue.
    fn settle(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
        number: u64,
        outcome: &Outcome,
    ) -> Result<(Vec<Change>, Option<Line>), CorruptRow> {
        let now = scene.now;
        let Some((_, waiting)) = front(rows)?.filter(|(front, _)| *front == number) else {
            return Ok((Vec::new(), None));
        };
        let verdict = slack::judge(outcome);
        let line = self.line(scene, &waiting, &verdict);
        let changes = match verdict {
            Verdict::Delivered => {
                self.trouble = None;
                self.retry = Retry::from(now.plus(PACE));
                self.leave(number)
            }
            Verdict::Wait(wait) => {
                self.retry.at = now.plus(wait);
                Vec::new()
            }
            Verdict::Retry(reason) => {
                self.retry.fail(now, self.channel.as_str(), MAX_BACKOFF);
                self.retry.at = self.retry.at.max(now.plus(PACE));
                self.trouble(now, reason, None);
                self.give_up_when_old(scene, number, &waiting)
            }
            Verdict::RefusedMessage(refusal) => {
                self.retry = Retry::from(now.plus(PACE));
                self.refused_message(scene, number, &waiting, &refusal)
            }
            Verdict::RefusedHook(refusal) => {
                self.retry = Retry::from(now.plus(HELD));
                let hook = scene.settings.hook(self.channel).cloned();
                self.trouble(now, refusal.reason, hook);
                self.give_up_when_old(scene, number, &waiting)
            }
        };
        Ok((changes, Some(line)))
    }

    /// What brings the alert where it is to go; none while there is nowhere.
    fn order(&self, scene: Scene<'_>, number: u64, waiting: &Waiting) -> Option<Order> {
        if scene.settings.hook(self.channel).is_some() {
            let alert = waiting.alert.clone();
            let render = match self.plain {
                Some(plain) if plain == number => slack::render_plain,
                _ => slack::render,
            };
            return Some(Order::Post {
                hook: self.channel,
                payload: render(alert, self.channel, scene.settings),
            });
        }
        (self.channel == Channel::Ops).then(|| Order::Send {
            to: Address::Notifier(Channel::Main),
            message: Letter::seal(Message::Alert {
                channel: Channel::Main,
                id: format!("ops/{number}"),
                alert: waiting.alert.clone(),
            }),
        })
    }

    fn due(&self, scene: Scene<'_>) -> Timestamp {
        if self.is_freed(scene) {
            scene.now
        } else {
            self.retry.at
        }
    }

    /// Whether the hook that Slack refused is no longer the one that is set.
    fn is_freed(&self, scene: Scene<'_>) -> bool {
        let refused = self.trouble.as_ref().and_then(|it| it.refused.as_ref());
        let hook = scene.settings.hook(self.channel);
        refused.is_some_and(|refused| hook.is_some_and(|hook| hook != refused))
    }

    fn trouble(&mut self, now: Timestamp, reason: String, refused: Option<HookMark>) {
        let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
        self.trouble = Some(Trouble {
            since,
            reason,
            refused,
        });
    }

    fn leave(&mut self, number: u64) -> Vec<Change> {
        self.waiting = self.waiting.saturating_sub(1);
        self.plain = None;
        vec![Change::Remove(Table::Ledger, numbered(WAITING, number))]
    }

    fn refused_message(
        &mut self,
        scene: Scene<'_>,
        number: u64,
        waiting: &Waiting,
        refusal: &Refusal,
    ) -> Vec<Change> {
        if self.plain == Some(number) {
            return self.give_up(scene, number, waiting, &refusal.reason);
        }
        self.plain = Some(number);
        Vec::new()
    }

    fn give_up_when_old(
        &mut self,
        scene: Scene<'_>,
        number: u64,
        waiting: &Waiting,
    ) -> Vec<Change> {
        if scene.now.since(waiting.came_at) < GIVEN_UP {
            return Vec::new();
        }
        self.give_up(scene, number, waiting, "undeliverable for 30 days")
    }

    /// Moves the first of the queue to the list of undelivered alerts.
    fn give_up(
        &mut self,
        scene: Scene<'_>,
        number: u64,
        waiting: &Waiting,
        reason: &str,
    ) -> Vec<Change> {
        let listed = Undelivered {
            came_at: waiting.came_at,
            given_up_at: scene.now,
            reason,
            alert: &waiting.alert,
        };
        let mut changes = self.leave(number);
        changes.push(Change::ledger(numbered(UNDELIVERED, number), json(&listed)));
        changes
    }

    fn line(&self, scene: Scene<'_>, waiting: &Waiting, verdict: &Verdict) -> Line {
        const EVENT: &str = "alert";
        let now = scene.now;
        let refused = |outcome, refusal: &Refusal| {
            let reason = format!("{}; {}", refusal.reason, refusal.remedy);
            Line::error(now, EVENT, outcome, reason)
        };
        let line = match verdict {
            Verdict::Delivered if scene.settings.hook(self.channel).is_none() => {
                Line::info(now, EVENT, "handed_over")
            }
            Verdict::Delivered => Line::info(now, EVENT, "delivered"),
            Verdict::Wait(wait) => Line::info(now, EVENT, "rate_limited")
                .because(format!("Slack asks to wait {} s", wait.as_secs())),
            Verdict::Retry(reason) => Line::error(now, EVENT, "failed", reason.clone()),
            Verdict::RefusedMessage(refusal) => refused("message_refused", refusal),
            Verdict::RefusedHook(refusal) => refused("hook_refused", refusal),
        };
        let alert = Alert::read(waiting.alert.clone()).ok();
        let line = line.after(now.since(waiting.came_at));
        let Some(alert) = alert else {
            return line;
        };
        let line = line.of(alert.who.origin_id);
        match alert.event_id {
            Some(id) => line.about(id, "alert"),
            None => line,
        }
    }
}

/// Takes in what came of delivering one alert.
pub(super) fn settle(
    scene: Scene<'_>,
    rows: &Rows,
    number: u64,
    outcome: &Outcome,
) -> Result<Settled, CorruptRow> {
    let Some(mut head) = Head::load(rows)? else {
        return Ok(Settled::default());
    };
    let (mut changes, line) = head.settle(scene, rows, number, outcome)?;
    changes.push(head.row(scene));
    let lines = line.into_iter().collect();
    Ok(Settled { changes, lines })
}

/// The read that fetches the first of the queue.
pub(super) fn front_read() -> Read {
    Read::First {
        table: Table::Ledger,
        prefix: WAITING.to_owned(),
        limit: 1,
    }
}

fn front(rows: &Rows) -> Result<Option<(u64, Waiting)>, CorruptRow> {
    let Some((number, text)) = rows.under(Table::Ledger, WAITING).next() else {
        return Ok(None);
    };
    let number = number.parse().unwrap_or_default();
    Ok(Some((number, crate::machine::read(WAITING, text)?)))
}

/// Keys sort as their numbers do: twenty digits hold every number.
fn numbered(prefix: &str, number: u64) -> String {
    format!("{prefix}{number:020}")
}

/// The row that says that an object's KV keys are late, or that they are not.
pub(super) fn late(object: &str, late: bool) -> Change {
    let key = format!("{LATE}{object}");
    if late {
        Change::ledger(key, String::new())
    } else {
        Change::Remove(Table::Ledger, key)
    }
}

/// The read that tells whether any object's KV keys are late.
pub(super) fn late_read() -> Read {
    Read::First {
        table: Table::Ledger,
        prefix: LATE.to_owned(),
        limit: 1,
    }
}

/// Whether any object's KV keys are late.
pub(super) fn any_late(rows: &Rows) -> bool {
    rows.under(Table::Ledger, LATE).next().is_some()
}
