//! What an object replies.

use serde::{Deserialize, Serialize};

use crate::contracts::objects::customer::Mute;
use crate::contracts::objects::incident::{Acted, IncidentView};
use crate::domain::id::IntegrationId;
use crate::domain::json::Json;

/// An object's reply to a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A new event: committed, with its consequences.
    Accepted,
    /// An event of this type and id was accepted before.
    Duplicate,
    /// An event that could not be understood is kept.
    Quarantined,
    /// A message that asks for nothing is committed, or was before.
    Acknowledged,
    /// The Notifier's health.
    Health(Health),
    /// The Notifier's status, as `/v1/status` shows it: of its queue, and of what it monitors, if
    /// it does.
    Status(Vec<Json>),
    /// The mutes of a customer.
    Muted(Vec<Mute>),
    /// An incident, for the person who acts on it.
    Incident(Box<IncidentView>),
    /// What became of what a person did.
    Acted(Box<Acted>),
    /// There are already as many of these as allowed.
    LimitReached,
    /// The document that was asked for, if there is one.
    Document(Option<Json>),
    /// Some of what was asked for.
    Listed(Vec<Json>),
    /// A customer that held these is being erased.
    Erased(Vec<IntegrationId>),
    /// The backup cannot be read.
    Unreadable,
    /// Kombo deleted it, so nothing can be decided about it.
    Gone,
    /// It belongs to another customer, or to another environment.
    Conflict,
    /// This cannot be decided yet.
    Unsettled,
}

/// What `/healthz` asks a Notifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Slack rejects the webhook, or has been failing.
    pub slack_failing: bool,
    /// Workers KV keys of some object are stale.
    pub kv_late: bool,
}

impl Health {
    /// What is wrong with either one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            slack_failing: self.slack_failing || other.slack_failing,
            kv_late: self.kv_late || other.kv_late,
        }
    }
}
