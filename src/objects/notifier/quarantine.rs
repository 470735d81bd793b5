//! The quarantine: signed events of a known type that could not be understood.
//!
//! Each is kept raw, has its own Workers KV key, and is committed together with the alert about it:
//! one alert for each type and reason, however many events. Kept until a human has it read again or
//! dismisses it, in `retry`.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Completed;
use super::backlog::{Backlog, RECORD, UNWRITTEN};
use super::queue::Head;
use crate::contracts::backend::{self, Document, QuarantineDocument, SCHEMA};
use crate::contracts::kombo;
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::audience::Audience;
use crate::domain::id::EventId;
use crate::domain::json::{Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, Context, EffectError, Outcome, Rows, StepError, Write, parse};

/// What the key of a raw body begins with. Its value is the body itself.
pub(super) const BODY: &str = "body/";
/// What the key of the count of a type and reason begins with.
const COUNT: &str = "quarantine-kind/";
/// A write whose answer was lost may land this much later.
const DOUBT: Duration = Duration::from_secs(60);
/// The key prefix of an empty row for each event that came when another type had its id already.
const NAMESAKE: &str = "quarantine-namesake/";
/// Documents that are written in a run.
const BATCH: u32 = 64;
/// The bodies of several together have at most this many bytes: one alone may have a MiB.
const MAX_BATCH_BYTES: usize = 2 * 1024 * 1024;
/// Documents that are written one after the other, while other places of a batch do the same.
const IN_A_ROW: usize = 16;

/// What is kept of a quarantined event besides its body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    id: EventId,
    kind: String,
    reason: String,
    received_at: Timestamp,
}

/// How many events of one type lack the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Count {
    #[serde(default)]
    events: u64,
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

    /// Keeps an event, and queues the alert if it is the first of its kind: the rows that change.
    pub(super) fn keep(
        self,
        context: Context<'_>,
        rows: Rows<'_>,
        body: String,
        head: &mut Head,
    ) -> Result<Vec<Change>, StepError> {
        let count_key = count_key(&self.kind, &self.reason);
        let known: Option<Count> = rows.state(&count_key)?;
        let is_first = known.is_none();
        let mut count = known.unwrap_or(Count {
            events: 0,
            first_at: context.now,
            unknown: Unknown::default(),
        });
        let place = self.place();
        let is_there = |prefix: &str| {
            rows.ledger_text(&format!("{prefix}{place}"))
                .map(|it| it.is_some())
        };
        let (has_record, is_unwritten) = (is_there(RECORD)?, is_there(UNWRITTEN)?);
        if !has_record {
            count.events = count.events.saturating_add(1);
        }
        let mut backlog = Backlog::load(rows, context.now)?;
        if !is_unwritten {
            backlog.add(context.now);
        }
        // The key of a document stays the same as long as there is one.
        let is_namesake = !has_record && !is_unwritten && self.has_namesake(rows)?;
        let mut changes = vec![
            Change::ledger(format!("{RECORD}{place}"), to_json(&self)),
            Change::ledger(format!("{BODY}{place}"), body),
            Change::ledger(format!("{UNWRITTEN}{place}"), String::new()),
            Change::state(count_key, &count, None),
            backlog.row(),
        ];
        if is_namesake {
            changes.push(Change::ledger(format!("{NAMESAKE}{place}"), String::new()));
        }
        if is_first {
            let alert = self.alert();
            changes.extend(head.queue(context, rows, &alert.id, alert.stored())?);
        }
        Ok(changes)
    }

    /// Names it in the keys of its rows: two types may share an id.
    fn place(&self) -> String {
        place(&self.kind, &self.id)
    }

    /// Whether an event of another type has the same id.
    fn has_namesake(&self, rows: Rows<'_>) -> Result<bool, StepError> {
        let others = kombo::KINDS.into_iter().filter(|kind| *kind != self.kind);
        let records = others.map(|kind| format!("{RECORD}{}", place(kind, &self.id)));
        rows.ledger_has_any(records.collect())
    }

    fn alert(&self) -> Alert {
        let what = AlertKind::Quarantined {
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

    fn document(&self, context: Context<'_>, body: &str) -> Document {
        QuarantineDocument {
            schema: SCHEMA,
            environment: &context.settings.environment,
            event_id: &self.id,
            r#type: &self.kind,
            reason: &self.reason,
            received_at: self.received_at.to_rfc3339(),
            body,
        }
        .document()
    }
}

/// A document on its way to Workers KV, or its removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentDocument {
    place: String,
    /// Whether the event was still kept when it left.
    is_kept: bool,
}

/// The key of the count of a type and reason.
fn count_key(kind: &str, reason: &str) -> String {
    format!("{COUNT}{kind}/{reason}")
}

fn place(kind: &str, id: &EventId) -> String {
    format!("{kind}/{}", id.as_str())
}

/// Adds writing the documents that are due.
pub(super) fn poll(
    context: Context<'_>,
    rows: Rows<'_>,
    backlog: &Backlog,
    batch: &mut Batch<Completed>,
) -> Result<(), StepError> {
    if backlog.unwritten() == 0 || backlog.due() > context.now {
        return Ok(());
    }
    let mut due = due(context, rows)?.into_iter();
    while batch.has_room() {
        let (sent, writes): (Vec<_>, Vec<_>) = due.by_ref().take(IN_A_ROW).unzip();
        if writes.is_empty() {
            break;
        }
        batch.write_all(writes, |outcomes| {
            Completed::Quarantine(sent.into_iter().zip(outcomes).collect())
        });
    }
    Ok(())
}

