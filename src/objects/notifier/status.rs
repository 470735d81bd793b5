//! The full status of a Notifier, for `GET /v1/status`.

use serde::Serialize;

use super::backlog::Backlog;
use super::delivery_monitor::DeliveryMonitor;
use super::kv_outage::KvOutage;
use super::queue::Head;
use super::queued_alert;
use super::slack_status::LastAnswer;
use crate::contracts::backend::moment;
use crate::domain::audience::Audience;
use crate::domain::json::Json;
use crate::machine::{Context, Rows, StepError};

/// The hint if Kombo delivered to another path.
const MISDIRECTED: &str = "Kombo delivered to a path other than /webhooks/kombo, and these events were not stored. Correct the webhook's URL in Kombo, under Configuration, Webhooks.";

/// The status of a queue.
#[derive(Serialize)]
struct QueueStatus<'a> {
    waiting: u64,
    oldest_at: Option<String>,
    undelivered: u64,
    slack: Slack<'a>,
}

#[derive(Serialize)]
struct Slack<'a> {
    configured: bool,
    failing: bool,
    failing_since: Option<String>,
    said_at: Option<String>,
    said: Option<&'a str>,
    reason: Option<&'a str>,
    remedy: Option<&'a str>,
}

/// What only the engineers' Notifier knows: about deliveries, and about Workers KV.
#[derive(Serialize)]
struct MonitorStatus<'a> {
    last_event_at: Option<String>,
    refused_signatures_24h: u64,
    malformed_signatures_24h: u64,
    missing_signatures_24h: u64,
    misdirected_24h: u64,
    hint: Option<&'static str>,
    late_since: Option<String>,
    late_customers: u64,
    late_reason: &'a str,
    quarantine_unwritten: u64,
}

/// The status: of the queue, and of what this Notifier monitors, if it does.
pub(super) fn of(
    context: Context<'_>,
    rows: Rows<'_>,
    head: &Head,
) -> Result<Vec<Json>, StepError> {
    let mut status = vec![Json::of(&of_queue(context, rows, head)?)];
    if head.audience == Audience::Engineers {
        let (outage, monitor) = (
            KvOutage::load(rows, context.now)?,
            DeliveryMonitor::load(rows, context.now)?,
        );
        let (since, customers, reason) = outage.facts();
        let rejected = monitor.rejected(context.now);
        status.push(Json::of(&MonitorStatus {
            last_event_at: moment(monitor.valid_at),
            refused_signatures_24h: rejected.wrong.saturating_add(rejected.malformed),
            malformed_signatures_24h: rejected.malformed,
            missing_signatures_24h: rejected.missing,
            misdirected_24h: rejected.misdirected,
            hint: (rejected.misdirected > 0).then_some(MISDIRECTED),
            late_since: moment(since),
            late_customers: customers,
            late_reason: reason,
            quarantine_unwritten: Backlog::load(rows, context.now)?.unwritten(),
        }));
    }
    Ok(status)
}

fn of_queue<'a>(
    context: Context<'_>,
    rows: Rows<'_>,
    head: &'a Head,
) -> Result<QueueStatus<'a>, StepError> {
    let (slack, audience) = (&head.slack, head.audience);
    let answer = slack.last_answer.as_ref();
    let text =
        |of: fn(&LastAnswer) -> &Option<String>| answer.and_then(|answer| of(answer).as_deref());
    Ok(QueueStatus {
        waiting: head.waiting(),
        oldest_at: moment(queued_alert::oldest(rows)?),
        undelivered: head.undelivered,
        slack: Slack {
            configured: context.settings.webhook(audience).is_some(),
            failing: head.is_failing(context),
            failing_since: moment(head.failing_since(context)),
            said_at: moment(answer.map(|answer| answer.at)),
            said: answer.map(|answer| answer.outcome.as_str()),
            reason: text(|answer| &answer.reason),
            remedy: text(|answer| &answer.remedy),
        },
    })
}
