//! Out of quarantine: events that humans have read again, or dismiss.
//!
//! An event is read again with today's code. If it can be understood now, it waits here until its
//! object accepted it, and then leaves the quarantine; otherwise it stays. Retrying all of them
//! walks through the records in the order of their keys.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Completed;
use super::backlog::{Backlog, RECORD};
use super::quarantine::{BODY, remove};
use crate::contracts::kombo::{self, Event};
use crate::contracts::objects::reply::Reply;
use crate::contracts::objects::routing;
use crate::domain::backoff::Retry;
use crate::domain::id::EventId;
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, Context, Outcome, Receipt, Rows, Send, StepError};

/// Key of the row.
const RETRIES: &str = "release";
/// The key prefix of an empty row for each event whose object does not have it yet.
pub(super) const RETRIED: &str = "released/";
/// Records that are read in a run: a body may have a MiB.
const BATCH: u32 = 3;
/// Longest wait between tries to hand an event over.
const MAX_RETRY_BACKOFF: Duration = Duration::from_mins(5);

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Retries {
    /// Events that wait for their objects.
    #[serde(default)]
    waiting: u64,
    /// The one whose object did not accept it last: others come first.
    failed: String,
    /// The record that the walk read last; empty at its beginning.
    walk: Option<String>,
    #[serde(default)]
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

/// Two types may share an id.
fn places(event: &EventId) -> impl Iterator<Item = String> {
    let kinds = kombo::KINDS.into_iter();
    kinds.map(move |kind| format!("{kind}/{}", event.as_str()))
}

impl Retries {
    pub(super) fn load(rows: Rows<'_>, now: Timestamp) -> Result<Self, StepError> {
        let mut retries: Self = rows.state(RETRIES)?.unwrap_or_default();
        retries.retry.correct_wait(MAX_RETRY_BACKOFF, now);
        Ok(retries)
    }

    /// Reads one event again, or begins to read all: the rows that change, and the reply.
    pub(super) fn request(
        mut self,
        rows: Rows<'_>,
        event: Option<&EventId>,
        now: Timestamp,
    ) -> Result<(Vec<Change>, Reply), StepError> {
        let Some(event) = event else {
            self.walk = Some(String::new());
            self.retry = Retry::from(now);
            return Ok((vec![self.row()], Reply::Acknowledged));
        };
        let mut reply = Reply::Document(None);
        let mut changes = Vec::new();
        for place in places(event) {
            let Some(body) = rows.ledger_text(&format!("{BODY}{place}"))? else {
                continue;
            };
            if Event::of(&body).is_none() {
                reply = Reply::Quarantined;
                continue;
            }
            self.retry = Retry::from(now);
            changes.extend(self.mark(rows, &place)?);
            reply = Reply::Accepted;
        }
        changes.push(self.row());
        Ok((changes, reply))
    }

    /// The row by which an event waits for its object, unless it does so already.
    fn mark(&mut self, rows: Rows<'_>, place: &str) -> Result<Option<Change>, StepError> {
        let key = format!("{RETRIED}{place}");
        if rows.ledger_text(&key)?.is_some() {
            return Ok(None);
        }
        self.waiting = self.waiting.saturating_add(1);
        Ok(Some(Change::ledger(key, String::new())))
    }

    pub(super) fn row(&self) -> Change {
        Change::state(RETRIES, self, self.due())
    }

    /// The row; `None` if it would say nothing and was never written.
    pub(super) fn row_if_needed(&self, rows: Rows<'_>) -> Result<Option<Change>, StepError> {
        let is_needed = *self != Self::default() || rows.state_text(RETRIES)?.is_some();
        Ok(is_needed.then(|| self.row()))
    }

    /// When something is to be done.
    fn due(&self) -> Option<Timestamp> {
        let is_busy = self.waiting > 0 || self.walk.is_some();
        is_busy.then_some(self.retry.at)
    }

    /// Continues the walk, and hands over an event that waits.
    pub(super) fn poll(
        &mut self,
        context: Context<'_>,
        rows: Rows<'_>,
        batch: &mut Batch<Completed>,
    ) -> Result<(), StepError> {
        if self.due().is_none_or(|due| due > context.now) {
            return Ok(());
        }
        if batch.has_room() {
            self.hand_over(rows, batch)?;
        }
        batch.change_all(self.walk_on(rows)?);
        Ok(())
    }

    fn hand_over(&mut self, rows: Rows<'_>, batch: &mut Batch<Completed>) -> Result<(), StepError> {
        let Some(place) = self.next(rows)? else {
            // Whatever was counted, no event waits.
            self.waiting = 0;
            return Ok(());
        };
        let body = rows.ledger_text(&format!("{BODY}{place}"))?;
        if let Some(event) = body.and_then(|body| Event::of(&body)) {
            let (to, message) = routing::route(event);
            batch.send(Send { to, message }, |outcome| {
                Completed::Retry(place, outcome)
            });
        } else {
            // It is gone, or only a newer version understands it: it waits no more.
            self.waiting = self.waiting.saturating_sub(1);
            batch.change(Change::remove_ledger(format!("{RETRIED}{place}")));
        }
        Ok(())
    }

    /// The place of the event that is handed over next: one after the one that failed last, if
    /// there is one.
    fn next(&self, rows: Rows<'_>) -> Result<Option<String>, StepError> {
        let mut next = rows.ledger_after(RETRIED, &self.failed, 1)?;
        if next.is_empty() {
            next = rows.ledger_first(RETRIED, 1)?;
        }
        Ok(next.into_iter().next().map(|(place, _)| place))
    }

    fn walk_on(&mut self, rows: Rows<'_>) -> Result<Vec<Change>, StepError> {
        let Some(after) = self.walk.take() else {
            return Ok(Vec::new());
        };
        let records = rows.ledger_after(RECORD, &after, BATCH)?;
        if records.len() == BATCH as usize {
            self.walk = records.last().map(|(place, _)| place.clone());
        }
        let mut changes = Vec::new();
        for (place, _) in records {
            let body = rows.ledger_text(&format!("{BODY}{place}"))?;
            if body.is_some_and(|body| Event::of(&body).is_some()) {
                changes.extend(self.mark(rows, &place)?);
            }
        }
        Ok(changes)
    }

    /// Handles whether its object accepted an event: the rows that change besides this one.
    pub(super) fn complete(
        &mut self,
        rows: Rows<'_>,
        place: &str,
        outcome: &Outcome<Receipt>,
        now: Timestamp,
        backlog: &mut Backlog,
    ) -> Result<Vec<Change>, StepError> {
        if *outcome != Ok(Receipt::Accepted) {
            self.retry.fail(now, place, MAX_RETRY_BACKOFF);
            place.clone_into(&mut self.failed);
            return Ok(Vec::new());
        }
        self.retry = Retry::from(now);
        self.dismiss(rows, place, now, backlog)
    }

    /// Takes an event out of quarantine, whether it waits for its object or not: the rows that
    /// change besides this one.
    pub(super) fn dismiss(
        &mut self,
        rows: Rows<'_>,
        place: &str,
        now: Timestamp,
        backlog: &mut Backlog,
    ) -> Result<Vec<Change>, StepError> {
        let mut changes = remove(rows, place, now, backlog)?;
        let key = format!("{RETRIED}{place}");
        if rows.ledger_text(&key)?.is_some() {
            self.waiting = self.waiting.saturating_sub(1);
            changes.push(Change::remove_ledger(key));
        }
        Ok(changes)
    }

    /// Removes an event for good: the rows that change, and the reply.
    pub(super) fn dismiss_event(
        mut self,
        rows: Rows<'_>,
        event: &EventId,
        now: Timestamp,
    ) -> Result<(Vec<Change>, Reply), StepError> {
        let mut backlog = Backlog::load(rows, now)?;
        let mut changes = Vec::new();
        for place in places(event) {
            if rows.ledger_text(&format!("{RECORD}{place}"))?.is_some() {
                changes.extend(self.dismiss(rows, &place, now, &mut backlog)?);
            }
        }
        if changes.is_empty() {
            return Ok((changes, Reply::Document(None)));
        }
        changes.extend([backlog.row(), self.row()]);
        Ok((changes, Reply::Acknowledged))
    }
}
