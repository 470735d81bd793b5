//! One integration: the object in which all events about it meet.
//!
//! It decides what is true of the integration (`facts`), reports it to the object of its holder
//! (`holder_sync`), and writes the keys `integration:…` and `unassigned:…` (`documents`). What a
//! customer holds altogether, and which alerts the team gets, is decided in
//! [`customer`](super::customer).
//!
//! A tombstone is for good: after `integration-deleted` later events change nothing, whenever they
//! were sent.

mod alerts;
mod documents;
mod facts;
mod head;
mod holder_sync;
mod recheck;
mod register;
mod restore;
mod success_report;

pub(crate) use head::CONTACT_RETENTION;

use crate::contracts::kombo::Event;
use crate::contracts::objects::integration::{Decision, Message};
use crate::contracts::objects::reply::Reply;
use crate::domain::http::Answered;
use crate::domain::id::IntegrationId;
use crate::domain::time::Timestamp;
use crate::machine::{
    Batch, Change, Comparison, Completion, Context, Machine, Outcome, Receipt, Rows, StepError,
    Transition,
};
use crate::parts::issues::Issues;
use crate::parts::{backup, outbox};

use self::head::Head;
use self::holder_sync::SentUpdate;

/// What an effect of an Integration came to.
#[derive(Debug)]
pub enum Completed {
    /// Handing over the alert of this id.
    Alert(String, Outcome<Receipt>),
    /// An update for the holder.
    HolderUpdate(SentUpdate, Outcome<Receipt>),
    /// Reporting the success of this time to the organization.
    SuccessReport(Timestamp, Outcome<Receipt>),
    /// Writing this revision of `integration:…`.
    Document(u64, Outcome<()>),
    /// Writing this revision of `unassigned:…`.
    Unassigned(u64, Outcome<()>),
    /// Reading `integration:…` back.
    DocumentCheck(Outcome<Comparison>),
    /// Reading `unassigned:…` back.
    UnassignedCheck(Outcome<Comparison>),
    /// Asking Kombo about the key or the integration.
    Recheck(Outcome<Answered>),
    /// Asking the engineers' Notifier about the environment of the key.
    Environment(Outcome<Receipt>),
    /// Reporting that keys are stale, or that they no longer are.
    LagReport(bool, Outcome<Receipt>),
}

/// The machine.
#[derive(Debug)]
pub struct Integration;

impl Machine for Integration {
    type Message = Message;
    type Completed = Completed;

    fn handle(
        context: Context<'_>,
        rows: Rows<'_>,
        message: Message,
    ) -> Result<Transition, StepError> {
        match message {
            Message::Event { id, event } => handle_event(context, rows, id, *event),
            Message::Decision { id, decision } => decide(context, rows, id, decision),
            Message::GetDocument => {
                let known = Head::load(context, rows)?;
                let document = known.and_then(|head| head.shown(context));
                Ok(Reply::Document(document).into())
            }
            Message::Backup => {
                let backup = backup::make("integration", rows, &["head", "issue/"], &[])?;
                Ok(backup.into())
            }
            Message::Restore { backup } => restore::restore(context, rows, &backup),
            Message::Wake => {
                let Some(head) = Head::load(context, rows)? else {
                    return Ok(Reply::Document(None).into());
                };
                let mut changes = outbox::correct_waits(context, rows)?;
                changes.push(head.row());
                Ok(Transition::new(Reply::Acknowledged, changes))
            }
            Message::Rebuild => {
                let Some(mut head) = Head::load(context, rows)? else {
                    return Ok(Reply::Document(None).into());
                };
                head.rebuild(context.now);
                Ok(Transition::new(Reply::Acknowledged, vec![head.row()]))
            }
        }
    }

    fn poll_effects(context: Context<'_>, rows: Rows<'_>) -> Result<Batch<Completed>, StepError> {
        let mut batch = Batch::default();
        outbox::poll(context, rows, &mut batch, Completed::Alert)?;
        if let Some(mut head) = Head::load(context, rows)? {
            head.poll_effects(context, &Issues::load(rows)?, &mut batch);
            batch.change(head.row());
        }
        Ok(batch)
    }

    fn complete(
        context: Context<'_>,
        rows: Rows<'_>,
        completed: Vec<Completed>,
    ) -> Result<Completion, StepError> {
        let mut completion = Completion::default();
        let Some(mut head) = Head::load(context, rows)? else {
            return Ok(completion);
        };
        for completed in completed {
            if let Completed::Alert(id, outcome) = completed {
                let change = outbox::complete(context, rows, &id, &outcome)?;
                completion.changes.extend(change);
            } else {
                let (changes, line) = head.complete(context, completed);
                completion.changes.extend(changes);
                completion.lines.extend(line);
            }
        }
        completion.changes.push(head.row());
        Ok(completion)
    }
}

fn handle_event(
    context: Context<'_>,
    rows: Rows<'_>,
    id: IntegrationId,
    event: Event,
) -> Result<Transition, StepError> {
    let dedup_key = event.dedup_key();
    let mut head = Head::load_or_new(context, rows, id)?;
    if head.seen.contains(rows, &dedup_key)? {
        return Ok(Reply::Duplicate.into());
    }
    let mut changes = head.apply(context, &mut Issues::load(rows)?, event);
    changes.extend(head.seen.remember(&dedup_key, context.now));
    changes.push(head.row());
    Ok(Transition::new(Reply::Accepted, changes))
}

/// A decision outlives what events say, before it and after it: an event only adds to the facts,
/// and a decision says which of them count. The later of two decisions is valid. Kombo's deletion
/// outranks all of them.
fn decide(
    context: Context<'_>,
    rows: Rows<'_>,
    id: IntegrationId,
    decision: Decision,
) -> Result<Transition, StepError> {
    let before = Head::load_or_new(context, rows, id)?;
    if let Some(refusal) = before.facts.refusal_of(&decision) {
        return Ok(refusal.into());
    }
    let mut head = before.clone();
    let is_removal = matches!(decision, Decision::Remove | Decision::Erase(_));
    let mut changes: Vec<Change> = Vec::new();
    if matches!(decision, Decision::Erase(_)) {
        changes.extend(Issues::load(rows)?.clear());
        changes.extend(outbox::clear(rows)?);
    }
    changes.extend(head.decide(context, decision));
    let reply = if is_removal {
        Reply::Acknowledged
    } else {
        Reply::Document(head.shown(context))
    };
    if head != before {
        changes.push(head.row());
    }
    Ok(Transition::new(reply, changes))
}
