//! Messages to a Customer: from the edge, and from the Integrations that it holds.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::address::CustomerKey;
use super::incident::Deed;
use crate::contracts::backend::{INCOMPLETE, usable};
use crate::contracts::kombo::Event;
use crate::domain::act::Person;
use crate::domain::alert::{Cause, Connection};
use crate::domain::id::{Category, EventId, IntegrationId, OriginId, Tool};
use crate::domain::json::{Json, Unknown};
use crate::domain::time::Timestamp;

/// Kombo promises no order: a failed attempt that is reported this soon after a success may be older.
pub const REORDERING: Duration = Duration::from_hours(24);

/// A message to a Customer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// An event of Kombo that names no integration.
    Event {
        /// The customer that the event is about; the object itself only knows a hash.
        customer: CustomerKey,
        /// The event.
        event: Box<Event>,
    },
    /// The state of an integration that the customer holds, or no longer holds.
    Holder(Box<HolderUpdate>),
    /// A customer of this organization connected a tool.
    Success(Box<Success>),
    /// Mutes the customer or one of its tools, or ends the mute.
    Mute {
        /// The customer; the object itself only knows a hash.
        customer: CustomerKey,
        /// The tool; `None` for all of them.
        tool: Option<Tool>,
        /// The end of the mute; `None` ends it now.
        until: Option<Timestamp>,
    },
    /// Closes an open incident.
    CloseIncident {
        /// Its name among those of the customer.
        name: String,
    },
    /// Asks for what a person who acts on an incident has to know.
    GetIncident {
        /// Its name among those of the customer.
        name: String,
    },
    /// A person does something about an incident.
    Act {
        /// Its name among those of the customer.
        name: String,
        /// What they do.
        deed: Deed,
        /// Who.
        by: Person,
    },
    /// Asks for the customer's document.
    GetDocument,
    /// Makes the object write all its Workers KV keys again.
    Rebuild,
    /// Makes sure that the object wakes for what is due: the platform may have lost its alarm.
    Wake,
    /// Asks for a backup of the object.
    Backup,
    /// Adds what a backup of the customer has and this object lacks.
    Restore {
        /// The backup.
        #[serde(default)]
        backup: Json,
    },
    /// Erases what is known of the customer.
    Erase {
        /// The customer; the object itself only knows a hash.
        customer: OriginId,
    },
}

/// What an Integration reports to the object of its holder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HolderUpdate {
    /// The customer that the update is for; the object itself only knows a hash.
    pub customer: CustomerKey,
    /// Which integration.
    pub integration: IntegrationId,
    /// Grows with each change of the integration; an older update is ignored.
    #[serde(default)]
    pub version: u64,
    /// The event that made the version.
    pub event: Option<EventId>,
    /// The state of the integration; `None` if the customer no longer holds it.
    pub holding: Option<Snapshot>,
    /// Whether it was deleted, rather than moved to another customer.
    #[serde(default)]
    pub deleted: bool,
}

/// What an Integration reports to the object of its holder's organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Success {
    /// The organization; the object itself only knows a hash.
    pub organization: CustomerKey,
    /// The customer that holds the integration.
    pub customer: OriginId,
    /// The event that reported it.
    pub event: Option<EventId>,
    /// The state of the integration.
    pub holding: Snapshot,
}

/// The state of an integration, for its holder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The tool, as Kombo names it.
    pub tool: Option<Tool>,
    /// The tool's category.
    pub category: Option<Category>,
    /// Kombo's state.
    pub state: Option<String>,
    /// Kombo's setup status.
    pub setup_status: Option<String>,
    /// Kombo's status of its own check.
    pub qa_status: Option<String>,
    /// When the first event about it arrived.
    pub connected_at: Timestamp,
    /// When the latest `integration-created` arrived.
    pub created_at: Option<Timestamp>,
    /// Kombo's time of the newest state.
    pub state_changed_at: Option<Timestamp>,
    /// The organization's latest name.
    pub organization_name: Option<String>,
    /// The latest contact.
    pub contact: Option<String>,
    /// What is wrong with it; empty if nothing is.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// Fields that only a newer version knows.
    #[serde(flatten)]
    pub unknown: Unknown,
}

impl Snapshot {
    /// The tool and category.
    #[must_use]
    pub fn connection(&self) -> Connection {
        Connection {
            tool: self.tool.clone(),
            category: self.category.clone(),
        }
    }

    /// Whether it can be called.
    #[must_use]
    pub fn usable(&self) -> bool {
        let [state, setup_status, qa_status] =
            [&self.state, &self.setup_status, &self.qa_status].map(Option::as_deref);
        usable(state, setup_status, qa_status)
    }

    /// When it was connected last, as far as is known.
    #[must_use]
    pub fn succeeded_at(&self) -> Timestamp {
        self.created_at.unwrap_or(self.connected_at)
    }

    /// Whether the customer must still complete its setup.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.setup_status.as_deref() == Some(INCOMPLETE)
    }

    /// Whether it is of this tool and category, and can be called.
    #[must_use]
    pub fn serves(&self, connection: &Connection) -> bool {
        self.usable() && *connection == self.connection()
    }

    /// Whether an attempt of this tool and category that was reported at `at` may be older than the
    /// success.
    #[must_use]
    pub fn may_follow(&self, attempt: &Connection, at: Timestamp) -> bool {
        self.serves(attempt) && at.since(self.succeeded_at()) < REORDERING
    }

    /// Whether it is the success that ends attempts of this tool and category,
    /// the last of which was at `since`.
    ///
    /// An `integration-created` ends those of its whole category, unless it is of Kombo's test tool.
    /// An integration that became known by a later event may be older than the attempts: it ends only
    /// those of its own tool, and only if it can be called.
    #[must_use]
    pub fn ends(&self, attempts: &Connection, since: Timestamp) -> bool {
        let is_test = self.tool.as_ref().is_some_and(Tool::is_sandbox);
        let is_new = self.created_at.is_some_and(|at| at >= since);
        let is_category =
            attempts.category == self.category && (!is_test || attempts.tool == self.tool);
        (is_new && is_category) || self.may_follow(attempts, since)
    }
}

/// One mute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// The tool; `None` for all of them.
    pub tool: Option<Tool>,
    /// When it ends.
    pub until: Timestamp,
}
