//! What a customer holds: one row for each integration that the customer holds or held.
//!
//! The row of an integration that the customer let go stays, with its version, so that an older
//! update that arrives late is recognized. It moves from the state into the ledger, the archive, so
//! that a customer's past costs nothing.

use serde::{Deserialize, Serialize};

use crate::contracts::backend::{Held, moment};
use crate::contracts::objects::customer::Snapshot;
use crate::domain::alert::Connection;
use crate::domain::id::{IntegrationId, sha256_base64url};
use crate::domain::json::Unknown;
use crate::machine::{Change, Rows, StepError, parse};

/// What the key of such a row begins with, in both tables.
const PREFIX: &str = "holding/";

/// What the keys of an integration's rows end with.
pub(super) fn key(integration: &IntegrationId) -> String {
    sha256_base64url(integration.as_str())
}

/// The integration of this tool and category that can be called and was connected last.
pub(super) fn success_of(holdings: &[Holding], connection: &Connection) -> Option<Snapshot> {
    let snapshots = holdings.iter().filter_map(|it| it.snapshot.as_ref());
    let usable = snapshots.filter(|it| it.serves(connection));
    usable.max_by_key(|it| it.succeeded_at()).cloned()
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Holding {
    pub(super) integration: IntegrationId,
    #[serde(default)]
    pub(super) version: u64,
    /// How the integration is; `None` once the customer let it go.
    pub(super) snapshot: Option<Snapshot>,
    /// Whether the row was read from the archive.
    #[serde(skip)]
    is_archived: bool,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Holding {
    pub(super) fn new(integration: IntegrationId) -> Self {
        Self {
            integration,
            version: 0,
            snapshot: None,
            is_archived: false,
            unknown: Unknown::default(),
        }
    }

    /// What the customer holds.
    pub(super) fn load(rows: Rows<'_>) -> Result<Vec<Self>, StepError> {
        let rows = rows.state_with_prefix(PREFIX)?;
        Ok(rows.into_iter().map(|(_, holding)| holding).collect())
    }

    /// The integration, if the customer let it go.
    pub(super) fn load_archived(
        rows: Rows<'_>,
        integration: &IntegrationId,
    ) -> Result<Option<Self>, StepError> {
        let row: Option<Self> = rows.ledger(&format!("{PREFIX}{}", key(integration)))?;
        Ok(row.map(Self::archived))
    }

    /// Every integration that the customer let go.
    pub(super) fn load_all_archived(rows: Rows<'_>) -> Result<Vec<Self>, StepError> {
        let rows = rows.ledger_first(PREFIX, u32::MAX)?.into_iter();
        let read = rows.map(|(_, text)| Ok(Self::archived(parse(PREFIX, &text)?)));
        read.collect()
    }

    fn archived(self) -> Self {
        Self {
            is_archived: true,
            ..self
        }
    }

    /// The row as it is now, in the table where it belongs.
    pub(super) fn rows(&self) -> Vec<Change> {
        let key = format!("{PREFIX}{}", key(&self.integration));
        let is_moved = self.is_archived == self.snapshot.is_some();
        if self.snapshot.is_some() {
            let left = is_moved.then(|| Change::remove_ledger(key.clone()));
            left.into_iter()
                .chain([Change::state(key, self, None)])
                .collect()
        } else {
            let left = is_moved.then(|| Change::remove_state(key.clone()));
            let row = Change::ledger(key, crate::domain::json::to_json(self));
            left.into_iter().chain([row]).collect()
        }
    }

    /// The holding as the customer's document shows it; `None` once the customer let it go.
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
