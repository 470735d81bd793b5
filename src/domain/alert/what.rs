//! The kinds of alerts, each with its facts.

use serde::{Deserialize, Serialize};

use super::{Connection, CustomerRef};
use crate::domain::act::{Assignee, Person};
use crate::domain::alert::Cause;
use crate::domain::id::{Handle, OriginId};
use crate::domain::time::Timestamp;

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Connection flows have failed since the last success.
    CouldNotConnect {
        /// What could not be connected.
        #[serde(default)]
        connection: Connection,
        /// How many flows failed.
        #[serde(default)]
        attempts: u64,
        /// When the first one failed.
        since: Timestamp,
        /// When the latest one failed.
        last_at: Timestamp,
        /// Kombo's page about the latest one.
        log_url: Option<String>,
        /// What the customer has connected already.
        #[serde(default)]
        connected: Vec<Connection>,
    },
    /// A flow failed although the tool is connected: an attempt that was reported late, or a further
    /// one.
    FailedAfterSuccess {
        /// What is connected.
        #[serde(default)]
        connection: Connection,
        /// Kombo's page about the attempt.
        log_url: Option<String>,
    },
    /// A customer connected a tool.
    Connected {
        /// What is connected now.
        #[serde(default)]
        connection: Connection,
        /// What could not be connected, if that was another tool.
        instead_of: Option<Connection>,
        /// How many flows had failed before; 0 if no failure was reported.
        #[serde(default)]
        attempts: u64,
        /// When the first one failed.
        since: Timestamp,
        /// Whether its setup is still to be completed.
        #[serde(default)]
        incomplete: bool,
    },
    /// A customer's integration was deleted.
    Disconnected {
        /// The connection that ended.
        #[serde(default)]
        connection: Connection,
    },
    /// An integration (or, without a handle, the environment) stopped working.
    StoppedWorking {
        /// The integration's tool.
        #[serde(default)]
        connection: Connection,
        /// The short name in place of its id.
        handle: Option<Handle>,
        /// The causes; never empty.
        #[serde(default)]
        causes: Vec<Cause>,
        /// When it began.
        since: Timestamp,
        /// How often it came back, if it did.
        returns: Option<Returns>,
    },
    /// The problem of an integration (or of the environment) is over.
    Recovered {
        /// The integration's tool.
        #[serde(default)]
        connection: Connection,
        /// The short name in place of its id.
        handle: Option<Handle>,
        /// When it began.
        since: Timestamp,
        /// How it ended.
        ending: Resolution,
        /// How often it came back, if it did.
        returns: Option<Returns>,
        /// Who closed it, if a person with a name did.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<Person>,
    },
    /// The customer has not tried to connect for 7 days. Sent in the daily summary only.
    GivenUp {
        /// What could not be connected.
        #[serde(default)]
        connection: Connection,
        /// How many flows failed.
        #[serde(default)]
        attempts: u64,
        /// When the first one failed.
        since: Timestamp,
    },
    /// An integration has not worked for 14 days, as far as is known. Sent in the daily summary only.
    StillBroken {
        /// The integration's tool.
        #[serde(default)]
        connection: Connection,
        /// The short name in place of its id.
        handle: Option<Handle>,
        /// When it began.
        since: Timestamp,
    },
    /// A mute ended, and incidents are still open.
    StillOpen {
        /// The open incidents; never empty.
        #[serde(default)]
        standing: Vec<OpenProblem>,
    },
    /// An integration came without a customer id, so someone must assign it.
    Unassigned {
        /// What was connected.
        #[serde(default)]
        connection: Connection,
        /// The short name in place of the integration's id.
        handle: Handle,
    },
    /// Kombo named a second customer for an integration.
    Disputed {
        /// What is disputed.
        #[serde(default)]
        connection: Connection,
        /// The short name in place of the integration's id.
        handle: Handle,
        /// The customer that holds it and keeps it.
        holder: OriginId,
        /// The customer that was named now.
        claimant: OriginId,
    },
    /// Someone assigned an integration to a customer, or undid such an assignment.
    Reassigned {
        /// What was assigned.
        #[serde(default)]
        connection: Connection,
        /// The short name in place of the integration's id.
        handle: Handle,
        /// The customer that held it before.
        from: Option<OriginId>,
        /// The customer that holds it now.
        to: Option<OriginId>,
    },
    /// Kombo no longer finds an integration.
    Missing {
        /// What was connected.
        #[serde(default)]
        connection: Connection,
        /// The short name in place of the integration's id.
        handle: Handle,
        /// When Kombo first did not find it.
        since: Timestamp,
    },
    /// Signed events of a known type could not be understood.
    Quarantined {
        /// The type of the events.
        kind: String,
        /// What is wrong with them.
        reason: String,
    },
    /// Something about this Worker itself, not a customer.
    Notice(Notice),
    /// Someone checks that alerts arrive.
    Test,
    /// The daily summary of what is open.
    Summary {
        /// Its sections; never empty.
        #[serde(default)]
        sections: Vec<Section>,
    },
}

