//! What a Customer says of one of its incidents, and what a person does about it.

use serde::{Deserialize, Serialize};

use crate::domain::act::Assignee;
use crate::domain::alert::{Cause, Connection, Resolution};
use crate::domain::id::{IntegrationId, OriginId};
use crate::domain::time::Timestamp;

/// An incident, for the person who acts on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentView {
    /// Whether it is open.
    #[serde(default)]
    pub is_open: bool,
    /// The customer's id at the company.
    pub origin_id: Option<OriginId>,
    /// The customer's name.
    pub organization_name: Option<String>,
    /// The contact's e-mail address.
    pub contact: Option<String>,
    /// The tool and its category, as far as they are known.
    #[serde(default)]
    pub connection: Connection,
    /// What it is about.
    pub about: About,
    /// When it began.
    pub since: Timestamp,
    /// How it ended last, if it was closed.
    pub ending: Option<Resolution>,
    /// Until when it is muted.
    pub muted_until: Option<Timestamp>,
    /// Who is on it.
    pub assignee: Option<Assignee>,
}

/// What an incident is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// This many failed attempts to connect.
    Attempts(u64),
    /// An integration that stopped working. The id is for Kombo alone.
    Integration {
        /// Which one.
        id: IntegrationId,
        /// Why.
        #[serde(default)]
        causes: Vec<Cause>,
    },
    /// The Kombo environment as a whole.
    Environment,
}

impl IncidentView {
    /// Whether a new link can help the customer: with an attempt to connect a known tool, or with
    /// credentials that no longer work.
    #[must_use]
    pub fn takes_link(&self) -> bool {
        match &self.about {
            About::Attempts(_) => {
                self.connection.tool.is_some() && self.connection.category.is_some()
            }
            About::Integration { causes, .. } => causes.iter().any(Cause::is_authentication),
            About::Environment => false,
        }
    }
}

/// What a person does about an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// They are on it.
    Take {
        /// Since when the one was on it whom they saw there; `None` if they saw no one.
        instead_of: Option<Timestamp>,
    },
    /// No alerts about the tool for a while.
    Mute {
        /// The end.
        until: Timestamp,
    },
    /// They made a new link for the customer.
    SendLink,
    /// They close it.
    Close,
}

/// What became of a deed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Acted {
    /// How it ended.
    pub outcome: ActOutcome,
    /// The incident after it.
    pub incident: IncidentView,
}

/// How a deed ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActOutcome {
    /// It is done.
    Done,
    /// The incident is not open, so there is nothing to do about it.
    NotOpen,
    /// Meanwhile someone else is on it.
    TakenMeanwhile,
    /// The customer has as many mutes as allowed.
    TooManyMutes,
}
