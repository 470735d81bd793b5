//! Reports a success to the object of the customer's organization.
//!
//! A connection link may have no customer id, so that its failures belong to the organization, and
//! the next link may have one. So each success is reported to the organization once: it knows whether the
//! same person failed before. At most one report is in flight, and it is repeated until it is
//! acknowledged.

use serde::{Deserialize, Serialize};

use super::documents;
use super::facts::Facts;
use super::holder_sync::Revision;
use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::customer::{Message, Success};
use crate::contracts::objects::envelope::Envelope;
use crate::domain::backoff::Retry;
use crate::domain::time::Timestamp;
use crate::machine::{Outcome, Receipt, Send};
use crate::parts::outbox::MAX_HANDOVER_BACKOFF;

/// Which success the organization knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SuccessReport {
    acknowledged: Option<Timestamp>,
    retry: Retry,
}

impl SuccessReport {
    /// When the report is due; `None` if there is nothing new to report.
    pub(super) fn due(&self, facts: &Facts) -> Option<Timestamp> {
        let is_new = facts.succeeded_at() > self.acknowledged;
        let is_complete = facts.holder().is_some()
            && facts.contact.is_some()
            && facts.organization_name().is_some();
        (is_new && is_complete).then_some(self.retry.at)
    }

    /// Corrects a wait that a clock that was ahead made too long.
    pub(super) fn correct_wait(&mut self, now: Timestamp) {
        self.retry.correct_wait(MAX_HANDOVER_BACKOFF, now);
    }

    /// There may be something new, which is not kept waiting by what failed before.
    pub(super) fn follow(&mut self, now: Timestamp) {
        self.retry = Retry::from(now);
    }

    /// The report that is due, and the time of the success.
    pub(super) fn poll(
        &self,
        facts: &Facts,
        revision: Revision,
        now: Timestamp,
    ) -> Option<(Send, Timestamp)> {
        self.due(facts).filter(|&due| due <= now)?;
        let organization = CustomerKey::Organization(facts.organization_name()?.to_owned());
        let success = Success {
            organization: organization.clone(),
            customer: facts.holder()?.clone(),
            event: revision.event,
            holding: documents::snapshot(facts, Vec::new()),
        };
        let send = Send {
            to: Address::Customer(organization),
            message: Envelope::encode(Message::Success(Box::new(success))),
        };
        Some((send, facts.succeeded_at()?))
    }

    /// Handles the outcome of reporting the success of this time.
    pub(super) fn complete(
        &mut self,
        succeeded_at: Timestamp,
        outcome: &Outcome<Receipt>,
        now: Timestamp,
        seed: &str,
    ) {
        if *outcome == Ok(Receipt::Accepted) {
            self.acknowledged = self.acknowledged.max(Some(succeeded_at));
            self.retry = Retry::from(now);
        } else {
            self.retry.fail(now, seed, MAX_HANDOVER_BACKOFF);
        }
    }
}
