//! How far Workers KV is behind with the documents of the quarantine.
//!
//! And when they are all written again: about once a week, or when a human wants it. Which
//! documents those are is in `quarantine`.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::backoff::{self, Retry};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Change, Rows, StepError};
use crate::parts::projection::{PACE, STALE_AFTER};

/// What the key of a record begins with, before the event's type and id.
pub(super) const RECORD: &str = "quarantined/";

/// What the key of an empty row begins with, for each document that KV does not have
/// yet, or still has although the record is gone.
pub(super) const UNWRITTEN: &str = "unwritten/";

/// Key of the row.
const BACKLOG: &str = "quarantine";
/// Documents that are marked in a run.
const BATCH: u32 = 50;
/// The longest interval until all are written again; the shortest is half of it.
const MAX_INTERVAL: Duration = Duration::from_hours(9 * 24);
/// Longest wait between tries to write.
const MAX_WRITE_BACKOFF: Duration = Duration::from_mins(5);

/// How far Workers KV is behind. A document never changes once it is there, so writing one again
/// does no harm; what a lost answer means for a removal is decided in `quarantine`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Backlog {
    /// Documents that KV does not have yet.
    unwritten: u64,
    /// Since when there have been any.
    since: Option<Timestamp>,
    retry: Retry,
    /// The record up to which all documents were marked to be written again; `None` while no such
    /// walk is in progress.
    walk: Option<String>,
    /// When the next walk begins by itself; `None` while there are no records.
    walk_at: Option<Timestamp>,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Backlog {
    pub(super) fn load(rows: Rows<'_>, now: Timestamp) -> Result<Self, StepError> {
        let mut backlog: Self = rows.state(BACKLOG)?.unwrap_or_default();
        backlog.retry.correct_wait(MAX_WRITE_BACKOFF, now);
        if let Some(since) = &mut backlog.since {
            since.end_within(Duration::ZERO, now);
        }
        if let Some(at) = &mut backlog.walk_at {
            at.end_within(MAX_INTERVAL, now);
        }
        Ok(backlog)
    }

    /// Documents that KV does not have yet.
    pub(super) fn unwritten(&self) -> u64 {
        self.unwritten
    }

    /// Whether a document has been missing for too long.
    pub(super) fn is_stale(&self, now: Timestamp) -> bool {
        self.since
            .is_some_and(|since| now.since(since) >= STALE_AFTER)
    }

    pub(super) fn add(&mut self, now: Timestamp) {
        self.unwritten = self.unwritten.saturating_add(1);
        self.walk_at.get_or_insert_with(|| next_walk(now));
        if self.since.is_none() {
            self.since = Some(now);
            self.retry = Retry::from(now);
        }
    }

    pub(super) fn row(&self) -> Change {
        let busy = self.since.is_some() || self.walk.is_some();
        let due = busy
            .then_some(self.retry.at)
            .into_iter()
            .chain(self.walk_at);
        Change::state(BACKLOG, self, due.min())
    }

    /// Has every document written again, whatever KV has.
    pub(super) fn rewrite(&mut self, now: Timestamp) {
        self.walk = Some(String::new());
        self.retry.at = self.retry.at.min(now);
    }

    /// The row; `None` if it would say nothing and was never written.
    pub(super) fn row_if_needed(&self, rows: Rows<'_>) -> Result<Option<Change>, StepError> {
        let is_needed = *self != Self::default() || rows.state_text(BACKLOG)?.is_some();
        Ok(is_needed.then(|| self.row()))
    }

    /// Nothing is written before this moment.
    pub(super) fn wait(&mut self, until: Timestamp) {
        self.retry.at = self.retry.at.max(until);
    }

    /// Marks some documents to be written again: the rows that change besides this one.
    pub(super) fn poll(
        &mut self,
        rows: Rows<'_>,
        now: Timestamp,
    ) -> Result<Vec<Change>, StepError> {
        let Some(after) = self.walk.take() else {
            if self.walk_at.is_some_and(|at| at <= now) {
                self.walk_at = None;
                self.rewrite(now);
            }
            return Ok(Vec::new());
        };
        let records = rows.ledger_after(RECORD, &after, BATCH)?;
        if records.len() == BATCH as usize {
            self.walk = records.last().map(|(place, _)| place.clone());
        }
        let mut marks = Vec::new();
        for (place, _) in records {
            let key = format!("{UNWRITTEN}{place}");
            if rows.ledger_text(&key)?.is_none() {
                self.add(now);
                marks.push(Change::ledger(key, String::new()));
            }
        }
        Ok(marks)
    }

    /// When documents may be written next.
    pub(super) fn due(&self) -> Timestamp {
        self.retry.at
    }

    /// Handles how many of some documents are right now, and whether all are.
    pub(super) fn complete(&mut self, now: Timestamp, [done, of]: [usize; 2], none_left: bool) {
        self.unwritten = self.unwritten.saturating_sub(done as u64);
        if none_left {
            self.unwritten = 0;
        }
        if done == of {
            self.retry = Retry::from(now);
        } else {
            self.retry.fail(now, BACKLOG, MAX_WRITE_BACKOFF);
            self.retry.at = self.retry.at.max(now.plus(PACE));
        }
        if self.unwritten == 0 {
            self.since = None;
        }
    }
}

fn next_walk(now: Timestamp) -> Timestamp {
    now.plus(backoff::after(30, BACKLOG, MAX_INTERVAL))
}
