//! Whether Kombo's deliveries arrive, and whether they are signed as they should be.
//!
//! Isolates report what they counted (see `intake_reporter` in the module `edge`). The
//! engineers hear, at most once a day, that deliveries are rejected while no valid one arrives, and
//! once that none has arrived for as long as is configured.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Completed;
use super::queue::Head;
use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::domain::alert::{Alert, AlertKind, HealthTopic, Notice};
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, Context, Outcome, Receipt, Rows, Send, StepError};
use crate::parts::outbox::MAX_HANDOVER_BACKOFF;

/// Key of the row.
const MONITOR: &str = "vigil";
/// Rejected signatures are reported when no valid one has arrived for this long.
const REFUSAL_DELAY: Duration = Duration::from_hours(1);
/// And not again within this time.
const REFUSAL_INTERVAL: Duration = Duration::from_hours(24);
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;
/// Rejected deliveries are counted for this many hours.
const COUNTED_HOURS: i64 = 24;

/// What is known of the deliveries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct DeliveryMonitor {
    /// Since when deliveries have been monitored.
    since: Option<Timestamp>,
    /// When the latest valid delivery came.
    pub(super) valid_at: Option<Timestamp>,
    /// Rejected deliveries of the last day, by the hour since the epoch.
    refused: Vec<(i64, u64)>,
    /// When the first delivery was rejected since the last valid one.
    refused_since: Option<Timestamp>,
    /// When rejected ones were last reported to the engineers.
    refusal_reported_at: Option<Timestamp>,
    /// The beginning of the silence that was reported to them.
    reported_silence: Option<Timestamp>,
    /// Whether the team's Notifier was woken. It has a summary to make, even if it never gets an
    /// alert.
    woke_team: bool,
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

impl DeliveryMonitor {
    pub(super) fn load(rows: Rows<'_>) -> Result<Self, StepError> {
        Ok(rows.state(MONITOR)?.unwrap_or_default())
    }

    /// Begins to monitor: the row, if that is new.
    pub(super) fn begin(&mut self, context: Context<'_>) -> Option<Change> {
        let new = self.since.is_none();
        self.since.get_or_insert(context.now);
        new.then(|| self.row(context))
    }

    /// Notes what an isolate counted. Reports may arrive late and in any order.
    pub(super) fn note(&mut self, context: Context<'_>, valid_at: Option<Timestamp>, refused: u64) {
        self.since.get_or_insert(context.now);
        self.valid_at = self.valid_at.max(valid_at);
        if valid_at >= self.refused_since {
            self.refused_since = None;
        }
        if refused > 0 {
            self.refused_since.get_or_insert(context.now);
            self.count(context.now, refused);
        }
    }

    /// How many deliveries were rejected in the last day.
    pub(super) fn refused(&self, now: Timestamp) -> u64 {
        let recent = self.refused.iter().filter(|(at, _)| is_recent(*at, now));
        recent.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Queues the reports to the engineers that are due.
    pub(super) fn poll(
        &mut self,
        context: Context<'_>,
        rows: Rows<'_>,
        head: &mut Head,
    ) -> Result<Vec<Change>, StepError> {
        let now = context.now;
        let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let mut alerts = Vec::new();
        if is_due(self.refusal_due()) {
            alerts.push(notice(
                context,
                HealthTopic::Signatures,
                self.refused_since,
                self.refused(now),
            ));
            self.refusal_reported_at = Some(now);
            self.refused_since = None;
        }
        if is_due(self.silence_due(context)) {
            let since = self.valid_at.or(self.since);
            alerts.push(notice(context, HealthTopic::Silence, since, 0));
            self.reported_silence = since;
        }
        let mut changes = Vec::new();
        for alert in alerts {
            changes.extend(head.queue(context, rows, &alert.id, alert.stored())?);
        }
        Ok(changes)
    }

    /// Adds waking the team's Notifier, the first time.
    pub(super) fn poll_wake(&self, context: Context<'_>, batch: &mut Batch<Completed>) {
        if !self.woke_team && self.retry.at <= context.now {
            let audience = Audience::Team;
            let message = Envelope::encode(Message::Health { audience });
            let to = Address::Notifier(audience);
            batch.send(Send { to, message }, Completed::Wake);
        }
    }

    /// Handles whether it woke.
    pub(super) fn complete_wake(&mut self, context: Context<'_>, outcome: &Outcome<Receipt>) {
        if *outcome == Ok(Receipt::Accepted) {
            self.woke_team = true;
        } else {
            self.retry.fail(context.now, MONITOR, MAX_HANDOVER_BACKOFF);
        }
    }

    /// The row as it is now.
    pub(super) fn row(&self, context: Context<'_>) -> Change {
        let wake = (!self.woke_team).then_some(self.retry.at);
        let due = [self.refusal_due(), self.silence_due(context), wake];
        Change::state(MONITOR, self, due.into_iter().flatten().min())
    }

    fn refusal_due(&self) -> Option<Timestamp> {
        let due = self.refused_since?.plus(REFUSAL_DELAY);
        Some(
            self.refusal_reported_at
                .map_or(due, |reported| due.max(reported.plus(REFUSAL_INTERVAL))),
        )
    }

    fn silence_due(&self, context: Context<'_>) -> Option<Timestamp> {
        let since = self.valid_at.or(self.since)?;
        let allowed = context.settings.alerting.silence?;
        (self.reported_silence != Some(since)).then(|| since.plus(allowed))
    }

    fn count(&mut self, now: Timestamp, refused: u64) {
        self.refused.retain(|(at, _)| is_recent(*at, now));
        let hour = now.as_millis().div_euclid(HOUR);
        match self.refused.iter_mut().find(|(at, _)| *at == hour) {
            Some((_, count)) => *count = count.saturating_add(refused),
            None => self.refused.push((hour, refused)),
        }
    }
}

fn is_recent(hour: i64, now: Timestamp) -> bool {
    hour.saturating_add(COUNTED_HOURS) > now.as_millis().div_euclid(HOUR)
}

fn notice(context: Context<'_>, about: HealthTopic, since: Option<Timestamp>, count: u64) -> Alert {
    let since = since.unwrap_or(context.now);
    let what = AlertKind::Notice(Notice {
        about,
        over: false,
        count,
        since,
        reason: String::new(),
    });
    let id = format!("{MONITOR}/{}/{count}", context.now.as_millis());
    Alert::new(id, context.now, Audience::Engineers, what)
}
