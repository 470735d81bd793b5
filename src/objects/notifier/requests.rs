//! What a Notifier replies to a message that it has not handled before, and the rows that make the
//! reply true.

use super::backlog::Backlog;
use super::delivery_monitor::DeliveryMonitor;
use super::erasure::Erasure;
use super::kv_outage::{self, KvOutage};
use super::quarantine::Record;
use super::queue::Head;
use super::queued_alert::AlertHeader;
use super::retry::Retries;
use super::rounds::Rounds;
use super::summary::{self, Summary};
use super::undelivered::{self, Resending};
use super::{environment, status};
use crate::contracts::objects::notifier::Message;
use crate::contracts::objects::reply::{Health, Reply};
use crate::domain::audience::Audience;
use crate::domain::json::Json;
use crate::machine::{Change, Context, Rows, StepError, Transition};

/// Handles a message; `dedup_key` is the key under which it is remembered.
pub(super) fn handle(
    context: Context<'_>,
    rows: Rows<'_>,
    message: Message,
) -> Result<Transition, StepError> {
    let known = Head::load(rows, context.now)?;
    let dedup_key = message.dedup_key();
    if let (Some(head), Some(key)) = (&known, &dedup_key)
        && head.seen.contains(rows, key)?
    {
        let is_event = matches!(message, Message::Quarantine { .. });
        let reply = if is_event {
            Reply::Duplicate
        } else {
            Reply::Acknowledged
        };
        return Ok(reply.into());
    }
    if known.is_none() && matches!(message, Message::Rebuild) {
        return Ok(Reply::Document(None).into());
    }
    if let (Message::PublicAddress { url, .. }, Some(head)) = (&message, &known)
        && head.address.as_ref() == Some(url)
    {
        return Ok(Reply::Acknowledged.into());
    }
    let is_question = matches!(message, Message::Health { .. } | Message::Status { .. });
    let is_new = known.is_none();
    let mut head = known.unwrap_or_else(|| Head::new(message.audience()));
    let mut changes = begin(context, rows, head.audience)?;
    let is_wake = matches!(message, Message::Health { .. });
    if is_wake && !is_new {
        changes.extend(waits(context, rows, &head)?);
    }
    let (handled, reply) = handle_message(context, rows, &mut head, message)?;
    changes.extend(handled);
    if let Some(key) = dedup_key {
        changes.extend(head.seen.remember(&key, context.now));
    }
    // A request changes nothing, except that a new webhook is tried at once.
    let has_other_webhook =
        head.waiting() > 0 && head.slack.has_other_webhook(context, head.audience);
    if is_new || !is_question || has_other_webhook {
        changes.push(head.row(context));
    }
    Ok(Transition::new(reply, changes))
}

/// What a Notifier does by itself from its first message on.
fn begin(
    context: Context<'_>,
    rows: Rows<'_>,
    audience: Audience,
) -> Result<Vec<Change>, StepError> {
    let change = match audience {
        Audience::Team => Summary::load(rows, context.now)?.schedule(context),
        Audience::Engineers => DeliveryMonitor::load(rows, context.now)?.begin(context),
    };
    let rounds = Rounds::load(rows, context.now)?.begin(context.now);
    Ok(change.into_iter().chain(rounds).collect())
}

/// Asking for the health wakes a Notifier: the rows of what it waits for, with waits that a clock that
/// was ahead made too long corrected.
fn waits(context: Context<'_>, rows: Rows<'_>, head: &Head) -> Result<Vec<Change>, StepError> {
    let now = context.now;
    let mut changes = vec![head.row(context)];
    changes.extend(Rounds::load(rows, now)?.row_if_needed(rows)?);
    changes.extend(Retries::load(rows, now)?.row_if_needed(rows)?);
    changes.extend(Backlog::load(rows, now)?.row_if_needed(rows)?);
    let (resending, erasure) = (Resending::load(rows, now)?, Erasure::load(rows, now)?);
    changes.extend(resending.is_busy().then(|| resending.row()));
    changes.extend(erasure.is_busy().then(|| erasure.row()));
    match head.audience {
        Audience::Team => changes.extend(Summary::load(rows, now)?.row_if_needed(rows)?),
        Audience::Engineers => {
            let outage = KvOutage::load(rows, now)?;
            changes.extend(outage.is_open().then(|| outage.row()));
            changes.push(DeliveryMonitor::load(rows, now)?.row(context));
        }
    }
    Ok(changes)
}

