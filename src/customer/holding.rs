//! What a customer holds: one row per integration that was ever told of.
//!
//! The row of an integration that was let go of stays, with its version, so that
//! an older "you hold it" that comes late is known as old.

use serde::{Deserialize, Serialize};

use crate::alert::Connection;
use crate::id::{Category, EventId, IntegrationId, Tool, sha256_base64url};
use crate::issue::Cause;
use crate::json::Unknown;
use crate::machine::{Change, CorruptRow, Rows};
use crate::mapping::{Held, moment, usable};
use crate::object::CustomerKey;
use crate::time::Timestamp;

/// What the key of such a row begins with.
pub(super) const PREFIX: &str = "holding/";

/// What the keys of an integration's rows end with.
pub(super) fn key(integration: &IntegrationId) -> String {
    sha256_base64url(integration.as_str())
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
    pub(super) fn usable(&self) -> bool {
        usable(self.state.as_deref(), self.setup_status.as_deref())
    }

    /// Whether it is the success that ends attempts of this tool and category,
    /// the last of which was at `since`.
    ///
    /// Kombo's `created` ends those of its whole category. An integration that
    /// was only heard of by a later event may be older than the attempts: it ends
    /// those of its own tool, if it was not known before them and can be called.
    pub(super) fn ends(&self, attempts: &Connection, since: Timestamp) -> bool {
        match self.created_at {
            Some(at) => at >= since && attempts.category == self.category,
            None => self.connected_at >= since && self.usable() && *attempts == self.connection(),
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Holding {
    pub(super) integration: IntegrationId,
    #[serde(default)]
    pub(super) version: u64,
    /// How it stands; none once it was let go of.
    pub(super) snapshot: Option<Snapshot>,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Holding {
    pub(super) fn new(integration: IntegrationId) -> Self {
        Self {
            integration,
            version: 0,
            snapshot: None,
            unknown: Unknown::default(),
        }
    }

    /// Every integration that the customer has, or had.
    pub(super) fn load(rows: &Rows) -> Result<Vec<Self>, CorruptRow> {
        let rows = rows.all(PREFIX)?;
        Ok(rows.into_iter().map(|(_, holding)| holding).collect())
    }

    pub(super) fn row(&self) -> Change {
        Change::state(format!("{PREFIX}{}", self.key()), self, None)
    }

    /// What its key ends with.
    pub(super) fn key(&self) -> String {
        key(&self.integration)
    }

    /// The holding as the customer's document shows it; none once it is let go of.
    pub(super) fn held(&self) -> Option<Held<'_>> {
        let snapshot = self.snapshot.as_ref()?;
        Some(Held {
            id: &self.integration,
            tool: snapshot.tool.as_ref(),
            category: snapshot.category.as_ref(),
            state: snapshot.state.as_deref(),
            setup_status: snapshot.setup_status.as_deref(),
            qa_status: snapshot.qa_status.as_deref(),
            usable: snapshot.usable(),
            connected_at: snapshot.connected_at.to_rfc3339(),
            state_changed_at: moment(snapshot.state_changed_at),
        })
    }
}
