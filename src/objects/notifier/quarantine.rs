//! The quarantine: signed events of a known type that could not be understood.
//!
//! Each is kept raw, shows under its own Workers KV key, and is committed
//! together with the alert about it: one alert for each type and reason, however
//! many events. Kept until a human retries or dismisses it.

use crate::contracts::backend::{self, Document, QuarantineDocument, SCHEMA};
use crate::domain::alert::{Alert, What};
use crate::domain::audience::Audience;
use crate::domain::id::EventId;
use crate::domain::json::{Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Order, Outcome, Read, Rows, Scene, Table, Work, read};
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::backlog::{Backlog, RECORD, UNWRITTEN};
use super::queue::Head;
use super::{Errand, Ticket};

/// What the key of a raw body begins with. Its value is the body itself.
pub(super) const BODY: &str = "body/";
/// What the key of the count of a type and reason begins with.
const KIND: &str = "quarantine-kind/";
/// A write whose answer was lost may land this much later.
const DOUBT: Duration = Duration::from_secs(60);
/// Documents that are written at a time: a body may have a MiB.
const BATCH: u32 = 3;

/// What is kept of a quarantined event besides its body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    id: EventId,
    kind: String,
    reason: String,
    received_at: Timestamp,
}

/// How many events of one type lacked the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kind {
    #[serde(default)]
    count: u64,
    first_at: Timestamp,
    #[serde(flatten)]
    unknown: Unknown,
}

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
            unknown: Unknown::default(),
        });
        let place = self.place();
        let is_there = |prefix| {
            rows.text(Table::Ledger, &format!("{prefix}{place}"))
                .is_some()
        };
        if !is_there(RECORD) {
            kind.count = kind.count.saturating_add(1);
        }
        let mut backlog = Backlog::load(rows)?;
        if !is_there(UNWRITTEN) {
            backlog.add(scene.now);
        }
        let mut changes = vec![
            Change::ledger(format!("{RECORD}{place}"), to_json(&self)),
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
        let alert = Alert::new(id, self.received_at, Audience::Engineers, what);
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

/// The rows by which an event of this type and id is there already.
pub(super) fn reads_of(kind: &str, id: &EventId) -> Vec<Read> {
    let keys = [RECORD, UNWRITTEN].map(|prefix| format!("{prefix}{kind}/{}", id.as_str()));
    keys.map(|key| Read::One(Table::Ledger, key)).into()
}

/// The key of the count of a type and reason.
pub(super) fn kind_key(kind: &str, reason: &str) -> String {
    format!("{KIND}{kind}/{reason}")
}

/// The rows of the documents that are to be written next: first which, then what they say.
pub(super) fn further_reads(rows: &Rows) -> Vec<Read> {
    let places = rows.under(Table::Ledger, UNWRITTEN).take(BATCH as usize);
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
    if Backlog::load(rows)?.due() > scene.now {
        return Ok(());
    }
    for (place, _) in rows.under(Table::Ledger, UNWRITTEN).take(BATCH as usize) {
        if !work.has_room() {
            break;
        }
        let record = rows.text(Table::Ledger, &format!("{RECORD}{place}"));
        let body = rows.text(Table::Ledger, &format!("{BODY}{place}"));
        let document = match (record, body) {
            (Some(record), Some(body)) => {
                let record: Record = read(RECORD, record)?;
                Some(record.document(scene, body))
            }
            _ => None,
        };
        let Some(id) = event_at(place) else {
            continue;
        };
        let errand = Errand::Quarantine {
            place: place.to_owned(),
            is_kept: document.is_some(),
        };
        let key = backend::quarantine_key(&id);
        work.add(Ticket(errand), Order::Project { key, document });
    }
    Ok(())
}

fn event_at(place: &str) -> Option<EventId> {
    let (_, id) = place.split_once('/')?;
    EventId::try_from(id.to_owned()).ok()
}

/// Takes an event out: its rows go, and its document will.
pub(super) fn forget(
    rows: &Rows,
    place: &str,
    now: Timestamp,
    backlog: &mut Backlog,
) -> Result<Vec<Change>, CorruptRow> {
    let key = format!("{RECORD}{place}");
    let Some(record) = rows.ledger::<Record>(&key)? else {
        return Ok(Vec::new());
    };
    let mut changes = vec![
        Change::Remove(Table::Ledger, key),
        Change::Remove(Table::Ledger, format!("{BODY}{place}")),
    ];
    let unwritten = format!("{UNWRITTEN}{place}");
    if rows.text(Table::Ledger, &unwritten).is_none() {
        backlog.add(now);
        changes.push(Change::ledger(unwritten, String::new()));
    }
    let key = kind_key(&record.kind, &record.reason);
    if let Some(mut kind) = rows.state::<Kind>(&key)? {
        kind.count = kind.count.saturating_sub(1);
        // The next of its kind is news again.
        changes.push(if kind.count == 0 {
            Change::Remove(Table::State, key)
        } else {
            Change::state(key, &kind, None)
        });
    }
    Ok(changes)
}

/// Takes in what came of writing some documents, each with whether it was written or
/// removed. `gone` names events that leave the quarantine at this very moment.
pub(super) fn settle(
    scene: Scene<'_>,
    rows: &Rows,
    results: &[(String, bool, Outcome)],
    gone: &[String],
    backlog: &mut Backlog,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut in_doubt = false;
    for (place, was_kept, outcome) in results {
        let mark = format!("{UNWRITTEN}{place}");
        let record = format!("{RECORD}{place}");
        let is_kept = rows.text(Table::Ledger, &record).is_some() && !gone.contains(place);
        if let Outcome::Unknown(_) = outcome {
            // It may land later, over what is written meanwhile.
            let doubt = scene.now.plus(DOUBT).as_millis().to_string();
            changes.push(Change::ledger(mark, doubt));
        } else if *outcome == Outcome::Done && is_kept == *was_kept {
            // One that is kept may be gone by the time that the lost write lands.
            if is_doubted(rows, &mark, scene.now) {
                in_doubt = true;
                continue;
            }
            changes.push(Change::Remove(Table::Ledger, mark));
        }
    }
    let marks = rows.under(Table::Ledger, UNWRITTEN).count();
    let removed = changes.iter().filter(|it| matches!(it, Change::Remove(..)));
    let done = removed.count();
    // What is gone has a mark from now on that these rows do not show yet.
    let none_left = gone.is_empty() && done >= marks && marks < BATCH as usize;
    backlog.settle(scene.now, [done, results.len()], none_left);
    if in_doubt {
        backlog.wait(scene.now.plus(DOUBT));
    }
    changes
}

/// Whether a write whose answer was lost may still land.
fn is_doubted(rows: &Rows, mark: &str, now: Timestamp) -> bool {
    let until = rows.text(Table::Ledger, mark);
    let until = until.and_then(|text| text.parse().ok());
    until.is_some_and(|until| Timestamp::from_millis(until) > now)
}
