//! Whether Kombo's deliveries arrive, and whether they are signed as they should be.
//!
//! Isolates report what they counted (see `intake_reporter` in the module `edge`). The
//! engineers hear, at most once a day for each kind, that deliveries are rejected while no valid one
//! arrives, and once that none has arrived for as long as is configured.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Completed;
use super::queue::Head;
use super::refusals::{Hourly, Refusals};
use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::{IntakeReport, Message};
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
/// The same for deliveries without a signature: scanners send them in any quiet night.
const UNSIGNED_DELAY: Duration = Duration::from_hours(20);

/// Deliveries that were rejected in the last day.
pub(super) struct Rejected {
    /// Signed with none of the secrets.
    pub(super) wrong: u64,
    /// With a signature of another form than Kombo's.
    pub(super) malformed: u64,
    /// Without a signature.
    pub(super) missing: u64,
    /// Signed by Kombo, and sent to another path.
    pub(super) misdirected: u64,
}

/// What is known of the deliveries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct DeliveryMonitor {
    /// Since when deliveries have been monitored.
    since: Option<Timestamp>,
    /// When the latest valid delivery came.
    pub(super) valid_at: Option<Timestamp>,
    /// Deliveries signed with none of the secrets.
    #[serde(flatten)]
    wrong: Refusals,
    /// Deliveries whose signature has another form than Kombo's.
    malformed: Refusals,
    /// Deliveries without a signature.
    missing: Refusals,
    /// Deliveries of Kombo to another path.
    misdirected: Hourly,
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
    pub(super) fn load(rows: Rows<'_>, now: Timestamp) -> Result<Self, StepError> {
        let mut monitor: Self = rows.state(MONITOR)?.unwrap_or_default();
        monitor.retry.correct_wait(MAX_HANDOVER_BACKOFF, now);
        for at in [&mut monitor.since, &mut monitor.valid_at]
            .into_iter()
            .flatten()
        {
            at.end_within(Duration::ZERO, now);
        }
        for refusals in [
            &mut monitor.wrong,
            &mut monitor.malformed,
            &mut monitor.missing,
        ] {
            refusals.correct_times(now);
        }
        Ok(monitor)
    }

    /// Begins to monitor: the row, if that is new.
    pub(super) fn begin(&mut self, context: Context<'_>) -> Option<Change> {
        let new = self.since.is_none();
        self.since.get_or_insert(context.now);
        new.then(|| self.row(context))
    }

    /// Notes what an isolate counted. Reports may arrive late and in any order.
    pub(super) fn note(&mut self, context: Context<'_>, report: IntakeReport) {
        let (now, valid_at) = (context.now, report.valid_at);
        self.since.get_or_insert(now);
        self.valid_at = self.valid_at.max(valid_at);
        self.wrong.note(now, valid_at, report.refused);
        self.malformed.note(now, valid_at, report.malformed);
        self.missing.note(now, valid_at, report.missing);
        self.misdirected.add(now, report.misdirected);
    }

    /// What was rejected in the last day.
    pub(super) fn rejected(&self, now: Timestamp) -> Rejected {
        Rejected {
            wrong: self.wrong.sum(now),
            malformed: self.malformed.sum(now),
            missing: self.missing.sum(now),
            misdirected: self.misdirected.sum(now),
        }
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
        for (refusals, delay, topic) in [
            (&mut self.wrong, REFUSAL_DELAY, HealthTopic::Signatures),
            (
                &mut self.malformed,
                REFUSAL_DELAY,
                HealthTopic::SignatureForm,
            ),
            (&mut self.missing, UNSIGNED_DELAY, HealthTopic::Unsigned),
        ] {
            if is_due(refusals.due(delay)) {
                let since = refusals.report(now);
                alerts.push(notice(context, topic, since, refusals.sum(now)));
            }
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
        let due = [
            self.wrong.due(REFUSAL_DELAY),
            self.malformed.due(REFUSAL_DELAY),
            self.missing.due(UNSIGNED_DELAY),
            self.silence_due(context),
            wake,
        ];
        Change::state(MONITOR, self, due.into_iter().flatten().min())
    }

    fn silence_due(&self, context: Context<'_>) -> Option<Timestamp> {
        let since = self.valid_at.or(self.since)?;
        let allowed = context.settings.alerting.silence?;
        (self.reported_silence != Some(since)).then(|| since.plus(allowed))
    }
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
    let id = format!("{MONITOR}/{}/{about:?}/{count}", context.now.as_millis());
    Alert::new(id, context.now, Audience::Engineers, what)
}
