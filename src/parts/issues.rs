//! Kombo's issues about one integration, or about the environment, and the causes of incidents that
//! follow from them.
//!
//! An issue is a pair of latest times, raised and resolved. Both only grow, so any order and any
//! repetition of the events ends in the same record. A `raised` that is not newer than a known
//! `resolved_at` is late and changes nothing.

use crate::contracts::kombo::{Issue, IssueChange};
use crate::domain::alert::Cause;
use crate::domain::id::{EventId, IssueId};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{self, Rows, StepError};
use serde::{Deserialize, Serialize};

/// An object remembers at most this many issues; beyond, the one updated least recently is dropped,
/// closed ones first.
const MAX_ISSUES: usize = 50;

/// What the key of an issue's row begins with.
const PREFIX: &str = "issue/";

/// What is known of one issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Record {
    id: IssueId,
    raised_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    /// The event whose texts these are: of equally new ones the greatest id.
    event: Option<EventId>,
    kind: String,
    title: String,
    markdown_message: String,
    updated_at: Timestamp,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Record {
    fn is_open(&self) -> bool {
        self.raised_at > self.resolved_at
    }

    /// Merges what an event says.
    fn apply(&mut self, issue: Issue, event: &EventId) {
        match issue.change {
            IssueChange::Raised => {
                let version = (Some(issue.first_observed_at), Some(event));
                if version > (self.raised_at, self.event.as_ref()) {
                    self.raised_at = Some(issue.first_observed_at);
                    self.event = Some(event.clone());
                    self.kind = issue.kind;
                    self.title = issue.title;
                    self.markdown_message = issue.markdown_message;
                }
            }
            IssueChange::Resolved => {
                let over = issue.resolved_at.unwrap_or(issue.first_observed_at);
                self.resolved_at = self.resolved_at.max(Some(over));
            }
            IssueChange::Other => {}
        }
    }
}

/// The issues of one object, as its state rows hold them.
#[derive(Debug, Clone, Default)]
pub struct Issues(Vec<Record>);

impl Issues {
    /// Reads the rows.
    ///
    /// # Errors
    /// [`StepError`] if a row cannot be read.
    pub fn load(rows: Rows<'_>) -> Result<Self, StepError> {
        let mut records: Vec<Record> = rows
            .state_with_prefix(PREFIX)?
            .into_iter()
            .map(|(_, record)| record)
            .collect();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self(records))
    }

    /// Applies an event about an issue: the rows that change.
    pub fn apply(&mut self, issue: Issue, event: &EventId, now: Timestamp) -> Vec<machine::Change> {
        let mut changes = Vec::new();
        let known = self.0.iter().position(|record| record.id == issue.id);
        let position = known.unwrap_or_else(|| {
            changes.extend(self.make_room());
            self.0.push(Record::new(issue.id.clone()));
            self.0.len().saturating_sub(1)
        });
        if let Some(record) = self.0.get_mut(position) {
            record.apply(issue, event);
            record.updated_at = now;
            changes.push(machine::Change::state(key(&record.id), record, None));
        }
        self.0.sort_by(|a, b| a.id.cmp(&b.id));
        changes
    }

    /// The open issues, as causes, by id.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let open = self.0.iter().filter(|record| record.is_open());
        open.map(|record| Cause::Issue {
            id: record.id.clone(),
            kind: record.kind.clone(),
            title: record.title.clone(),
            markdown_message: record.markdown_message.clone(),
            raised_at: record.raised_at,
        })
        .collect()
    }

    /// The rows of all of them.
    pub fn rows(&self) -> impl Iterator<Item = machine::Change> {
        let records = self.0.iter();
        records.map(|record| machine::Change::state(key(&record.id), record, None))
    }

    /// Keeps those that others do not have.
    pub fn remove_known(&mut self, others: &Self) {
        let known = |record: &Record| others.0.iter().any(|it| it.id == record.id);
        self.0.retain(|record| !known(record));
    }

    /// Adds those of another list.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
        self.0.sort_by(|a, b| a.id.cmp(&b.id));
    }

    /// Removes every row: the integration is gone.
    pub fn clear(&mut self) -> Vec<machine::Change> {
        let rows = self.0.drain(..);
        rows.map(|record| removed(&record.id)).collect()
    }

    fn make_room(&mut self) -> Option<machine::Change> {
        if self.0.len() < MAX_ISSUES {
            return None;
        }
        let oldest = (0..self.0.len()).min_by_key(|&index| {
            let record = self.0.get(index);
            record.map(|record| (record.is_open(), record.updated_at))
        })?;
        Some(removed(&self.0.remove(oldest).id))
    }
}

impl Record {
    fn new(id: IssueId) -> Self {
        Self {
            id,
            raised_at: None,
            resolved_at: None,
            event: None,
            kind: String::new(),
            title: String::new(),
            markdown_message: String::new(),
            updated_at: Timestamp::default(),
            unknown: Unknown::default(),
        }
    }
}

fn removed(id: &IssueId) -> machine::Change {
    machine::Change::remove_state(key(id))
}

fn key(id: &IssueId) -> String {
    format!("{PREFIX}{}", id.as_str())
}
