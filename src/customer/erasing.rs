//! Erasing a customer: what is known of it goes, here and wherever else this Worker
//! keeps it. What stays is what a tombstone needs: ids, and revisions that must never
//! step back.
//!
//! The other objects are told one after the other, until each has done its part: the
//! integrations first, since they may still speak of the customer to the Notifiers.

use serde::Serialize;

use super::state::State;
use super::{Errand, Ticket};
use crate::backoff::Retry;
use crate::id::{IntegrationId, OriginId, sha256_base64url};
use crate::integration::{self, Decision};
use crate::machine::{Change, CorruptRow, Letter, Order, Outcome, Rows, Scene, Table, Work};
use crate::notifier::{self, Channel};
use crate::object::Address;
use crate::outbox::{self, MAX_BACKOFF};
use crate::record::reads;
use crate::time::Timestamp;

/// What the key of a row begins with that names who must still do its part.
const PREFIX: &str = "erasing/";

/// Who must still do its part.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Owed {
    /// The customer.
    customer: OriginId,
    whom: Whom,
    retry: Retry,
}

reads!(Owed {
    customer,
    whom,
    retry
});

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Whom {
    Integration(IntegrationId),
    Notifier(Channel),
}

reads!(enum Whom { "integration" => Integration(_), "notifier" => Notifier(_) });

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
                    message: Letter::seal(integration::Outgoing::Decided { id, decision }),
                }
            }
            Whom::Notifier(channel) => Order::Send {
                to: Address::Notifier(*channel),
                message: Letter::seal(notifier::Message::Forget {
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
        let integrations = held.iter().cloned().map(Whom::Integration);
        let notifiers = [Channel::Main, Channel::Ops].map(Whom::Notifier);
        let owed = integrations.chain(notifiers).map(|whom| {
            let key = match &whom {
                Whom::Integration(id) => format!("0/{}", sha256_base64url(id.as_str())),
                Whom::Notifier(channel) => format!("1/{}", channel.as_str()),
            };
            let owed = Owed {
                customer: customer.clone(),
                whom,
                retry: Retry::from(now),
            };
            owed.row(&key)
        });
        changes.extend(owed);
        (changes, held)
    }
}

/// Has the next ones do their part.
pub(super) fn work(
    scene: Scene<'_>,
    rows: &Rows,
    work: &mut Work<Ticket>,
) -> Result<(), CorruptRow> {
    let owed: Vec<(String, Owed)> = rows.all(PREFIX)?;
    let integrations = owed.iter().filter(|(key, _)| key.starts_with("0/")).count();
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

/// Takes in whether one did its part.
pub(super) fn settle(
    scene: Scene<'_>,
    rows: &Rows,
    key: &str,
    outcome: &Outcome,
) -> Result<Vec<Change>, CorruptRow> {
    let owed: Vec<(String, Owed)> = rows.all(PREFIX)?;
    if *outcome == Outcome::Done {
        let gone = Change::Remove(Table::State, format!("{PREFIX}{key}"));
        let next = owed.iter().filter(|(of, _)| of != key);
        // Whoever waited for this one is looked at anew.
        let next = next.map(|(of, owed)| owed.row(of));
        return Ok(next.chain([gone]).collect());
    }
    let failed = owed.into_iter().find(|(of, _)| of == key);
    Ok(failed
        .into_iter()
        .map(|(key, mut owed)| {
            owed.retry.fail(scene.now, &key, MAX_BACKOFF);
            owed.row(&key)
        })
        .collect())
}
