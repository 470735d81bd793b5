//! The queue of one channel: what waits, and what holds it.
//!
//! A waiting alert is `waiting`'s; this file's [`Head`] knows where the queue
//! stands. What leaves next is `departing`'s, what Slack's answers do to it
//! `delivering`'s.

use crate::contracts::operator::settings::HookMark;
use crate::domain::alert::Phase;
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::json::{Json, Unknown};
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Rows, Scene};
use crate::parts::dedup::Seen;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::waiting::{self, Waiting};

/// Slack takes one message a second on a hook (Slack's rate limits).
pub(super) const PACE: Duration = Duration::from_secs(1);

/// Key of the head row.
pub(super) const HEAD: &str = "head";

/// How often a refused hook is tried again.
pub(super) const HELD: Duration = Duration::from_mins(15);
/// Slack that failed for so long counts as failing.
pub(super) const FAILING: Duration = Duration::from_mins(10);
/// Lines of a digest at most.
pub(super) const MOST_LINES: u64 = 20;

/// Where the queue stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    schema: u32,
    pub(super) channel: Audience,
    /// The number of the next alert that comes.
    #[serde(default)]
    next: u64,
    /// Slots that wait.
    #[serde(default)]
    pub(super) waiting: u64,
    /// Those of them about incidents that are open, and about incidents that are over.
    #[serde(default)]
    pub(super) open: u64,
    #[serde(default)]
    pub(super) over: u64,
    /// Since when Slack took nothing though something waited.
    pub(super) silent_since: Option<Timestamp>,
    /// The slots that are on their way, each with the number of its latest alert.
    #[serde(default)]
    pub(super) departing: Vec<(String, u64)>,
    /// The hook that `retry` and `trouble` are about. Another one starts afresh.
    hook: Option<HookMark>,
    #[serde(default)]
    pub(super) retry: Retry,
    /// Lines of the next digest at most, since Slack refused a longer one; 0 for no such limit.
    #[serde(default)]
    pub(super) lines: u64,
    /// The slot that goes as plain text, since Slack refused its blocks.
    pub(super) plain: Option<String>,
    pub(super) trouble: Option<Trouble>,
    /// Since when the trouble was of which the engineers were told.
    pub(super) told_of: Option<Timestamp>,
    /// Slack took something since they were told.
    #[serde(default)]
    pub(super) mended: bool,
    /// What Slack answered last.
    pub(super) said: Option<Said>,
    /// Alerts that Slack would not take.
    #[serde(default)]
    pub(super) undelivered: u64,
    #[serde(default)]
    seen: Seen,
    #[serde(flatten)]
    unknown: Unknown,
}

/// Why nothing is delivered at present.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Trouble {
    /// Since the first failure after the last delivery.
    pub(super) since: Timestamp,
    /// What Slack answered, and the remedy.
    pub(super) reason: String,
    /// Whether Slack refuses the hook, and not only fails.
    #[serde(default)]
    pub(super) refused: bool,
}

/// An answer of Slack, for operators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) at: Timestamp,
    pub(super) outcome: String,
    pub(super) reason: Option<String>,
    pub(super) remedy: Option<String>,
}

impl Head {
    pub(super) fn new(channel: Audience) -> Self {
        Self {
            schema: 1,
            channel,
            next: 1,
            waiting: 0,
            open: 0,
            over: 0,
            silent_since: None,
            departing: Vec::new(),
            hook: None,
            retry: Retry::default(),
            lines: 0,
            plain: None,
            trouble: None,
            told_of: None,
            mended: false,
            said: None,
            undelivered: 0,
            seen: Seen::default(),
            unknown: Unknown::default(),
        }
    }

    /// The number of the latest alert that came.
    pub(super) fn latest(&self) -> u64 {
        self.next.saturating_sub(1)
    }

    pub(super) fn load(rows: &Rows) -> Result<Option<Self>, CorruptRow> {
        rows.state(HEAD)
    }

    /// Puts an alert into the queue; `rows` holds the row of its slot, if there is one.
    pub(super) fn queue(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
        id: &str,
        alert: Json,
    ) -> Result<Vec<Change>, CorruptRow> {
        let slot = waiting::slot(id, &alert);
        let number = self.next;
        self.next = number.saturating_add(1);
        let before = Waiting::load(rows, &slot)?;
        let waiting = match before.clone() {
            Some(before) => before.join(number, alert),
            None => Waiting::new(number, alert, scene.now),
        };
        if self.waiting == 0 {
            self.silent_since = Some(scene.now);
        }
        self.count(before.as_ref(), Some(&waiting));
        Ok(waiting.rows(&slot, before.as_ref()))
    }

    /// Takes out of a slot what was told, up to a number. What came since waits on.
    pub(super) fn leave(&mut self, slot: &str, waiting: &Waiting, number: u64) -> Vec<Change> {
        if self.plain.as_deref() == Some(slot) {
            self.plain = None;
        }
        let rest = waiting.clone().after(number);
        self.count(Some(waiting), rest.as_ref());
        match rest {
            Some(rest) => rest.rows(slot, Some(waiting)),
            None => waiting.gone(slot),
        }
    }

    pub(super) fn remember(&mut self, id: &str, now: Timestamp) -> Vec<Change> {
        self.seen.remember(id, now)
    }

    /// The head row as it is now.
    pub(super) fn row(&self, scene: Scene<'_>) -> Change {
        let due = (self.waiting > 0).then(|| self.due(scene));
        let due = due.into_iter().chain(self.report_due(scene)).min();
        Change::state(HEAD, self, due)
    }

    /// Whether the queue may go on at once: the operator set another hook.
    pub(super) fn may_go_on(&self, scene: Scene<'_>) -> bool {
        self.waiting > 0 && self.has_another_hook(scene)
    }

    /// Whether somebody should know that Slack takes nothing.
    pub(super) fn is_failing(&self, scene: Scene<'_>) -> bool {
        let mut trouble = self.trouble.iter();
        !self.has_another_hook(scene)
            && trouble.any(|it| it.refused || scene.now.since(it.since) >= FAILING)
    }

    pub(super) fn trouble(&mut self, now: Timestamp, reason: String, refused: bool) {
        let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
        self.trouble = Some(Trouble {
            since,
            reason,
            refused,
        });
    }

    /// Starts afresh with the hook that is set now.
    pub(super) fn take_hook(&mut self, scene: Scene<'_>) {
        if self.has_another_hook(scene) {
            self.hook = scene.settings.hook(self.channel).cloned();
            self.retry = Retry::from(scene.now);
            self.trouble = None;
        }
    }

    /// Keeps the counts of what waits.
    fn count(&mut self, before: Option<&Waiting>, after: Option<&Waiting>) {
        let counts = |waiting: Option<&Waiting>| {
            let phase = waiting.and_then(Waiting::phase);
            let over = phase == Some(Phase::Over);
            let open = phase.is_some() && !over;
            [waiting.is_some(), open, over].map(u64::from)
        };
        let kept = [&mut self.waiting, &mut self.open, &mut self.over];
        let changes = counts(before).into_iter().zip(counts(after));
        for (count, (before, after)) in kept.into_iter().zip(changes) {
            *count = count.saturating_add(after).saturating_sub(before);
        }
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
}
