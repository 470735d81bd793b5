//! The daily rounds: a Notifier visits the other one, and the engineers' also every object with a key in
//! Workers KV.
//!
//! The platform may lose an alarm, and an object to which nothing happens would not notice. Any message
//! makes it look, so each gets one a day. A visit that fails is made again in the next round.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Completed;
use crate::contracts::objects::address::{Address, Class, CustomerKey};
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::contracts::objects::{customer, integration};
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::id::{IntegrationId, OriginId};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, List, Listed, Outcome, Rows, Send, StepError};

/// Key of the row.
const ROUNDS: &str = "rounds";
/// From the end of a round to the next, so that each object is visited within a day.
const INTERVAL: Duration = Duration::from_hours(20);
/// Keys in a page, which are kept until each was visited.
const PAGE_SIZE: u32 = 30;
/// Longest wait between tries to list keys.
const MAX_LIST_BACKOFF: Duration = Duration::from_mins(15);

/// What the keys begin with whose objects the engineers' Notifier visits.
const PREFIXES: [&str; 3] = ["integration:", "customer:", "incident:"];
/// What an id begins with that is not a key in Workers KV: that of the other Notifier.
const NOTIFIER: &str = "notifier:";

/// The progress of a round.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Rounds {
    /// When the next round is due, or since when this one has been.
    due: Option<Timestamp>,
    has_begun: bool,
    /// How many of the prefixes were listed to their end.
    listed: u64,
    /// Where the next page of the present one begins.
    cursor: Option<String>,
    /// The keys whose objects come next.
    keys: Vec<String>,
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Rounds {
    /// The row, with waits that a clock that was ahead made too long corrected.
    pub(super) fn load(rows: Rows<'_>, now: Timestamp) -> Result<Self, StepError> {
        let mut rounds: Self = rows.state(ROUNDS)?.unwrap_or_default();
        rounds.retry.correct_wait(MAX_LIST_BACKOFF, now);
        if let Some(due) = &mut rounds.due {
            due.end_within(INTERVAL, now);
        }
        Ok(rounds)
    }

    /// Plans the first round: the row, if that is new.
    pub(super) fn begin(&mut self, now: Timestamp) -> Option<Change> {
        if self.due.is_some() {
            return None;
        }
        self.due = Some(now.plus(INTERVAL));
        Some(self.row())
    }

    /// The row; `None` if it would say nothing and was never written.
    pub(super) fn row_if_needed(&self, rows: Rows<'_>) -> Result<Option<Change>, StepError> {
        let is_needed = *self != Self::default() || rows.state_text(ROUNDS)?.is_some();
        Ok(is_needed.then(|| self.row()))
    }

    fn row(&self) -> Change {
        Change::state(ROUNDS, self, self.due.map(|due| due.max(self.retry.at)))
    }

    /// Adds visits, or a listing of further keys, as far as there is room.
    pub(super) fn poll(
        &mut self,
        audience: Audience,
        now: Timestamp,
        batch: &mut Batch<Completed>,
    ) {
        let is_due = self.due.is_some_and(|due| due.max(self.retry.at) <= now);
        if !is_due || !batch.has_room() {
            return;
        }
        if !self.has_begun {
            self.has_begun = true;
            self.keys.push(format!("{NOTIFIER}{}", audience.as_str()));
        }
        self.keys.retain(|key| visit(key).is_some());
        for key in &self.keys {
            if let Some(send) = visit(key).filter(|_| batch.has_room()) {
                let key = key.clone();
                batch.send(send, |_| Completed::Visit(key));
            }
        }
        if !self.keys.is_empty() {
            return;
        }
        match self.prefix(audience) {
            Some(prefix) => {
                let list = List {
                    prefix: prefix.to_owned(),
                    cursor: self.cursor.clone(),
                    limit: PAGE_SIZE,
                };
                batch.list(list, Completed::Round);
            }
            None => {
                *self = Self {
                    due: Some(now.plus(INTERVAL)),
                    unknown: core::mem::take(&mut self.unknown),
                    ..Self::default()
                };
            }
        }
    }

    /// The prefix that is listed now; `None` if the round is over.
    fn prefix(&self, audience: Audience) -> Option<&'static str> {
        let place = usize::try_from(self.listed).ok()?;
        let prefix = PREFIXES.get(place).copied();
        prefix.filter(|_| audience == Audience::Engineers)
    }

    /// Handles a page of keys.
    pub(super) fn complete_page(&mut self, outcome: Outcome<Listed>, now: Timestamp) {
        match outcome {
            Ok(Listed::Page(page)) => {
                self.retry = Retry::default();
                self.keys = page.keys.into_iter().map(|(key, _)| key).collect();
                self.cursor = page.cursor;
                if self.cursor.is_none() {
                    self.listed = self.listed.saturating_add(1);
                }
            }
            Ok(Listed::BadCursor) => self.cursor = None,
            Err(_) => self.retry.fail(now, ROUNDS, MAX_LIST_BACKOFF),
        }
    }

    /// The object behind a key was visited.
    pub(super) fn complete_visit(&mut self, key: &str) {
        self.keys.retain(|it| it != key);
    }
}

/// The message that makes the object behind a key look; `None` if there is no such object.
fn visit(key: &str) -> Option<Send> {
    let (kind, id) = key.split_once(':')?;
    let wake = || Envelope::encode(customer::Message::Wake);
    Some(match kind {
        "integration" => Send {
            to: Address::Integration(IntegrationId::try_from(id.to_owned()).ok()?),
            message: Envelope::encode(integration::Message::Wake),
        },
        "customer" => {
            let id = OriginId::try_from(id.to_owned()).ok()?;
            Send {
                to: Address::Customer(CustomerKey::Customer(id)),
                message: wake(),
            }
        }
        "incident" => Send {
            to: Address::Named(Class::Customer, id.split(':').next()?.to_owned()),
            message: wake(),
        },
        "notifier" => {
            let audience = if id == Audience::Team.as_str() {
                Audience::Engineers
            } else {
                Audience::Team
            };
            Send {
                to: Address::Notifier(audience),
                message: Envelope::encode(Message::Health { audience }),
            }
        }
        _ => return None,
    })
}
