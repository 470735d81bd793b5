//! Whether the Notifier knows that this object's KV keys are late.
//!
//! Not a queue of messages but one fact and its last telling: when the two
//! differ, the Notifier is told, until it took it. What is told holds for half an
//! hour only and is told again while it is true, so a message that comes twice
//! or late does no harm for long. `/healthz` asks there.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::time::Timestamp;
use crate::machine::{Order, Outcome, Scene};
use crate::parts::outbox::MAX_BACKOFF;

/// What the Notifier was told holds for so long.
pub const LEASE: Duration = Duration::from_mins(30);

/// While keys are late, the Notifier is told again after this.
const AGAIN: Duration = Duration::from_mins(10);

/// What the Notifier was told last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lateness {
    /// When it may have been told last that keys are late; none since it was told that they are not.
    told_at: Option<Timestamp>,
    #[serde(default)]
    retry: Retry,
    /// What went wrong last.
    reason: String,
}

impl Lateness {
    /// When the Notifier must be told something; `late_at` is when the first key
    /// that is behind counts as late, if any is.
    #[must_use]
    pub fn due(&self, late_at: Option<Timestamp>) -> Option<Timestamp> {
        match (self.told_at, late_at) {
            (None, None) => None,
            (None, Some(at)) => Some(at.max(self.retry.at)),
            (Some(told), Some(_)) if self.retry.attempts == 0 => Some(told.plus(AGAIN)),
            (Some(_), _) => Some(self.retry.at),
        }
    }

    /// Keeps in mind why a key was not written.
    pub fn hear(&mut self, outcome: &Outcome) {
        if let Outcome::Failed(reason) | Outcome::Unknown(reason) = outcome {
            self.reason.clone_from(reason);
        }
    }

    /// What to tell now, with the fact that is told. It leaves now.
    pub fn report(
        &mut self,
        scene: Scene<'_>,
        object: &str,
        late_at: Option<Timestamp>,
    ) -> Option<(bool, Order)> {
        self.due(late_at).filter(|&due| due <= scene.now)?;
        let late = late_at.is_some();
        if late {
            self.told_at = Some(scene.now);
        }
        let message = Envelope::encode(Message::Late {
            object: object.to_owned(),
            late,
            reason: self.reason.clone(),
        });
        let to = Address::Notifier(Audience::Engineers);
        Some((late, Order::Send { to, message }))
    }

    /// Takes in what came of telling it.
    pub fn settle(&mut self, late: bool, outcome: &Outcome, now: Timestamp, object: &str) {
        if *outcome != Outcome::Done {
            self.retry.fail(now, object, MAX_BACKOFF);
            return;
        }
        self.retry = Retry::default();
        if !late {
            *self = Self::default();
        }
    }
}
