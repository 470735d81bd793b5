//! Alerts: what happened, to which customer, and what is known about it.
//!
//! An alert is a fact, stored and passed on as JSON. `slack` decides how it reads, and
//! `notifier` when it is sent. It never contains an integration id, only a
//! [`Handle`](crate::domain::id::Handle).

mod cause;
mod what;

pub use cause::Cause;
pub use what::{AlertKind, HealthTopic, Notice, OpenProblem, Resolution, Returns, Section, Topic};

use serde::{Deserialize, Serialize};

use crate::domain::act::Assignee;
use crate::domain::audience::Audience;
use crate::domain::id::{Category, EventId, OriginId, Tool};
use crate::domain::json::Json;
use crate::domain::time::Timestamp;

/// One thing that people should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The version of this format; additions do not change it.
    #[serde(default)]
    pub schema: u32,
    /// Identifies the alert, however often it is handed over; at most 512 bytes.
    pub id: String,
    /// When it was due.
    pub at: Timestamp,
    /// Who should read it: the team, or the engineers.
    pub audience: Audience,
    /// The event that caused it, for the footer.
    pub event_id: Option<EventId>,
    /// The customer.
    #[serde(default)]
    pub who: CustomerRef,
    /// What happened.
    pub what: AlertKind,
    /// The incident that it is about, if any.
    pub episode: Option<IncidentRef>,
    /// Whether to add the configured mention, because the incident drags on.
    #[serde(default)]
    pub mentions: bool,
    /// Who is on the incident, if someone is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee>,
}

impl Alert {
    /// The version of the format that this code writes.
    pub const SCHEMA: u32 = 1;

    /// The alert as it is stored and passed on.
    #[must_use]
    pub fn stored(&self) -> Json {
        Json::of(self)
    }

    /// An alert without a customer or an incident.
    #[must_use]
    pub fn new(id: String, at: Timestamp, audience: Audience, what: AlertKind) -> Self {
        Self {
            schema: Self::SCHEMA,
            id,
            at,
            audience,
            event_id: None,
            who: CustomerRef::default(),
            what,
            episode: None,
            mentions: false,
            assignee: None,
        }
    }
}

/// Which incident an alert is about, and in which phase. Each alert says everything that
/// earlier alerts of its incident said, so the latest of several queued ones can
/// replace them all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRef {
    /// Identifies the incident; the same each time it opens.
    pub incident: String,
    /// The phase of the incident.
    pub phase: Phase,
}

/// The phases of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The first report.
    Opened,
    /// A further report while it is open.
    Ongoing,
    /// The incident is closed.
    Resolved,
}

/// The customer and its contact, as far as Kombo has named them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerRef {
    /// The company's own id for the customer.
    pub origin_id: Option<OriginId>,
    /// The customer's name.
    pub organization_name: Option<String>,
    /// The contact's e-mail address.
    pub contact: Option<String>,
}

/// A tool and its category.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Connection {
    /// The tool, if Kombo named it.
    pub tool: Option<Tool>,
    /// Its category, if Kombo named it.
    pub category: Option<Category>,
}
