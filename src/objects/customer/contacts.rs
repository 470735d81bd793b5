//! Contacts are kept while they may be of use: as long as an incident is open, and for
//! thirty days after the last one closed, or after Kombo named a contact last.

use super::state::State;
use crate::domain::time::Timestamp;
use crate::machine::Change;
use crate::objects::integration::CONTACT_KEPT;

impl State {
    /// Plans when contacts are forgotten, or that they are not.
    pub(super) fn keep_contacts(&mut self, now: Timestamp) {
        let open = self.incidents.iter().any(|incident| incident.open);
        let held = self.holdings.iter().filter_map(|it| it.snapshot.as_ref());
        let signs = self.incidents.iter().map(|incident| &incident.sign);
        let any = held.into_iter().any(|it| it.contact.is_some())
            || signs
                .into_iter()
                .any(|it| it.contact.is_some() || it.log_url.is_some());
        let until = self.head.contacts_until.unwrap_or(now.plus(CONTACT_KEPT));
        self.head.contacts_until = (any && !open).then_some(until);
    }

    /// Forgets contacts when their time is over: the rows besides those of
    /// [`State::changes`] that change.
    pub(super) fn forget_contacts(&mut self, now: Timestamp) -> Vec<Change> {
        if self.head.contacts_until.is_none_or(|until| until > now) {
            return Vec::new();
        }
        for incident in &mut self.incidents {
            incident.sign.forget_contact();
        }
        let mut changes = Vec::new();
        for holding in &mut self.holdings {
            let snapshot = holding.snapshot.as_mut();
            if snapshot.is_some_and(|snapshot| snapshot.contact.take().is_some()) {
                changes.push(holding.row());
            }
        }
        changes
    }
}
