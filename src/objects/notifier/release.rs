//! Out of quarantine: events that humans retry or dismiss.
//!
//! A retried event is read with the code of today. If it can be understood now, it
//! waits here until its object has it, and then leaves the quarantine; if not, it
//! stays. Retrying all walks through the records in the order of their keys.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::backlog::{Backlog, RECORD, UNWRITTEN};
use super::quarantine::{BODY, forget};
use super::{Errand, Ticket};
use crate::contracts::kombo::{self, Event};
use crate::contracts::objects::reply::Reply;
use crate::contracts::objects::routing;
use crate::domain::backoff::Retry;
use crate::domain::id::EventId;
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Order, Outcome, Read, Rows, Scene, Table, Work};

/// Key of the row that says what is to be done.
const RELEASE: &str = "release";
/// What the key of an empty row begins with, for each event whose object does not have it yet.
pub(super) const RELEASED: &str = "released/";
/// Records that are looked at in a round: a body may have a MiB.
const BATCH: u32 = 3;
/// Longest wait between tries to hand an event over.
const MAX_BACKOFF: Duration = Duration::from_mins(5);

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Release {
    /// Events that wait for their objects.
    #[serde(default)]
    waiting: u64,
    /// The one that is on its way.
    departing: Option<String>,
    /// The one whose object did not take it last: others come first.
    failed: String,
    /// The record that the walk looked at last; empty at its beginning.
    walk: Option<String>,
    #[serde(default)]
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

/// The read that fetches the row.
pub(super) fn read() -> Read {
    Read::One(Table::State, RELEASE.to_owned())
}

/// The rows that say all about an event in quarantine, under whichever type.
pub(super) fn reads_of(event: &EventId) -> Vec<Read> {
    let places: Vec<String> = places(event).collect();
    let mut reads = reads_at(places.iter().map(String::as_str));
    reads.push(Read::State);
    reads
}

/// Two types may share an id.
fn places(event: &EventId) -> impl Iterator<Item = String> {
    let kinds = kombo::KINDS.into_iter();
    kinds.map(move |kind| format!("{kind}/{}", event.as_str()))
}

impl Release {
    pub(super) fn load(rows: &Rows) -> Result<Self, CorruptRow> {
        Ok(rows.state(RELEASE)?.unwrap_or_default())
    }

    /// Begins to look at every record.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.walk = Some(String::new());
        self.retry = Retry::from(now);
    }

    /// Looks at one event: the rows that change besides this one, and the answer.
    pub(super) fn retry(
        &mut self,
        rows: &Rows,
        event: &EventId,
        now: Timestamp,
    ) -> (Vec<Change>, Reply) {
        let mut reply = Reply::Document(None);
        let mut changes = Vec::new();
        for place in places(event) {
            let Some(body) = rows.text(Table::Ledger, &format!("{BODY}{place}")) else {
                continue;
            };
            if Event::of(body).is_none() {
                reply = Reply::Quarantined;
                continue;
            }
            self.retry = Retry::from(now);
            changes.extend(self.let_go(rows, &place));
            reply = Reply::Accepted;
        }
        (changes, reply)
    }

    /// The row by which an event waits for its object, unless it does so already.
    fn let_go(&mut self, rows: &Rows, place: &str) -> Option<Change> {
        let key = format!("{RELEASED}{place}");
        if rows.text(Table::Ledger, &key).is_some() {
            return None;
        }
        self.waiting = self.waiting.saturating_add(1);
        Some(Change::ledger(key, String::new()))
    }

    pub(super) fn row(&self) -> Change {
        Change::state(RELEASE, self, self.due())
    }

    /// When something is to be done.
    fn due(&self) -> Option<Timestamp> {
        let busy = self.waiting > 0 || self.walk.is_some();
        busy.then_some(self.retry.at)
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// Goes on with the walk, and hands over an event that waits.
    pub(super) fn work(&mut self, scene: Scene<'_>, rows: &Rows, work: &mut Work<Ticket>) {
        if !self.is_due(scene.now) {
            return;
        }
        if work.has_room() {
            self.hand_over(rows, work);
        }
        for change in self.walk_on(rows) {
            work.change(change);
        }
    }

    fn hand_over(&mut self, rows: &Rows, work: &mut Work<Ticket>) {
        let Some(place) = self.next(rows) else {
            // Whatever was counted, nobody waits.
            self.waiting = 0;
            return;
        };
        let body = rows.text(Table::Ledger, &format!("{BODY}{place}"));
        let event = body.and_then(|body| Some((Event::of(body)?, body)));
        if let Some((event, body)) = event {
            let (to, message) = routing::letter(&event, body);
            let errand = Errand::Release(place.to_owned());
            self.departing = Some(place.to_owned());
            work.add(Ticket(errand), Order::Send { to, message });
        } else {
            // It is gone, or only a newer version understands it: it waits no more.
            self.waiting = self.waiting.saturating_sub(1);
            let mark = format!("{RELEASED}{place}");
            work.change(Change::Remove(Table::Ledger, mark));
        }
    }

    /// The event that is handed over next.
    fn next<'a>(&self, rows: &'a Rows) -> Option<&'a str> {
        let marks = || rows.under(Table::Ledger, RELEASED).map(|(place, _)| place);
        let behind = marks().find(|place| *place > self.failed.as_str());
        behind.or_else(|| marks().next())
    }

    fn walk_on(&mut self, rows: &Rows) -> Vec<Change> {
        let Some(after) = self.walk.take() else {
            return Vec::new();
        };
        let next = rows.behind(RECORD, &after).map(|(place, _)| place);
        let batch: Vec<&str> = next.take(BATCH as usize).collect();
        if batch.len() == BATCH as usize {
            self.walk = batch.last().map(|&last| last.to_owned());
        }
        let bodies = batch.into_iter().filter_map(|place| {
            let body = rows.text(Table::Ledger, &format!("{BODY}{place}"))?;
            Event::of(body)?;
            self.let_go(rows, place)
        });
        bodies.collect()
    }

    /// Takes in whether its object has an event now.
    pub(super) fn settle(
        &mut self,
        rows: &Rows,
        place: &str,
        outcome: &Outcome,
        now: Timestamp,
        backlog: &mut Backlog,
    ) -> Result<Vec<Change>, CorruptRow> {
        self.departing = None;
        if *outcome != Outcome::Done {
            self.retry.fail(now, place, MAX_BACKOFF);
            place.clone_into(&mut self.failed);
            return Ok(Vec::new());
        }
        self.retry = Retry::from(now);
        self.dismiss(rows, place, now, backlog)
    }

    /// Takes an event out of quarantine, whether it waits for its object or not.
    pub(super) fn dismiss(
        &mut self,
        rows: &Rows,
        place: &str,
        now: Timestamp,
        backlog: &mut Backlog,
    ) -> Result<Vec<Change>, CorruptRow> {
        let mut changes = forget(rows, place, now, backlog)?;
        let key = format!("{RELEASED}{place}");
        if rows.text(Table::Ledger, &key).is_some() {
            self.waiting = self.waiting.saturating_sub(1);
            changes.push(Change::Remove(Table::Ledger, key));
        }
        Ok(changes)
    }

    /// Removes an event for good: the rows that change, and the answer.
    pub(super) fn dismiss_event(
        &mut self,
        rows: &Rows,
        event: &EventId,
        now: Timestamp,
    ) -> Result<(Vec<Change>, Reply), CorruptRow> {
        let mut backlog = Backlog::load(rows)?;
        let mut changes = Vec::new();
        for place in places(event) {
            if rows
                .text(Table::Ledger, &format!("{RECORD}{place}"))
                .is_some()
            {
                changes.extend(self.dismiss(rows, &place, now, &mut backlog)?);
            }
        }
        if changes.is_empty() {
            return Ok((changes, Reply::Document(None)));
        }
        changes.push(backlog.row());
        Ok((changes, Reply::Taken))
    }
}

