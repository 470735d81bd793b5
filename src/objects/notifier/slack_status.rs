//! Whether Slack accepts messages on the webhook of a Notifier, when the next one may be sent, and
//! what is reported to the engineers about it.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contracts::operator::settings::HookFingerprint;
use crate::domain::alert::{Alert, AlertKind, HealthTopic, IncidentRef, Notice, Phase};
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::time::Timestamp;
use crate::machine::Context;

/// Slack accepts one message a second on a webhook (Slack's rate limits).
const PACE: Duration = Duration::from_secs(1);
/// How often a rejected webhook is tried again.
const REJECTED_RETRY: Duration = Duration::from_mins(15);
/// Longest wait between tries while Slack fails.
const MAX_FAILURE_BACKOFF: Duration = Duration::from_mins(15);
/// Slack that has failed for this long counts as failing.
pub(super) const FAILING_AFTER: Duration = Duration::from_mins(10);

/// The status of a webhook.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct SlackStatus {
    /// The webhook that the rest is about. Another one starts afresh.
    webhook: Option<HookFingerprint>,
    #[serde(default)]
    retry: Retry,
    trouble: Option<Trouble>,
    /// The beginning of the outage that was reported to the engineers.
    reported_since: Option<Timestamp>,
    /// Whether Slack accepted something since that report.
    #[serde(default)]
    recovered: bool,
    /// Slack's latest answer.
    pub(super) last_answer: Option<LastAnswer>,
}

/// Why nothing is delivered at present.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Trouble {
    /// When the first failure after the last delivery was.
    since: Timestamp,
    /// What Slack answered, and the remedy.
    reason: String,
    /// Whether Slack rejects the webhook, rather than failing.
    #[serde(default)]
    rejected: bool,
}

/// An answer of Slack, for operators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LastAnswer {
    pub(super) at: Timestamp,
    pub(super) outcome: String,
    pub(super) reason: Option<String>,
    pub(super) remedy: Option<String>,
}

impl SlackStatus {
    /// Corrects what a clock that was ahead made too long.
    pub(super) fn correct_waits(&mut self, now: Timestamp) {
        self.retry.correct_wait(MAX_FAILURE_BACKOFF, now);
        if let Some(trouble) = &mut self.trouble {
            trouble.since.end_within(Duration::ZERO, now);
        }
    }

    /// Another webhook is configured: starts afresh.
    pub(super) fn begin_webhook(&mut self, context: Context<'_>, audience: Audience) {
        self.webhook = context.settings.webhook(audience).cloned();
        self.retry = Retry::from(context.now);
        self.trouble = None;
    }

    /// When the next message may be sent.
    pub(super) fn next_try(&self, context: Context<'_>, audience: Audience) -> Timestamp {
        if self.has_other_webhook(context, audience) {
            context.now
        } else {
            self.retry.at
        }
    }

    /// When the next message may be sent on the present webhook.
    pub(super) fn retry_at(&self) -> Timestamp {
        self.retry.at
    }

    /// Whether the next message may be sent now.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.retry.at <= now
    }

    /// A message leaves. Should the object die now, the next one keeps the pace too.
    pub(super) fn sent(&mut self, now: Timestamp) {
        self.retry.at = now.plus(PACE);
    }

    /// There is no webhook: look again later.
    pub(super) fn is_missing(&mut self, now: Timestamp) {
        self.retry.at = now.plus(REJECTED_RETRY);
    }

    /// Slack accepted a message, or rejected one without rejecting the webhook.
    pub(super) fn accepted(&mut self, now: Timestamp) {
        self.trouble = None;
        self.recovered = self.reported_since.is_some();
        self.retry = Retry::from(now.plus(PACE));
    }

    /// Slack asks to wait.
    pub(super) fn wait(&mut self, now: Timestamp, wait: Duration) {
        self.retry.at = now.plus(wait);
        self.note_trouble(now, "Slack asks to wait, again and again".to_owned(), false);
    }

    /// Slack failed, or could not be reached. `seed` spreads the waits.
    pub(super) fn failed(&mut self, now: Timestamp, reason: String, seed: &str) {
        self.retry.fail(now, seed, MAX_FAILURE_BACKOFF);
        self.retry.at = self.retry.at.max(now.plus(PACE));
        self.note_trouble(now, reason, false);
    }

    /// Slack rejects the webhook.
    pub(super) fn rejected(&mut self, now: Timestamp, reason: String) {
        self.retry = Retry::from(now.plus(REJECTED_RETRY));
        self.note_trouble(now, reason, true);
    }

    /// Since when nothing has been delivered, if something should have been.
    pub(super) fn trouble_since(&self) -> Option<Timestamp> {
        self.trouble.as_ref().map(|trouble| trouble.since)
    }

    /// Whether someone should know that Slack accepts nothing.
    pub(super) fn is_failing(&self, context: Context<'_>, audience: Audience) -> bool {
        let is_failing = |trouble: &Trouble| {
            trouble.rejected || context.now.since(trouble.since) >= FAILING_AFTER
        };
        !self.has_other_webhook(context, audience) && self.trouble.as_ref().is_some_and(is_failing)
    }

    /// Whether the operator set, changed or removed the webhook since it was used last.
    pub(super) fn has_other_webhook(&self, context: Context<'_>, audience: Audience) -> bool {
        context.settings.webhook(audience) != self.webhook.as_ref()
    }

    /// What to report to the engineers now, on their own webhook: once that Slack does not accept
    /// the team's alerts, and once that it does again.
    pub(super) fn report(
        &mut self,
        context: Context<'_>,
        audience: Audience,
        waiting: u64,
    ) -> Option<Alert> {
        self.report_due(context, audience)
            .filter(|&due| due <= context.now)?;
        let (since, reason, phase) = match &self.trouble {
            Some(trouble) => (trouble.since, trouble.reason.clone(), Phase::Opened),
            None => (self.reported_since?, String::new(), Phase::Resolved),
        };
        self.recovered = false;
        self.reported_since = self.trouble_since();
        let over = phase == Phase::Resolved;
        let what = AlertKind::Notice(Notice {
            about: HealthTopic::Slack,
            over,
            count: waiting,
            since,
            reason,
        });
        let incident = format!("notifier/{}/slack", audience.as_str());
        let end = if over { "over" } else { "opened" };
        let id = format!("{incident}/{}/{end}", since.as_millis());
        let episode = Some(IncidentRef { incident, phase });
        let alert = Alert::new(id, context.now, Audience::Engineers, what);
        Some(Alert { episode, ..alert })
    }

    /// When a report to the engineers is due.
    pub(super) fn report_due(&self, context: Context<'_>, audience: Audience) -> Option<Timestamp> {
        let has_webhook = context.settings.webhook(Audience::Engineers).is_some();
        if audience != Audience::Team || !has_webhook {
            return None;
        }
        match (&self.trouble, self.reported_since) {
            (Some(trouble), None) if trouble.rejected => Some(context.now),
            (Some(trouble), None) => Some(trouble.since.plus(FAILING_AFTER)),
            // With another webhook that was not used yet, it is not known whether it works.
            (None, Some(_)) if self.recovered => Some(context.now),
            _ => None,
        }
    }

    fn note_trouble(&mut self, now: Timestamp, reason: String, rejected: bool) {
        self.trouble = Some(Trouble {
            since: self.trouble_since().unwrap_or(now),
            reason,
            rejected,
        });
    }
}
