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
    let Some((theirs, mut issues)) = read(context, backup) else {
        return Ok(Reply::Unreadable.into());
    };
    let Some(mut head) = Head::load(context, rows)? else {
        let head = Head::from_backup(theirs, context.now);
        let changes = issues.rows().chain([head.row()]).collect();
        return Ok(Transition::new(Reply::Acknowledged, changes));
    };
    let before = head.clone();
    if !head.merge_backup(context, theirs) {
        let row = (head != before).then(|| head.row());
        return Ok(Transition::new(Reply::Conflict, row.into_iter().collect()));
    }
    let mut known = Issues::load(rows)?;
    let mut changes = if head.facts.is_deleted() {
        known.clear()
    } else {
        issues.remove_known(&known);
        issues.rows().collect()
    };
    if !changes.is_empty() && head.revision == before.revision {
        head.last_event = None;
        head.force_revision(context.now);
    }
    if head != before {
        changes.push(head.row());
    }
    Ok(Transition::new(Reply::Acknowledged, changes))
}

/// The head and the issues of a backup.
fn read(context: Context<'_>, backup: &Json) -> Option<(Head, Issues)> {
    let state = backup::state(backup)?;
    let rows = Rows::of_state(&state);
    Some((Head::load(context, rows).ok()??, Issues::load(rows).ok()?))
}
