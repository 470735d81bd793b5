//! Erases customers: what is queued, listed or quarantined here about them goes.
//!
//! The rows are walked through in pages, since there may be many. A message that is in flight
//! arrives; what Slack already has cannot be erased from here.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::backlog::{Backlog, RECORD};
use super::quarantine::BODY;
use super::queue::Head;
use super::queued_alert::{QUEUED, QueuedAlert};
use super::retry::Retries;
use super::summary::{NOTE, Summary};
use super::undelivered::UNDELIVERED;
use crate::contracts::kombo;
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::id::OriginId;
use crate::domain::json::{self, Json, Unknown};
use crate::domain::time::Timestamp;
use crate::machine::{Change, Context, Rows, StepError};

/// Key of the row that says whom to erase.
const ERASURE: &str = "forgetting";

/// What is walked through, one prefix after the other, and how many rows in a run. The records of
/// one kind share a count, so they are read one by one. What is sent again moves from the
/// undelivered to the queued alerts, and not back unnoticed.
const WALKS: [(&str, u32); 4] = [(UNDELIVERED, 20), (QUEUED, 20), (NOTE, 20), (RECORD, 1)];

/// Whom to erase, and how far the walk is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Erasure {
    #[serde(default)]
    customers: Vec<OriginId>,
    /// Which of the walks is in progress.
    #[serde(default)]
    walk: u64,
    /// The key after which it continues.
    after: String,
    since: Timestamp,
    #[serde(flatten)]
    unknown: Unknown,
}

/// What may change besides the rows that are walked through.
pub(super) struct Touched<'a> {
    pub(super) head: &'a mut Head,
    pub(super) summary: &'a mut Summary,
    pub(super) retries: &'a mut Retries,
    pub(super) backlog: &'a mut Backlog,
}

impl Erasure {
    pub(super) fn load(rows: Rows<'_>, now: Timestamp) -> Result<Self, StepError> {
        let mut erasure: Self = rows.state(ERASURE)?.unwrap_or_default();
        erasure.since.end_within(Duration::ZERO, now);
        Ok(erasure)
    }

    /// Adds a customer: the walk begins again at the first row.
    pub(super) fn add(&mut self, customer: OriginId, now: Timestamp) {
        if !self.customers.contains(&customer) {
            self.customers.push(customer);
        }
        (self.walk, self.after) = (0, String::new());
        self.since = now;
    }

    pub(super) fn row(&self) -> Change {
        Change::state(ERASURE, self, self.is_busy().then_some(self.since))
    }

    /// Whether there is anything to erase.
    pub(super) fn is_busy(&self) -> bool {
        !self.customers.is_empty()
    }

    /// The prefix that is walked through now, and how many rows in a run.
    fn walk(&self) -> Option<(&'static str, u32)> {
        let walk = WALKS.get(usize::try_from(self.walk).ok()?)?;
        (!self.customers.is_empty()).then_some(*walk)
    }

    /// Reads some rows, and removes those about the customers: the rows that change.
    pub(super) fn poll(
        &mut self,
        context: Context<'_>,
        rows: Rows<'_>,
        touched: &mut Touched<'_>,
    ) -> Result<Vec<Change>, StepError> {
        let Some((prefix, limit)) = self.walk() else {
            return Ok(Vec::new());
        };
        let page = rows.ledger_after(prefix, &self.after, limit)?;
        touched.summary.start_over();
        let mut changes = Vec::new();
        for (key, text) in &page {
            changes.extend(self.visit(context, rows, prefix, (key, text), touched)?);
        }
        if let Some((key, _)) = page.last() {
            key.clone_into(&mut self.after);
        } else {
            self.walk = self.walk.saturating_add(1);
            self.after = String::new();
        }
        if self.walk().is_none() {
            *self = Self {
                unknown: core::mem::take(&mut self.unknown),
                ..Self::default()
            };
        }
        changes.push(self.row());
        Ok(changes)
    }

    /// Removes a row if it is about one of the customers.
    fn visit(
        &self,
        context: Context<'_>,
        rows: Rows<'_>,
        prefix: &str,
        (key, text): (&str, &str),
        touched: &mut Touched<'_>,
    ) -> Result<Vec<Change>, StepError> {
        let gone = || vec![Change::remove_ledger(format!("{prefix}{key}"))];
        match prefix {
            QUEUED => {
                let queued = QueuedAlert::load(rows, key)?.filter(|it| self.is_about(&it.alert));
                let removal = queued.map(|it| touched.head.remove(key, &it, it.number));
                Ok(removal.unwrap_or_default())
            }
            UNDELIVERED if self.is_listed(text) => {
                touched.head.undelivered = touched.head.undelivered.saturating_sub(1);
                Ok(gone())
            }
            NOTE => {
                let note: Option<Json> = json::parse(text).ok();
                if note.is_none_or(|note| !self.is_about(&note)) {
                    return Ok(Vec::new());
                }
                touched.summary.note_removed();
                Ok(gone())
            }
            RECORD => {
                let body = rows.ledger_text(&format!("{BODY}{key}"))?;
                let customer = body.as_deref().and_then(kombo::customer_of);
                if customer.is_none_or(|id| !self.is(&id)) {
                    return Ok(Vec::new());
                }
                let Touched {
                    retries, backlog, ..
                } = touched;
                retries.dismiss(rows, key, context.now, backlog)
            }
            _ => Ok(Vec::new()),
        }
    }

    fn is(&self, customer: &str) -> bool {
        self.customers.iter().any(|id| id.as_str() == customer)
    }

    fn is_listed(&self, text: &str) -> bool {
        #[derive(Deserialize)]
        struct Listed {
            alert: Json,
        }
        let listed: Option<Listed> = json::parse(text).ok();
        listed.is_some_and(|listed| self.is_about(&listed.alert))
    }

    /// Whether an alert names one of them. A summary does if a line of it does.
    fn is_about(&self, alert: &Json) -> bool {
        let Ok(alert) = alert.read::<Alert>() else {
            return false;
        };
        let named = |id: &Option<OriginId>| id.as_ref().is_some_and(|id| self.is(id.as_str()));
        let listed = match &alert.what {
            AlertKind::Summary { sections } => {
                let mut lines = sections.iter().flat_map(|section| &section.standing);
                lines.any(|line| named(&line.who.origin_id))
            }
            AlertKind::Disputed {
                holder, claimant, ..
            } => self.is(holder.as_str()) || self.is(claimant.as_str()),
            AlertKind::Reassigned { from, to, .. } => named(from) || named(to),
            _ => false,
        };
        listed || named(&alert.who.origin_id)
    }
}
