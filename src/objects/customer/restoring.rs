//! Taking over a copy of the customer from another account.
//!
//! What this object lacks is added: incidents, mutes, a greater revision. What the
//! customer holds is not: only the integrations know that, and tell it when they are
//! taken over themselves. Else two customers could hold one for a while.

use super::state::State;
use crate::contracts::objects::reply::Reply;
use crate::domain::json::Json;
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Rows, Scene};
use crate::parts::backup;
use crate::parts::projection::Projection;

/// Takes over a copy: the rows that change, and the answer.
pub(super) fn restore(
    scene: Scene<'_>,
    rows: &Rows,
    copy: &Json,
) -> Result<(Vec<Change>, Reply), CorruptRow> {
    let theirs = backup::rows(copy).map(|rows| State::known(&rows));
    let Some(Ok(Some(theirs))) = theirs else {
        return Ok((Vec::new(), Reply::Unreadable));
    };
    let mut state = State::load(rows, theirs.head.key.clone())?;
    let shown_before = state.shown();
    let mut changes = state.join(theirs, scene.now);
    if state.shown() != shown_before {
        state.want_document(scene.now);
    }
    changes.extend(state.changes(scene, rows));
    Ok((changes, Reply::Taken))
}

impl State {
    /// Adds what another state of the customer has and this one lacks: the rows besides
    /// those of [`State::changes`] that change.
    fn join(&mut self, theirs: Self, now: Timestamp) -> Vec<Change> {
        let known: Vec<String> = self.incidents.iter().map(|it| it.subject.name()).collect();
        let mut new = theirs.incidents;
        new.retain(|it| !known.contains(&it.subject.name()));
        for incident in &mut new {
            incident.key = Projection::default();
        }
        for incident in new.iter_mut().filter(|it| it.open) {
            incident.key.want(incident.revision, now);
        }
        self.incidents.extend(new);
        let changes = self.join_issues(theirs.issues);
        self.head.join(theirs.head);
        changes
    }
}
