//! What a Notifier can be told, and which of the two is.

use serde::Serialize;

use crate::id::EventId;
use crate::kombo;
use crate::record::{Json, reads};
use crate::seen;
use crate::time::Timestamp;

/// A Slack hook, and the Notifier that posts to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The team's.
    Main,
    /// The engineers'.
    Ops,
}

reads!(enum Channel {
    "main" => Main,
    "ops" => Ops,
});

impl Channel {
    /// The name of the Notifier.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Ops => "ops",
        }
    }
}

/// What a Notifier can be told.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// People are to be told something.
    Alert {
        /// Which Notifier this is; it only knows its name's hash.
        channel: Channel,
        /// The same however often the alert is handed over.
        id: String,
        /// The alert, kept as it was written.
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
        late: bool,
        /// Why.
        reason: String,
    },
    /// What an isolate of the edge noticed. Told to the engineers' Notifier only.
    Watch {
        /// When the latest valid delivery came to it.
        valid_at: Option<Timestamp>,
        /// Deliveries that nobody here signed, since it told last.
        refused: u64,
    },
    /// Asks how it fares.
    Health {
        /// Which Notifier this is.
        channel: Channel,
    },
    /// Asks how it stands, in full.
    Status {
        /// Which Notifier this is.
        channel: Channel,
    },
}

reads!(enum Message {
    "alert" => Alert { channel, id, alert },
    "quarantine" => Quarantine { id, kind, reason, body },
    "late" => Late { object, late, reason },
    "watch" => Watch { valid_at, refused },
    "health" => Health { channel },
    "status" => Status { channel },
});

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

    pub(super) fn seen_as(&self) -> Option<String> {
        match self {
            Self::Alert { id, .. } => Some(format!("alert/{id}")),
            Self::Quarantine { id, kind, .. } => Some(seen::event(kind, id.as_str())),
            Self::Late { .. } | Self::Watch { .. } | Self::Health { .. } | Self::Status { .. } => {
                None
            }
        }
    }

    /// Which Notifier is told.
    pub(super) fn channel(&self) -> Channel {
        match self {
            Self::Alert { channel, .. } | Self::Health { channel } | Self::Status { channel } => {
                *channel
            }
            Self::Quarantine { .. } | Self::Late { .. } | Self::Watch { .. } => Channel::Ops,
        }
    }
}
