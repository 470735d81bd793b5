//! Messages to an Integration.

use serde::{Deserialize, Serialize};

use crate::contracts::kombo::Event;
use crate::domain::id::{Category, IntegrationId, OriginId, Tool};
use crate::domain::json::Json;
use crate::domain::time::Timestamp;

/// A message to an Integration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// An event of Kombo about this integration.
    Event {
        /// The integration; the object itself only knows a hash.
        id: IntegrationId,
        /// The event.
        event: Box<Event>,
    },
    /// A human's decision about it.
    Decision {
        /// The integration; the object itself only knows a hash.
        id: IntegrationId,
        /// What is decided.
        decision: Decision,
    },
    /// Asks for the integration's document.
    GetDocument,
    /// Makes the object write all its Workers KV keys again.
    Rebuild,
    /// Makes sure that the object wakes for what is due: the platform may have lost its alarm.
    Wake,
    /// Asks for a backup of the object.
    Backup,
    /// Adds what a backup of the integration has and this object lacks.
    Restore {
        /// The backup.
        #[serde(default)]
        backup: Json,
    },
}

/// What a human decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It belongs to this customer, whatever Kombo says.
    Assign(Assignment),
    /// Like `Assign`, unless it belongs to another customer or is gone; sends no alert.
    Import(Assignment),
    /// It belongs to the customer that Kombo names.
    Release,
    /// It is gone, unless a human assigns it again.
    Remove,
    /// This customer is erased: if it holds the integration, or held it until a human removed it,
    /// only the tombstone stays.
    Erase(OriginId),
}

/// The customer that an integration is assigned to, and what is known of the integration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// The customer.
    pub customer: OriginId,
    /// Used where Kombo sent nothing.
    #[serde(default)]
    pub details: ImportDetails,
}

/// What a human knows about an integration. Kombo's values take precedence, except for the time,
/// which Kombo does not send.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportDetails {
    /// The tool, as Kombo names it.
    pub tool: Option<Tool>,
    /// The tool's category.
    pub category: Option<Category>,
    /// The customer's name.
    pub organization_name: Option<String>,
    /// When it was connected.
    pub connected_at: Option<Timestamp>,
}

impl ImportDetails {
    /// These, completed by earlier ones.
    #[must_use]
    pub fn or(self, earlier: Self) -> Self {
        Self {
            tool: self.tool.or(earlier.tool),
            category: self.category.or(earlier.category),
            organization_name: self.organization_name.or(earlier.organization_name),
            connected_at: self.connected_at.or(earlier.connected_at),
        }
    }
}
