//! Erasing a customer: what is known of it goes, here and wherever else this Worker
//! keeps it. What stays is what a tombstone needs: ids, and revisions that must never
//! step back.
//!
//! The other objects are told until each has done its part: the integrations first,
//! since they may still speak of the customer to the Notifiers.

use crate::contracts::objects::address::Address;
use crate::contracts::objects::customer::Telling;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::integration::{self, Decision};
use crate::contracts::objects::notifier;
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::id::{IntegrationId, OriginId, sha256_base64url};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Order, Outcome, Rows, Scene, Table, Work};
use crate::parts::outbox::{self, MAX_BACKOFF};
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::state::State;
use super::{Errand, Ticket};

/// What the key of a row begins with that names who must still do its part.
const PREFIX: &str = "erasing/";

/// So long after an erasure, what is told may have been on its way.
const AFTERMATH: Duration = Duration::from_hours(1);

/// What the rest of the key begins with for an integration. The Notifiers' sort behind.
const INTEGRATIONS: &str = "0/";

/// Who must still do its part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Owed {
    /// The customer.
    customer: OriginId,
    whom: Whom,
    #[serde(default)]
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Whom {
    Integration(IntegrationId),
    Notifier(Audience),
}

impl Owed {
    fn row(&self, key: &str) -> Change {
        Change::state(format!("{PREFIX}{key}"), self, Some(self.retry.at))
    }

    fn order(&self) -> Order {
        match &self.whom {
            Whom::Integration(id) => {
                let decision = Decision::Erase(self.customer.clone());
                Order::Send {
                    to: Address::Integration(id.clone()),
                    message: Envelope::encode(integration::Outgoing::Decided { id, decision }),
                }
            }
            Whom::Notifier(channel) => Order::Send {
                to: Address::Notifier(*channel),
                message: Envelope::encode(notifier::Message::Forget {
                    channel: *channel,
                    customer: self.customer.clone(),
                }),
            },
        }
    }
}

impl State {
    /// Erases what is known here, and owes the rest to the others. Gives back the rows
    /// besides those of [`State::changes`], and the integrations that the customer held.
    pub(super) fn erase(
        &mut self,
        rows: &Rows,
        customer: &OriginId,
        now: Timestamp,
    ) -> (Vec<Change>, Vec<IntegrationId>) {
        let shown_before = self.shown();
        let mut changes = outbox::forget(rows);
        let mut held = Vec::new();
        for holding in &mut self.holdings {
            if holding.snapshot.take().is_some() {
                held.push(holding.integration.clone());
                changes.push(holding.row());
            }
        }
        for incident in &mut self.incidents {
            incident.erase(now);
        }
        self.head.forget();
        if self.shown() != shown_before {
            self.want_document(now);
        }
        // What it once held may have been removed by a human, with all that is known of it.
        let once_held = self.holdings.iter().map(|it| it.integration.clone());
        let notifiers = [Audience::Team, Audience::Engineers].map(Whom::Notifier);
        let others = once_held.map(Whom::Integration).chain(notifiers);
        changes.extend(others.map(|whom| owed(customer, whom, now)));
        self.head.erased_at = Some(now);
        (changes, held)
    }

    /// Whether a telling was on its way while the customer was erased: it is not taken,
    /// and its integration is erased too.
    pub(super) fn is_from_before(&self, telling: &Telling, now: Timestamp) -> bool {
        let Some(erased_at) = self.head.erased_at else {
            return false;
        };
        let held = telling.holding.as_ref();
        now.since(erased_at) < AFTERMATH && held.is_some_and(|it| it.connected_at <= erased_at)
    }

    /// Erases what is told too late: the row that owes it.
    pub(super) fn erase_late(&self, telling: &Telling, now: Timestamp) -> Option<Change> {
        let customer = self.head.key.origin_id()?;
        let whom = Whom::Integration(telling.integration.clone());
        Some(owed(customer, whom, now))
    }
}

/// The row by which one owes its part.
fn owed(customer: &OriginId, whom: Whom, now: Timestamp) -> Change {
    let key = match &whom {
        Whom::Integration(id) => format!("{INTEGRATIONS}{}", sha256_base64url(id.as_str())),
        Whom::Notifier(Audience::Engineers) => "1/ops".to_owned(),
        Whom::Notifier(Audience::Team) => "2/main".to_owned(),
    };
    let owed = Owed {
        customer: customer.clone(),
        whom,
        retry: Retry::from(now),
        unknown: Unknown::default(),
    };
    owed.row(&key)
}

/// Has the next ones do their part.
pub(super) fn work(
    scene: Scene<'_>,
    rows: &Rows,
    work: &mut Work<Ticket>,
) -> Result<(), CorruptRow> {
    let owed: Vec<(String, Owed)> = rows.all(PREFIX)?;
    let integrations = owed
        .iter()
        .filter(|(key, _)| key.starts_with(INTEGRATIONS))
        .count();
    for (place, (key, owed)) in owed.iter().enumerate() {
        let waits = integrations > 0 && place >= integrations;
        if waits {
            // It is their turn when those are done, and not before.
            let later = scene.now.plus(MAX_BACKOFF);
            if owed.retry.at <= scene.now {
                work.change(Change::state(format!("{PREFIX}{key}"), owed, Some(later)));
            }
        } else if owed.retry.at <= scene.now && work.has_room() {
            work.add(Ticket(Errand::Erase(key.clone())), owed.order());
        }
    }
    Ok(())
}

/// Takes in which of some did their part.
pub(super) fn settle(
    scene: Scene<'_>,
    rows: &Rows,
    results: &[(String, Outcome)],
) -> Result<Vec<Change>, CorruptRow> {
    let owed: Vec<(String, Owed)> = rows.all(PREFIX)?;
    let outcome = |key: &str| results.iter().find(|(of, _)| of == key).map(|(_, it)| it);
    let is_done = |key: &str| outcome(key) == Some(&Outcome::Done);
    let mut left = owed.iter().filter(|(key, _)| !is_done(key));
    let are_done = !left.any(|(key, _)| key.starts_with(INTEGRATIONS));
    let were_left = owed.iter().any(|(key, _)| key.starts_with(INTEGRATIONS));
    let mut changes = Vec::new();
    for (key, mut owed) in owed {
        if is_done(&key) {
            changes.push(Change::Remove(Table::State, format!("{PREFIX}{key}")));
        } else if outcome(&key).is_some() {
            owed.retry.fail(scene.now, &key, MAX_BACKOFF);
            changes.push(owed.row(&key));
        } else if were_left && are_done {
            // Only Notifiers are left: it is their turn now.
            owed.retry = Retry::from(scene.now);
            changes.push(owed.row(&key));
        }
    }
    Ok(changes)
}