/// The rows that change, besides the head, and the reply.
fn handle_message(
    context: Context<'_>,
    rows: Rows<'_>,
    head: &mut Head,
    message: Message,
) -> Result<(Vec<Change>, Reply), StepError> {
    let now = context.now;
    Ok(match message {
        Message::Alert { alert, id, .. } => (
            handle_alert(context, rows, head, &id, alert)?,
            Reply::Acknowledged,
        ),
        Message::Quarantine {
            id,
            kind,
            reason,
            body,
        } => {
            let record = Record::new(id, kind, reason, now);
            (record.keep(context, rows, body, head)?, Reply::Quarantined)
        }
        Message::KvLag {
            object,
            is_stale: true,
            reason,
        } => {
            let changes = kv_outage::note_stale(context, rows, &object, reason)?;
            (changes, Reply::Acknowledged)
        }
        Message::KvLag { object, .. } => {
            let changes = kv_outage::note_current(context, rows, &object)?;
            (changes, Reply::Acknowledged)
        }
        Message::IntakeReport(report) => {
            let mut monitor = DeliveryMonitor::load(rows, now)?;
            monitor.note(context, report);
            (vec![monitor.row(context)], Reply::Acknowledged)
        }
        Message::PublicAddress { url, .. } => {
            head.address = Some(url);
            (Vec::new(), Reply::Acknowledged)
        }
        Message::Health { .. } => (Vec::new(), Reply::Health(health(context, rows, head)?)),
        Message::Status { .. } => (Vec::new(), Reply::Status(status::of(context, rows, head)?)),
        Message::Retry { event } => Retries::load(rows, now)?.request(rows, event.as_ref(), now)?,
        Message::Dismiss { event } => Retries::load(rows, now)?.dismiss_event(rows, &event, now)?,
        Message::Resend { number, .. } => {
            let mut resending = Resending::load(rows, now)?;
            let reply = resending.request(head, rows, number, now)?;
            (vec![resending.row()], reply)
        }
        Message::DropUndelivered { number, .. } => undelivered::drop_one(head, rows, number)?,
        Message::ListUndelivered { after, limit, .. } => {
            let page = undelivered::page(context, rows, head.audience, after, limit)?;
            (Vec::new(), page)
        }
        Message::Erase { customer, .. } => {
            let mut erasure = Erasure::load(rows, now)?;
            erasure.add(customer, now);
            (vec![erasure.row()], Reply::Acknowledged)
        }
        Message::Rebuild => rebuild(context, rows)?,
        Message::Environment { id, is_proven } => environment::handle(rows, &id, is_proven)?,
    })
}

/// Has every key written again.
fn rebuild(context: Context<'_>, rows: Rows<'_>) -> Result<(Vec<Change>, Reply), StepError> {
    let mut backlog = Backlog::load(rows, context.now)?;
    backlog.rewrite(context.now);
    Ok((vec![backlog.row()], Reply::Acknowledged))
}

/// Queues an alert, or keeps it for the daily summary. If there is no summary, nobody would read it
/// there, so it is not kept.
fn handle_alert(
    context: Context<'_>,
    rows: Rows<'_>,
    head: &mut Head,
    id: &str,
    alert: Json,
) -> Result<Vec<Change>, StepError> {
    if !summary::keeps(&AlertHeader::of(&alert)) {
        return head.queue(context, rows, id, alert);
    }
    if summary::is_off(context) {
        return Ok(Vec::new());
    }
    let mut summary = Summary::load(rows, context.now)?;
    summary.schedule(context);
    Ok(vec![summary.keep(id, &alert), summary.row()])
}

fn health(context: Context<'_>, rows: Rows<'_>, head: &Head) -> Result<Health, StepError> {
    let is_backlog_stale = Backlog::load(rows, context.now)?.is_stale(context.now);
    Ok(Health {
        slack_failing: head.is_failing(context),
        kv_late: is_backlog_stale || KvOutage::load(rows, context.now)?.is_open(),
    })
}
