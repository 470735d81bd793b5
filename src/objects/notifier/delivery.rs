//! What an answer of Slack does to the alerts that left the queue.
//!
//! An alert leaves the queue only by an answer of Slack, or after thirty days, and then it is listed
//! as undelivered. What an answer means is decided in [`slack`], and what leaves next in `dispatch`.

use core::time::Duration;

use super::queue::Head;
use super::queued_alert::QueuedAlert;
use super::slack_status::LastAnswer;
use super::undelivered;
use crate::contracts::operator::log::{Line, kind};
use crate::contracts::slack::{self, Refusal, Verdict};
use crate::domain::http::Answered;
use crate::domain::time::Timestamp;
use crate::machine::{Change, Context, Outcome, Receipt, Rows, StepError};

/// An alert that could not be delivered for this long is given up, and listed.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(30 * 24);

/// What left the queue, as it is in the queue now: slot, number of the latest alert that left, row.
type Left = Vec<(String, u64, QueuedAlert)>;

/// Handles Slack's answer: the rows that change, and the line of the log.
pub(super) fn complete_post(
    context: Context<'_>,
    rows: Rows<'_>,
    outcome: &Outcome<Answered>,
) -> Result<(Vec<Change>, Option<Line>), StepError> {
    let verdict = match outcome {
        Ok(answer) => slack::judge(answer, context.now),
        Err(error) => Verdict::Retry(error.to_string()),
    };
    complete(context, rows, verdict)
}

/// Handles whether the team's Notifier accepted an alert for the engineers.
pub(super) fn complete_handover(
    context: Context<'_>,
    rows: Rows<'_>,
    outcome: &Outcome<Receipt>,
) -> Result<(Vec<Change>, Option<Line>), StepError> {
    let verdict = match outcome {
        Ok(Receipt::Accepted) => Verdict::Delivered,
        Ok(Receipt::Conflict | Receipt::Unsettled) => {
            Verdict::Retry("an unexpected reply of the team's Notifier".to_owned())
        }
        Err(error) => Verdict::Retry(error.to_string()),
    };
    complete(context, rows, verdict)
}

fn complete(
    context: Context<'_>,
    rows: Rows<'_>,
    verdict: Verdict,
) -> Result<(Vec<Change>, Option<Line>), StepError> {
    let Some(mut head) = Head::load(rows, context.now)? else {
        return Ok((Vec::new(), None));
    };
    let mut left = Vec::new();
    for (slot, number) in head.take_in_flight() {
        let queued = QueuedAlert::load(rows, &slot)?;
        left.extend(queued.map(|queued| (slot, number, queued)));
    }
    let verdict = weigh(&mut head, &left, verdict);
    let line = line(context, &head, &left, &verdict);
    head.slack.last_answer = Some(last_answer(context.now, &verdict));
    let mut changes = apply(context.now, &mut head, left, verdict);
    changes.push(head.row(context));
    Ok((changes, Some(line)))
}

/// A message that was refused even as plain text may be at fault itself. If others that have nothing to
/// do with it were refused like that since the last delivery, the webhook is.
fn weigh(head: &mut Head, left: &Left, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Delivered => {
            head.rejected_messages.clear();
            Verdict::Delivered
        }
        Verdict::RefusedMessage(refusal) => {
            if let [(slot, _, queued)] = left.as_slice()
                && head.plain.as_ref() == Some(slot)
            {
                head.rejected_messages.add(&queued.header.subject(slot));
            }
            if head.rejected_messages.are_about_the_webhook() {
                Verdict::RefusedHook(refusal.of_every_message())
            } else {
                Verdict::RefusedMessage(refusal)
            }
        }
        verdict => verdict,
    }
}

fn apply(now: Timestamp, head: &mut Head, left: Left, verdict: Verdict) -> Vec<Change> {
    match verdict {
        Verdict::Delivered => {
            head.accepted(now);
            head.grow_digests();
            let sent = left.into_iter();
            sent.flat_map(|(slot, number, queued)| head.remove(&slot, &queued, number))
                .collect()
        }
        Verdict::Wait(wait) => {
            head.slack.wait(now, wait);
            give_up_old(now, head, left)
        }
        Verdict::Retry(reason) => {
            head.slack.failed(now, reason, head.audience.as_str());
            give_up_old(now, head, left)
        }
        Verdict::RefusedMessage(refusal) => {
            // Slack can be reached, and accepts this webhook.
            head.accepted(now);
            apply_refused_message(now, head, left, &refusal)
        }
        Verdict::RefusedHook(refusal) => {
            head.slack.rejected(now, refusal.to_string());
            give_up_old(now, head, left)
        }
    }
}

