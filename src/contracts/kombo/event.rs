//! Kombo's events, in our words.
//!
//! A body is parsed once, where its signature is verified (or where it leaves quarantine);
//! from there the event travels in this form. How Kombo spells it is in `wire`.

use serde::{Deserialize, Serialize};

use crate::domain::id::{Category, EventId, IntegrationId, IssueId, OriginId, Tool};
use crate::domain::time::Timestamp;

/// Kombo's names for the types of events.
pub(super) const INTEGRATION_CREATED: &str = "integration-created";
pub(super) const INTEGRATION_DELETED: &str = "integration-deleted";
pub(super) const INTEGRATION_STATE_CHANGED: &str = "integration-state-changed";
pub(super) const ISSUE_STATUS_CHANGED: &str = "issue-status-changed";
pub(super) const CONNECTION_FLOW_FAILED: &str = "connection-flow-failed";

/// One event: what happened, under the id that identifies repetitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Kombo's id of the event; the same on every repetition.
    pub id: EventId,
    /// What happened.
    pub what: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// `integration-created`: a customer connected a tool. Carries no time.
    IntegrationCreated {
        /// The new integration.
        integration: Subject,
    },
    /// `integration-deleted`: it is gone for good.
    IntegrationDeleted {
        /// The integration that is gone.
        integration: IntegrationId,
    },
    /// `integration-state-changed`: its state from a moment on.
    IntegrationStateChanged {
        /// The integration.
        integration: Subject,
        /// Its state.
        change: StateChange,
    },
    /// `issue-status-changed`: Kombo raised or resolved an issue.
    IssueStatusChanged {
        /// The integration, or `None` if the whole environment is concerned.
        integration: Option<Subject>,
        /// The issue.
        issue: Issue,
    },
    /// `connection-flow-failed`: a customer could not connect, so there is no integration.
    ConnectionFlowFailed(FailedFlow),
}

impl Event {
    /// The key under which the event is remembered: a duplicate has the same type and id.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        dedup_key(self.what.kind(), self.id.as_str())
    }
}

impl EventKind {
    /// Kombo's name for the type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::IntegrationCreated { .. } => INTEGRATION_CREATED,
            Self::IntegrationDeleted { .. } => INTEGRATION_DELETED,
            Self::IntegrationStateChanged { .. } => INTEGRATION_STATE_CHANGED,
            Self::IssueStatusChanged { .. } => ISSUE_STATUS_CHANGED,
            Self::ConnectionFlowFailed(_) => CONNECTION_FLOW_FAILED,
        }
    }
}

/// An integration as an event names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// Its id.
    pub id: IntegrationId,
    /// The tool behind it.
    pub tool: Tool,
    /// The tool's category.
    pub category: Category,
    /// Who it belongs to, according to Kombo.
    pub end_user: EndUser,
}

/// Kombo's `end_user`: the customer and the person who set the connection up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EndUser {
    /// The customer's id at the company; `None` if the link was created without one.
    pub origin_id: Option<OriginId>,
    /// The customer's name, at most 500 characters of it.
    pub organization_name: Option<String>,
    /// The e-mail address of the contact, at most 320 characters.
    pub contact: Option<String>,
}

/// A state as Kombo sent it. Fields that Kombo left out say nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateChange {
    /// `ACTIVE`, `INVALID`, `INACTIVE`, or a word that came later.
    pub state: Option<String>,
    /// `INCOMPLETE`, `FINAL_SYNC_PENDING`, `COMPLETED`, or a later word.
    pub setup_status: Option<String>,
    /// `PENDING`, `FAILED`, `PASSED`, or a later word.
    pub qa_status: Option<String>,
    /// Since when; this orders such events.
    pub updated_at: Timestamp,
}

/// An issue as Kombo sent it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    /// Kombo's id of the issue.
    pub id: IssueId,
    /// Whether Kombo raised or resolved it.
    pub change: IssueChange,
    /// For example `integration.authentication_failed`; an open set.
    pub kind: String,
    /// One line for people.
    pub title: String,
    /// Cause and remedy in Markdown, at most 3 000 characters of it.
    pub markdown_message: String,
    /// When Kombo first saw it.
    pub first_observed_at: Timestamp,
    /// When it was resolved, if Kombo says so.
    pub resolved_at: Option<Timestamp>,
}

/// Whether Kombo raised or resolved an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueChange {
    /// Kombo raised it.
    Raised,
    /// Kombo resolved it.
    Resolved,
    /// A word that Kombo may add: counts as neither.
    Other,
}

/// A connection flow that failed. It has no integration, no cause and no time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailedFlow {
    /// The tool that could not be connected.
    pub tool: Tool,
    /// The tool's category.
    pub category: Category,
    /// Who tried.
    pub end_user: EndUser,
    /// Kombo's page about the attempt, at most 2 000 characters.
    pub log_url: Option<String>,
}

/// The key under which an event of this type and id is remembered.
#[must_use]
pub fn dedup_key(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}

/// The status of an integration, as Kombo's API reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegrationStatus {
    /// Which integration, and who it belongs to.
    pub subject: Subject,
    /// `ACTIVE`, `INVALID`, `INACTIVE`, or a word that came later.
    pub state: Option<String>,
    /// As in an event.
    pub setup_status: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_id_under_another_type_is_another_event() {
        assert_ne!(
            dedup_key(INTEGRATION_CREATED, "x"),
            dedup_key(INTEGRATION_DELETED, "x")
        );
    }
}
