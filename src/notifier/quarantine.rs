//! The quarantine: signed events of a known type that could not be understood.
//!
//! Each is kept raw, shows under its own Workers KV key, and is committed
//! together with the alert about it: one alert for each type and reason, however
//! many events. Kept until a human retries or dismisses it.

use serde::Serialize;

use super::queue::Head;
use super::{Errand, Ticket};
use crate::alert::{Alert, What, Who};
use crate::id::EventId;
use crate::machine::{
    Change, CorruptRow, Document, Order, Outcome, Read, Rows, Scene, Settled, Table, Task, Work,
    json, read,
};
use crate::mapping::{self, QuarantineDocument, SCHEMA};
use crate::projection::Projection;
use crate::record::reads;
use crate::time::Timestamp;

/// What the key of a record begins with.
const RECORD: &str = "quarantined/";
/// What the key of a raw body begins with. Its value is the body itself.
const BODY: &str = "body/";
/// What the key of a document begins with that KV does not have yet.
const PENDING: &str = "quarantine/";
/// What the key of the count of a type and reason begins with.
const KIND: &str = "quarantine-kind/";
/// Documents that are written at a time: a body may have a MiB.
const BATCH: usize = 3;

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

/// A document that KV does not have yet.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Pending {
    record: Record,
    key: Projection,
}

reads!(Pending { record, key });

/// How many events of one type lacked the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Kind {
    count: u64,
    first_at: Timestamp,
}

reads!(Kind { count, first_at });

/// The revision of the one document that an event ever has.
const REVISION: u64 = 1;

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
        head: &mut Head,
    ) -> Result<Vec<Change>, CorruptRow> {
        let kind_key = kind_key(&self.kind, &self.reason);
        let known: Option<Kind> = rows.state(&kind_key)?;
        let first = known.is_none();
        let mut kind = known.unwrap_or(Kind {
            count: 0,
            first_at: scene.now,
        });
        kind.count = kind.count.saturating_add(1);
        let mut changes = vec![
            Change::ledger(format!("{RECORD}{}", self.id.as_str()), json(&self)),
            Change::ledger(format!("{BODY}{}", self.id.as_str()), body),
            Change::state(kind_key, &kind, None),
        ];
        if first {
            changes.push(head.queue(scene, &self.alert()));
        }
        let mut key = Projection::default();
        key.want(REVISION, scene.now);
        changes.push(Pending { record: self, key }.row());
        Ok(changes)
    }

    fn alert(&self) -> Alert {
        Alert {
            schema: Alert::SCHEMA,
            id: format!("quarantined/{}", self.id.as_str()),
            at: self.received_at,
            event_id: Some(self.id.clone()),
            who: Who::default(),
            what: What::Quarantined {
                kind: self.kind.clone(),
                reason: self.reason.clone(),
            },
        }
    }

    fn document(&self, scene: Scene<'_>, body: &str) -> Document {
        Document {
            value: json(&QuarantineDocument {
                schema: SCHEMA,
                environment: &scene.settings.environment,
                event_id: &self.id,
                r#type: &self.kind,
                reason: &self.reason,
                received_at: self.received_at.to_rfc3339(),
                body,
            }),
            metadata: None,
        }
    }
}

impl Pending {
    fn row(&self) -> Change {
        let key = format!("{PENDING}{}", self.record.id.as_str());
        match self.key.due() {
            Some(due) => Change::state(key, self, Some(due)),
            None => Change::Remove(Table::State, key),
        }
    }
}

/// The key of the count of a type and reason.
pub(super) fn kind_key(kind: &str, reason: &str) -> String {
    format!("{KIND}{kind}/{reason}")
}

/// The bodies of the documents that are to be written now.
pub(super) fn body_reads(scene: Scene<'_>, rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
    let due = due(scene, rows)?;
    let keys = due
        .iter()
        .map(|pending| format!("{BODY}{}", pending.record.id.as_str()));
    Ok(keys.map(|key| Read::One(Table::Ledger, key)).collect())
}

/// Writes the documents that are to be written now.
pub(super) fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Ticket>, CorruptRow> {
    let mut work = Work {
        changes: Vec::new(),
        tasks: Vec::new(),
    };
    for mut pending in due(scene, rows)? {
        pending.key.start(scene.now);
        work.changes.push(pending.row());
        let id = pending.record.id.clone();
        let body = rows.text(Table::Ledger, &format!("{BODY}{}", id.as_str()));
        work.tasks.push(Task {
            order: Order::Project {
                key: mapping::quarantine_key(&id),
                document: body.map(|body| pending.record.document(scene, body)),
            },
            ticket: Ticket(Errand::Quarantine(id, pending.key.wanted())),
        });
    }
    Ok(work)
}

/// Takes in what came of writing one document.
pub(super) fn settle(
    scene: Scene<'_>,
    rows: &Rows,
    id: &EventId,
    revision: u64,
    outcome: &Outcome,
) -> Result<Settled, CorruptRow> {
    let pending: Option<Pending> = rows.state(&format!("{PENDING}{}", id.as_str()))?;
    let changes = pending.into_iter().map(|mut pending| {
        let key = id.as_str();
        pending.key.settle(revision, outcome, scene.now, key);
        pending.row()
    });
    Ok(Settled {
        changes: changes.collect(),
        lines: Vec::new(),
    })
}

fn due(scene: Scene<'_>, rows: &Rows) -> Result<Vec<Pending>, CorruptRow> {
    let pending = rows.under(Table::State, PENDING);
    let mut due = Vec::new();
    for (_, text) in pending {
        let pending: Pending = read(PENDING, text)?;
        if pending.key.is_due(scene.now) && due.len() < BATCH {
            due.push(pending);
        }
    }
    Ok(due)
}