/// A digest is split; a single alert goes once more as plain text, and then no more.
fn apply_refused_message(
    now: Timestamp,
    head: &mut Head,
    left: Left,
    refusal: &Refusal,
) -> Vec<Change> {
    if left.len() > 1 {
        head.shrink_digests(left.len());
        return Vec::new();
    }
    let Some((slot, number, queued)) = left.into_iter().next() else {
        return Vec::new();
    };
    if head.plain.as_ref() == Some(&slot) {
        return give_up(now, head, (&slot, number, &queued), &refusal.reason);
    }
    head.plain = Some(slot);
    Vec::new()
}

fn give_up_old(now: Timestamp, head: &mut Head, left: Left) -> Vec<Change> {
    let is_old = |queued: &QueuedAlert| now.since(queued.queued_at) >= GIVEN_UP_AFTER;
    let old = left.into_iter().filter(|(_, _, queued)| is_old(queued));
    let reason = "undeliverable for 30 days";
    old.flat_map(|(slot, number, queued)| give_up(now, head, (&slot, number, &queued), reason))
        .collect()
}

/// Moves an alert to the list of undelivered ones.
fn give_up(
    now: Timestamp,
    head: &mut Head,
    (slot, number, queued): (&str, u64, &QueuedAlert),
    reason: &str,
) -> Vec<Change> {
    let listed = undelivered::row(queued, number, reason, now);
    head.undelivered = head.undelivered.saturating_add(1);
    let mut changes = head.remove(slot, queued, number);
    changes.push(listed);
    changes
}

fn line(context: Context<'_>, head: &Head, left: &Left, verdict: &Verdict) -> Line {
    let now = context.now;
    let refused = |kind, refusal: &Refusal| Line::new(now, kind).because(refusal.to_string());
    let line = match verdict {
        Verdict::Delivered if context.settings.webhook(head.audience).is_none() => {
            Line::new(now, kind::ALERT_HANDED_OVER)
        }
        Verdict::Delivered => Line::new(now, kind::ALERT_DELIVERED),
        Verdict::Wait(wait) => Line::new(now, kind::ALERT_RATE_LIMITED)
            .because(format!("Slack asks to wait {} s", wait.as_secs())),
        Verdict::Retry(reason) => Line::new(now, kind::ALERT_FAILED).because(reason.clone()),
        Verdict::RefusedMessage(refusal) => refused(kind::ALERT_MESSAGE_REFUSED, refusal),
        Verdict::RefusedHook(refusal) => refused(kind::ALERT_HOOK_REFUSED, refusal),
    };
    let [(_, _, queued)] = left.as_slice() else {
        return line.counting(left.len());
    };
    let header = &queued.header;
    let line = line.of(header.origin_id.as_ref());
    let line = match header.at {
        Some(at) => line.after(now.since(at)),
        None => line,
    };
    match &header.event_id {
        Some(id) => line.about(id, "alert"),
        None => line,
    }
}

/// The verdict, for operators.
fn last_answer(at: Timestamp, verdict: &Verdict) -> LastAnswer {
    let (outcome, reason, remedy) = match verdict {
        Verdict::Delivered => ("delivered", None, None),
        Verdict::Wait(_) => ("rate_limited", None, None),
        Verdict::Retry(reason) => ("failed", Some(reason), None),
        Verdict::RefusedMessage(it) => ("message_refused", Some(&it.reason), Some(it.remedy)),
        Verdict::RefusedHook(it) => ("hook_refused", Some(&it.reason), Some(it.remedy)),
    };
    LastAnswer {
        at,
        outcome: outcome.to_owned(),
        reason: reason.cloned(),
        remedy: remedy.map(str::to_owned),
    }
}
