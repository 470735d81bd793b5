//! Taking over a copy of the integration from another account.
//!
//! An object that knows nothing takes it as it is. One that knows something joins it: a
//! tombstone wins, whatever is missing is added, and nothing is moved to another
//! customer.

use super::head::Head;
use super::telling::Tenancy;
use crate::contracts::objects::reply::Reply;
use crate::domain::json::Json;
use crate::machine::{Change, CorruptRow, Rows, Scene};
use crate::parts::backup;
use crate::parts::issues::Issues;
use crate::parts::projection::Projection;

/// Takes over a copy: the rows that change, and the answer.
pub(super) fn restore(
    scene: Scene<'_>,
    known: Option<Head>,
    rows: &Rows,
    copy: &Json,
) -> Result<(Vec<Change>, Reply), CorruptRow> {
    let unreadable = || Ok((Vec::new(), Reply::Unreadable));
    let Some(theirs) = backup::rows(copy) else {
        return unreadable();
    };
    let (Ok(Some(copied)), Ok(mut issues)) = (Head::load(&theirs), Issues::load(&theirs)) else {
        return unreadable();
    };
    let Some(mut ours) = known else {
        let head = copied.arrived(scene);
        let changes = issues.rows().chain([head.row()]).collect();
        return Ok((changes, Reply::Taken));
    };
    let before = ours.facts.clone();
    if !ours.facts.join_copy(copied.facts) {
        return Ok((Vec::new(), Reply::Conflict));
    }
    ours.keep_contact(scene.now);
    let mut changes = Vec::new();
    if ours.facts.is_deleted() {
        changes.extend(Issues::load(rows)?.clear());
    } else {
        issues.forget_known(&Issues::load(rows)?);
        changes.extend(issues.rows());
    }
    if ours.facts != before || !changes.is_empty() {
        ours.revise(scene, &before, None);
        changes.push(ours.row());
    }
    Ok((changes, Reply::Taken))
}

impl Head {
    /// The copied head, in an account in which nobody knows of it yet.
    fn arrived(mut self, scene: Scene<'_>) -> Self {
        self.last_event = None;
        self.tenancy = Tenancy::default();
        self.tenancy.follow(self.facts.seat().as_ref(), scene.now);
        (self.document, self.unassigned) = (Projection::default(), Projection::default());
        if self.facts.is_alive() {
            self.document.want(self.document_revision.max(1), scene.now);
        }
        if self.facts.is_unassigned() {
            self.unassigned
                .want(self.document_revision.max(1), scene.now);
        }
        self.seen = crate::parts::dedup::Seen::default();
        self
    }
}
