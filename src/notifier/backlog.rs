//! How far Workers KV is behind with the documents of the quarantine.
//!
//! Which documents those are is `quarantine`'s.

use core::time::Duration;

use serde::Serialize;

use crate::backoff::Retry;
use crate::machine::{Change, CorruptRow, Read, Rows, Table};
use crate::projection::{LATE, PACE};
use crate::record::{Unknown, reads};
use crate::time::Timestamp;

/// Key of the row.
const BACKLOG: &str = "quarantine";
/// Longest wait between tries to write.
const MAX_BACKOFF: Duration = Duration::from_mins(5);

/// How far Workers KV is behind. A document never changes once it is there, so
/// writing one again does no harm, and a lost answer needs no memory.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Backlog {
    /// Documents that KV does not have yet.
    unwritten: u64,
    /// Since when there are any.
    since: Option<Timestamp>,
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

reads!(Backlog { unwritten, since, retry; unknown } or default);

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
        if self.since.is_none() {
            self.since = Some(now);
            self.retry = Retry::from(now);
        }
    }

    pub(super) fn row(&self) -> Change {
        Change::state(BACKLOG, self, self.since.map(|_| self.retry.at))
    }

    /// When documents may be written next.
    pub(super) fn due(&self) -> Timestamp {
        self.retry.at
    }

    /// Takes in how many of some documents are as they should be now.
    pub(super) fn settle(&mut self, now: Timestamp, done: usize, of: usize) {
        self.unwritten = self.unwritten.saturating_sub(done as u64);
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
