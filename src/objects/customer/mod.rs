//! One customer: what it holds, and what is wrong for it.
//!
//! It gathers what the Integrations report, writes the key `customer:…`, keeps the incidents with
//! their `incident:…` keys, and decides which alerts are sent. The same machine serves an
//! organization whose links carry no customer id, and the Kombo environment; those hold nothing that
//! a backend reads.
//!
//! Which customer holds an integration is decided in [`integration`](super::integration).

mod acting;
mod acts;
mod alerts;
mod diagnosis;
mod documents;
mod erasure;
mod flows;
mod head;
mod holding;
mod incident;
mod incidents;
mod mute;
mod occurrence;
mod restore;
mod schedule;
mod state;
mod subject;

use crate::contracts::kombo::Event;
use crate::contracts::objects::address::CustomerKey;
use crate::contracts::objects::customer::{HolderUpdate, Message, Success};
use crate::contracts::objects::reply::Reply;
use crate::domain::id::{OriginId, Tool};
use crate::domain::time::Timestamp;
use crate::machine::{
    Batch, Comparison, Completion, Context, Machine, Outcome, Receipt, Rows, StepError, Transition,
};
use crate::parts::{backup, outbox};

use self::head::Head;
use self::state::State;

/// What an effect of a Customer came to.
#[derive(Debug)]
pub enum Completed {
    /// Handing over the alert of this id.
    Alert(String, Outcome<Receipt>),
    /// Writing this revision of `customer:…`.
    Document(u64, Outcome<()>),
    /// Writing the key of the incident of this name, in this revision.
    Incident(String, u64, Outcome<()>),
    /// Reading `customer:…` back.
    DocumentCheck(Outcome<Comparison>),
    /// Reading the key of the incident of this name back.
    IncidentCheck(String, Outcome<Comparison>),
    /// Having another object do its part of an erasure, by the key of the row.
    Erasure(String, Outcome<Receipt>),
    /// Reporting that keys are stale, or that they no longer are.
    LagReport(bool, Outcome<Receipt>),
}

/// The machine.
#[derive(Debug)]
pub struct Customer;

impl Machine for Customer {
    type Message = Message;
    type Completed = Completed;

    fn handle(
        context: Context<'_>,
        rows: Rows<'_>,
        message: Message,
    ) -> Result<Transition, StepError> {
        match message {
            Message::Event { customer, event } => handle_event(context, rows, customer, *event),
            Message::Holder(update) => handle_update(context, rows, &update),
            Message::Success(success) => handle_success(context, rows, &success),
            Message::Mute {
                customer,
                tool,
                until,
            } => mute(context, rows, customer, tool.as_ref(), until),
            Message::CloseIncident { name } => close_incident(context, rows, &name),
            Message::GetIncident { name } => Ok(acting::look(context, rows, &name)?.into()),
            Message::Act { name, deed, by } => acting::act(context, rows, &name, deed, &by),
            Message::GetDocument => {
                let known = State::load(context, rows)?;
                let document = known.and_then(|state| state.shown(context));
                Ok(Reply::Document(document).into())
            }
            Message::Backup => {
                let state = ["head", "holding/", "incident/", "issue/"];
                let archive = ["holding/", "incident/"];
                Ok(backup::make("customer", rows, &state, &archive)?.into())
            }
            Message::Restore { backup } => restore::restore(context, rows, &backup),
            Message::Wake => {
                let Some(mut state) = State::load(context, rows)? else {
                    return Ok(Reply::Document(None).into());
                };
                let mut changes = outbox::correct_waits(context, rows)?;
                changes.extend(erasure::correct_waits(context, rows)?);
                changes.extend(state.conclude(context));
                Ok(Transition::new(Reply::Acknowledged, changes))
            }
            Message::Rebuild => {
                let Some(mut state) = State::load(context, rows)? else {
                    return Ok(Reply::Document(None).into());
                };
                state.load_all_archived(rows)?;
                state.rebuild(context.now);
                let changes = state.conclude(context);
                Ok(Transition::new(Reply::Acknowledged, changes))
            }
            Message::Erase { customer } => erase(context, rows, &customer),
        }
    }

