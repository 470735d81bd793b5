//! The quarantine: signed events of a known type that could not be understood.
//!
//! Each is kept raw, shows under its own Workers KV key, and is committed
//! together with the alert about it: one alert for each type and reason, however
//! many events. Kept until a human retries or dismisses it.

use core::time::Duration;

use serde::Serialize;

use super::queue::Head;
use super::{Channel, Errand, Ticket};
use crate::alert::{Alert, What};
use crate::backoff::Retry;
use crate::id::EventId;
use crate::machine::{
    Change, CorruptRow, Document, Order, Outcome, Read, Rows, Scene, Table, Work, json, read,
};
use crate::mapping::{self, QuarantineDocument, SCHEMA};
use crate::projection::{LATE, PACE};
use crate::record::{Unknown, reads};
use crate::time::Timestamp;

/// Key of the row that says how far Workers KV is behind.
const BACKLOG: &str = "quarantine";
/// What the key of a record begins with, before the event's type and id.
const RECORD: &str = "quarantined/";
/// What the key of a raw body begins with. Its value is the body itself.
const BODY: &str = "body/";
/// What the key of an empty row begins with, for each document that KV does not have yet.
const UNWRITTEN: &str = "unwritten/";
/// What the key of the count of a type and reason begins with.
const KIND: &str = "quarantine-kind/";
/// Documents that are written at a time: a body may have a MiB.
const BATCH: u32 = 3;
/// Longest wait between tries to write.
const MAX_BACKOFF: Duration = Duration::from_mins(5);

/// What is kept of a quarantined event besides its body.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Record {
    id: EventId,
    kind: String,
    reason: String,
    received_at: Timestamp,
}

reads!(Record {
    id,
    kind,
    reason,
    received_at
});

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

    fn add(&mut self, now: Timestamp) {
        self.unwritten = self.unwritten.saturating_add(1);
        if self.since.is_none() {
            self.since = Some(now);
            self.retry = Retry::from(now);
        }
    }

    fn row(&self) -> Change {
        Change::state(BACKLOG, self, self.since.map(|_| self.retry.at))
    }
}

/// How many events of one type lacked the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Kind {
    count: u64,
    first_at: Timestamp,
}

reads!(Kind { count, first_at });

impl Record {
    pub(super) fn new(id: EventId, kind: String, reason: String, now: Timestamp) -> Self {
        Self {
            id,
            kind,
            reason,
            received_at: now,
        }
    }

    /// Keeps an event, and queues the alert if it is the first of its kind.
    pub(super) fn keep(
        self,
        rows: &Rows,
        body: String,
        scene: Scene<'_>,
        queue: &mut Head,
    ) -> Result<Vec<Change>, CorruptRow> {
        let kind_key = kind_key(&self.kind, &self.reason);
        let known: Option<Kind> = rows.state(&kind_key)?;
        let first = known.is_none();
        let mut kind = known.unwrap_or(Kind {
            count: 0,
            first_at: scene.now,
        });
        kind.count = kind.count.saturating_add(1);
        let mut backlog = Backlog::load(rows)?;
        backlog.add(scene.now);
        let place = self.place();
        let mut changes = vec![
            Change::ledger(format!("{RECORD}{place}"), json(&self)),
            Change::ledger(format!("{BODY}{place}"), body),
            Change::ledger(format!("{UNWRITTEN}{place}"), String::new()),
            Change::state(kind_key, &kind, None),
            backlog.row(),
        ];
        if first {
            let alert = self.alert();
            changes.extend(queue.queue(scene, rows, &alert.id, alert.stored())?);
        }
        Ok(changes)
    }

    /// Names it among the rows: two types may share an id.
    fn place(&self) -> String {
        format!("{}/{}", self.kind, self.id.as_str())
    }

    fn alert(&self) -> Alert {
        let what = What::Quarantined {
            kind: self.kind.clone(),
            reason: self.reason.clone(),
        };
        let id = format!("{RECORD}{}", self.place());
        let alert = Alert::new(id, self.received_at, Channel::Ops, what);
        Alert {
            event_id: Some(self.id.clone()),
            ..alert
        }
    }

    fn document(&self, scene: Scene<'_>, body: &str) -> Document {
        QuarantineDocument {
            schema: SCHEMA,
            environment: &scene.settings.environment,
            event_id: &self.id,
            r#type: &self.kind,
            reason: &self.reason,
            received_at: self.received_at.to_rfc3339(),
            body,
        }
        .document()
    }
}

/// The key of the count of a type and reason.
pub(super) fn kind_key(kind: &str, reason: &str) -> String {
    format!("{KIND}{kind}/{reason}")
}

/// The rows of the documents that are to be written next: first which, then what they say.
pub(super) fn further_reads(rows: &Rows) -> Vec<Read> {
    let places = rows.under(Table::Ledger, UNWRITTEN);
    let parts =
        places.flat_map(|(place, _)| [format!("{RECORD}{place}"), format!("{BODY}{place}")]);
    let parts = parts.map(|key| Read::One(Table::Ledger, key));
    let next = Read::First {
        table: Table::Ledger,
        prefix: UNWRITTEN.to_owned(),
        limit: BATCH,
    };
    parts.chain([next]).collect()
}

/// Writes the documents that are to be written now.
pub(super) fn work(
    scene: Scene<'_>,
    rows: &Rows,
    work: &mut Work<Ticket>,
) -> Result<(), CorruptRow> {
    if Backlog::load(rows)?.retry.at > scene.now {
        return Ok(());
    }
    for (place, _) in rows.under(Table::Ledger, UNWRITTEN) {
        let record = rows.text(Table::Ledger, &format!("{RECORD}{place}"));
        let body = rows.text(Table::Ledger, &format!("{BODY}{place}"));
        if let (Some(record), Some(body)) = (record, body) {
            let record: Record = read(RECORD, record)?;
            let order = Order::Project {
                key: mapping::quarantine_key(&record.id),
                document: Some(record.document(scene, body)),
            };
            work.add(Ticket(Errand::Quarantine(place.to_owned())), order);
        }
    }
    Ok(())
}

/// Takes in what came of writing some documents.
pub(super) fn settle(
    scene: Scene<'_>,
    rows: &Rows,
    results: &[(String, Outcome)],
) -> Result<Vec<Change>, CorruptRow> {
    let mut backlog = Backlog::load(rows)?;
    let mut changes = Vec::new();
    for (place, outcome) in results {
        if *outcome == Outcome::Done {
            backlog.unwritten = backlog.unwritten.saturating_sub(1);
            changes.push(Change::Remove(Table::Ledger, format!("{UNWRITTEN}{place}")));
        }
    }
    if changes.len() == results.len() {
        backlog.retry = Retry::from(scene.now);
    } else {
        backlog.retry.fail(scene.now, BACKLOG, MAX_BACKOFF);
        backlog.retry.at = backlog.retry.at.max(scene.now.plus(PACE));
    }
    if backlog.unwritten == 0 {
        backlog.since = None;
    }
    changes.push(backlog.row());
    Ok(changes)
}
