//! Whether Kombo's deliveries come, and whether they are signed as they should be.
//!
//! Isolates report what they noticed (see `intake_reporter`). The engineers are told, once a
//! day at most, that deliveries are refused while no valid one comes, and once
//! that none came for as long as is configured.

use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::domain::alert::{Alert, Concern, Notice, What};
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Order, Outcome, Read, Rows, Scene, Table, Work};
use crate::parts::outbox::MAX_BACKOFF;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::queue::Head;
use super::{Errand, Message, Ticket};

/// Key of the row.
const VIGIL: &str = "vigil";
/// Refused signatures are told when no valid one came for so long.
const PATIENCE: Duration = Duration::from_hours(1);
/// And again not before this.
const DAY: Duration = Duration::from_hours(24);
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;
/// Hours that are counted.
const HOURS: i64 = 24;

/// What is known of the deliveries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Vigil {
    /// Since when somebody watches.
    since: Option<Timestamp>,
    /// When the latest valid delivery came.
    pub(super) valid_at: Option<Timestamp>,
    /// Refused deliveries of the last day, by the hour since the epoch.
    refused: Vec<(i64, u64)>,
    /// When the first delivery was refused since the last valid one.
    refused_since: Option<Timestamp>,
    /// When the engineers were told of refused ones.
    refusal_told: Option<Timestamp>,
    /// Since when the silence was of which they were told.
    silence_told: Option<Timestamp>,
    /// Whether the team's Notifier was woken, which has a summary to make though
    /// nobody may ever tell it anything.
    woke: bool,
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

/// The read that fetches the row.
pub(super) fn read() -> Read {
    Read::One(Table::State, VIGIL.to_owned())
}

impl Vigil {
    /// Reads the row.
    pub(super) fn load(rows: &Rows) -> Result<Self, CorruptRow> {
        Ok(rows.state(VIGIL)?.unwrap_or_default())
    }

    /// Begins to watch; the row if that is new.
    pub(super) fn begin(&mut self, scene: Scene<'_>) -> Option<Change> {
        let new = self.since.is_none();
        self.since.get_or_insert(scene.now);
        new.then(|| self.row(scene))
    }

    /// Takes in what an isolate noticed. Reports may come late and in any order.
    pub(super) fn hear(&mut self, scene: Scene<'_>, valid_at: Option<Timestamp>, refused: u64) {
        self.since.get_or_insert(scene.now);
        self.valid_at = self.valid_at.max(valid_at);
        if valid_at >= self.refused_since {
            self.refused_since = None;
        }
        if refused > 0 {
            self.refused_since.get_or_insert(scene.now);
            self.count(scene.now, refused);
        }
    }

    /// How many deliveries were refused in the last day.
    pub(super) fn refused(&self, now: Timestamp) -> u64 {
        let recent = self.refused.iter().filter(|(at, _)| is_recent(*at, now));
        recent.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Queues what the engineers are to be told now.
    pub(super) fn work(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
        head: &mut Head,
    ) -> Result<Vec<Change>, CorruptRow> {
        let now = scene.now;
        let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let mut alerts = Vec::new();
        if is_due(self.refusal_due()) {
            alerts.push(notice(
                scene,
                Concern::Signatures,
                self.refused_since,
                self.refused(now),
            ));
            self.refusal_told = Some(now);
            self.refused_since = None;
        }
        if is_due(self.silence_due(scene)) {
            let since = self.valid_at.or(self.since);
            alerts.push(notice(scene, Concern::Silence, since, 0));
            self.silence_told = since;
        }
        let mut changes = Vec::new();
        for alert in alerts {
            changes.extend(head.queue(scene, rows, &alert.id, alert.stored())?);
        }
        Ok(changes)
    }

    /// Adds waking the team's Notifier, the first time.
    pub(super) fn wake(&self, scene: Scene<'_>, work: &mut Work<Ticket>) {
        if !self.woke && self.retry.at <= scene.now {
            let channel = Audience::Team;
            let message = Envelope::encode(Message::Health { channel });
            let to = Address::Notifier(channel);
            work.add(Ticket(Errand::Wake), Order::Send { to, message });
        }
    }

    /// Takes in what came of waking it.
    pub(super) fn settle(&mut self, scene: Scene<'_>, outcome: &Outcome) {
        if *outcome == Outcome::Done {
            self.woke = true;
        } else {
            self.retry.fail(scene.now, VIGIL, MAX_BACKOFF);
        }
    }

    /// The row as it is now.
    pub(super) fn row(&self, scene: Scene<'_>) -> Change {
        let wake = (!self.woke).then_some(self.retry.at);
        let due = [self.refusal_due(), self.silence_due(scene), wake];
        Change::state(VIGIL, self, due.into_iter().flatten().min())
    }

    fn refusal_due(&self) -> Option<Timestamp> {
        let patient = self.refused_since?.plus(PATIENCE);
        Some(
            self.refusal_told
                .map_or(patient, |told| patient.max(told.plus(DAY))),
        )
    }

    fn silence_due(&self, scene: Scene<'_>) -> Option<Timestamp> {
        let since = self.valid_at.or(self.since)?;
        let patience = scene.settings.alerting.silence?;
        (self.silence_told != Some(since)).then(|| since.plus(patience))
    }

    fn count(&mut self, now: Timestamp, refused: u64) {
        self.refused.retain(|(at, _)| is_recent(*at, now));
        let hour = now.as_millis().div_euclid(HOUR);
        match self.refused.iter_mut().find(|(at, _)| *at == hour) {
            Some((_, count)) => *count = count.saturating_add(refused),
            None => self.refused.push((hour, refused)),
        }
    }
}

fn is_recent(hour: i64, now: Timestamp) -> bool {
    hour.saturating_add(HOURS) > now.as_millis().div_euclid(HOUR)
}

fn notice(scene: Scene<'_>, about: Concern, since: Option<Timestamp>, count: u64) -> Alert {
    let since = since.unwrap_or(scene.now);
    let what = What::Notice(Notice {
        about,
        over: false,
        count,
        since,
        reason: String::new(),
    });
    let id = format!("vigil/{}/{count}", scene.now.as_millis());
    Alert::new(id, scene.now, Audience::Engineers, what)
}
