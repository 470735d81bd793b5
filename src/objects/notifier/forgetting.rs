//! Forgetting customers: what waits, is listed or is kept here about them goes.
//!
//! The rows are walked through in pages, since there may be many. A message that is on
//! its way arrives; what Slack has is not ours to erase.

use serde::{Deserialize, Serialize};

use super::backlog::{Backlog, RECORD, UNWRITTEN};
use super::quarantine::BODY;
use super::queue::Head;
use super::release::{RELEASED, Release};
use super::summary::{NOTE, Summary};
use super::undelivered::UNDELIVERED;
use super::waiting::{WAITING, Waiting};
use crate::contracts::kombo;
use crate::domain::alert::{Alert, What};
use crate::domain::id::OriginId;
use crate::domain::json::{self, Json, Unknown};
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Read, Rows, Scene, Table};

/// Key of the row that says who is to be forgotten.
const FORGETTING: &str = "forgetting";

/// What is walked through, one after the other, and how many rows in a round. The
/// records of one kind share a count, so they are looked at one by one. What is sent
/// again moves from the undelivered to the waiting ones, and not back unseen.
const WALKS: [(&str, u32); 4] = [(UNDELIVERED, 20), (WAITING, 20), (NOTE, 20), (RECORD, 1)];

/// Who is to be forgotten.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Forgetting {
    #[serde(default)]
    customers: Vec<OriginId>,
    /// Which of the walks is under way.
    #[serde(default)]
    walk: u64,
    /// Behind which row it goes on.
    after: String,
    since: Timestamp,
    #[serde(flatten)]
    unknown: Unknown,
}

/// What may change besides the rows that are walked through.
pub(super) struct Touched<'a> {
    pub(super) head: &'a mut Head,
    pub(super) summary: &'a mut Summary,
    pub(super) release: &'a mut Release,
    pub(super) backlog: &'a mut Backlog,
}

/// The read that fetches the row.
pub(super) fn read() -> Read {
    Read::One(Table::State, FORGETTING.to_owned())
}

impl Forgetting {
    pub(super) fn load(rows: &Rows) -> Result<Self, CorruptRow> {
        Ok(rows.state(FORGETTING)?.unwrap_or_default())
    }

    /// Has another customer forgotten: from the first row on, whatever was looked at.
    pub(super) fn add(&mut self, customer: OriginId, now: Timestamp) {
        if !self.customers.contains(&customer) {
            self.customers.push(customer);
        }
        (self.walk, self.after) = (0, String::new());
        self.since = now;
    }

    pub(super) fn row(&self) -> Change {
        Change::state(FORGETTING, self, self.is_busy().then_some(self.since))
    }

    /// Whether anybody is to be forgotten.
    pub(super) fn is_busy(&self) -> bool {
        !self.customers.is_empty()
    }

    /// What is walked through now.
    fn walk(&self) -> Option<(&'static str, u32)> {
        let walk = WALKS.get(usize::try_from(self.walk).ok()?)?;
        (!self.customers.is_empty()).then_some(*walk)
    }

    /// The rows that are looked at next.
    pub(super) fn further_reads(&self, rows: &Rows) -> Vec<Read> {
        let Some((prefix, limit)) = self.walk() else {
            return Vec::new();
        };
        let next = Read::Next {
            prefix: prefix.to_owned(),
            after: format!("{prefix}{}", self.after),
            limit,
        };
        if prefix != RECORD {
            return vec![next];
        }
        let record = rows.behind(RECORD, &self.after).take(1);
        let parts = record.flat_map(|(place, _)| {
            [BODY, UNWRITTEN, RELEASED].map(|prefix| format!("{prefix}{place}"))
        });
        let parts = parts.map(|key| Read::One(Table::Ledger, key));
        parts.chain([next]).collect()
    }

    /// Looks at some rows; those about the customers go.
    pub(super) fn work(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
        touched: &mut Touched<'_>,
    ) -> Result<Vec<Change>, CorruptRow> {
        let Some((prefix, limit)) = self.walk() else {
            return Ok(Vec::new());
        };
        let next = rows.behind(prefix, &self.after).take(limit as usize);
        let batch: Vec<(&str, &str)> = next.collect();
        touched.summary.start_over();
        let mut changes = Vec::new();
        for (key, text) in &batch {
            changes.extend(self.look(scene, rows, prefix, (key, text), touched)?);
        }
        if let Some((key, _)) = batch.last() {
            (*key).clone_into(&mut self.after);
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

    fn look(
        &self,
        scene: Scene<'_>,
        rows: &Rows,
        prefix: &str,
        (key, text): (&str, &str),
        touched: &mut Touched<'_>,
    ) -> Result<Vec<Change>, CorruptRow> {
        let gone = || vec![Change::Remove(Table::Ledger, format!("{prefix}{key}"))];
        match prefix {
            WAITING => {
                let waiting = Waiting::load(rows, key)?.filter(|it| self.is_about(&it.alert));
                let leaves = waiting.map(|it| touched.head.leave(key, &it, it.number));
                Ok(leaves.unwrap_or_default())
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
                touched.summary.lose_note();
                Ok(gone())
            }
            RECORD => {
                let body = rows.text(Table::Ledger, &format!("{BODY}{key}"));
                let customer = body.and_then(kombo::customer_of);
                if customer.is_none_or(|id| !self.is(&id)) {
                    return Ok(Vec::new());
                }
                touched
                    .release
                    .dismiss(rows, key, scene.now, touched.backlog)
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

    /// Whether an alert tells of one of them. A summary does if a line of it does.
    fn is_about(&self, alert: &Json) -> bool {
        let Ok(alert) = alert.read::<Alert>() else {
            return false;
        };
        let named = |id: &Option<OriginId>| id.as_ref().is_some_and(|id| self.is(id.as_str()));
        let listed = match &alert.what {
            What::Summary { sections } => {
                let mut lines = sections.iter().flat_map(|section| &section.standing);
                lines.any(|line| named(&line.who.origin_id))
            }
            What::Disputed {
                holder, claimant, ..
            } => self.is(holder.as_str()) || self.is(claimant.as_str()),
            What::Reassigned { from, to, .. } => named(from) || named(to),
            _ => false,
        };
        listed || named(&alert.who.origin_id)
    }
}
