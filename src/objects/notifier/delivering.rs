//! Delivering what left the queue: what follows from Slack's verdict on it.
//!
//! Nothing leaves the queue but by an answer of Slack, or after thirty days, and
//! then it stands in the list of undelivered alerts. What an answer means is
//! `slack`'s, and what leaves next is `departing`'s.

use core::time::Duration;

use super::departing::Departure;
use super::queue::{HELD, Head, MOST_LINES, PACE, Said};
use super::undelivered;
use super::waiting::Waiting;
use crate::contracts::operator::log::{Line, kind};
use crate::contracts::slack::{self, Refusal, Verdict};
use crate::domain::alert::Alert;
use crate::domain::backoff::Retry;
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Outcome, Rows, Scene};

/// Longest wait between tries while Slack fails.
const MAX_BACKOFF: Duration = Duration::from_mins(15);
/// An alert that could not be delivered for so long is given up, and listed.
const GIVEN_UP: Duration = Duration::from_hours(30 * 24);

/// What left, as it waits.
type Left = Vec<(String, u64, Waiting)>;

/// Takes in what came of delivering what left the queue: the rows that change, and
/// the line of the log.
pub(super) fn settle(
    scene: Scene<'_>,
    rows: &Rows,
    departure: &Departure,
    outcome: &Outcome,
) -> Result<(Vec<Change>, Line), CorruptRow> {
    let mut head = Head::load(rows)?.unwrap_or_else(|| Head::new(departure.channel));
    let mut left = Vec::new();
    for (slot, number) in &departure.slots {
        let waiting = Waiting::load(rows, slot)?;
        left.extend(waiting.map(|waiting| (slot.clone(), *number, waiting)));
    }
    let verdict = verdict_on(outcome);
    let line = head.line(scene, &left, &verdict);
    head.said = Some(said(scene.now, &verdict));
    head.departing.clear();
    let mut changes = head.judged(scene, left, verdict);
    changes.push(head.row(scene));
    Ok((changes, line))
}

/// What came of a post, or of handing the alert over to the team's Notifier.
fn verdict_on(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Answered(answer) => slack::judge(answer),
        Outcome::Done => Verdict::Delivered,
        Outcome::Failed(reason) | Outcome::Unknown(reason) => Verdict::Retry(reason.clone()),
        // Neither has such an outcome.
        Outcome::Listed(_) | Outcome::Differs | Outcome::Unsettled => {
            Verdict::Retry("the outcome was lost".to_owned())
        }
    }
}

impl Head {
    fn judged(&mut self, scene: Scene<'_>, left: Left, verdict: Verdict) -> Vec<Change> {
        let now = scene.now;
        match verdict {
            Verdict::Delivered => {
                self.taken(now);
                self.lines = self.lines.saturating_mul(2).min(MOST_LINES);
                let told = left.into_iter();
                told.flat_map(|(slot, number, waiting)| self.leave(&slot, &waiting, number))
                    .collect()
            }
            Verdict::Wait(wait) => {
                self.retry.at = now.plus(wait);
                Vec::new()
            }
            Verdict::Retry(reason) => {
                self.retry.fail(now, self.channel.as_str(), MAX_BACKOFF);
                self.retry.at = self.retry.at.max(now.plus(PACE));
                self.trouble(now, reason, false);
                self.give_up_what_is_old(scene, left)
            }
            Verdict::RefusedMessage(refusal) => {
                // Slack is there, and takes this hook.
                self.taken(now);
                self.refused_message(scene, left, &refusal)
            }
            Verdict::RefusedHook(refusal) => {
                self.retry = Retry::from(now.plus(HELD));
                self.trouble(now, refusal.to_string(), true);
                self.give_up_what_is_old(scene, left)
            }
        }
    }

    /// Slack is there.
    fn taken(&mut self, now: Timestamp) {
        self.trouble = None;
        self.mended = self.told_of.is_some();
        self.silent_since = Some(now);
        self.retry = Retry::from(now.plus(PACE));
    }

    /// A digest is split; one alert goes once more as plain text, and then no more.
    fn refused_message(&mut self, scene: Scene<'_>, left: Left, refusal: &Refusal) -> Vec<Change> {
        if left.len() > 1 {
            self.lines = u64::try_from(left.len()).unwrap_or(1).div_euclid(2).max(1);
            return Vec::new();
        }
        let Some((slot, number, waiting)) = left.into_iter().next() else {
            return Vec::new();
        };
        if self.plain.as_ref() == Some(&slot) {
            return self.give_up(scene, &slot, &waiting, number, &refusal.reason);
        }
        self.plain = Some(slot);
        Vec::new()
    }

    fn give_up_what_is_old(&mut self, scene: Scene<'_>, left: Left) -> Vec<Change> {
        let old = |waiting: &Waiting| scene.now.since(waiting.came_at) >= GIVEN_UP;
        let old = left.into_iter().filter(|(_, _, waiting)| old(waiting));
        let reason = "undeliverable for 30 days";
        old.flat_map(|(slot, number, waiting)| self.give_up(scene, &slot, &waiting, number, reason))
            .collect()
    }

    /// Moves an alert to the list of undelivered ones.
    fn give_up(
        &mut self,
        scene: Scene<'_>,
        slot: &str,
        waiting: &Waiting,
        number: u64,
        reason: &str,
    ) -> Vec<Change> {
        let listed = undelivered::row(waiting, number, reason, scene.now);
        self.undelivered = self.undelivered.saturating_add(1);
        let mut changes = self.leave(slot, waiting, number);
        changes.push(listed);
        changes
    }

    fn line(&self, scene: Scene<'_>, left: &Left, verdict: &Verdict) -> Line {
        let now = scene.now;
        let refused = |kind, refusal: &Refusal| Line::new(now, kind).because(refusal.to_string());
        let line = match verdict {
            Verdict::Delivered if scene.settings.hook(self.channel).is_none() => {
                Line::new(now, kind::ALERT_HANDED_OVER)
            }
            Verdict::Delivered => Line::new(now, kind::ALERT_DELIVERED),
            Verdict::Wait(wait) => Line::new(now, kind::ALERT_RATE_LIMITED)
                .because(format!("Slack asks to wait {} s", wait.as_secs())),
            Verdict::Retry(reason) => Line::new(now, kind::ALERT_FAILED).because(reason.clone()),
            Verdict::RefusedMessage(refusal) => refused(kind::ALERT_MESSAGE_REFUSED, refusal),
            Verdict::RefusedHook(refusal) => refused(kind::ALERT_HOOK_REFUSED, refusal),
        };
        let [(_, _, waiting)] = left.as_slice() else {
            return line.counting(left.len());
        };
        let Ok(alert) = waiting.alert.read::<Alert>() else {
            return line;
        };
        let line = line.of(alert.who.origin_id).after(now.since(alert.at));
        match alert.event_id {
            Some(id) => line.about(id, "alert"),
            None => line,
        }
    }
}

/// The verdict, for operators.
fn said(at: Timestamp, verdict: &Verdict) -> Said {
    let (outcome, reason, remedy) = match verdict {
        Verdict::Delivered => ("delivered", None, None),
        Verdict::Wait(_) => ("rate_limited", None, None),
        Verdict::Retry(reason) => ("failed", Some(reason), None),
        Verdict::RefusedMessage(it) => ("message_refused", Some(&it.reason), Some(it.remedy)),
        Verdict::RefusedHook(it) => ("hook_refused", Some(&it.reason), Some(it.remedy)),
    };
    Said {
        at,
        outcome: outcome.to_owned(),
        reason: reason.cloned(),
        remedy: remedy.map(str::to_owned),
    }
}
