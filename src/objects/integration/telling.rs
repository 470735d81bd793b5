//! Telling the object that must know of the integration.
//!
//! At most one object at a time believes that the integration is its: the
//! tenant. Before another becomes it, the tenant is told to let go and must have
//! said that it did. Messages carry the integration's revision, so a late or
//! repeated one changes nothing at the receiver.

use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::customer::{self, Snapshot, Telling};
use crate::contracts::objects::envelope::Envelope;
use crate::domain::backoff::Retry;
use crate::domain::id::{EventId, IntegrationId};
use crate::domain::time::Timestamp;
use crate::machine::{Order, Outcome, Scene};
use crate::parts::outbox::MAX_BACKOFF;
use serde::{Deserialize, Serialize};

/// Who believes to have the integration, and how much of it they know.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tenancy {
    tenant: Option<CustomerKey>,
    /// The newest revision that the tenant took.
    known: u64,
    retry: Retry,
}

/// A telling on its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    to: CustomerKey,
    revision: u64,
    /// What was told: to have it, or to let go of it.
    keeps: Keeps,
}

/// What a telling tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Version {
    /// The revision of the integration.
    pub(super) number: u64,
    /// The event that made it.
    pub(super) event: Option<EventId>,
}

/// Whether the receiver of a telling has the integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Has,
    LetsGo,
}

impl Tenancy {
    /// Takes a seat that is free. Called after each change of the facts.
    pub(super) fn follow(&mut self, seat: Option<&CustomerKey>, now: Timestamp) {
        if self.tenant.is_none() {
            self.tenant = seat.cloned();
            self.known = 0;
        }
        self.retry = Retry::from(now);
    }

    /// When something must be told; `None` when the tenant knows all. Whoever has
    /// to let go does not know: another seat is another revision.
    pub(super) fn due(&self, revision: u64) -> Option<Timestamp> {
        let behind = self.tenant.is_some() && self.known < revision;
        behind.then_some(self.retry.at)
    }

    /// The telling that is due. `snapshot` is what the holder of the seat must know.
    pub(super) fn task(
        &self,
        scene: Scene<'_>,
        id: &IntegrationId,
        version: Version,
        seat: Option<&CustomerKey>,
        snapshot: Option<Snapshot>,
    ) -> Option<(Told, Order)> {
        let revision = version.number;
        self.due(revision).filter(|&due| due <= scene.now)?;
        let to = self.tenant.clone()?;
        let holding = snapshot.filter(|_| Some(&to) == seat);
        let keeps = if holding.is_some() {
            Keeps::Has
        } else {
            Keeps::LetsGo
        };
        let message = Envelope::encode(customer::Outgoing::Told(&Telling {
            customer: to.clone(),
            integration: id.clone(),
            version: revision,
            event: version.event,
            holding,
            deleted: seat.is_none(),
        }));
        let order = Order::Send {
            to: Address::Customer(to.clone()),
            message,
        };
        Some((
            Told {
                to,
                revision,
                keeps,
            },
            order,
        ))
    }

    /// Takes in what came of a telling.
    pub(super) fn settle(
        &mut self,
        told: &Told,
        outcome: &Outcome,
        seat: Option<&CustomerKey>,
        now: Timestamp,
    ) {
        if self.tenant.as_ref() != Some(&told.to) {
            return;
        }
        if *outcome != Outcome::Done {
            self.retry.fail(now, &told.to.name(), MAX_BACKOFF);
            return;
        }
        self.retry = Retry::from(now);
        self.known = self.known.max(told.revision);
        if told.keeps == Keeps::LetsGo && seat != Some(&told.to) {
            self.tenant = seat.cloned();
            self.known = 0;
        }
    }
}
