//! Whether the Notifier knows that this object's KV keys are late.
//!
//! Not a queue of messages but one fact and its last telling: when the two
//! differ, the Notifier is told again, until it took it. `/healthz` asks there.

use serde::Serialize;

use crate::backoff::Retry;
use crate::machine::{Letter, Order, Outcome, Scene};
use crate::notifier::{Channel, Message};
use crate::object::Address;
use crate::outbox::MAX_BACKOFF;
use crate::record::reads;
use crate::time::Timestamp;

/// What the Notifier was told last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lateness {
    told: bool,
    retry: Retry,
}

reads!(Lateness { told, retry } or default);

impl Lateness {
    /// When the Notifier must be told something; `late_at` is when the first key
    /// that is behind counts as late, if any is.
    #[must_use]
    pub fn due(&self, late_at: Option<Timestamp>) -> Option<Timestamp> {
        match (self.told, late_at) {
            (false, Some(at)) => Some(at.max(self.retry.at)),
            (true, None) => Some(self.retry.at),
            (false, None) | (true, Some(_)) => None,
        }
    }

    /// What to tell now, with the fact that is told.
    #[must_use]
    pub fn report(
        &self,
        scene: Scene<'_>,
        object: &str,
        late_at: Option<Timestamp>,
    ) -> Option<(bool, Order)> {
        self.due(late_at).filter(|&due| due <= scene.now)?;
        let late = late_at.is_some();
        let message = Letter::seal(Message::Late {
            object: object.to_owned(),
            late,
        });
        let to = Address::Notifier(Channel::Main);
        Some((late, Order::Send { to, message }))
    }

    /// Takes in what came of telling it.
    pub fn settle(&mut self, late: bool, outcome: &Outcome, now: Timestamp, object: &str) {
        if *outcome == Outcome::Done {
            self.told = late;
            self.retry = Retry::default();
        } else {
            self.retry.fail(now, object, MAX_BACKOFF);
        }
    }
}
