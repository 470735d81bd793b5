//! What people are told: what happened, to whom, and what is known about it.
//!
//! An alert is a fact, kept and handed on as JSON; how it reads in Slack is
//! `slack`'s, when it goes out is `notifier`'s. An integration id is never part
//! of one: a [`Handle`] stands for it.

use serde::Serialize;

use crate::id::{Category, EventId, Handle, OriginId, Tool};
use crate::issue::Cause;
use crate::notifier::Channel;
use crate::record::reads;
use crate::time::Timestamp;

/// One thing that people are told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// Version of this shape; additions do not change it.
    pub schema: u32,
    /// The same however often it is handed over; at most 512 bytes.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// The event behind it, for the footer.
    pub event_id: Option<EventId>,
    /// The customer.
    pub who: Who,
    /// What happened.
    pub what: What,
}

reads!(Alert {
    schema,
    id,
    at,
    event_id,
    who,
    what
});

/// The customer and its contact, as far as Kombo told.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Who {
    /// The customer's id at the company.
    pub origin_id: Option<OriginId>,
    /// The customer's name.
    pub organization_name: Option<String>,
    /// The e-mail address of its contact.
    pub contact: Option<String>,
}

reads!(Who { origin_id, organization_name, contact } or default);

/// A tool and its category.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Connection {
    /// The tool, if Kombo named it.
    pub tool: Option<Tool>,
    /// Its category, if Kombo named it.
    pub category: Option<Category>,
}

reads!(Connection { tool, category } or default);

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A connection flow failed for the first time since the last success.
    CouldNotConnect {
        /// What could not be connected.
        connection: Connection,
        /// Kombo's page about the attempt.
        log_url: Option<String>,
        /// What the customer has connected already.
        connected: Vec<Connection>,
    },
    /// An integration (or, without a handle, the environment) is in trouble.
    StoppedWorking {
        /// The integration's tool.
        connection: Connection,
        /// Its short name.
        handle: Option<Handle>,
        /// Why; never empty.
        causes: Vec<Cause>,
    },
    /// An integration came without a customer id: a human must assign it.
    Unassigned {
        /// What was connected.
        connection: Connection,
        /// The integration's short name.
        handle: Handle,
    },
    /// Kombo named a second customer for an integration that one holds.
    Disputed {
        /// What is disputed.
        connection: Connection,
        /// The integration's short name.
        handle: Handle,
        /// Who holds it and goes on holding it.
        holder: OriginId,
        /// Who was named now.
        claimant: OriginId,
    },
    /// Signed events of a known type could not be understood.
    Quarantined {
        /// The type of the events.
        kind: String,
        /// What they lacked.
        reason: String,
    },
}

reads!(enum What {
    "could_not_connect" => CouldNotConnect { connection, log_url, connected },
    "stopped_working" => StoppedWorking { connection, handle, causes },
    "unassigned" => Unassigned { connection, handle },
    "disputed" => Disputed { connection, handle, holder, claimant },
    "quarantined" => Quarantined { kind, reason },
});

impl What {
    /// Who should read it: the team, or the engineers.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::CouldNotConnect { .. } => Channel::Main,
            Self::StoppedWorking { causes, .. } if causes.iter().any(Cause::is_authentication) => {
                Channel::Main
            }
            Self::StoppedWorking { .. }
            | Self::Unassigned { .. }
            | Self::Disputed { .. }
            | Self::Quarantined { .. } => Channel::Ops,
        }
    }
}

impl Alert {
    /// Version of the shape that this code writes.
    pub const SCHEMA: u32 = 1;
}