/// A problem that ended and came back, more than once in a short time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returns {
    /// How often it came back.
    #[serde(default)]
    pub times: u64,
    /// When it first began.
    pub since: Timestamp,
}

/// How the problem of an integration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// It works again: Kombo said so.
    Works,
    /// Kombo reports no problem any more, which is no proof that it works.
    Resolved,
    /// It was switched off.
    SwitchedOff,
    /// The customer connected the same tool again.
    Replaced,
    /// It was deleted, or belongs to another customer.
    Gone,
    /// Someone closed the incident.
    Closed,
}

/// An open incident, shown on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenProblem {
    /// The customer, if the message names several.
    #[serde(default)]
    pub who: CustomerRef,
    /// What is not connected, or does not work.
    #[serde(default)]
    pub connection: Connection,
    /// How many flows failed; 0 if an integration stopped working.
    #[serde(default)]
    pub attempts: u64,
    /// When it began.
    pub since: Timestamp,
    /// The short name of the integration, if someone has to name it.
    pub handle: Option<Handle>,
    /// Names the incident, as in [`super::IncidentRef`]; `None` if it is not about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// Who is on it, if someone is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee>,
}

/// News about this Worker itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub about: HealthTopic,
    /// Whether it is over.
    #[serde(default)]
    pub over: bool,
    /// The number of waiting alerts, of customers, or of deliveries.
    #[serde(default)]
    pub count: u64,
    /// When it began.
    pub since: Timestamp,
    /// The response that was received, and the remedy.
    pub reason: String,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthTopic {
    /// Slack does not accept the team's alerts.
    Slack,
    /// Workers KV is behind the objects.
    Kv,
    /// Deliveries arrived that were not signed with a configured secret.
    Signatures,
    /// Deliveries arrived whose signature has another form than Kombo's.
    SignatureForm,
    /// Deliveries arrived without a signature.
    Unsigned,
    /// Kombo has not delivered anything for days.
    Silence,
}

/// A section of the daily summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// What it lists.
    pub topic: Topic,
    /// How many there are in all.
    #[serde(default)]
    pub total: u64,
    /// The oldest of them.
    #[serde(default)]
    pub standing: Vec<OpenProblem>,
}

/// What a section of the daily summary lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Tools that customers could not connect yet.
    NotConnected,
    /// Integrations that stopped working.
    NotWorking,
    /// Integrations without a customer.
    Unassigned,
    /// Events that could not be understood.
    Quarantined,
    /// Incidents that someone muted.
    Muted,
    /// Incidents that were closed after 7 days without an attempt.
    GivenUp,
    /// Integrations whose setup the customer has not completed.
    Incomplete,
    /// Incidents that have been open for 14 days: each is listed once.
    StillBroken,
}
