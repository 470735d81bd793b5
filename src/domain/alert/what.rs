//! The kinds of things that people are told, each with its facts.

use serde::{Deserialize, Serialize};

use super::{Connection, Who};
use crate::domain::alert::Cause;
use crate::domain::id::{Handle, OriginId};
use crate::domain::time::Timestamp;

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Connection flows failed since the last success.
    CouldNotConnect {
        /// What could not be connected.
        #[serde(default)]
        connection: Connection,
        /// How many flows failed.
        #[serde(default)]
        attempts: u64,
        /// When the first one did.
        since: Timestamp,
        /// When the latest one did.
        last_at: Timestamp,
        /// Kombo's page about the latest one.
        log_url: Option<String>,
        /// What the customer has connected already.
        #[serde(default)]
        connected: Vec<Connection>,
    },
    /// A customer connected a tool.
    Connected {
        /// What is connected now.
        #[serde(default)]
        connection: Connection,
        /// What could not be connected, where that was another tool.
        instead_of: Option<Connection>,
        /// How many flows had failed before; 0 where none was told.
        #[serde(default)]
        attempts: u64,
        /// When the first one did.
        since: Timestamp,
    },
    /// A customer's integration was deleted.
    Disconnected {
        /// What is no longer connected.
        #[serde(default)]
        connection: Connection,
    },
    /// An integration (or, without a handle, the environment) is in trouble.
    StoppedWorking {
        /// The integration's tool.
        #[serde(default)]
        connection: Connection,
        /// Its short name.
        handle: Option<Handle>,
        /// Why; never empty.
        #[serde(default)]
        causes: Vec<Cause>,
        /// When it began.
        since: Timestamp,
    },
    /// The trouble of an integration (or of the environment) is over.
    Recovered {
        /// The integration's tool.
        #[serde(default)]
        connection: Connection,
        /// Its short name.
        handle: Option<Handle>,
        /// When it began.
        since: Timestamp,
        /// How it ended.
        ending: Ending,
    },
    /// Nobody tried to connect any more. Part of the daily summary only.
    GivenUp {
        /// What could not be connected.
        #[serde(default)]
        connection: Connection,
        /// How many flows failed.
        #[serde(default)]
        attempts: u64,
        /// When the first one did.
        since: Timestamp,
    },
    /// A mute is over, and this is still open.
    StillOpen {
        /// What is; never empty.
        #[serde(default)]
        standing: Vec<Standing>,
    },
    /// An integration came without a customer id: a human must assign it.
    Unassigned {
        /// What was connected.
        #[serde(default)]
        connection: Connection,
        /// The integration's short name.
        handle: Handle,
    },
    /// Kombo named a second customer for an integration that one holds.
    Disputed {
        /// What is disputed.
        #[serde(default)]
        connection: Connection,
        /// The integration's short name.
        handle: Handle,
        /// Who holds it and goes on holding it.
        holder: OriginId,
        /// Who was named now.
        claimant: OriginId,
    },
    /// A human gave an integration to a customer, or back to whom Kombo says.
    Reassigned {
        /// What was given.
        #[serde(default)]
        connection: Connection,
        /// The integration's short name.
        handle: Handle,
        /// Who held it before.
        from: Option<OriginId>,
        /// Who holds it now.
        to: Option<OriginId>,
    },
    /// Kombo says that it does not know an integration.
    Missing {
        /// What was connected.
        #[serde(default)]
        connection: Connection,
        /// The integration's short name.
        handle: Handle,
        /// Since when.
        since: Timestamp,
    },
    /// Signed events of a known type could not be understood.
    Quarantined {
        /// The type of the events.
        kind: String,
        /// What they lacked.
        reason: String,
    },
    /// Something about this Worker, and no customer.
    Notice(Notice),
    /// Somebody tries whether alerts arrive.
    Test,
    /// What is open, once a day.
    Summary {
        /// What there is; never empty.
        #[serde(default)]
        sections: Vec<Section>,
    },
}

/// How the trouble of an integration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It works again.
    Works,
    /// The customer connected the same tool once more.
    Replaced,
    /// It was deleted, or belongs to another customer.
    Gone,
}

/// An open incident on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The customer, where the message names several.
    #[serde(default)]
    pub who: Who,
    /// What is not connected, or does not work.
    #[serde(default)]
    pub connection: Connection,
    /// How many flows failed; 0 where an integration is in trouble.
    #[serde(default)]
    pub attempts: u64,
    /// When it began.
    pub since: Timestamp,
}

/// News about this Worker itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub about: Concern,
    /// Whether it is over.
    #[serde(default)]
    pub over: bool,
    /// How many: alerts that wait, customers, deliveries.
    #[serde(default)]
    pub count: u64,
    /// Since when.
    pub since: Timestamp,
    /// What was answered, and the remedy.
    pub reason: String,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// Slack does not take the team's alerts.
    Slack,
    /// Workers KV lags behind the objects.
    Kv,
    /// Deliveries came that no configured secret signed.
    Signatures,
    /// Kombo has not delivered anything for days.
    Silence,
}

/// One part of the daily summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// What it lists.
    pub topic: Topic,
    /// How many there are.
    #[serde(default)]
    pub total: u64,
    /// The oldest of them.
    #[serde(default)]
    pub standing: Vec<Standing>,
}

/// What a part of the daily summary lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Customers that could not connect yet.
    NotConnected,
    /// Integrations in trouble.
    NotWorking,
    /// Integrations without a customer.
    Unassigned,
    /// Events that could not be understood.
    Quarantined,
    /// Incidents that a human silenced.
    Muted,
    /// Attempts that ended without success.
    GivenUp,
}
