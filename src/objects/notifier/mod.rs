//! One Slack webhook: what is queued for it, and how fast it goes out.
//!
//! Serial, because the channel is: one message a second. An alert leaves the queue only when Slack
//! accepted it, or when it is listed as undelivered. The team's Notifier also makes the daily
//! summary. The engineers' one keeps the quarantine and monitors deliveries and Workers KV, and
//! hands its alerts to the team's if it has no webhook. How an alert reads is up to
//! [`slack`](crate::contracts::slack).

mod backlog;
mod delivery;
mod delivery_monitor;
mod dispatch;
mod environment;
mod erasure;
mod kv_outage;
mod quarantine;
mod queue;
mod queued_alert;
mod refusals;
mod rejected_messages;
mod requests;
mod retry;
mod rounds;
mod slack_status;
mod status;
mod summary;
mod summary_sections;
mod undelivered;

use self::backlog::Backlog;
use self::delivery_monitor::DeliveryMonitor;
use self::erasure::Erasure;
use self::queue::Head;
use self::retry::Retries;
use self::rounds::Rounds;
use self::summary::Summary;
use self::undelivered::Resending;
use crate::contracts::objects::notifier::Message;
use crate::domain::audience::Audience;
use crate::domain::http::Answered;
use crate::machine::{
    Batch, Completion, Context, Listed, Machine, Outcome, Receipt, Rows, StepError, Transition,
};
use crate::parts::outbox;

/// What an effect of a Notifier came to.
#[derive(Debug)]
pub enum Completed {
    /// Posting to Slack.
    Post(Outcome<Answered>),
    /// Handing an alert for the engineers to the team's Notifier.
    Handover(Outcome<Receipt>),
    /// Handing the alert of this id to the engineers' Notifier.
    Report(String, Outcome<Receipt>),
    /// Listing a page of keys.
    Page(Outcome<Listed>),
    /// Listing a page of the keys of objects to visit.
    Round(Outcome<Listed>),
    /// Visiting the object behind this key.
    Visit(String),
    /// Waking the team's Notifier.
    Wake(Outcome<Receipt>),
    /// Writing documents of quarantined events, each with its outcome.
    Quarantine(Vec<(quarantine::SentDocument, Outcome<()>)>),
    /// Handing the quarantined event at this place to its object.
    Retry(String, Outcome<Receipt>),
}

/// The machine.
#[derive(Debug)]
pub struct Notifier;

impl Machine for Notifier {
    type Message = Message;
    type Completed = Completed;

    fn handle(
        context: Context<'_>,
        rows: Rows<'_>,
        message: Message,
    ) -> Result<Transition, StepError> {
        requests::handle(context, rows, message)
    }

    fn poll_effects(context: Context<'_>, rows: Rows<'_>) -> Result<Batch<Completed>, StepError> {
        let mut batch = Batch::default();
        outbox::poll(context, rows, &mut batch, Completed::Report)?;
        let mut summary = Summary::load(rows, context.now)?;
        let (mut retries, mut backlog) = (
            Retries::load(rows, context.now)?,
            Backlog::load(rows, context.now)?,
        );
        let mut erasure = Erasure::load(rows, context.now)?;
        let is_erasing = erasure.is_busy();
        let mut audience = None;
        if let Some(mut head) = Head::load(rows, context.now)? {
            // Before anything is queued: what is queued now is sent in the next run.
            dispatch::poll(context, rows, &mut head, &mut batch)?;
            match head.audience {
                Audience::Team => {
                    summary.schedule(context);
                    summary.poll(context, rows, &mut head, &mut batch)?;
                }
                Audience::Engineers => monitor(context, rows, &mut head, &mut batch)?,
            }
            let resent = Resending::load(rows, context.now)?.poll(context, rows, &mut head)?;
            batch.change_all(resent);
            let waiting = head.waiting();
            let report = head.slack.report(context, head.audience, waiting);
            batch.change_all(report.map(|alert| outbox::owe(context, &alert)));
            let erased = erasure.poll(
                context,
                rows,
                &mut erasure::Touched {
                    head: &mut head,
                    summary: &mut summary,
                    retries: &mut retries,
                    backlog: &mut backlog,
                },
            )?;
            batch.change_all(erased);
            batch.change(head.row(context));
            audience = Some(head.audience);
        }
        quarantine::poll(context, rows, &backlog, &mut batch)?;
        // One walk at a time: two would each count a document that both mark.
        if !is_erasing {
            let marked = backlog.poll(rows, context.now)?;
            batch.change_all(marked);
            retries.poll(context, rows, &mut batch)?;
        }
        // Everything else goes first.
        if let Some(audience) = audience {
            let mut rounds = Rounds::load(rows, context.now)?;
            rounds.poll(audience, context.now, &mut batch);
            batch.change_all(rounds.row_if_needed(rows)?);
        }
        batch.change_all(summary.row_if_needed(rows)?);
        batch.change_all(retries.row_if_needed(rows)?);
        batch.change_all(backlog.row_if_needed(rows)?);
        Ok(batch)
    }

