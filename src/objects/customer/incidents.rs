//! The incidents of a customer: those about which there is something to do, and of the archive the
//! part that a step needs.

use super::Completed;
use super::incident::{Incident, Owner};
use super::mute::Mutes;
use super::subject::Subject;
use crate::domain::id::IntegrationId;
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, Context, Rows, StepError};

/// The incidents, at most one about each subject.
pub(super) struct Incidents(Vec<Incident>);

impl Incidents {
    pub(super) fn load(rows: Rows<'_>) -> Result<Self, StepError> {
        Incident::load(rows).map(Self)
    }

    /// Adds the one about an integration, if it is in the archive.
    pub(super) fn load_archived(
        &mut self,
        rows: Rows<'_>,
        integration: &IntegrationId,
    ) -> Result<(), StepError> {
        if !self.0.iter().any(|it| it.subject.is_about(integration)) {
            self.0.extend(Incident::load_archived(rows, integration)?);
        }
        Ok(())
    }

    /// Adds the whole archive.
    pub(super) fn load_all_archived(&mut self, rows: Rows<'_>) -> Result<(), StepError> {
        self.0.extend(Incident::load_all_archived(rows)?);
        Ok(())
    }

    /// Adds those of a backup that are not known.
    pub(super) fn merge_backup(&mut self, theirs: Self, now: Timestamp) {
        for incident in theirs.0 {
            match self.named(&incident.subject.name()) {
                Some(known) => known.catch_up(incident.revision, now),
                None => self.0.push(incident.restored(now)),
            }
        }
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Incident> {
        self.0.iter_mut()
    }

    /// The one of this name.
    pub(super) fn named(&mut self, name: &str) -> Option<&mut Incident> {
        let mut incidents = self.0.iter_mut();
        incidents.find(|incident| incident.subject.name() == name)
    }

    /// The one about a subject; a new one is closed.
    pub(super) fn about(&mut self, subject: Subject) -> &mut Incident {
        let name = subject.name();
        let mut incidents = self.0.iter();
        let known = incidents.position(|it| it.subject.name() == name);
        at(&mut self.0, known, || Incident::about(subject))
    }

    /// Whether any is open.
    pub(super) fn has_open(&self) -> bool {
        self.0.iter().any(|incident| incident.open)
    }

    /// Whether none names a person.
    pub(super) fn are_anonymous(&self) -> bool {
        self.0.iter().all(Incident::is_anonymous)
    }

    /// Shows in the document of each open one until when it is muted.
    pub(super) fn show_mutes(&mut self, mutes: &Mutes, now: Timestamp) {
        for incident in self.0.iter_mut().filter(|it| it.open) {
            let until = mutes.over(&incident.subject);
            if incident.muted_until != until {
                incident.muted_until = until;
                incident.change(now);
            }
        }
    }

    /// When the first key that is behind counts as stale.
    pub(super) fn stale_at(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|it| it.key.stale_at()).min()
    }

    /// Adds the writes and checks of their keys that are due.
    pub(super) fn poll_effects(
        &mut self,
        context: Context<'_>,
        owner: Owner<'_>,
        batch: &mut Batch<Completed>,
    ) {
        for incident in &mut self.0 {
            if !batch.has_room() {
                return;
            }
            let (of, also_of) = (incident.subject.name(), incident.subject.name());
            if let Some((write, revision)) = incident.poll_write(context, owner) {
                batch.write(write, move |it| Completed::Incident(of, revision, it));
            }
            if batch.has_room()
                && let Some(compare) = incident.poll_check(context, owner)
            {
                batch.compare(compare, |it| Completed::IncidentCheck(also_of, it));
            }
        }
    }

    /// The rows as they are now.
    pub(super) fn rows(&self) -> impl Iterator<Item = Change> {
        self.0.iter().flat_map(Incident::rows)
    }
}

/// The item at a known place, otherwise a new one at the end.
#[expect(
    clippy::indexing_slicing,
    reason = "the place is in the list: it was found or is made here"
)]
pub(super) fn at<T>(items: &mut Vec<T>, known: Option<usize>, new: impl FnOnce() -> T) -> &mut T {
    let place = known.unwrap_or_else(|| {
        items.push(new());
        items.len().saturating_sub(1)
    });
    &mut items[place]
}
