//! What a Customer can be told: by the edge, and by the Integrations that it holds.

use serde::{Deserialize, Serialize};

use super::address::CustomerKey;
use crate::contracts::backend::usable;
use crate::contracts::kombo::Event;
use crate::domain::alert::{Cause, Connection};
use crate::domain::id::{Category, EventId, IntegrationId, OriginId, Tool};
use crate::domain::json::{Json, Unknown};
use crate::domain::time::Timestamp;

/// What a Customer can be told.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// An event of Kombo that names no integration.
    Event {
        /// Whom it is about; the object itself only knows a hash.
        customer: CustomerKey,
        /// The event.
        event: Box<Event>,
    },
    /// An Integration tells how it stands.
    Told(Box<Telling>),
    /// A human silences it, or one of its tools, or lets it speak again.
    Mute {
        /// Whom; the object itself only knows a hash.
        customer: CustomerKey,
        /// The tool; none for all.
        tool: Option<Tool>,
        /// Until when; none for no longer.
        until: Option<Timestamp>,
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
    /// What is known of it is to be erased.
    Erase {
        /// Whom; the object itself only knows a hash.
        customer: OriginId,
    },
}

/// A [`Message`] on its way.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outgoing<'a> {
    /// See [`Message::Event`].
    Event {
        /// Whom it is about.
        customer: &'a CustomerKey,
        /// The event's body, as it was signed.
        event: &'a str,
    },
    /// See [`Message::Told`].
    Told(&'a Telling),
    /// See [`Message::Mute`].
    Mute {
        /// Whom.
        customer: &'a CustomerKey,
        /// The tool; none for all.
        tool: Option<&'a Tool>,
        /// Until when; none for no longer.
        until: Option<Timestamp>,
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
    /// See [`Message::Erase`].
    Erase {
        /// Whom.
        customer: &'a OriginId,
    },
}

/// What an Integration tells the object that must know of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Telling {
    /// Whom it is told to; the object itself only knows a hash.
    pub customer: CustomerKey,
    /// Which integration.
    pub integration: IntegrationId,
    /// Grows with each change of the integration; an older telling is ignored.
    #[serde(default)]
    pub version: u64,
    /// The event that made the version.
    pub event: Option<EventId>,
    /// You have it, and it stands so; none: let go of it.
    pub holding: Option<Snapshot>,
    /// Nobody has it any more.
    #[serde(default)]
    pub deleted: bool,
}

/// How an integration stands.
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
    /// When it was first heard of.
    pub connected_at: Timestamp,
    /// When the latest `integration-created` came.
    pub created_at: Option<Timestamp>,
    /// Kombo's time of the newest state.
    pub state_changed_at: Option<Timestamp>,
    /// The organization's latest name.
    pub organization_name: Option<String>,
    /// The latest contact.
    pub contact: Option<String>,
    /// Why it is in trouble; empty when it is not.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// What only a newer version knows.
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
        usable(self.state.as_deref(), self.setup_status.as_deref())
    }

    /// Whether it is the success that ends attempts of this tool and category,
    /// the last of which was at `since`.
    ///
    /// Kombo's `created` ends those of its whole category. An integration that
    /// was only heard of by a later event may be older than the attempts: it ends
    /// those of its own tool, if it was not known before them and can be called.
    #[must_use]
    pub fn ends(&self, attempts: &Connection, since: Timestamp) -> bool {
        match self.created_at {
            Some(at) => at >= since && attempts.category == self.category,
            None => self.connected_at >= since && self.usable() && *attempts == self.connection(),
        }
    }
}

/// One mute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// The tool; none for all.
    pub tool: Option<Tool>,
    /// When it ends.
    pub until: Timestamp,
}
