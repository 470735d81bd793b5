//! The daily summary: what is open, once on each weekday, from the keys of Workers KV.
//!
//! The keys are read page by page, so thousands of them cost no more memory than the lines of one
//! message: of each topic the oldest are kept, and all are counted. What is to be said once, such as
//! what closed without success since the last summary, is kept in rows of this object until then.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Completed;
use super::queue::Head;
use super::queued_alert::AlertHeader;
use super::summary_sections::SummarySections;
use crate::contracts::operator::settings::SummaryTime;
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::json::{self, Json, Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, Context, List, Listed, Outcome, Rows, StepError};

/// Key of the row.
const SUMMARY: &str = "summary";
/// What the key of an alert begins with that is kept for the next summary.
pub(super) const NOTE: &str = "note/";
/// At most this many notes are read for one summary; further ones are only counted.
const MAX_NOTES: u32 = 50;
/// Keys in a page: as many as are read in a few milliseconds.
const PAGE_SIZE: u32 = 500;
/// Longest wait between tries to list keys.
const MAX_LIST_BACKOFF: Duration = Duration::from_mins(15);

/// The progress of the next summary.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Summary {
    /// When the next one is due; `None` if the summary is off.
    due: Option<Timestamp>,
    retry: Retry,
    /// What was gathered so far for the one that is due.
    sections: Option<SummarySections>,
    /// Notes for the next one.
    notes: u64,
    #[serde(flatten)]
    unknown: Unknown,
}

/// Whether an alert is kept for the summary instead of being sent on its own.
pub(super) fn keeps(header: &AlertHeader) -> bool {
    matches!(header.kind.as_deref(), Some("given_up" | "still_broken"))
}

/// Whether there are no summaries.
pub(super) fn is_off(context: Context<'_>) -> bool {
    matches!(context.settings.alerting.summary, SummaryTime::Off)
}

impl Summary {
    pub(super) fn load(rows: Rows<'_>, now: Timestamp) -> Result<Self, StepError> {
        let mut summary: Self = rows.state(SUMMARY)?.unwrap_or_default();
        summary.retry.correct_wait(MAX_LIST_BACKOFF, now);
        Ok(summary)
    }

    /// Keeps an alert for the next one.
    pub(super) fn keep(&mut self, id: &str, alert: &Json) -> Change {
        self.notes = self.notes.saturating_add(1);
        Change::ledger(format!("{NOTE}{id}"), to_json(alert))
    }

    /// A note was removed.
    pub(super) fn note_removed(&mut self) {
        self.notes = self.notes.saturating_sub(1);
    }

    /// Discards what was gathered: it is gathered again.
    pub(super) fn start_over(&mut self) {
        self.sections = None;
    }

    /// Follows the setting: the row, if the time of the next summary changes.
    pub(super) fn schedule(&mut self, context: Context<'_>) -> Option<Change> {
        let due = next(context.now, &context.settings.alerting.summary);
        let is_set = match (self.due, due) {
            // One that is no later than the setting says stays: the next one follows the setting.
            (Some(at), Some(next)) => at <= next,
            (at, next) => at.is_none() && next.is_none(),
        };
        if is_set {
            return None;
        }
        self.due = due;
        Some(self.row())
    }

