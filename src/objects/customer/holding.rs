//! What a customer holds: one row per integration that was ever told of.
//!
//! The row of an integration that was let go of stays, with its version, so that
//! an older "you hold it" that comes late is known as old.

use crate::contracts::backend::{Held, moment};
use crate::contracts::objects::customer::Snapshot;
use crate::domain::id::{IntegrationId, sha256_base64url};
use crate::domain::json::Unknown;
use crate::machine::{Change, CorruptRow, Rows};
use serde::{Deserialize, Serialize};

/// What the key of such a row begins with.
pub(super) const PREFIX: &str = "holding/";

/// What the keys of an integration's rows end with.
pub(super) fn key(integration: &IntegrationId) -> String {
    sha256_base64url(integration.as_str())
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
