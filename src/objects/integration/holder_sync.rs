//! Keeps the object of the holder up to date about the integration.
//!
//! At most one object at a time believes that it holds the integration. Before another one does, the
//! first is told to let go and must have acknowledged it. Updates carry the integration's revision,
//! so a late or repeated one changes nothing at the receiver.

use serde::{Deserialize, Serialize};

use super::documents;
use super::head::Head;
use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::customer::{HolderUpdate, Message};
use crate::contracts::objects::envelope::Envelope;
use crate::domain::alert::Cause;
use crate::domain::backoff::Retry;
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

    /// When an update must be sent; `None` if this revision was acknowledged. An object that has to
    /// let go is always behind, since another target is another revision.
    pub(super) fn due(&self, revision: u64) -> Option<Timestamp> {
        let is_behind = self.synced_to.is_some() && self.acknowledged < revision;
        is_behind.then_some(self.retry.at)
    }

    /// Takes in what came of an update. `target` is the object that must know by now.
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
}

/// The update that is due.
pub(super) fn update(
    head: &Head,
    causes: Vec<Cause>,
    now: Timestamp,
) -> Option<(Send, SentUpdate)> {
    let (sync, facts) = (&head.holder_sync, &head.facts);
    sync.due(head.revision).filter(|&due| due <= now)?;
    let (to, target) = (sync.synced_to.clone()?, facts.target());
    let holding = (Some(&to) == target.as_ref()).then(|| documents::snapshot(facts, causes));
    let says = if holding.is_some() {
        Says::YouHoldIt
    } else {
        Says::LetGo
    };
    let message = Envelope::encode(Message::Holder(Box::new(HolderUpdate {
        customer: to.clone(),
        integration: facts.id.clone(),
        version: head.revision,
        event: head.last_event.clone(),
        holding,
        deleted: target.is_none(),
    })));
    let send = Send {
        to: Address::Customer(to.clone()),
        message,
    };
    let revision = head.revision;
    Some((send, SentUpdate { to, revision, says }))
}
