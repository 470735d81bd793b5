//! Messages to a Notifier, and which of the two each is for.

use crate::contracts::kombo;
use crate::contracts::operator::settings::PublicUrl;
use crate::domain::audience::Audience;
use crate::domain::id::{EventId, OriginId};
use crate::domain::json::Json;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A message to a Notifier.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// An alert to be sent to Slack.
    Alert {
        /// Which Notifier this is; the object itself only knows a hash.
        audience: Audience,
        /// The same each time the alert is handed over.
        id: String,
        /// The alert, kept as it was written.
        #[serde(default)]
        alert: Json,
    },
    /// A signed event that could not be understood. For the engineers' Notifier.
    Quarantine {
        /// The event's id.
        id: EventId,
        /// Its type.
        kind: String,
        /// What it lacks.
        reason: String,
        /// The body as it was signed.
        body: String,
    },
    /// Workers KV keys of an object are stale, or no longer are. For the engineers' Notifier.
    KvLag {
        /// The object's name.
        object: String,
        /// Whether they are.
        #[serde(default)]
        is_stale: bool,
        /// Why.
        reason: String,
    },
    /// The address that Kombo delivers to, for links to acts.
    PublicAddress {
        /// Which Notifier this is.
        audience: Audience,
        /// The address.
        url: PublicUrl,
    },
    /// What an isolate at the edge counted. For the engineers' Notifier.
    IntakeReport(IntakeReport),
    /// Reads quarantined events again. For the engineers' Notifier.
    Retry {
        /// Which one; `None` for all.
        event: Option<EventId>,
    },
    /// Removes a quarantined event. For the engineers' Notifier.
    Dismiss {
        /// Which one.
        event: EventId,
    },
    /// Asks for alerts that could not be delivered.
    ListUndelivered {
        /// Which Notifier this is.
        audience: Audience,
        /// Those with greater numbers.
        #[serde(default)]
        after: u64,
        /// At most this many.
        #[serde(default)]
        limit: u32,
    },
    /// Sends undelivered alerts again.
    Resend {
        /// Which Notifier this is.
        audience: Audience,
        /// Which one; `None` for all.
        number: Option<u64>,
    },
    /// Drops an undelivered alert.
    DropUndelivered {
        /// Which Notifier this is.
        audience: Audience,
        /// Which one.
        #[serde(default)]
        number: u64,
    },
    /// An API key belongs to this Kombo environment. For the engineers' Notifier.
    Environment {
        /// Kombo's id of it.
        id: String,
        /// Whether Kombo knew one of our integrations by that key.
        #[serde(default)]
        is_proven: bool,
    },
    /// Erases what is known of a customer.
    Erase {
        /// Which Notifier this is.
        audience: Audience,
        /// The customer.
        customer: OriginId,
    },
    /// Makes the object write all its Workers KV keys again.
    Rebuild,
    /// Asks for its health.
    Health {
        /// Which Notifier this is.
        audience: Audience,
    },
    /// Asks for its full status.
    Status {
        /// Which Notifier this is.
        audience: Audience,
    },
}

/// What an isolate at the edge counted since its last report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeReport {
    /// When its latest valid delivery arrived.
    pub valid_at: Option<Timestamp>,
    /// Deliveries that were signed with none of the secrets.
    #[serde(default)]
    pub refused: u64,
    /// Deliveries whose signature has another form than Kombo's.
    #[serde(default)]
    pub malformed: u64,
    /// Deliveries without a signature.
    #[serde(default)]
    pub missing: u64,
    /// Deliveries of Kombo to another path.
    #[serde(default)]
    pub misdirected: u64,
}

impl Message {
    /// Puts an event that lacks something needed into quarantine.
    #[must_use]
    pub fn quarantine(id: EventId, kind: &str, fault: kombo::Fault, body: &str) -> Self {
        Self::Quarantine {
            id,
            kind: kind.to_owned(),
            reason: fault.to_string(),
            body: body.to_owned(),
        }
    }

    /// The key under which a message that may arrive twice is remembered.
    #[must_use]
    pub fn dedup_key(&self) -> Option<String> {
        match self {
            Self::Alert { id, .. } => Some(format!("alert/{id}")),
            Self::Quarantine { id, kind, .. } => Some(kombo::dedup_key(kind, id.as_str())),
            _ => None,
        }
    }

    /// Which Notifier it is for. A rebuild does not say: it is sent to an object by its id.
    #[must_use]
    pub fn audience(&self) -> Audience {
        match self {
            Self::Alert { audience, .. }
            | Self::PublicAddress { audience, .. }
            | Self::Erase { audience, .. }
            | Self::ListUndelivered { audience, .. }
            | Self::Resend { audience, .. }
            | Self::DropUndelivered { audience, .. }
            | Self::Health { audience }
            | Self::Status { audience } => *audience,
            Self::Quarantine { .. }
            | Self::KvLag { .. }
            | Self::IntakeReport(_)
            | Self::Environment { .. }
            | Self::Rebuild
            | Self::Retry { .. }
            | Self::Dismiss { .. } => Audience::Engineers,
        }
    }
}

/// Names an undelivered alert among those of both Notifiers: `main-17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndeliveredId {
    /// Whose queue it was in.
    pub audience: Audience,
    /// Grows with each alert of the Notifier.
    pub number: u64,
}

impl TryFrom<String> for UndeliveredId {
    type Error = ();

    fn try_from(text: String) -> Result<Self, ()> {
        Self::parse(&text).ok_or(())
    }
}

impl UndeliveredId {
    /// Parses the name; `None` if it is not of that form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (audience, number) = text.split_once('-')?;
        let audiences = [Audience::Team, Audience::Engineers];
        Some(Self {
            audience: audiences.into_iter().find(|it| it.as_str() == audience)?,
            number: number.parse().ok()?,
        })
    }
}
