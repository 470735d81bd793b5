//! Restores a backup of the customer from another account.
//!
//! Adds what this object lacks: incidents, mutes, a greater revision. It does not add what the
//! customer holds: only the integrations know that, and report it when they are restored
//! themselves. Otherwise two customers could hold one for a while.

use super::state::State;
use crate::contracts::objects::reply::Reply;
use crate::domain::json::Json;
use crate::machine::{Context, Rows, StepError, Transition};
use crate::parts::backup;

/// Restores a backup.
pub(super) fn restore(
    context: Context<'_>,
    rows: Rows<'_>,
    backup: &Json,
) -> Result<Transition, StepError> {
    let theirs = backup::state(backup).map(|state| State::load(context, Rows::of_state(&state)));
    let Some(Ok(Some(theirs))) = theirs else {
        return Ok(Reply::Unreadable.into());
    };
    let mut state = State::load_or_new(context, rows, theirs.head.key.clone())?;
    state.load_all_archived(rows)?;
    let mut changes = state.merge_backup(theirs, context.now);
    changes.extend(state.conclude(context));
    Ok(Transition::new(Reply::Acknowledged, changes))
}
