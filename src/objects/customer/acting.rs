//! What people do about the incidents of a customer: be on one, mute it, send a new link, close it.
//!
//! The stored incident decides what is allowed, at the moment it is asked for. Who may ask is decided
//! at the edge.

use super::incident::Incident;
use super::state::State;
use super::subject::Subject;
use crate::contracts::objects::incident::{About, ActOutcome, Acted, Deed, IncidentView};
use crate::contracts::objects::reply::Reply;
use crate::domain::act::{Act, ActRecord, Person};
use crate::domain::alert::Resolution;
use crate::machine::{Context, Rows, StepError, Transition};

/// The reply to who wants to know an incident before they act.
pub(super) fn look(context: Context<'_>, rows: Rows<'_>, name: &str) -> Result<Reply, StepError> {
    let Some(mut state) = State::load(context, rows)? else {
        return Ok(Reply::Document(None));
    };
    let view = view_of(&mut state, name);
    Ok(view.map_or(Reply::Document(None), |view| {
        Reply::Incident(Box::new(view))
    }))
}

/// Does what a person asks for, if the incident allows it.
pub(super) fn act(
    context: Context<'_>,
    rows: Rows<'_>,
    name: &str,
    deed: Deed,
    by: &Person,
) -> Result<Transition, StepError> {
    let Some(mut state) = State::load(context, rows)? else {
        return Ok(Reply::Document(None).into());
    };
    let outcome = perform(&mut state, context, name, deed, by);
    let (Some(outcome), Some(incident)) = (outcome, view_of(&mut state, name)) else {
        return Ok(Reply::Document(None).into());
    };
    let reply = Reply::Acted(Box::new(Acted { outcome, incident }));
    if outcome != ActOutcome::Done {
        return Ok(reply.into());
    }
    let changes = state.conclude(context);
    // A mute shows once it is concluded.
    let reply = match (reply, view_of(&mut state, name)) {
        (Reply::Acted(acted), Some(incident)) => {
            Reply::Acted(Box::new(Acted { incident, ..*acted }))
        }
        (reply, _) => reply,
    };
    Ok(Transition::new(reply, changes))
}

/// Closes an open incident for someone who gives no name. Returns whether there is one of this name.
pub(super) fn close(state: &mut State, context: Context<'_>, name: &str) -> bool {
    close_for(state, context, name, None)
}

/// `None` if there is no such incident.
fn perform(
    state: &mut State,
    context: Context<'_>,
    name: &str,
    deed: Deed,
    by: &Person,
) -> Option<ActOutcome> {
    let incident = state.incident(name)?;
    if !incident.open {
        return Some(ActOutcome::NotOpen);
    }
    let record = |act, until| ActRecord {
        act,
        by: by.clone(),
        at: context.now,
        until,
    };
    match deed {
        Deed::Take { instead_of } => {
            let present = incident.acts.assignee.as_ref();
            if present.is_some_and(|it| it.name == *by) {
                return Some(ActOutcome::Done);
            }
            if present.map(|it| it.since) != instead_of {
                return Some(ActOutcome::TakenMeanwhile);
            }
            incident.record(record(Act::Take, None));
        }
        Deed::Mute { until } => {
            let tool = incident.subject.labels().0.cloned();
            if state.head.mutes.set(tool.as_ref(), Some(until)).is_none() {
                return Some(ActOutcome::TooManyMutes);
            }
            state.incident(name)?.record(record(Act::Mute, Some(until)));
        }
        Deed::SendLink => incident.record(record(Act::SendLink, None)),
        Deed::Close => {
            incident.record(record(Act::Close, None));
            close_for(state, context, name, Some(by));
        }
    }
    Some(ActOutcome::Done)
}

fn close_for(state: &mut State, context: Context<'_>, name: &str, by: Option<&Person>) -> bool {
    let (builder, incidents, alerts) = state.alerting(context);
    let Some(incident) = incidents.named(name).filter(|incident| incident.open) else {
        return false;
    };
    incident.dismiss();
    incident.occurrence.event = None;
    alerts.extend(builder.resolve(incident, Resolution::Closed, by));
    true
}

fn view_of(state: &mut State, name: &str) -> Option<IncidentView> {
    let origin_id = state.head.key.origin_id().cloned();
    let organization_name = state.head.organization_name.clone();
    let erased_at = state.head.erased_at;
    let incident = state.incident(name)?;
    let is_erased = erased_at.is_some_and(|at| at >= incident.last_at);
    Some(IncidentView {
        is_open: incident.open,
        origin_id: origin_id.filter(|_| !is_erased),
        organization_name,
        contact: incident.occurrence.contact.clone(),
        connection: incident.subject.connection(),
        about: about(incident),
        since: incident.first_at,
        ending: incident.ending,
        muted_until: incident.muted_until,
        assignee: incident.acts.assignee.clone(),
    })
}

fn about(incident: &Incident) -> About {
    match &incident.subject {
        Subject::Connection { .. } => About::Attempts(incident.attempts),
        Subject::Integration { id, .. } => About::Integration {
            id: id.clone(),
            causes: incident.causes.clone(),
        },
        Subject::Environment => About::Environment,
    }
}
