//! What people are told: what happened, to whom, and what is known about it.
//!
//! An alert is a fact, kept and handed on as JSON; how it reads in Slack is
//! `slack`'s, when it goes out is `notifier`'s. An integration id is never part
//! of one: a [`Handle`](crate::domain::id::Handle) stands for it.

mod cause;
mod what;

pub use cause::Cause;
pub use what::{Concern, Ending, Notice, Section, Standing, Topic, What};

use serde::{Deserialize, Serialize};

use crate::domain::audience::Audience;
use crate::domain::id::{Category, EventId, OriginId, Tool};
use crate::domain::json::Json;
use crate::domain::time::Timestamp;

/// One thing that people are told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Version of this shape; additions do not change it.
    #[serde(default)]
    pub schema: u32,
    /// The same however often it is handed over; at most 512 bytes.
    pub id: String,
    /// When it was to be told.
    pub at: Timestamp,
    /// Who should read it: the team, or the engineers.
    pub audience: Audience,
    /// The event behind it, for the footer.
    pub event_id: Option<EventId>,
    /// The customer.
    #[serde(default)]
    pub who: Who,
    /// What happened.
    pub what: What,
    /// The incident that it is about, if it is about one.
    pub episode: Option<Episode>,
    /// Whether those are mentioned who want to be when an incident drags on.
    #[serde(default)]
    pub mentions: bool,
}

impl Alert {
    /// Version of the shape that this code writes.
    pub const SCHEMA: u32 = 1;

    /// The alert as it is kept and handed on.
    #[must_use]
    pub fn stored(&self) -> Json {
        Json::of(self)
    }

    /// Something that is about no customer and no incident.
    #[must_use]
    pub fn new(id: String, at: Timestamp, audience: Audience, what: What) -> Self {
        Self {
            schema: Self::SCHEMA,
            id,
            at,
            audience,
            event_id: None,
            who: Who::default(),
            what,
            episode: None,
            mentions: false,
        }
    }
}

/// Where an alert stands in the course of an incident. Each alert says all that
/// the earlier ones of its incident said, so the latest of several that wait is
/// as good as all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// Names the incident among all; the same each time that it opens.
    pub incident: String,
    /// Its place.
    pub phase: Phase,
}

impl Episode {
    /// The episode of an alert as it was stored, whatever else is in it.
    #[must_use]
    pub fn of(stored: &Json) -> Option<Self> {
        #[derive(Deserialize)]
        struct Alert {
            episode: Option<Episode>,
        }
        stored.read::<Alert>().ok()?.episode
    }
}

/// The course of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is told for the first time.
    Opened,
    /// It is told again.
    Stands,
    /// It is over.
    Over,
}

/// The customer and its contact, as far as Kombo told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Who {
    /// The customer's id at the company.
    pub origin_id: Option<OriginId>,
    /// The customer's name.
    pub organization_name: Option<String>,
    /// The e-mail address of its contact.
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