/// Some of the documents that Workers KV does not have, or still has although the event is gone.
fn due(context: Context<'_>, rows: Rows<'_>) -> Result<Vec<(SentDocument, Write)>, StepError> {
    let (mut due, mut bytes) = (Vec::new(), 0_usize);
    for (place, _) in rows.ledger_first(UNWRITTEN, BATCH)? {
        let Some(key) = key_of(rows, &place)? else {
            continue;
        };
        let record = rows.ledger_text(&format!("{RECORD}{place}"))?;
        let body = rows.ledger_text(&format!("{BODY}{place}"))?;
        bytes = bytes.saturating_add(body.as_ref().map_or(0, String::len));
        if bytes > MAX_BATCH_BYTES && !due.is_empty() {
            break;
        }
        let document = match (record, body) {
            (Some(record), Some(body)) => {
                let record: Record = parse(RECORD, &record)?;
                Some(record.document(context, &body))
            }
            _ => None,
        };
        let sent = SentDocument {
            place,
            is_kept: document.is_some(),
        };
        due.push((sent, Write { key, document }));
    }
    Ok(due)
}

/// The Workers KV key of the event at a place.
fn key_of(rows: Rows<'_>, place: &str) -> Result<Option<String>, StepError> {
    let Some((kind, id)) = place.split_once('/') else {
        return Ok(None);
    };
    let Ok(id) = EventId::try_from(id.to_owned()) else {
        return Ok(None);
    };
    let is_namesake = rows.ledger_text(&format!("{NAMESAKE}{place}"))?.is_some();
    Ok(Some(if is_namesake {
        backend::quarantine_namesake_key(&id, kind)
    } else {
        backend::quarantine_key(&id)
    }))
}

/// Takes an event out: its rows go now, and its document will. Gives back the rows that change.
pub(super) fn remove(
    rows: Rows<'_>,
    place: &str,
    now: Timestamp,
    backlog: &mut Backlog,
) -> Result<Vec<Change>, StepError> {
    let key = format!("{RECORD}{place}");
    let Some(record) = rows.ledger::<Record>(&key)? else {
        return Ok(Vec::new());
    };
    let mut changes = vec![
        Change::remove_ledger(key),
        Change::remove_ledger(format!("{BODY}{place}")),
    ];
    let unwritten = format!("{UNWRITTEN}{place}");
    if rows.ledger_text(&unwritten)?.is_none() {
        backlog.add(now);
        changes.push(Change::ledger(unwritten, String::new()));
    }
    let key = count_key(&record.kind, &record.reason);
    if let Some(mut count) = rows.state::<Count>(&key)? {
        count.events = count.events.saturating_sub(1);
        // The next of its kind raises an alert again.
        changes.push(if count.events == 0 {
            Change::remove_state(key)
        } else {
            Change::state(key, &count, None)
        });
    }
    Ok(changes)
}

/// Handles the outcome of writing some documents: the rows that change. `gone` names the places of
/// events that leave the quarantine in this very step.
pub(super) fn complete(
    context: Context<'_>,
    rows: Rows<'_>,
    results: &[(SentDocument, Outcome<()>)],
    gone: &[String],
    backlog: &mut Backlog,
) -> Result<Vec<Change>, StepError> {
    let (mut changes, mut done, mut is_in_doubt) = (Vec::new(), 0_usize, false);
    for (sent, outcome) in results {
        let place = &sent.place;
        let mark = format!("{UNWRITTEN}{place}");
        let is_kept =
            rows.ledger_text(&format!("{RECORD}{place}"))?.is_some() && !gone.contains(place);
        if let Err(EffectError::Unknown(_)) = outcome {
            // It may land later, over what is written meanwhile.
            let doubt = context.now.plus(DOUBT).as_millis().to_string();
            changes.push(Change::ledger(mark, doubt));
        } else if outcome.is_ok() && is_kept == sent.is_kept {
            // An event that is kept now may be gone by the time that the lost write lands.
            if is_doubted(rows, &mark, context.now)? {
                is_in_doubt = true;
                continue;
            }
            changes.push(Change::remove_ledger(mark));
            if !is_kept {
                changes.push(Change::remove_ledger(format!("{NAMESAKE}{place}")));
            }
            done = done.saturating_add(1);
        }
    }
    let marks = rows.ledger_first(UNWRITTEN, BATCH)?.len();
    // An event that is gone gets a mark in this step, which these rows do not have yet.
    let none_left = gone.is_empty() && done >= marks && marks < BATCH as usize;
    backlog.complete(context.now, [done, results.len()], none_left);
    if is_in_doubt {
        backlog.wait(context.now.plus(DOUBT));
    }
    Ok(changes)
}

/// Whether a write whose answer was lost may still land.
fn is_doubted(rows: Rows<'_>, mark: &str, now: Timestamp) -> Result<bool, StepError> {
    let until = rows.ledger_text(mark)?;
    let until = until.and_then(|text| text.parse().ok());
    Ok(until.is_some_and(|until| Timestamp::from_millis(until) > now))
}
