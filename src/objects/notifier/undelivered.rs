//! Alerts that Slack did not accept, or not within thirty days: listed until a human has them sent
//! again, or drops them.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::queue::Head;
use super::queued_alert::{AlertHeader, QueuedAlert};
use crate::contracts::objects::reply::Reply;
use crate::contracts::slack;
use crate::domain::alert::Alert;
use crate::domain::audience::Audience;
use crate::domain::json::{Json, Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Change, Context, Rows, StepError, parse};

/// What the key of an undelivered alert begins with, before its number.
pub(super) const UNDELIVERED: &str = "undelivered/";
/// Key of the row that says what is to be sent again.
const RESENDING: &str = "resending";
/// At most this many alerts are named one by one to be sent again.
const MAX_NUMBERS: usize = 100;

/// The row of one.
#[derive(Debug, Serialize, Deserialize)]
struct Undelivered {
    queued_at: Timestamp,
    given_up_at: Timestamp,
    reason: String,
    #[serde(default)]
    header: AlertHeader,
    #[serde(default)]
    alert: Json,
}

/// One of them, as a caller of the API sees it.
#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    channel: &'static str,
    title: String,
    origin_id: Json,
    organization_name: Option<String>,
    came_at: String,
    given_up_at: String,
    reason: String,
}

/// What is to be sent again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Resending {
    #[serde(default)]
    numbers: Vec<u64>,
    /// All up to this number; 0 for none.
    #[serde(default)]
    up_to: u64,
    /// Since when.
    since: Timestamp,
    #[serde(flatten)]
    unknown: Unknown,
}

/// The row that lists an alert from now on.
pub(super) fn row(queued: &QueuedAlert, number: u64, reason: &str, now: Timestamp) -> Change {
    let undelivered = Undelivered {
        queued_at: queued.queued_at,
        given_up_at: now,
        reason: reason.to_owned(),
        header: queued.header.clone(),
        alert: queued.alert.clone(),
    };
    Change::ledger(key(number), to_json(&undelivered))
}

/// A page of them, as a caller sees them: at most `limit`, with greater numbers than `after`.
pub(super) fn page(
    context: Context<'_>,
    rows: Rows<'_>,
    audience: Audience,
    after: u64,
    limit: u32,
) -> Result<Reply, StepError> {
    let mut listed = Vec::new();
    for (number, text) in rows.ledger_after(UNDELIVERED, &digits(after), limit)? {
        let row: Undelivered = parse(UNDELIVERED, &text)?;
        let who = row.alert.read::<Alert>().ok().map(|alert| alert.who);
        let who = who.unwrap_or_default();
        listed.push(Json::of(&Listed {
            id: format!("{}-{}", audience.as_str(), number.trim_start_matches('0')),
            channel: audience.as_str(),
            title: slack::title(&row.alert, audience, context.settings, context.now),
            origin_id: Json::of(&who.origin_id),
            organization_name: who.organization_name,
            came_at: row.queued_at.to_rfc3339(),
            given_up_at: row.given_up_at.to_rfc3339(),
            reason: row.reason,
        }));
    }
    Ok(Reply::Listed(listed))
}

/// Drops one: the rows that change, and the reply.
pub(super) fn drop_one(
    head: &mut Head,
    rows: Rows<'_>,
    number: u64,
) -> Result<(Vec<Change>, Reply), StepError> {
    let key = key(number);
    if rows.ledger_text(&key)?.is_none() {
        return Ok((Vec::new(), Reply::Document(None)));
    }
    head.undelivered = head.undelivered.saturating_sub(1);
    Ok((vec![Change::remove_ledger(key)], Reply::Acknowledged))
}

impl Resending {
    pub(super) fn load(rows: Rows<'_>, now: Timestamp) -> Result<Self, StepError> {
        let mut resending: Self = rows.state(RESENDING)?.unwrap_or_default();
        resending.since.end_within(Duration::ZERO, now);
        Ok(resending)
    }

    /// Has one sent again, or all that there are.
    pub(super) fn request(
        &mut self,
        head: &Head,
        rows: Rows<'_>,
        number: Option<u64>,
        now: Timestamp,
    ) -> Result<Reply, StepError> {
        match number {
            None => self.up_to = head.latest(),
            Some(number) if rows.ledger_text(&key(number))?.is_none() => {
                return Ok(Reply::Document(None));
            }
            Some(number) if self.numbers.contains(&number) => {}
            Some(_) if self.numbers.len() >= MAX_NUMBERS => return Ok(Reply::LimitReached),
            Some(number) => self.numbers.push(number),
        }
        self.since = now;
        Ok(Reply::Acknowledged)
    }

    pub(super) fn row(&self) -> Change {
        Change::state(RESENDING, self, self.is_busy().then_some(self.since))
    }

    pub(super) fn is_busy(&self) -> bool {
        self.up_to > 0 || !self.numbers.is_empty()
    }

    /// Puts one back into the queue: one in a run, so that each sees the rows of its slot. What is
    /// queued there and newer says everything that it said.
    pub(super) fn poll(
        &mut self,
        context: Context<'_>,
        rows: Rows<'_>,
        head: &mut Head,
    ) -> Result<Vec<Change>, StepError> {
        if !self.is_busy() {
            return Ok(Vec::new());
        }
        let Some((number, undelivered)) = self.next(rows)? else {
            // The first that was named is gone, or all are done.
            if self.numbers.is_empty() {
                self.up_to = 0;
            } else {
                self.numbers.remove(0);
            }
            return Ok(vec![self.row()]);
        };
        self.numbers.retain(|of| *of != number);
        head.undelivered = head.undelivered.saturating_sub(1);
        let id = format!("{UNDELIVERED}{number}");
        let mut changes = vec![self.row(), Change::remove_ledger(key(number))];
        let queued = QueuedAlert::load(rows, &undelivered.header.slot(&id))?;
        let is_newer = |queued: &QueuedAlert| queued.header.at >= undelivered.header.at;
        if !queued.as_ref().is_some_and(is_newer) {
            changes.extend(head.queue(context, rows, &id, undelivered.alert)?);
        }
        Ok(changes)
    }

    /// The next one.
    fn next(&self, rows: Rows<'_>) -> Result<Option<(u64, Undelivered)>, StepError> {
        if self.up_to > 0
            && let Some((number, text)) = rows.ledger_first(UNDELIVERED, 1)?.into_iter().next()
        {
            let number: u64 = number.parse().unwrap_or(u64::MAX);
            if number <= self.up_to || self.numbers.contains(&number) {
                return Ok(Some((number, parse(UNDELIVERED, &text)?)));
            }
        }
        let Some(&number) = self.numbers.first() else {
            return Ok(None);
        };
        let undelivered: Option<Undelivered> = rows.ledger(&key(number))?;
        Ok(undelivered.map(|undelivered| (number, undelivered)))
    }
}

fn key(number: u64) -> String {
    format!("{UNDELIVERED}{}", digits(number))
}

/// Texts sort as their numbers do: twenty digits hold every number.
fn digits(number: u64) -> String {
    format!("{number:020}")
}
