//! The daily summary: what is open, once on each weekday, from the keys of Workers KV.
//!
//! The keys are read page by page, so thousands of them cost no more memory than
//! the lines of one message: of each topic the oldest are kept, and all are
//! counted. What closed without success since the last summary is kept in rows of
//! this object until then.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::gathering::Gathering;
use super::queue::Head;
use super::waiting::{Waiting, kind};
use super::{Errand, Ticket};
use crate::contracts::operator::settings::Summary as Setting;
use crate::domain::alert::{Alert, What};
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::json::{self, Json, Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Order, Outcome, Page, Read, Rows, Scene, Table, Work};

/// Key of the row.
const SUMMARY: &str = "summary";
/// What the key of an alert begins with that waits for the next summary.
pub(super) const NOTE: &str = "note/";
/// Notes that are read for one summary; beyond, they are only counted.
const MOST_NOTES: u32 = 50;
/// Keys in a page: as many as are read and crossed over in a few milliseconds.
const PAGE: u32 = 500;
/// Longest wait between tries to list keys.
const MAX_BACKOFF: Duration = Duration::from_mins(15);

/// Where the summary stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Summary {
    /// When the next one is due; none while there is none.
    due: Option<Timestamp>,
    retry: Retry,
    /// What was gathered so far for the one that is due.
    gathering: Option<Gathering>,
    /// Notes that wait.
    notes: u64,
    #[serde(flatten)]
    unknown: Unknown,
}

/// The read that fetches the row.
pub(super) fn read() -> Read {
    Read::One(Table::State, SUMMARY.to_owned())
}

/// The notes, when they are needed.
pub(super) fn further_reads(scene: Scene<'_>, rows: &Rows) -> Result<Option<Read>, CorruptRow> {
    let summary = Summary::load(rows)?;
    Ok(summary.is_due(scene.now).then(|| Read::First {
        table: Table::Ledger,
        prefix: NOTE.to_owned(),
        limit: MOST_NOTES,
    }))
}

/// Whether an alert is kept for the summary instead of being told by itself.
pub(super) fn keeps(alert: &Json) -> bool {
    kind(alert).as_deref() == Some("given_up")
}

/// Whether none ever comes.
pub(super) fn is_off(scene: Scene<'_>) -> bool {
    matches!(scene.settings.alerting.summary, Setting::Off)
}

impl Summary {
    /// Reads the row.
    pub(super) fn load(rows: &Rows) -> Result<Self, CorruptRow> {
        Ok(rows.state(SUMMARY)?.unwrap_or_default())
    }

    /// Keeps an alert for the next one.
    pub(super) fn note(&mut self, id: &str, alert: &Json) -> Change {
        self.notes = self.notes.saturating_add(1);
        Change::ledger(format!("{NOTE}{id}"), to_json(alert))
    }

    /// A note is gone.
    pub(super) fn lose_note(&mut self) {
        self.notes = self.notes.saturating_sub(1);
    }

    /// Forgets what was gathered: it is gathered anew.
    pub(super) fn start_over(&mut self) {
        self.gathering = None;
    }

    /// Follows the setting: sets a date, or gives it up. The row if that is new.
    pub(super) fn schedule(&mut self, scene: Scene<'_>) -> Option<Change> {
        let due = match scene.settings.alerting.summary {
            Setting::Off => None,
            Setting::At(hour) => Some(next(scene.now, hour)),
        };
        let stands = match (self.due, due) {
            // A date that is near enough may be any hour: it is set anew when it came.
            (Some(at), Some(next)) => at <= next,
            (at, next) => at.is_none() && next.is_none(),
        };
        if stands {
            return None;
        }
        self.due = due;
        Some(self.row())
    }

    /// Adds the listing that is to be done now, or queues the summary.
    pub(super) fn work(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
        head: &mut Head,
        work: &mut Work<Ticket>,
    ) -> Result<(), CorruptRow> {
        if is_off(scene) && self.notes != 0 {
            // It was switched off while they waited.
            work.change(Change::Forget(NOTE.to_owned()));
            self.notes = 0;
        }
        if !self.is_due(scene.now) || self.retry.at > scene.now {
            return Ok(());
        }
        let gathering = self.gathering.get_or_insert_default();
        if let Some((prefix, cursor)) = gathering.next() {
            let order = Order::List {
                prefix,
                cursor,
                limit: PAGE,
            };
            work.add(Ticket(Errand::Gather), order);
            return Ok(());
        }
        let notes: Vec<Alert> = rows
            .under(Table::Ledger, NOTE)
            .filter_map(|(_, text)| json::parse(text).ok())
            .collect();
        gathering.given_up(notes, self.notes);
        let sections = core::mem::take(gathering).sections();
        work.change(Change::Forget(NOTE.to_owned()));
        self.notes = 0;
        self.gathering = None;
        self.due = None;
        if !sections.is_empty() {
            let id = format!("{SUMMARY}/{}", scene.now.as_millis());
            let alert = Alert::new(id, scene.now, Audience::Team, What::Summary { sections });
            // One that still waits for Slack is out of date.
            for change in head.queue(scene, rows, SUMMARY, alert.stored())? {
                work.change(change);
            }
        }
        Ok(())
    }

    /// Takes in a page of keys, or that there is none yet.
    pub(super) fn settle(&mut self, scene: Scene<'_>, outcome: &Outcome) {
        match (outcome, &mut self.gathering) {
            (Outcome::Listed(page), Some(gathering)) => {
                self.retry = Retry::from(scene.now);
                let Page { keys, cursor } = page;
                gathering.take(scene, keys, cursor.clone());
            }
            _ => self.retry.fail(scene.now, SUMMARY, MAX_BACKOFF),
        }
    }

    /// The row as it is now.
    pub(super) fn row(&self) -> Change {
        Change::state(SUMMARY, self, self.due.map(|due| due.max(self.retry.at)))
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

/// The read that fetches a summary that still waits for Slack.
pub(super) fn slot_read() -> Read {
    Waiting::read(SUMMARY)
}

/// The next weekday's moment of this hour in UTC.
fn next(now: Timestamp, hour: u8) -> Timestamp {
    const DAY: i64 = 86_400_000;
    let today = now.as_millis().div_euclid(DAY);
    let at = |day: i64| {
        let midnight = Timestamp::from_millis(day.saturating_mul(DAY));
        midnight.plus(Duration::from_hours(u64::from(hour)))
    };
    // 1970-01-01 was a Thursday.
    let is_weekday = |day: &i64| day.saturating_add(3).rem_euclid(7) < 5;
    let days = (0..8).map(|ahead| today.saturating_add(ahead));
    let mut moments = days.filter(is_weekday).map(at);
    moments.find(|at| *at > now).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn the_next_one_is_today_tomorrow_or_after_the_weekend() {
        for (now, due) in [
            // 2026-11-23 is a Monday.
            ("2026-11-23T06:59:59Z", "2026-11-23T07:00:00Z"),
            ("2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z"),
            ("2026-11-27T06:00:00Z", "2026-11-27T07:00:00Z"),
            ("2026-11-27T08:00:00Z", "2026-11-30T07:00:00Z"),
            ("2026-11-28T03:00:00Z", "2026-11-30T07:00:00Z"),
            ("2026-11-29T23:00:00Z", "2026-11-30T07:00:00Z"),
        ] {
            assert_eq!(next(moment(now), 7), moment(due), "{now}");
        }
    }
}
