//! The messages that Slack rejected even as plain text, one after the other.
//!
//! One of them is at fault itself. Several that have nothing in common are not: then the webhook
//! leads to something that takes no messages, whatever the answer calls it.

use serde::{Deserialize, Serialize};

use crate::domain::id::sha256_base64url;

/// This many unrelated messages show that the webhook is at fault.
const ENOUGH: usize = 3;

/// What the messages were about, hashed, since customers may be erased.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct RejectedMessages(Vec<String>);

impl RejectedMessages {
    /// A message about this was rejected.
    pub(super) fn add(&mut self, subject: &str) {
        let subject = sha256_base64url(subject);
        if !self.0.contains(&subject) && !self.are_about_the_webhook() {
            self.0.push(subject);
        }
    }

    /// Whether the webhook is at fault.
    pub(super) fn are_about_the_webhook(&self) -> bool {
        self.0.len() >= ENOUGH
    }

    /// Slack accepted a message, or there is another webhook.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
