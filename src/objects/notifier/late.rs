//! The objects whose Workers KV keys are late: one row each, and one incident
//! about all of them, which the engineers are told of.
//!
//! A row says since when its object told last that it is late, and why. When a
//! key counts as late, and telling of it, is `lag`'s.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::queue::Head;
use super::waiting::Waiting;
use crate::contracts::objects::address::HOLDERS;
use crate::domain::alert::{Alert, Concern, Episode, Notice, Phase, What};
use crate::domain::audience::Audience;
use crate::domain::json::{self, Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Read, Rows, Scene, Table};
use crate::parts::lag::LEASE;

/// What the key of an object whose KV keys are late begins with.
const LATE: &str = "late/";
/// Key of the row about all of them.
const OUTAGE: &str = "late";
/// Objects that are counted; beyond, it makes no difference to anybody.
const MOST: u32 = 1_000;
/// Objects that are late together are told together.
const GATHER: Duration = Duration::from_mins(1);
/// While objects are late, they are counted so often.
const AGAIN: Duration = Duration::from_mins(5);

/// All objects that are late.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Outage {
    /// Since when any is.
    since: Option<Timestamp>,
    /// When they are counted.
    due: Option<Timestamp>,
    /// How many customers were when they were counted last.
    #[serde(default)]
    customers: u64,
    /// Whether the engineers know.
    #[serde(default)]
    told: bool,
    /// Why the latest one is.
    reason: String,
    #[serde(flatten)]
    unknown: Unknown,
}

/// Takes in that an object's keys are late, or no longer.
pub(super) fn hear(
    scene: Scene<'_>,
    rows: &Rows,
    object: &str,
    late: bool,
    reason: String,
) -> Result<Vec<Change>, CorruptRow> {
    let key = format!("{LATE}{object}");
    let mut outage = Outage::load(rows)?;
    if !late {
        outage.due = outage.since.map(|_| scene.now);
        return Ok(vec![Change::Remove(Table::Ledger, key), outage.row()]);
    }
    if outage.since.is_none() {
        outage.since = Some(scene.now);
        outage.due = Some(scene.now.plus(GATHER));
    }
    outage.reason = reason;
    Ok(vec![Change::ledger(key, to_json(&scene.now)), outage.row()])
}

/// The read that fetches the row about all of them.
pub(super) fn read() -> Read {
    Read::One(Table::State, OUTAGE.to_owned())
}

/// The read that fetches an alert about them that still waits for Slack.
pub(super) fn slot_read() -> Read {
    Waiting::read(OUTAGE)
}

/// The objects, when they are to be counted.
pub(super) fn further_reads(scene: Scene<'_>, rows: &Rows) -> Result<Option<Read>, CorruptRow> {
    let outage = Outage::load(rows)?;
    let due = outage.due.is_some_and(|due| due <= scene.now);
    Ok(due.then(|| Read::First {
        table: Table::Ledger,
        prefix: LATE.to_owned(),
        limit: MOST,
    }))
}

/// Counts the objects when that is due, and queues what the engineers must hear.
/// An object that told nothing more for a while is not late any more.
pub(super) fn work(
    scene: Scene<'_>,
    rows: &Rows,
    head: &mut Head,
) -> Result<Vec<Change>, CorruptRow> {
    let mut outage = Outage::load(rows)?;
    if outage.due.is_none_or(|due| due > scene.now) {
        return Ok(Vec::new());
    }
    let holds = |text: &str| {
        let told: Option<Timestamp> = json::parse(text).ok();
        told.is_some_and(|told| scene.now.since(told) < LEASE)
    };
    let all = rows.under(Table::Ledger, LATE);
    let (late, over): (Vec<_>, Vec<_>) = all.partition(|(_, text)| holds(text));
    let key = |object: &str| format!("{LATE}{object}");
    let gone = over.into_iter();
    let mut changes: Vec<Change> = gone
        .map(|(object, _)| Change::Remove(Table::Ledger, key(object)))
        .collect();
    let customers = late.iter().filter(|(object, _)| holder(object)).count();
    outage.customers = u64::try_from(customers).unwrap_or(u64::MAX);
    let phase = if late.is_empty() {
        Phase::Over
    } else {
        Phase::Opened
    };
    if outage.told == late.is_empty() {
        let alert = outage.alert(scene, phase);
        let id = alert.id.clone();
        changes.extend(head.queue(scene, rows, &id, alert.stored())?);
    }
    outage.told = !late.is_empty();
    let leases = late.iter().filter_map(|(_, text)| json::parse(text).ok());
    let next: Option<Timestamp> = leases.map(|told: Timestamp| told.plus(LEASE)).min();
    outage.due = next.map(|next| next.min(scene.now.plus(AGAIN)));
    if late.is_empty() {
        outage = Outage {
            unknown: outage.unknown,
            ..Outage::default()
        };
    }
    changes.push(outage.row());
    Ok(changes)
}

/// Whether the object is one of those that a backend asks for by its customer.
fn holder(object: &str) -> bool {
    object.starts_with(HOLDERS)
}

impl Outage {
    /// Reads the row.
    pub(super) fn load(rows: &Rows) -> Result<Self, CorruptRow> {
        Ok(rows.state(OUTAGE)?.unwrap_or_default())
    }

    /// Whether any object is late.
    pub(super) fn stands(&self) -> bool {
        self.since.is_some()
    }

    /// Since when, how many customers as of the last count, and why.
    pub(super) fn facts(&self) -> (Option<Timestamp>, u64, &str) {
        (self.since, self.customers, &self.reason)
    }

    fn alert(&self, scene: Scene<'_>, phase: Phase) -> Alert {
        let since = self.since.unwrap_or(scene.now);
        let what = What::Notice(Notice {
            about: Concern::Kv,
            over: phase == Phase::Over,
            count: self.customers,
            since,
            reason: self.reason.clone(),
        });
        let id = format!("{OUTAGE}/{}/{}", since.as_millis(), scene.now.as_millis());
        let incident = OUTAGE.to_owned();
        let episode = Some(Episode { incident, phase });
        let alert = Alert::new(id, scene.now, Audience::Engineers, what);
        Alert { episode, ..alert }
    }

    fn row(&self) -> Change {
        Change::state(OUTAGE, self, self.due)
    }
}