/// The rows of what is to be done next: first which, then what they say.
pub(super) fn further_reads(scene: Scene<'_>, rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
    let release = Release::load(rows)?;
    if !release.is_due(scene.now) {
        return Ok(reads_at(release.departing.as_deref()));
    }
    let mut reads = vec![
        Read::First {
            table: Table::Ledger,
            prefix: RELEASED.to_owned(),
            limit: 1,
        },
        Read::Next {
            prefix: RELEASED.to_owned(),
            after: format!("{RELEASED}{}", release.failed),
            limit: 1,
        },
    ];
    if let Some(after) = &release.walk {
        reads.push(Read::Next {
            prefix: RECORD.to_owned(),
            after: format!("{RECORD}{after}"),
            limit: BATCH,
        });
    }
    let waiting = release.next(rows).into_iter();
    let walk = release.walk.as_deref().into_iter();
    let looked_at = walk.flat_map(|after| rows.behind(RECORD, after));
    let places = waiting
        .chain(looked_at.map(|(place, _)| place).take(BATCH as usize))
        .chain(release.departing.as_deref());
    reads.extend(reads_at(places));
    Ok(reads)
}

/// The reads that fetch all that is kept of some events.
fn reads_at<'a>(places: impl IntoIterator<Item = &'a str>) -> Vec<Read> {
    let keys = places.into_iter().flat_map(|place| {
        [RECORD, BODY, UNWRITTEN, RELEASED].map(|prefix| format!("{prefix}{place}"))
    });
    keys.map(|key| Read::One(Table::Ledger, key)).collect()
}
