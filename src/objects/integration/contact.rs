//! The contact is kept while it may be of use: for thirty days after Kombo named it
//! last, and as long as something is wrong with the integration. Events name it again.

use core::time::Duration;

use super::head::Head;
use crate::domain::alert::Cause;
use crate::domain::time::Timestamp;

/// How long a contact is kept without need.
pub(crate) const KEPT: Duration = Duration::from_hours(30 * 24);

impl Head {
    /// Keeps the contact from now on.
    pub(super) fn keep_contact(&mut self, now: Timestamp) {
        self.contact_until = self.facts.contact.as_ref().map(|_| now.plus(KEPT));
    }

    /// Forgets the contact when its time is over.
    pub(super) fn forget_contact(&mut self, causes: &[Cause], now: Timestamp) {
        if self.contact_until.is_none_or(|until| until > now) {
            return;
        }
        if causes.is_empty() || !self.facts.is_alive() {
            self.facts.contact = None;
        }
        self.keep_contact(now);
    }
}
