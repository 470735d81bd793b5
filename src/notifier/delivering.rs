//! Delivering the first of the queue: what follows from Slack's verdict on it.
//!
//! Nothing leaves the queue but by an answer of Slack, or after thirty days, and
//! then it stands in the list of undelivered alerts. What an answer means is
//! `slack`'s, and which alert is the first is `queue`'s.

use core::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::queue::{HELD, Head, Waiting, front, numbered};
use crate::alert::Alert;
use crate::backoff::Retry;
use crate::log::Line;
use crate::machine::{Change, CorruptRow, Outcome, Rows, Scene, Settled, json};
use crate::record::Readable as _;
use crate::slack::{self, Refusal, Verdict};
use crate::time::Timestamp;

/// What the key of an undelivered alert begins with, before its number.
const UNDELIVERED: &str = "undelivered/";

/// Slack takes one message a second on a hook (Slack's rate limits).
const PACE: Duration = Duration::from_secs(1);
/// Longest wait between tries while Slack fails.
const MAX_BACKOFF: Duration = Duration::from_mins(15);
/// An alert that could not be delivered for so long is given up, and listed.
const GIVEN_UP: Duration = Duration::from_hours(30 * 24);

/// An alert that Slack would not take.
#[derive(Debug, Serialize)]
struct Undelivered<'a> {
    came_at: Timestamp,
    given_up_at: Timestamp,
    reason: &'a str,
    alert: &'a Value,
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

impl Head {
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
                self.trouble(now, reason, false);
                self.give_up_when_old(scene, number, &waiting)
            }
            Verdict::RefusedMessage(refusal) => {
                // Slack is there, and takes this hook.
                self.trouble = None;
                self.retry = Retry::from(now.plus(PACE));
                self.refused_message(scene, number, &waiting, &refusal)
            }
            Verdict::RefusedHook(refusal) => {
                self.retry = Retry::from(now.plus(HELD));
                self.trouble(now, refusal.reason, true);
                self.give_up_when_old(scene, number, &waiting)
            }
        };
        Ok((changes, Some(line)))
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
