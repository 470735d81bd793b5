//! The queue of one channel: its order, and what holds it.
//!
//! Waiting alerts are rows of the ledger, numbered as they came; this file's
//! [`Head`] knows where the queue stands. What Slack's answers do to it,
//! and its pace, is `delivering`'s.

use core::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::{Channel, Errand, Message, Ticket};
use crate::backoff::Retry;
use crate::config::HookMark;
use crate::machine::{
    Change, CorruptRow, Letter, Order, Read, Rows, Scene, Table, Work, json, read,
};
use crate::object::Address;
use crate::record::{Unknown, reads};
use crate::seen::Seen;
use crate::slack;
use crate::time::Timestamp;

/// Key of the head row.
pub(super) const HEAD: &str = "head";
/// What the key of a waiting alert begins with, before its number.
const WAITING: &str = "waiting/";

/// How often a refused hook is tried again.
pub(super) const HELD: Duration = Duration::from_mins(15);
/// Slack that failed for so long counts as failing.
const FAILING: Duration = Duration::from_mins(10);

/// Where the queue stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Head {
    schema: u32,
    pub(super) channel: Channel,
    /// The number of the next alert that comes.
    next: u64,
    /// Alerts that wait.
    waiting: u64,
    /// The hook that `retry` and `trouble` are about. Another one starts afresh.
    hook: Option<HookMark>,
    pub(super) retry: Retry,
    /// The number of the alert that goes as plain text, since Slack refused its blocks.
    pub(super) plain: Option<u64>,
    pub(super) trouble: Option<Trouble>,
    seen: Seen,
    #[serde(flatten)]
    unknown: Unknown,
}

reads!(Head { schema, channel, next, waiting, hook, retry, plain, trouble, seen; unknown });

/// Why nothing is delivered at present.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Trouble {
    /// Since the first failure after the last delivery.
    since: Timestamp,
    reason: String,
    /// Whether Slack refuses the hook, and not only fails.
    refused: bool,
}

reads!(Trouble {
    since,
    reason,
    refused
});

/// An alert that waits, as it was handed over.
#[derive(Debug, Serialize)]
pub(super) struct Waiting<A = Value> {
    pub(super) came_at: Timestamp,
    pub(super) alert: A,
}

reads!(Waiting { came_at, alert });

impl Head {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            schema: 1,
            channel,
            next: 1,
            waiting: 0,
            hook: None,
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
        let freed = self.waiting > 0 && self.has_another_hook(scene);
        freed.then(|| self.row(scene))
    }

    /// Whether somebody should know that Slack takes nothing.
    pub(super) fn is_failing(&self, scene: Scene<'_>) -> bool {
        let mut trouble = self.trouble.iter();
        !self.has_another_hook(scene)
            && trouble.any(|it| it.refused || scene.now.since(it.since) >= FAILING)
    }

    /// Adds the delivery of the first of the queue, if it may go now.
    pub(super) fn work(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
        work: &mut Work<Ticket>,
    ) -> Result<(), CorruptRow> {
        let Some((number, waiting)) = front(rows)? else {
            self.waiting = 0;
            return Ok(());
        };
        self.take_hook(scene);
        if self.retry.at > scene.now {
            return Ok(());
        }
        match self.order(scene, number, &waiting) {
            Some(order) => work.add(Ticket(Errand::Deliver(number)), order),
            // No hook: look again later, whatever wakes the object before.
            None => self.retry.at = scene.now.plus(HELD),
        }
        Ok(())
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
        if self.has_another_hook(scene) {
            scene.now
        } else {
            self.retry.at
        }
    }

    /// Whether the operator set, changed or removed the hook since it was used last.
    fn has_another_hook(&self, scene: Scene<'_>) -> bool {
        scene.settings.hook(self.channel) != self.hook.as_ref()
    }

    /// Starts afresh with the hook that is set now.
    fn take_hook(&mut self, scene: Scene<'_>) {
        if self.has_another_hook(scene) {
            self.hook = scene.settings.hook(self.channel).cloned();
            self.retry = Retry::from(scene.now);
            self.trouble = None;
        }
    }

    pub(super) fn trouble(&mut self, now: Timestamp, reason: String, refused: bool) {
        let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
        self.trouble = Some(Trouble {
            since,
            reason,
            refused,
        });
    }

    pub(super) fn leave(&mut self, number: u64) -> Vec<Change> {
        self.waiting = self.waiting.saturating_sub(1);
        self.plain = None;
        vec![Change::Remove(Table::Ledger, numbered(WAITING, number))]
    }
}

/// The read that fetches the first of the queue.
pub(super) fn front_read() -> Read {
    Read::First {
        table: Table::Ledger,
        prefix: WAITING.to_owned(),
        limit: 1,
    }
}

/// The first of the queue, by its number.
pub(super) fn front(rows: &Rows) -> Result<Option<(u64, Waiting)>, CorruptRow> {
    let Some((number, text)) = rows.under(Table::Ledger, WAITING).next() else {
        return Ok(None);
    };
    let number = number.parse().unwrap_or_default();
    Ok(Some((number, read(WAITING, text)?)))
}

/// Keys sort as their numbers do: twenty digits hold every number.
pub(super) fn numbered(prefix: &str, number: u64) -> String {
    format!("{prefix}{number:020}")
}
