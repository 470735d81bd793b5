//! What every message depends on besides its alerts.

use crate::contracts::operator::settings::{PublicUrl, Settings};
use crate::domain::audience::Audience;
use crate::domain::time::Timestamp;

/// Where a message is read, and when.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The channel that it goes to.
    pub channel: Audience,
    /// The settings.
    pub settings: &'a Settings,
    /// The address that Kombo delivered to last, if it is known.
    pub learned: Option<&'a PublicUrl>,
    /// The current time, to say how long ago something was.
    pub now: Timestamp,
}

impl View<'_> {
    /// The Worker's own address: the one of the settings, otherwise the learned one.
    pub(super) fn address(&self) -> Option<&PublicUrl> {
        self.settings.public_url.as_ref().or(self.learned)
    }
}
