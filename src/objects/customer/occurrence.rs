//! The latest occurrence of an incident.

use serde::{Deserialize, Serialize};

use crate::domain::id::EventId;

/// The latest occurrence of an incident, for those who want to help.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Occurrence {
    /// The event.
    pub(super) event: Option<EventId>,
    /// The contact.
    pub(super) contact: Option<String>,
    /// Kombo's page about the attempt.
    pub(super) log_url: Option<String>,
}

impl Occurrence {
    /// Whether this is the contact.
    pub(super) fn is_of(&self, contact: &str) -> bool {
        let who = self.contact.as_ref();
        who.is_some_and(|who| who.eq_ignore_ascii_case(contact))
    }

    /// Whether it names no person.
    pub(super) fn is_anonymous(&self) -> bool {
        self.contact.is_none() && self.log_url.is_none()
    }

    /// Forgets the contact, and the page that shows them.
    pub(super) fn forget_contact(&mut self) {
        self.contact = None;
        self.log_url = None;
    }
}