    fn complete(
        context: Context<'_>,
        rows: Rows<'_>,
        completed: Vec<Completed>,
    ) -> Result<Completion, StepError> {
        let mut completion = Completion::default();
        let mut documents = Vec::new();
        let mut released = Vec::new();
        let mut rounds = Rounds::load(rows, context.now)?;
        let mut backlog = Backlog::load(rows, context.now)?;
        for completed in completed {
            match completed {
                Completed::Post(outcome) => {
                    let (changes, line) = delivery::complete_post(context, rows, &outcome)?;
                    completion.changes.extend(changes);
                    completion.lines.extend(line);
                }
                Completed::Handover(outcome) => {
                    let (changes, line) = delivery::complete_handover(context, rows, &outcome)?;
                    completion.changes.extend(changes);
                    completion.lines.extend(line);
                }
                Completed::Report(id, outcome) => {
                    let change = outbox::complete(context, rows, &id, &outcome)?;
                    completion.changes.extend(change);
                }
                Completed::Page(outcome) => {
                    let mut summary = Summary::load(rows, context.now)?;
                    summary.complete(context, outcome);
                    completion.changes.push(summary.row());
                }
                Completed::Round(outcome) => rounds.complete_page(outcome, context.now),
                Completed::Visit(key) => rounds.complete_visit(&key),
                Completed::Wake(outcome) => {
                    let mut monitor = DeliveryMonitor::load(rows, context.now)?;
                    monitor.complete_wake(context, &outcome);
                    completion.changes.push(monitor.row(context));
                }
                Completed::Quarantine(sent) => documents.extend(sent),
                Completed::Retry(place, outcome) => {
                    let mut retries = Retries::load(rows, context.now)?;
                    let (now, is_done) = (context.now, outcome == Ok(Receipt::Accepted));
                    let changes = retries.complete(rows, &place, &outcome, now, &mut backlog)?;
                    completion.changes.extend(changes);
                    completion.changes.push(retries.row());
                    released.extend(is_done.then_some(place));
                }
            }
        }
        if !documents.is_empty() {
            let changes = quarantine::complete(context, rows, &documents, &released, &mut backlog)?;
            completion.changes.extend(changes);
        }
        completion.changes.extend(backlog.row_if_needed(rows)?);
        completion.changes.extend(rounds.row_if_needed(rows)?);
        Ok(completion)
    }
}

/// What only the engineers' Notifier does: monitors deliveries and Workers KV.
fn monitor(
    context: Context<'_>,
    rows: Rows<'_>,
    head: &mut Head,
    batch: &mut Batch<Completed>,
) -> Result<(), StepError> {
    let mut monitor = DeliveryMonitor::load(rows, context.now)?;
    monitor.poll_wake(context, batch);
    batch.change_all(monitor.poll(context, rows, head)?);
    batch.change(monitor.row(context));
    batch.change_all(kv_outage::poll(context, rows, head)?);
    Ok(())
}
