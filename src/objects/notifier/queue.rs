//! The queue of one Notifier: its head row, with the counts of what is queued.
//!
//! A queued alert is in `queued_alert`. What leaves next is chosen in `dispatch`, what an answer of
//! Slack does to the queue in `delivery`, and whether Slack accepts anything at all is kept in
//! `slack_status`.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::queued_alert::{AlertHeader, QueuedAlert};
use super::rejected_messages::RejectedMessages;
use super::slack_status::{FAILING_AFTER, SlackStatus};
use crate::contracts::operator::settings::PublicUrl;
use crate::domain::alert::Phase;
use crate::domain::audience::Audience;
use crate::domain::json::{Json, Unknown};
use crate::domain::time::Timestamp;
use crate::machine::{Change, Context, Rows, StepError};
use crate::parts::dedup::SeenIds;

/// Key of the head row.
const HEAD: &str = "head";
/// At most this many lines in a digest.
pub(super) const MAX_DIGEST_LINES: u64 = 20;

/// The head row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    schema: u32,
    pub(super) audience: Audience,
    /// The number of the next alert that arrives.
    #[serde(default)]
    next: u64,
    /// Slots in the queue.
    #[serde(default)]
    waiting: u64,
    /// Those of them about open incidents, and about resolved ones.
    #[serde(default)]
    pub(super) open: u64,
    #[serde(default)]
    pub(super) resolved: u64,
    /// The slots that left and have no answer yet, each with the number of its latest alert; none
    /// for the message that says what happened in a silence.
    #[serde(default)]
    in_flight: Vec<(String, u64)>,
    /// Since when Slack has accepted nothing though something was queued.
    pub(super) silent_since: Option<Timestamp>,
    /// At most this many lines in the next digest, since Slack rejected a longer one; 0 for no such
    /// limit.
    #[serde(default)]
    digest_lines: u64,
    /// The slot that goes as plain text, since Slack rejected its blocks.
    pub(super) plain: Option<String>,
    /// The messages that Slack rejected even as plain text, since it accepted one.
    #[serde(default)]
    pub(super) rejected_messages: RejectedMessages,
    #[serde(default)]
    pub(super) slack: SlackStatus,
    /// The address that Kombo delivered to last, for links to acts.
    pub(super) address: Option<PublicUrl>,
    /// Alerts that Slack would not accept.
    #[serde(default)]
    pub(super) undelivered: u64,
    #[serde(default)]
    pub(super) seen: SeenIds,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Head {
    pub(super) fn new(audience: Audience) -> Self {
        Self {
            schema: 1,
            audience,
            next: 1,
            waiting: 0,
            open: 0,
            resolved: 0,
            in_flight: Vec::new(),
            silent_since: None,
            digest_lines: 0,
            plain: None,
            rejected_messages: RejectedMessages::default(),
            slack: SlackStatus::default(),
            address: None,
            undelivered: 0,
            seen: SeenIds::default(),
            unknown: Unknown::default(),
        }
    }

    /// The row, with waits that a clock that was ahead made too long corrected.
    pub(super) fn load(rows: Rows<'_>, now: Timestamp) -> Result<Option<Self>, StepError> {
        let mut head: Option<Self> = rows.state(HEAD)?;
        if let Some(head) = &mut head {
            head.slack.correct_waits(now);
            if let Some(since) = &mut head.silent_since {
                since.end_within(Duration::ZERO, now);
            }
        }
        Ok(head)
    }

    /// Whether someone should know that nothing leaves: Slack accepts nothing, or nothing was even
    /// tried although something waits.
    pub(super) fn is_failing(&self, context: Context<'_>) -> bool {
        self.slack.is_failing(context, self.audience) || self.stuck_since(context).is_some()
    }

    /// Since when nothing has left.
    pub(super) fn failing_since(&self, context: Context<'_>) -> Option<Timestamp> {
        self.slack.trouble_since().or(self.stuck_since(context))
    }

    /// Since when something could have left while nothing moved and nothing failed, if that is too
    /// long.
    fn stuck_since(&self, context: Context<'_>) -> Option<Timestamp> {
        let has_way = self.audience == Audience::Engineers
            || context.settings.webhook(self.audience).is_some();
        let is_stuck = self.waiting > 0 && self.slack.trouble_since().is_none() && has_way;
        let since = self.silent_since.filter(|_| is_stuck)?;
        let since = since.max(self.slack.retry_at());
        (context.now.since(since) >= FAILING_AFTER).then_some(since)
    }

    /// The number of the latest alert that arrived.
    pub(super) fn latest(&self) -> u64 {
        self.next.saturating_sub(1)
    }

    /// Slots in the queue.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Puts an alert into the queue: the rows that change.
    pub(super) fn queue(
        &mut self,
        context: Context<'_>,
        rows: Rows<'_>,
        id: &str,
        alert: Json,
    ) -> Result<Vec<Change>, StepError> {
        let header = AlertHeader::of(&alert);
        let slot = header.slot(id);
        let number = self.next;
        self.next = number.saturating_add(1);
        let before = QueuedAlert::load(rows, &slot)?;
        let queued = match before.clone() {
            Some(before) => before.merge(number, header, alert),
            None => QueuedAlert::new(number, header, alert, context.now),
        };
        if self.waiting == 0 {
            self.silent_since = Some(context.now);
        }
        self.count(before.as_ref(), Some(&queued));
        Ok(queued.rows(&slot, before.as_ref()))
    }

    /// Takes out of a slot what was sent, up to a number: the rows that change. What arrived since
    /// stays.
    pub(super) fn remove(&mut self, slot: &str, queued: &QueuedAlert, number: u64) -> Vec<Change> {
        if self.plain.as_deref() == Some(slot) {
            self.plain = None;
        }
        let rest = queued.clone().after(number);
        self.count(Some(queued), rest.as_ref());
        match rest {
            Some(rest) => rest.rows(slot, Some(queued)),
            None => queued.removal(slot),
        }
    }

    /// Starts afresh if another webhook is configured.
    pub(super) fn follow_settings(&mut self, context: Context<'_>) {
        if self.slack.has_other_webhook(context, self.audience) {
            self.slack.begin_webhook(context, self.audience);
            self.rejected_messages.clear();
            self.plain = None;
        }
    }

    /// A message about these slots leaves.
    pub(super) fn sent(&mut self, slots: Vec<(String, u64)>, now: Timestamp) {
        self.in_flight = slots;
        self.slack.sent(now);
    }

    /// The answer to the message that left is there: its slots.
    pub(super) fn take_in_flight(&mut self) -> Vec<(String, u64)> {
        core::mem::take(&mut self.in_flight)
    }

    /// The queue is empty, whatever was counted.
    pub(super) fn clear_counts(&mut self) {
        (self.waiting, self.open, self.resolved) = (0, 0, 0);
    }

    /// Slack accepted a message: digests may grow again.
    pub(super) fn accepted(&mut self, now: Timestamp) {
        self.slack.accepted(now);
        self.silent_since = Some(now);
    }

    /// Digests may have twice as many lines as before.
    pub(super) fn grow_digests(&mut self) {
        self.digest_lines = self.digest_lines.saturating_mul(2).min(MAX_DIGEST_LINES);
    }

    /// Digests have half as many lines as the one that Slack rejected.
    pub(super) fn shrink_digests(&mut self, rejected: usize) {
        let lines = u64::try_from(rejected).unwrap_or(1);
        self.digest_lines = lines.div_euclid(2).max(1);
    }

    /// At most this many lines in the next digest; 1 for no digest.
    pub(super) fn digest_lines(&self) -> u64 {
        if self.digest_lines == 0 {
            MAX_DIGEST_LINES
        } else {
            self.digest_lines
        }
    }

    /// The row as it is now.
    pub(super) fn row(&self, context: Context<'_>) -> Change {
        let dispatch = (self.waiting > 0).then(|| self.slack.next_try(context, self.audience));
        let report = self.slack.report_due(context, self.audience);
        let due = dispatch.into_iter().chain(report).min();
        Change::state(HEAD, self, due)
    }

    /// Keeps the counts of what is queued.
    fn count(&mut self, before: Option<&QueuedAlert>, after: Option<&QueuedAlert>) {
        let counts = |queued: Option<&QueuedAlert>| {
            let phase = queued.and_then(QueuedAlert::phase);
            let is_resolved = phase == Some(Phase::Resolved);
            let is_open = phase.is_some() && !is_resolved;
            [queued.is_some(), is_open, is_resolved].map(u64::from)
        };
        let kept = [&mut self.waiting, &mut self.open, &mut self.resolved];
        let changes = counts(before).into_iter().zip(counts(after));
        for (count, (before, after)) in kept.into_iter().zip(changes) {
            *count = count.saturating_add(after).saturating_sub(before);
        }
    }
}
