//! The objects whose Workers KV keys are stale: one row each, and one incident about all of them,
//! which is reported to the engineers.
//!
//! A row says when its object last reported that it is behind. When a key counts as stale, and
//! reporting it, is in [`lag`](crate::parts::lag).

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::queue::Head;
use crate::contracts::objects::address::HOLDERS;
use crate::domain::alert::{Alert, AlertKind, HealthTopic, IncidentRef, Notice, Phase};
use crate::domain::audience::Audience;
use crate::domain::json::{self, Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Change, Context, Rows, StepError};
use crate::parts::lag::LEASE;

/// The key prefix of the row of an object whose KV keys are stale.
const STALE: &str = "late/";
/// Key of the row about all of them.
const OUTAGE: &str = "late";
/// At most this many objects are counted; beyond, the number makes no difference.
const MAX_COUNTED: u32 = 1_000;
/// Objects that fall behind within this time are reported together.
const GATHERING: Duration = Duration::from_mins(1);
/// How often objects are counted while any is behind.
const RECOUNT: Duration = Duration::from_mins(5);

/// All objects whose keys are stale.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct KvOutage {
    /// Since when any object has been behind.
    since: Option<Timestamp>,
    /// When they are counted.
    due: Option<Timestamp>,
    /// How many of them were customers at the last count.
    #[serde(default)]
    customers: u64,
    /// Whether the engineers know.
    #[serde(default)]
    is_reported: bool,
    /// Why the latest one is behind.
    reason: String,
    #[serde(flatten)]
    unknown: Unknown,
}

/// Notes that an object's keys are stale.
pub(super) fn note_stale(
    context: Context<'_>,
    rows: Rows<'_>,
    object: &str,
    reason: String,
) -> Result<Vec<Change>, StepError> {
    let mut outage = KvOutage::load(rows, context.now)?;
    if outage.since.is_none() {
        outage.since = Some(context.now);
        outage.due = Some(context.now.plus(GATHERING));
    }
    outage.reason = reason;
    let row = Change::ledger(format!("{STALE}{object}"), to_json(&context.now));
    Ok(vec![row, outage.row()])
}

/// Notes that an object's keys no longer are stale.
pub(super) fn note_current(
    context: Context<'_>,
    rows: Rows<'_>,
    object: &str,
) -> Result<Vec<Change>, StepError> {
    let mut outage = KvOutage::load(rows, context.now)?;
    outage.due = outage.since.map(|_| context.now);
    let row = Change::remove_ledger(format!("{STALE}{object}"));
    Ok(vec![row, outage.row()])
}

/// Counts the objects when that is due, and queues alerts for the engineers. An object that has
/// reported nothing for a while is not behind any more.
pub(super) fn poll(
    context: Context<'_>,
    rows: Rows<'_>,
    head: &mut Head,
) -> Result<Vec<Change>, StepError> {
    let mut outage = KvOutage::load(rows, context.now)?;
    if outage.due.is_none_or(|due| due > context.now) {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    let (mut leases, mut customers) = (Vec::new(), 0_u64);
    for (object, text) in rows.ledger_first(STALE, MAX_COUNTED)? {
        let reported: Option<Timestamp> = json::parse(&text).ok();
        match reported.filter(|&at| context.now.since(at) < LEASE) {
            Some(at) => {
                leases.push(at.plus(LEASE));
                customers = customers.saturating_add(u64::from(object.starts_with(HOLDERS)));
            }
            None => changes.push(Change::remove_ledger(format!("{STALE}{object}"))),
        }
    }
    outage.customers = customers;
    let next = leases.into_iter().min();
    if outage.is_reported == next.is_none() {
        let phase = if next.is_none() {
            Phase::Resolved
        } else {
            Phase::Opened
        };
        let alert = outage.alert(context, phase);
        changes.extend(head.queue(context, rows, &alert.id, alert.stored())?);
    }
    match next {
        Some(next) => {
            outage.is_reported = true;
            outage.due = Some(next.min(context.now.plus(RECOUNT)));
        }
        None => {
            outage = KvOutage {
                unknown: outage.unknown,
                ..KvOutage::default()
            };
        }
    }
    changes.push(outage.row());
    Ok(changes)
}

impl KvOutage {
    pub(super) fn load(rows: Rows<'_>, now: Timestamp) -> Result<Self, StepError> {
        let mut outage: Self = rows.state(OUTAGE)?.unwrap_or_default();
        if let Some(since) = &mut outage.since {
            since.end_within(Duration::ZERO, now);
        }
        if let Some(due) = &mut outage.due {
            due.end_within(RECOUNT, now);
        }
        Ok(outage)
    }

    /// Whether any object is behind.
    pub(super) fn is_open(&self) -> bool {
        self.since.is_some()
    }

    /// Since when, how many customers at the last count, and why.
    pub(super) fn facts(&self) -> (Option<Timestamp>, u64, &str) {
        (self.since, self.customers, &self.reason)
    }

    fn alert(&self, context: Context<'_>, phase: Phase) -> Alert {
        let since = self.since.unwrap_or(context.now);
        let what = AlertKind::Notice(Notice {
            about: HealthTopic::Kv,
            over: phase == Phase::Resolved,
            count: self.customers,
            since,
            reason: self.reason.clone(),
        });
        let (from, now) = (since.as_millis(), context.now.as_millis());
        let incident = OUTAGE.to_owned();
        let episode = Some(IncidentRef { incident, phase });
        let id = format!("{OUTAGE}/{from}/{now}");
        let alert = Alert::new(id, context.now, Audience::Engineers, what);
        Alert { episode, ..alert }
    }

    pub(super) fn row(&self) -> Change {
        Change::state(OUTAGE, self, self.due)
    }
}
