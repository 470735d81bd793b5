//! How far Workers KV is behind with the documents of the quarantine.
//!
//! And when they are all written again: about once a week, or when a human wants it.
//! Which documents those are is `quarantine`'s.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::backoff::{self, Retry};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Read, Rows, Table};
use crate::parts::projection::{LATE, PACE};

/// What the key of a record begins with, before the event's type and id.
pub(super) const RECORD: &str = "quarantined/";

/// What the key of an empty row begins with, for each document that KV does not have
/// yet, or has still though the record is gone.
pub(super) const UNWRITTEN: &str = "unwritten/";

/// Key of the row.
const BACKLOG: &str = "quarantine";
/// Documents that are marked in a round.
const BATCH: u32 = 50;
/// The longest pause until all are written again; the shortest is half of it.
const LONGEST_PAUSE: Duration = Duration::from_hours(9 * 24);
/// Longest wait between tries to write.
const MAX_BACKOFF: Duration = Duration::from_mins(5);

/// How far Workers KV is behind. A document never changes once it is there, so writing
/// one again does no harm; what a lost answer means for a removal is `quarantine`'s.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Backlog {
    /// Documents that KV does not have yet.
    unwritten: u64,
    /// Since when there are any.
    since: Option<Timestamp>,
    retry: Retry,
    /// The record up to which all documents were marked to be written again; none
    /// while nobody is at it.
    walk: Option<String>,
    /// When that begins by itself; none while there are no records.
    walk_at: Option<Timestamp>,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Backlog {
    /// Reads the row.
    pub(super) fn load(rows: &Rows) -> Result<Self, CorruptRow> {
        Ok(rows.state(BACKLOG)?.unwrap_or_default())
    }

    /// The read that fetches the row.
    pub(super) fn read() -> Read {
        Read::One(Table::State, BACKLOG.to_owned())
    }

    /// Documents that KV does not have yet.
    pub(super) fn unwritten(&self) -> u64 {
        self.unwritten
    }

    /// Whether a document is late.
    pub(super) fn is_late(&self, now: Timestamp) -> bool {
        self.since.is_some_and(|since| now.since(since) >= LATE)
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

    /// The records that are marked next.
    pub(super) fn further_reads(&self, rows: &Rows) -> Vec<Read> {
        let Some(after) = &self.walk else {
            return Vec::new();
        };
        let page = Read::Next {
            prefix: RECORD.to_owned(),
            after: format!("{RECORD}{after}"),
            limit: BATCH,
        };
        let next = rows.behind(RECORD, after);
        let marks = next.map(|(place, _)| format!("{UNWRITTEN}{place}"));
        let marks = marks.take(BATCH as usize);
        let marks = marks.map(|key| Read::One(Table::Ledger, key));
        marks.chain([page]).collect()
    }

    /// Nothing is written before this moment.
    pub(super) fn wait(&mut self, until: Timestamp) {
        self.retry.at = self.retry.at.max(until);
    }

    /// Marks some documents to be written again.
    pub(super) fn work(&mut self, rows: &Rows, now: Timestamp) -> Vec<Change> {
        let Some(after) = self.walk.take() else {
            if self.walk_at.is_some_and(|at| at <= now) {
                self.walk_at = None;
                self.rewrite(now);
            }
            return Vec::new();
        };
        let next = rows.behind(RECORD, &after).map(|(place, _)| place);
        let batch: Vec<&str> = next.take(BATCH as usize).collect();
        if batch.len() == BATCH as usize {
            self.walk = batch.last().map(|&last| last.to_owned());
        }
        let marks = batch.into_iter().filter_map(|place| {
            let key = format!("{UNWRITTEN}{place}");
            if rows.text(Table::Ledger, &key).is_some() {
                return None;
            }
            self.add(now);
            Some(Change::ledger(key, String::new()))
        });
        marks.collect()
    }

    /// When documents may be written next.
    pub(super) fn due(&self) -> Timestamp {
        self.retry.at
    }

    /// Takes in how many of some documents are as they should be now, and whether all are.
    pub(super) fn settle(&mut self, now: Timestamp, [done, of]: [usize; 2], none_left: bool) {
        self.unwritten = self.unwritten.saturating_sub(done as u64);
        if none_left {
            self.unwritten = 0;
        }
        if done == of {
            self.retry = Retry::from(now);
        } else {
            self.retry.fail(now, BACKLOG, MAX_BACKOFF);
            self.retry.at = self.retry.at.max(now.plus(PACE));
        }
        if self.unwritten == 0 {
            self.since = None;
        }
    }
}

fn next_walk(now: Timestamp) -> Timestamp {
    now.plus(backoff::after(30, BACKLOG, LONGEST_PAUSE))
}
