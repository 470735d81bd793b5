//! Alerts that Slack would not take, or not within thirty days: listed until a
//! human has them sent again, or drops them.

use crate::contracts::objects::notifier::UndeliveredId;
use crate::contracts::objects::reply::Reply;
use crate::contracts::slack;
use crate::domain::alert::Alert;
use crate::domain::audience::Audience;
use crate::domain::json::{Json, Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Read, Rows, Scene, Table, read};
use serde::{Deserialize, Serialize};

use super::queue::Head;
use super::waiting::{self, Waiting};

/// What the key of an undelivered alert begins with, before its number.
pub(super) const UNDELIVERED: &str = "undelivered/";
/// Key of the row that says what is to be sent again.
const RESENDING: &str = "resending";
/// Single alerts that wait to be sent again, at most.
const MOST: usize = 100;

impl TryFrom<String> for UndeliveredId {
    type Error = ();

    fn try_from(text: String) -> Result<Self, ()> {
        Self::parse(&text).ok_or(())
    }
}

/// The row of one.
#[derive(Debug, Serialize, Deserialize)]
struct Undelivered {
    came_at: Timestamp,
    given_up_at: Timestamp,
    reason: String,
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
pub(super) fn row(waiting: &Waiting, number: u64, reason: &str, now: Timestamp) -> Change {
    let undelivered = Undelivered {
        came_at: waiting.came_at,
        given_up_at: now,
        reason: reason.to_owned(),
        alert: waiting.alert.clone(),
    };
    Change::ledger(key(number), to_json(&undelivered))
}

/// The rows behind a number that a listing shows.
pub(super) fn page(after: u64, limit: u32) -> Read {
    Read::Next {
        prefix: UNDELIVERED.to_owned(),
        after: key(after),
        limit,
    }
}

/// The read that fetches one row, and that of what is to be sent again.
pub(super) fn reads_of(number: Option<u64>) -> Vec<Read> {
    let one = number.map(|number| Read::One(Table::Ledger, key(number)));
    let resending = Read::One(Table::State, RESENDING.to_owned());
    one.into_iter().chain([resending]).collect()
}

/// The rows that were read, as a caller sees them.
pub(super) fn list(scene: Scene<'_>, rows: &Rows, channel: Audience) -> Result<Reply, CorruptRow> {
    let mut listed = Vec::new();
    for (number, text) in rows.under(Table::Ledger, UNDELIVERED) {
        let row: Undelivered = read(UNDELIVERED, text)?;
        let who = row.alert.read::<Alert>().ok().map(|alert| alert.who);
        let who = who.unwrap_or_default();
        listed.push(Json::of(&Listed {
            id: format!("{}-{}", channel.as_str(), number.trim_start_matches('0')),
            channel: channel.as_str(),
            title: slack::title(&row.alert, channel, scene.settings, scene.now),
            origin_id: Json::of(&who.origin_id),
            organization_name: who.organization_name,
            came_at: row.came_at.to_rfc3339(),
            given_up_at: row.given_up_at.to_rfc3339(),
            reason: row.reason,
        }));
    }
    Ok(Reply::Listed(listed))
}

/// Drops one: the row that goes, and the answer.
pub(super) fn drop_one(head: &mut Head, rows: &Rows, number: u64) -> (Vec<Change>, Reply) {
    let key = key(number);
    if rows.text(Table::Ledger, &key).is_none() {
        return (Vec::new(), Reply::Document(None));
    }
    head.undelivered = head.undelivered.saturating_sub(1);
    (vec![Change::Remove(Table::Ledger, key)], Reply::Taken)
}

impl Resending {
    pub(super) fn load(rows: &Rows) -> Result<Self, CorruptRow> {
        Ok(rows.state(RESENDING)?.unwrap_or_default())
    }

    /// Has one sent again, or all that there are.
    pub(super) fn ask(
        &mut self,
        head: &Head,
        rows: &Rows,
        number: Option<u64>,
        now: Timestamp,
    ) -> Reply {
        match number {
            None => self.up_to = head.latest(),
            Some(number) if rows.text(Table::Ledger, &key(number)).is_none() => {
                return Reply::Document(None);
            }
            Some(number) if self.numbers.contains(&number) => {}
            Some(_) if self.numbers.len() >= MOST => return Reply::NoRoom,
            Some(number) => self.numbers.push(number),
        }
        self.since = now;
        Reply::Taken
    }

    pub(super) fn row(&self) -> Change {
        Change::state(RESENDING, self, self.is_busy().then_some(self.since))
    }

    fn is_busy(&self) -> bool {
        self.up_to > 0 || !self.numbers.is_empty()
    }

    /// The next one, of the rows that were read.
    fn next(&self, rows: &Rows) -> Result<Option<(u64, Undelivered)>, CorruptRow> {
        for (number, text) in rows.under(Table::Ledger, UNDELIVERED) {
            let number: u64 = number.parse().unwrap_or(u64::MAX);
            if number <= self.up_to || self.numbers.contains(&number) {
                return Ok(Some((number, read(UNDELIVERED, text)?)));
            }
        }
        Ok(None)
    }

    /// Puts one back into the queue: one in a round, so that each sees the rows of its
    /// slot. What waits there and is newer says all that it said.
    pub(super) fn work(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
        head: &mut Head,
    ) -> Result<Vec<Change>, CorruptRow> {
        if !self.is_busy() {
            return Ok(Vec::new());
        }
        let Some((number, undelivered)) = self.next(rows)? else {
            // The first of the single ones is gone, or all are through.
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
        let slot = waiting::slot(&id, &undelivered.alert);
        let mut changes = vec![self.row(), Change::Remove(Table::Ledger, key(number))];
        let waiting = Waiting::load(rows, &slot)?;
        let is_newer = |waiting: &Waiting| moment(&waiting.alert) >= moment(&undelivered.alert);
        if !waiting.as_ref().is_some_and(is_newer) {
            changes.extend(head.queue(scene, rows, &id, undelivered.alert)?);
        }
        Ok(changes)
    }
}

/// When an alert was made.
fn moment(alert: &Json) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Alert {
        at: Timestamp,
    }
    alert.read().ok().map(|Alert { at }| at)
}

/// The row that is sent again next, and that of its slot.
pub(super) fn further_reads(rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
    let resending = Resending::load(rows)?;
    let mut reads = Vec::new();
    if resending.up_to > 0 {
        reads.push(Read::First {
            table: Table::Ledger,
            prefix: UNDELIVERED.to_owned(),
            limit: 1,
        });
    }
    let next = resending.numbers.first();
    reads.extend(next.map(|&number| Read::One(Table::Ledger, key(number))));
    if let Some((number, undelivered)) = resending.next(rows)? {
        let id = format!("{UNDELIVERED}{number}");
        reads.push(Waiting::read(&waiting::slot(&id, &undelivered.alert)));
    }
    Ok(reads)
}

/// Keys sort as their numbers do: twenty digits hold every number.
fn key(number: u64) -> String {
    format!("{UNDELIVERED}{number:020}")
}
