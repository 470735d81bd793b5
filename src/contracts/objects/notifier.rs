//! What a Notifier can be told, and which of the two is.

use crate::contracts::kombo::{self, dedup_key};
use crate::domain::audience::Audience;
use crate::domain::id::{EventId, OriginId};
use crate::domain::json::Json;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a Notifier can be told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// People are to be told something.
    Alert {
        /// Which Notifier this is; it only knows its name's hash.
        channel: Audience,
        /// The same however often the alert is handed over.
        id: String,
        /// The alert, kept as it was written.
        #[serde(default)]
        alert: Json,
    },
    /// A signed event could not be understood. Told to the engineers' Notifier only.
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
    /// The Workers KV keys of an object are late, or no longer. Told to the engineers' Notifier only.
    Late {
        /// The object's name.
        object: String,
        /// Whether they are.
        #[serde(default)]
        late: bool,
        /// Why.
        reason: String,
    },
    /// What an isolate of the edge noticed. Told to the engineers' Notifier only.
    Watch {
        /// When the latest valid delivery came to it.
        valid_at: Option<Timestamp>,
        /// Deliveries that nobody here signed, since it told last.
        #[serde(default)]
        refused: u64,
    },
    /// Quarantined events are to be looked at again. Told to the engineers' Notifier only.
    Retry {
        /// Which one; none for all.
        event: Option<EventId>,
    },
    /// A quarantined event is of no use. Told to the engineers' Notifier only.
    Dismiss {
        /// Which one.
        event: EventId,
    },
    /// Asks which alerts could not be delivered.
    Undelivered {
        /// Which Notifier this is.
        channel: Audience,
        /// Those with greater numbers.
        #[serde(default)]
        after: u64,
        /// At most so many.
        #[serde(default)]
        limit: u32,
    },
    /// Undelivered alerts are to be sent again.
    Resend {
        /// Which Notifier this is.
        channel: Audience,
        /// Which one; none for all.
        number: Option<u64>,
    },
    /// An undelivered alert is of no use.
    Drop {
        /// Which Notifier this is.
        channel: Audience,
        /// Which one.
        #[serde(default)]
        number: u64,
    },
    /// An API key is of this Kombo environment. Told to the engineers' Notifier only.
    Environment {
        /// Kombo's id of it.
        id: String,
        /// Whether Kombo knew an integration of ours by that key.
        #[serde(default)]
        is_proven: bool,
    },
    /// What is known of a customer is to be erased.
    Forget {
        /// Which Notifier this is.
        channel: Audience,
        /// Whom.
        customer: OriginId,
    },
    /// Its Workers KV keys are to be written again.
    Rebuild,
    /// Asks how it fares.
    Health {
        /// Which Notifier this is.
        channel: Audience,
    },
    /// Asks how it stands, in full.
    Status {
        /// Which Notifier this is.
        channel: Audience,
    },
}

impl Message {
    /// Puts an event that lacks what is needed into quarantine.
    #[must_use]
    pub fn quarantine(id: EventId, kind: &str, fault: kombo::Fault, body: &str) -> Self {
        Self::Quarantine {
            id,
            kind: kind.to_owned(),
            reason: fault.to_string(),
            body: body.to_owned(),
        }
    }

    /// The name under which it is remembered, of what may come twice.
    #[must_use]
    pub fn seen_as(&self) -> Option<String> {
        match self {
            Self::Alert { id, .. } => Some(format!("alert/{id}")),
            Self::Quarantine { id, kind, .. } => Some(dedup_key(kind, id.as_str())),
            _ => None,
        }
    }

    /// Which Notifier is told; of a rebuild it is not known.
    #[must_use]
    pub fn channel(&self) -> Audience {
        match self {
            Self::Alert { channel, .. }
            | Self::Forget { channel, .. }
            | Self::Undelivered { channel, .. }
            | Self::Resend { channel, .. }
            | Self::Drop { channel, .. }
            | Self::Health { channel }
            | Self::Status { channel } => *channel,
            Self::Quarantine { .. }
            | Self::Late { .. }
            | Self::Watch { .. }
            | Self::Environment { .. }
            | Self::Rebuild
            | Self::Retry { .. }
            | Self::Dismiss { .. } => Audience::Engineers,
        }
    }
}

/// Names one of them among those of both channels: `main-17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndeliveredId {
    /// Whose it is.
    pub channel: Audience,
    /// Grows with each alert of the channel.
    pub number: u64,
}

impl UndeliveredId {
    /// Reads the name; `None` when it is no such name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (channel, number) = text.split_once('-')?;
        let channels = [Audience::Team, Audience::Engineers];
        Some(Self {
            channel: channels.into_iter().find(|it| it.as_str() == channel)?,
            number: number.parse().ok()?,
        })
    }
}
