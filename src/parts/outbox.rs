//! Alerts on their way from an object to a Notifier.
//!
//! A row each, kept until the Notifier said that it has it. The Notifier knows
//! an alert by its id, so handing one over twice is harmless.

use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier;
use crate::domain::alert::Alert;
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::json::{Json, Unknown};
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Order, Outcome, Rows, Scene, Table, Work};
use core::time::Duration;

use serde::{Deserialize, Serialize};

/// What the key of such a row begins with.
const PREFIX: &str = "alert/";

/// Longest wait between tries of a hand-over inside the Worker.
pub const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// An alert that a Notifier does not have yet. Its value is handed on whole, so
/// that an older version hands on what a newer one wrote.
#[derive(Debug, Serialize, Deserialize)]
struct Owed<A> {
    /// Since when.
    at: Timestamp,
    channel: Audience,
    #[serde(default)]
    alert: A,
    #[serde(default)]
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

/// As it is read again.
type Kept = Owed<Json>;

/// The row that owes an alert to its Notifier from now on: to the engineers' one
/// only if that has a hook, so that all about one incident goes one way.
#[must_use]
pub fn owe(scene: Scene<'_>, alert: &Alert) -> Change {
    let engineers =
        alert.audience == Audience::Engineers && scene.settings.hook(Audience::Engineers).is_some();
    let owed = Owed {
        at: scene.now,
        channel: if engineers {
            Audience::Engineers
        } else {
            Audience::Team
        },
        alert,
        retry: Retry::from(scene.now),
        unknown: Unknown::default(),
    };
    Change::state(format!("{PREFIX}{}", alert.id), &owed, Some(scene.now))
}

/// Hands over the alert that waits longest, of those for one Notifier, if it may be
/// tried now; `ticket` makes the machine's ticket of its id. One a round, and none
/// ahead of another, so that they arrive in order.
///
/// # Errors
/// [`CorruptRow`] when a row cannot be read.
pub fn work<T>(
    scene: Scene<'_>,
    rows: &Rows,
    work: &mut Work<T>,
    ticket: impl Fn(String) -> T,
) -> Result<(), CorruptRow> {
    let mut owed: Vec<(String, Kept)> = rows.all(PREFIX)?;
    // Of one moment, the shorter id has the smaller number.
    owed.sort_by(|(a, one), (b, other)| (one.at, a.len(), a).cmp(&(other.at, b.len(), b)));
    let firsts = [Audience::Team, Audience::Engineers].map(|channel| first(&owed, channel));
    for (id, behind) in &owed {
        let ahead = firsts
            .iter()
            .flatten()
            .find(|(_, it)| it.channel == behind.channel);
        let until = ahead.map_or(scene.now, |(_, ahead)| ahead.retry.at);
        if behind.retry.at <= scene.now && until > scene.now {
            work.change(Change::state(format!("{PREFIX}{id}"), behind, Some(until)));
        }
    }
    let due = firsts.into_iter().flatten();
    let due = due.filter(|(_, owed)| owed.retry.at <= scene.now);
    if let Some((id, owed)) = due.min_by_key(|(_, owed)| owed.at) {
        let order = Order::Send {
            to: Address::Notifier(owed.channel),
            message: Envelope::encode(notifier::Message::Alert {
                channel: owed.channel,
                id: id.clone(),
                alert: owed.alert.clone(),
            }),
        };
        work.add(ticket(id.clone()), order);
    }
    Ok(())
}

/// The alert that is handed over next: the oldest, or that of the same incident with the
/// smallest number, since the clock of another machine may be behind.
fn first(owed: &[(String, Kept)], channel: Audience) -> Option<&(String, Kept)> {
    let of_channel = || owed.iter().filter(|(_, owed)| owed.channel == channel);
    let oldest = of_channel().next()?;
    let Some((incident, _)) = numbered(&oldest.0) else {
        return Some(oldest);
    };
    of_channel()
        .filter_map(|it| Some((numbered(&it.0)?, it)))
        .filter(|((of, _), _)| *of == incident)
        .min_by_key(|((_, number), _)| *number)
        .map(|(_, it)| it)
}

/// The incident and the number in the id of an alert, if it is one of several of an incident.
fn numbered(id: &str) -> Option<(&str, u64)> {
    let (incident, number) = id.rsplit_once('/')?;
    Some((incident, number.parse().ok()?))
}

/// The rows that are gone when nothing is to be handed over any more.
#[must_use]
pub fn forget(rows: &Rows) -> Vec<Change> {
    let owed = rows.under(Table::State, PREFIX);
    owed.map(|(id, _)| Change::Remove(Table::State, format!("{PREFIX}{id}")))
        .collect()
}

/// Takes in what came of handing over one alert.
///
/// # Errors
/// [`CorruptRow`] when its row cannot be read.
pub fn settle(
    scene: Scene<'_>,
    rows: &Rows,
    id: &str,
    outcome: &Outcome,
) -> Result<Option<Change>, CorruptRow> {
    let key = format!("{PREFIX}{id}");
    if *outcome == Outcome::Done {
        return Ok(Some(Change::Remove(Table::State, key)));
    }
    let owed: Option<Kept> = rows.state(&key)?;
    Ok(owed.map(|mut owed| {
        owed.retry.fail(scene.now, id, MAX_BACKOFF);
        Change::state(key, &owed, Some(owed.retry.at))
    }))
}
