//! Keeping Workers KV as it should be: keys are read back, and written again.

use super::head::Head;
use super::{Errand, Ticket};
use crate::domain::time::Timestamp;
use crate::machine::{Scene, Work};
use crate::parts::read_back;

impl Head {
    /// Reads back the keys whose turn it is.
    pub(super) fn check(&mut self, scene: Scene<'_>, name: &str, work: &mut Work<Ticket>) {
        let now = scene.now;
        self.document_check.follow(self.facts.is_alive(), now, name);
        self.unassigned_check
            .follow(self.facts.is_unassigned(), now, name);
        if work.has_room() && self.document_check.begin(&self.document, now, name) {
            let order = read_back::order(self.write_document(scene));
            work.add(Ticket(Errand::CheckDocument), order);
        }
        if work.has_room() && self.unassigned_check.begin(&self.unassigned, now, name) {
            let order = read_back::order(self.write_unassigned(scene));
            work.add(Ticket(Errand::CheckUnassigned), order);
        }
    }

    /// Has every key written again, whatever KV has, and the holder told again: after a
    /// rollback and its end, facts may count that did not meanwhile.
    pub(super) fn rebuild(&mut self, now: Timestamp) {
        self.revision = self.revision.saturating_add(1);
        self.tenancy.follow(self.facts.seat().as_ref(), now);
        self.document.again(now);
        self.unassigned.again(now);
    }
}
