//! Keeps the object of the holder up to date about the integration.
//!
//! At most one object at a time believes that it holds the integration. Before another one does, the
//! first is told to let go and must have acknowledged it. Updates carry the integration's revision,
//! so a late or repeated one changes nothing at the receiver.

use serde::{Deserialize, Serialize};

use super::documents;
use super::facts::Facts;
use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::customer::{HolderUpdate, Message};
use crate::contracts::objects::envelope::Envelope;
use crate::domain::alert::Cause;
use crate::domain::backoff::Retry;
use crate::domain::id::EventId;
use crate::domain::time::Timestamp;
use crate::machine::{Outcome, Receipt, Send};
use crate::parts::outbox::MAX_HANDOVER_BACKOFF;

/// Which object believes that it holds the integration, and how much of it that object knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct HolderSync {
    synced_to: Option<CustomerKey>,
    /// The newest revision that it acknowledged.
    acknowledged: u64,
    retry: Retry,
}

/// A revision of the integration, and the event that made it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Revision {
    pub(super) number: u64,
    pub(super) event: Option<EventId>,
}

/// An update in flight.
#[derive(Debug, Clone, PartialEq)]
pub struct SentUpdate {
    to: CustomerKey,
    revision: u64,
    says: Says,
}

/// What an update says to its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    YouHoldIt,
    LetGo,
}

impl HolderSync {
    /// Follows the facts: with nobody to sync to, the present target is next.
    pub(super) fn follow(&mut self, target: Option<&CustomerKey>, now: Timestamp) {
        if self.synced_to.is_none() {
            self.synced_to = target.cloned();
            self.acknowledged = 0;
        }
        self.retry = Retry::from(now);
    }

    /// Corrects what a clock that was ahead made too long.
    pub(super) fn correct_wait(&mut self, now: Timestamp) {
        self.retry.correct_wait(MAX_HANDOVER_BACKOFF, now);
    }

    /// When an update must be sent; `None` if this revision was acknowledged. An object that has to
    /// let go is always behind, since another target is another revision.
    pub(super) fn due(&self, revision: u64) -> Option<Timestamp> {
        let is_behind = self.synced_to.is_some() && self.acknowledged < revision;
        is_behind.then_some(self.retry.at)
    }

    /// Handles the outcome of an update. `target` is the object that must know by now.
    pub(super) fn complete(
        &mut self,
        sent: &SentUpdate,
        outcome: &Outcome<Receipt>,
        target: Option<&CustomerKey>,
        now: Timestamp,
    ) {
        if self.synced_to.as_ref() != Some(&sent.to) {
            return;
        }
        if *outcome != Ok(Receipt::Accepted) {
            self.retry.fail(now, &sent.to.name(), MAX_HANDOVER_BACKOFF);
            return;
        }
        self.retry = Retry::from(now);
        self.acknowledged = self.acknowledged.max(sent.revision);
        if sent.says == Says::LetGo && target != Some(&sent.to) {
            self.synced_to = target.cloned();
            self.acknowledged = 0;
        }
    }

    /// The update that is due.
    pub(super) fn update(
        &self,
        facts: &Facts,
        revision: Revision,
        causes: Vec<Cause>,
        now: Timestamp,
    ) -> Option<(Send, SentUpdate)> {
        self.due(revision.number).filter(|&due| due <= now)?;
        let (to, target) = (self.synced_to.clone()?, facts.target());
        let holding = (Some(&to) == target.as_ref()).then(|| documents::snapshot(facts, causes));
        let says = if holding.is_some() {
            Says::YouHoldIt
        } else {
            Says::LetGo
        };
        let message = Envelope::encode(Message::Holder(Box::new(HolderUpdate {
            customer: to.clone(),
            integration: facts.id.clone(),
            version: revision.number,
            event: revision.event,
            holding,
            deleted: target.is_none(),
        })));
        let send = Send {
            to: Address::Customer(to.clone()),
            message,
        };
        let revision = revision.number;
        Some((send, SentUpdate { to, revision, says }))
    }
}