    /// Adds the listing that is due, or queues the summary.
    pub(super) fn poll(
        &mut self,
        context: Context<'_>,
        rows: Rows<'_>,
        head: &mut Head,
        batch: &mut Batch<Completed>,
    ) -> Result<(), StepError> {
        if is_off(context) && self.notes != 0 {
            // It was switched off while there were notes.
            batch.change(Change::RemovePrefix(NOTE.to_owned()));
            self.notes = 0;
        }
        if !self.is_due(context.now) || self.retry.at > context.now {
            return Ok(());
        }
        let sections = self.sections.get_or_insert_default();
        if let Some((prefix, cursor)) = sections.next_page() {
            let list = List {
                prefix,
                cursor,
                limit: PAGE_SIZE,
            };
            batch.list(list, Completed::Page);
            return Ok(());
        }
        let notes = rows.ledger_first(NOTE, MAX_NOTES)?.into_iter();
        let notes = notes.filter_map(|(_, text)| json::parse(&text).ok());
        let mut sections = core::mem::take(sections);
        sections.add_notes(notes.collect(), self.notes);
        let sections = sections.in_order();
        batch.change(Change::RemovePrefix(NOTE.to_owned()));
        (self.notes, self.sections, self.due) = (0, None, None);
        if !sections.is_empty() {
            let id = format!("{SUMMARY}/{}", context.now.as_millis());
            let what = AlertKind::Summary { sections };
            let alert = Alert::new(id, context.now, Audience::Team, what);
            // It replaces one that is still in the queue.
            batch.change_all(head.queue(context, rows, SUMMARY, alert.stored())?);
        }
        Ok(())
    }

    /// Handles a page of keys.
    pub(super) fn complete(&mut self, context: Context<'_>, outcome: Outcome<Listed>) {
        match (outcome, &mut self.sections) {
            (Ok(Listed::Page(page)), Some(sections)) => {
                self.retry = Retry::from(context.now);
                sections.add_page(context, page);
            }
            (Ok(Listed::BadCursor), _) => self.start_over(),
            _ => self.retry.fail(context.now, SUMMARY, MAX_LIST_BACKOFF),
        }
    }

    /// The row; `None` if it would say nothing and was never written.
    pub(super) fn row_if_needed(&self, rows: Rows<'_>) -> Result<Option<Change>, StepError> {
        let is_needed = *self != Self::default() || rows.state_text(SUMMARY)?.is_some();
        Ok(is_needed.then(|| self.row()))
    }

    /// The row as it is now.
    pub(super) fn row(&self) -> Change {
        Change::state(SUMMARY, self, self.due.map(|due| due.max(self.retry.at)))
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

/// The next moment at which a summary is due.
fn next(now: Timestamp, summary: &SummaryTime) -> Option<Timestamp> {
    let SummaryTime::Weekdays { hour, clock, week } = summary else {
        return None;
    };
    let mut moments = clock.days_at(now, *hour);
    moments.find(|at| *at > now && week.is_weekday(*at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::zone::Zone;

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
            let summary = SummaryTime::Weekdays {
                hour: 7,
                clock: Zone::UTC,
                week: Zone::UTC,
            };
            assert_eq!(next(moment(now), &summary), Some(moment(due)), "{now}");
        }
    }

    #[test]
    fn the_weekdays_and_the_hour_are_those_of_the_team() {
        let zone = |name| Zone::named(name).unwrap();
        let sydney = || zone("Australia/Sydney");
        let at = |hour, clock, week| SummaryTime::Weekdays { hour, clock, week };
        for (summary, now, due) in [
            // Monday, eight o'clock in Sydney, is Sunday in UTC.
            (
                at(8, sydney(), sydney()),
                "2026-11-28T00:00:00Z",
                "2026-11-29T21:00:00Z",
            ),
            (
                at(21, Zone::UTC, sydney()),
                "2026-11-26T22:00:00Z",
                "2026-11-29T21:00:00Z",
            ),
            // Friday evening in Los Angeles is Saturday in UTC.
            (
                at(18, zone("America/Los_Angeles"), zone("America/Los_Angeles")),
                "2026-11-27T12:00:00Z",
                "2026-11-28T02:00:00Z",
            ),
            // Summer time ends in Berlin between Friday and Monday.
            (
                at(8, zone("Europe/Berlin"), zone("Europe/Berlin")),
                "2026-10-23T06:00:00Z",
                "2026-10-26T07:00:00Z",
            ),
        ] {
            assert_eq!(
                next(moment(now), &summary),
                Some(moment(due)),
                "{summary:?}"
            );
        }
    }
}
