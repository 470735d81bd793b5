//! The head row of a customer: what every event may touch.

use serde::{Deserialize, Serialize};

use super::mute::Mutes;
use crate::contracts::objects::address::CustomerKey;
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Change, Rows, StepError};
use crate::objects::integration::CONTACT_RETENTION;
use crate::parts::dedup::SeenIds;
use crate::parts::lag::LagReport;
use crate::parts::projection::Projection;
use crate::parts::read_back::Check;

/// Key of the row.
const HEAD: &str = "head";

/// The row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    schema: u32,
    pub(super) key: CustomerKey,
    pub(super) organization_name: Option<String>,
    #[serde(default)]
    pub(super) document_revision: u64,
    pub(super) updated_at: Timestamp,
    #[serde(default)]
    pub(super) document: Projection,
    #[serde(default)]
    pub(super) document_check: Check,
    #[serde(default)]
    pub(super) lag_report: LagReport,
    #[serde(default)]
    pub(super) mutes: Mutes,
    /// When the customer was erased last.
    pub(super) erased_at: Option<Timestamp>,
    /// When contacts are forgotten; `None` while there are none, or they are needed.
    pub(super) contacts_until: Option<Timestamp>,
    #[serde(default)]
    pub(super) seen: SeenIds,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Head {
    pub(super) fn new(key: CustomerKey) -> Self {
        Self {
            schema: 1,
            key,
            organization_name: None,
            document_revision: 0,
            updated_at: Timestamp::default(),
            document: Projection::default(),
            document_check: Check::default(),
            lag_report: LagReport::default(),
            mutes: Mutes::default(),
            erased_at: None,
            contacts_until: None,
            seen: SeenIds::default(),
            unknown: Unknown::default(),
        }
    }

    pub(super) fn load(rows: Rows<'_>) -> Result<Option<Self>, StepError> {
        rows.state(HEAD)
    }

    /// Corrects what a clock that was ahead made too long.
    pub(super) fn correct_waits(&mut self, now: Timestamp) {
        self.document.correct_waits(now);
        self.document_check.correct_wait(now);
        self.lag_report.correct_waits(now);
        if let Some(until) = &mut self.contacts_until {
            until.end_within(CONTACT_RETENTION, now);
        }
    }

    /// Adds what the head of a backup has and this one lacks. Its revision of the document is not
    /// undercut; see [`Head::catch_up`].
    pub(super) fn merge(&mut self, theirs: Self) {
        self.organization_name = self.organization_name.take().or(theirs.organization_name);
        self.document_revision = self.document_revision.max(theirs.document_revision);
        self.contacts_until = self.contacts_until.max(theirs.contacts_until);
        self.mutes.merge(theirs.mutes);
    }

    /// Forgets what is known of the customer.
    pub(super) fn erase(&mut self, now: Timestamp) {
        self.organization_name = None;
        self.mutes = Mutes::default();
        self.erased_at = Some(now);
    }

    /// Takes over the organization's latest name.
    pub(super) fn rename(&mut self, name: Option<String>) {
        if name.is_some() {
            self.organization_name = name;
        }
    }

    /// The document has changed, so Workers KV is behind.
    pub(super) fn revise_document(&mut self, now: Timestamp) {
        self.document_revision = self.document_revision.saturating_add(1);
        self.updated_at = now;
        self.document.want(self.document_revision, now);
    }

    /// The document is as it was, but readers may have seen it with a greater revision.
    pub(super) fn catch_up(&mut self, now: Timestamp) {
        if self.document.wanted() != self.document_revision {
            self.updated_at = now;
            self.document.want(self.document_revision, now);
        }
    }

    /// The row as it is now. `stale_at` is when the first key of the object that is behind counts
    /// as stale.
    pub(super) fn row(&self, stale_at: Option<Timestamp>) -> Change {
        let due = [
            self.document.due(),
            self.document_check.due(&self.document),
            self.lag_report.due(stale_at),
            self.mutes.due(),
            self.contacts_until,
        ];
        Change::state(HEAD, self, due.into_iter().flatten().min())
    }
}
