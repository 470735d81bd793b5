//! What an object answers.

use serde::{Deserialize, Serialize};

use crate::contracts::objects::customer::Mute;
use crate::domain::id::IntegrationId;
use crate::domain::json::Json;

/// An object's answer to a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A new event: committed, with its consequences.
    Accepted,
    /// An event of this type and id was accepted before.
    Duplicate,
    /// An event that could not be understood is kept.
    Quarantined,
    /// A message of another object is taken, or was before.
    Taken,
    /// How the Notifier fares.
    Health(Health),
    /// How the Notifier stands, as `/v1/status` shows it: its channel, and what it
    /// watches over, if it does.
    Status(Vec<Json>),
    /// The mutes of a customer.
    Muted(Vec<Mute>),
    /// A customer has as many mutes as it can.
    NoRoom,
    /// The document that was asked for; none when there is none.
    Document(Option<Json>),
    /// Some of what was asked for.
    Listed(Vec<Json>),
    /// A customer is being erased that held these.
    Erased(Vec<IntegrationId>),
    /// What it was to take over cannot be read.
    Unreadable,
    /// Kombo deleted it, so nothing can be decided about it any more.
    Gone,
    /// It is another customer's, or of another environment.
    Conflict,
    /// Nobody knows yet.
    Unsettled,
}

/// What `/healthz` asks the Notifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Slack refuses the hook, or has been failing.
    pub slack_failing: bool,
    /// Some object's Workers KV keys are late.
    pub kv_late: bool,
}

impl Health {
    /// What is wrong with either of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            slack_failing: self.slack_failing || other.slack_failing,
            kv_late: self.kv_late || other.kv_late,
        }
    }
}
