//! Erasing a customer: what is known of it goes, here and wherever else this Worker keeps it.
//!
//! What stays is what a tombstone needs: ids, and revisions that must never step back. The other
//! objects are told until each has done its part: the integrations first, since they may still
//! report about the customer to the Notifiers.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Completed;
use crate::contracts::objects::address::Address;
use crate::contracts::objects::customer::HolderUpdate;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::integration::Decision;
use crate::contracts::objects::{integration, notifier};
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::id::{IntegrationId, OriginId, sha256_base64url};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, Context, Outcome, Receipt, Rows, Send, StepError};
use crate::parts::outbox::MAX_HANDOVER_BACKOFF;

/// What the key of a row begins with that names an object which must still do its part.
const PREFIX: &str = "erasing/";

/// An update may have been in flight for this long.
const MAX_UPDATE_DELAY: Duration = Duration::from_hours(1);

/// What the rest of the key begins with for an integration. Those of the Notifiers sort after it.
const INTEGRATIONS: &str = "0/";

/// An object that must still do its part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Owed {
    /// The customer.
    customer: OriginId,
    party: Party,
    #[serde(default)]
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Party {
    Integration(IntegrationId),
    Notifier(Audience),
}

impl Owed {
    fn row(&self, key: &str) -> Change {
        Change::state(format!("{PREFIX}{key}"), self, Some(self.retry.at))
    }

    fn request(&self) -> Send {
        let customer = self.customer.clone();
        match &self.party {
            Party::Integration(id) => Send {
                to: Address::Integration(id.clone()),
                message: Envelope::encode(integration::Message::Decision {
                    id: id.clone(),
                    decision: Decision::Erase(customer),
                }),
            },
            Party::Notifier(audience) => Send {
                to: Address::Notifier(*audience),
                message: Envelope::encode(notifier::Message::Erase {
                    audience: *audience,
                    customer,
                }),
            },
        }
    }
}

/// Whether an update was in flight while the customer was erased: it is not applied, and its
/// integration is erased too.
pub(super) fn precedes(
    erased_at: Option<Timestamp>,
    update: &HolderUpdate,
    now: Timestamp,
) -> bool {
    let holding = update.holding.as_ref();
    erased_at.is_some_and(|erased_at| {
        let is_old = holding.is_some_and(|it| it.connected_at <= erased_at);
        now.since(erased_at) < MAX_UPDATE_DELAY && is_old
    })
}

/// The rows for the parts of all others.
pub(super) fn of_everyone<'a>(
    customer: &OriginId,
    integrations: impl Iterator<Item = &'a IntegrationId>,
    now: Timestamp,
) -> Vec<Change> {
    let integrations = integrations.map(|id| of_integration(customer, id, now));
    let notifiers = [Audience::Team, Audience::Engineers]
        .map(|audience| owed(customer, Party::Notifier(audience), now));
    integrations.chain(notifiers).collect()
}

/// The row for an integration's part.
pub(super) fn of_integration(
    customer: &OriginId,
    integration: &IntegrationId,
    now: Timestamp,
) -> Change {
    owed(customer, Party::Integration(integration.clone()), now)
}

/// The row for an object's part.
fn owed(customer: &OriginId, party: Party, now: Timestamp) -> Change {
    let key = match &party {
        Party::Integration(id) => format!("{INTEGRATIONS}{}", sha256_base64url(id.as_str())),
        Party::Notifier(Audience::Engineers) => "1/ops".to_owned(),
        Party::Notifier(Audience::Team) => "2/main".to_owned(),
    };
    let owed = Owed {
        customer: customer.clone(),
        party,
        retry: Retry::from(now),
        unknown: Unknown::default(),
    };
    owed.row(&key)
}

/// Asks the next ones for their part.
pub(super) fn poll(
    context: Context<'_>,
    rows: Rows<'_>,
    batch: &mut Batch<Completed>,
) -> Result<(), StepError> {
    let mut owed: Vec<(String, Owed)> = rows.state_with_prefix(PREFIX)?;
    for (_, owed) in &mut owed {
        owed.retry.correct_wait(MAX_HANDOVER_BACKOFF, context.now);
    }
    let integrations = owed
        .iter()
        .filter(|(key, _)| key.starts_with(INTEGRATIONS))
        .count();
    for (place, (key, owed)) in owed.iter().enumerate() {
        let is_due = owed.retry.at <= context.now;
        if integrations > 0 && place >= integrations {
            // It is their turn when the integrations are done.
            let later = context.now.plus(MAX_HANDOVER_BACKOFF);
            if is_due {
                batch.change(Change::state(format!("{PREFIX}{key}"), owed, Some(later)));
            }
        } else if is_due && batch.has_room() {
            let key = key.clone();
            batch.send(owed.request(), |outcome| Completed::Erasure(key, outcome));
        }
    }
    Ok(())
}

/// The rows whose wait a clock that was ahead made too long, corrected.
pub(super) fn correct_waits(
    context: Context<'_>,
    rows: Rows<'_>,
) -> Result<Vec<Change>, StepError> {
    let owed: Vec<(String, Owed)> = rows.state_with_prefix(PREFIX)?;
    let mut changes = Vec::new();
    for (key, mut owed) in owed {
        let before = owed.retry.at;
        owed.retry.correct_wait(MAX_HANDOVER_BACKOFF, context.now);
        if owed.retry.at != before {
            changes.push(owed.row(&key));
        }
    }
    Ok(changes)
}

/// Handles the replies of those who did their part.
pub(super) fn complete(
    context: Context<'_>,
    rows: Rows<'_>,
    results: &[(String, Outcome<Receipt>)],
) -> Result<Vec<Change>, StepError> {
    let owed: Vec<(String, Owed)> = rows.state_with_prefix(PREFIX)?;
    let outcome = |key: &str| results.iter().find(|(of, _)| of == key).map(|(_, it)| it);
    let is_done = |key: &str| outcome(key) == Some(&Ok(Receipt::Accepted));
    let is_of_integration = |key: &str| key.starts_with(INTEGRATIONS);
    let mut left = owed.iter().filter(|(key, _)| !is_done(key));
    let none_left = !left.any(|(key, _)| is_of_integration(key));
    let had_integrations = owed.iter().any(|(key, _)| is_of_integration(key));
    let mut changes = Vec::new();
    for (key, mut owed) in owed {
        if is_done(&key) {
            changes.push(Change::remove_state(format!("{PREFIX}{key}")));
        } else if outcome(&key).is_some() {
            owed.retry.fail(context.now, &key, MAX_HANDOVER_BACKOFF);
            changes.push(owed.row(&key));
        } else if had_integrations && none_left {
            // Only Notifiers are left: it is their turn now.
            owed.retry = Retry::from(context.now);
            changes.push(owed.row(&key));
        }
    }
    Ok(changes)
}
