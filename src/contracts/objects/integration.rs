//! What an Integration can be told.

use serde::{Deserialize, Serialize};

use crate::contracts::kombo::Event;
use crate::domain::id::{Category, IntegrationId, OriginId, Tool};
use crate::domain::json::Json;
use crate::domain::time::Timestamp;

/// What an Integration can be told.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// An event of Kombo about this integration.
    Event {
        /// Which integration; the object itself only knows a hash.
        id: IntegrationId,
        /// The event.
        event: Box<Event>,
    },
    /// A human decides about it.
    Decided {
        /// Which integration.
        id: IntegrationId,
        /// What is decided.
        decision: Decision,
    },
    /// Asks for its document.
    Show,
    /// Its keys are to be written again.
    Rebuild,
    /// Asks for a copy of all that it knows.
    Copy,
    /// It is to take over a copy.
    Restore {
        /// The copy.
        #[serde(default)]
        copy: Json,
    },
}

/// A [`Message`] on its way.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outgoing<'a> {
    /// See [`Message::Event`].
    Event {
        /// Which integration.
        id: &'a IntegrationId,
        /// The event's body, as it was signed.
        event: &'a str,
    },
    /// See [`Message::Decided`].
    Decided {
        /// Which integration.
        id: &'a IntegrationId,
        /// What is decided.
        decision: Decision,
    },
    /// See [`Message::Show`].
    Show,
    /// See [`Message::Rebuild`].
    Rebuild,
    /// See [`Message::Copy`].
    Copy,
    /// See [`Message::Restore`].
    Restore {
        /// The copy.
        copy: Json,
    },
}

/// What a human decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It belongs to this customer, whatever Kombo says.
    Assign(Given),
    /// The same, unless it is another customer's or gone; nobody is told.
    Import(Given),
    /// It belongs to whom Kombo says.
    Release,
    /// It is gone, unless a human assigns it again.
    Remove,
    /// This customer is erased: if it holds it, or held what a human removed, only the
    /// tombstone stays.
    Erase(OriginId),
}

/// To whom an integration is given, and what the giver knows of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// The customer.
    pub customer: OriginId,
    /// Of use where Kombo told nothing.
    #[serde(default)]
    pub hint: Hint,
}

/// What a human says of an integration. Whatever Kombo tells is preferred, but
/// for the time: Kombo tells none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hint {
    /// The tool, as Kombo names it.
    pub tool: Option<Tool>,
    /// The tool's category.
    pub category: Option<Category>,
    /// The customer's name.
    pub organization_name: Option<String>,
    /// When it was connected.
    pub connected_at: Option<Timestamp>,
}

impl Hint {
    /// This one, completed by an earlier one.
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