    fn poll_effects(context: Context<'_>, rows: Rows<'_>) -> Result<Batch<Completed>, StepError> {
        let mut batch = Batch::default();
        outbox::poll(context, rows, &mut batch, Completed::Alert)?;
        erasure::poll(context, rows, &mut batch)?;
        if let Some(mut state) = State::load(context, rows)? {
            batch.change_all(state.pass_time(context));
            state.poll_effects(context, &mut batch);
            batch.change_all(state.conclude(context));
        }
        Ok(batch)
    }

    fn complete(
        context: Context<'_>,
        rows: Rows<'_>,
        completed: Vec<Completed>,
    ) -> Result<Completion, StepError> {
        let mut completion = Completion::default();
        let Some(mut state) = State::load(context, rows)? else {
            return Ok(completion);
        };
        let mut erasures = Vec::new();
        for completed in completed {
            match completed {
                Completed::Alert(id, outcome) => {
                    let change = outbox::complete(context, rows, &id, &outcome)?;
                    completion.changes.extend(change);
                }
                Completed::Erasure(key, outcome) => erasures.push((key, outcome)),
                completed => {
                    let line = state.complete(completed, context.now);
                    completion.lines.extend(line);
                }
            }
        }
        if !erasures.is_empty() {
            let changes = erasure::complete(context, rows, &erasures)?;
            completion.changes.extend(changes);
        }
        completion.changes.extend(state.conclude(context));
        Ok(completion)
    }
}

fn handle_event(
    context: Context<'_>,
    rows: Rows<'_>,
    customer: CustomerKey,
    event: Event,
) -> Result<Transition, StepError> {
    let dedup_key = event.dedup_key();
    let head = Head::load(rows)?.unwrap_or_else(|| Head::new(customer));
    if head.seen.contains(rows, &dedup_key)? {
        return Ok(Reply::Duplicate.into());
    }
    let mut state = State::of(context, head, rows)?;
    let mut changes = state.apply_event(context, event);
    changes.extend(state.head.seen.remember(&dedup_key, context.now));
    changes.extend(state.conclude(context));
    Ok(Transition::new(Reply::Accepted, changes))
}

fn handle_update(
    context: Context<'_>,
    rows: Rows<'_>,
    update: &HolderUpdate,
) -> Result<Transition, StepError> {
    let mut state = State::load_or_new(context, rows, update.customer.clone())?;
    state.load_archived(rows, &update.integration)?;
    let mut changes = state.apply_update(context, update);
    changes.extend(state.conclude(context));
    Ok(Transition::new(Reply::Acknowledged, changes))
}

/// Only an organization that has failed keeps anything.
fn handle_success(
    context: Context<'_>,
    rows: Rows<'_>,
    success: &Success,
) -> Result<Transition, StepError> {
    let Some(mut state) = State::load(context, rows)? else {
        return Ok(Reply::Acknowledged.into());
    };
    state.apply_success(context, success);
    Ok(Transition::new(
        Reply::Acknowledged,
        state.conclude(context),
    ))
}

fn mute(
    context: Context<'_>,
    rows: Rows<'_>,
    customer: CustomerKey,
    tool: Option<&Tool>,
    until: Option<Timestamp>,
) -> Result<Transition, StepError> {
    let mut state = State::load_or_new(context, rows, customer)?;
    if state.head.mutes.set(tool, until).is_none() {
        return Ok(Reply::LimitReached.into());
    }
    let reply = Reply::Muted(state.head.mutes.list());
    Ok(Transition::new(reply, state.conclude(context)))
}

fn close_incident(
    context: Context<'_>,
    rows: Rows<'_>,
    name: &str,
) -> Result<Transition, StepError> {
    let Some(mut state) = State::load(context, rows)? else {
        return Ok(Reply::Document(None).into());
    };
    if !acting::close(&mut state, context, name) {
        return Ok(Reply::Document(None).into());
    }
    Ok(Transition::new(
        Reply::Acknowledged,
        state.conclude(context),
    ))
}

fn erase(
    context: Context<'_>,
    rows: Rows<'_>,
    customer: &OriginId,
) -> Result<Transition, StepError> {
    let mut state = State::load_or_new(context, rows, CustomerKey::Customer(customer.clone()))?;
    state.load_all_archived(rows)?;
    let mut changes = outbox::clear(rows)?;
    let (erased, held) = state.erase(customer, context.now);
    changes.extend(erased);
    changes.extend(state.conclude(context));
    Ok(Transition::new(Reply::Erased(held), changes))
}
