//! Restores a backup of the integration from another account.
//!
//! An empty object stores it as it is. Any other merges it: a tombstone
//! wins, whatever is missing is added, and nothing moves to another customer.

use super::head::Head;
use crate::contracts::objects::reply::Reply;
use crate::domain::json::Json;
use crate::machine::{Context, Rows, StepError, Transition};
use crate::parts::backup;
use crate::parts::issues::Issues;

/// Restores a backup.
pub(super) fn restore(
    context: Context<'_>,
    rows: Rows<'_>,
    backup: &Json,
) -> Result<Transition, StepError> {
    let Some((theirs, mut issues)) = read(backup) else {
        return Ok(Reply::Unreadable.into());
    };
    let Some(mut head) = Head::load(rows)? else {
        let head = Head::from_backup(theirs, context.now);
        let changes = issues.rows().chain([head.row()]).collect();
        return Ok(Transition::new(Reply::Acknowledged, changes));
    };
    let Some(is_changed) = head.merge_backup(context, theirs) else {
        return Ok(Reply::Conflict.into());
    };
    let mut known = Issues::load(rows)?;
    let mut changes = if head.facts.is_deleted() {
        known.clear()
    } else {
        issues.remove_known(&known);
        issues.rows().collect()
    };
    if !changes.is_empty() && !is_changed {
        head.last_event = None;
        head.force_revision(context.now);
    }
    if is_changed || !changes.is_empty() {
        changes.push(head.row());
    }
    Ok(Transition::new(Reply::Acknowledged, changes))
}

/// The head and the issues of a backup.
fn read(backup: &Json) -> Option<(Head, Issues)> {
    let state = backup::state(backup)?;
    let rows = Rows::of_state(&state);
    Some((Head::load(rows).ok()??, Issues::load(rows).ok()?))
}
