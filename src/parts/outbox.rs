//! The outbox: alerts that an object owes to a Notifier.
//!
//! There is a row for each, kept until the Notifier said that it has it. The Notifier knows an alert
//! by its id, so handing one over twice is harmless.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::domain::alert::Alert;
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::json::{Json, Unknown};
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, Context, Outcome, Receipt, Rows, Send, StepError};

/// What the key of such a row begins with.
const PREFIX: &str = "alert/";

/// Longest wait between tries of a hand-over inside the Worker.
pub const MAX_HANDOVER_BACKOFF: Duration = Duration::from_secs(60);

/// An alert that a Notifier does not have yet. Its value is handed on whole, so that an older
/// version hands on what a newer one wrote.
#[derive(Debug, Serialize, Deserialize)]
struct Owed<A> {
    /// Since when.
    at: Timestamp,
    audience: Audience,
    #[serde(default)]
    alert: A,
    #[serde(default)]
    retry: Retry,
    #[serde(flatten)]
    unknown: Unknown,
}

/// As it is read again.
type Stored = Owed<Json>;

/// The row that owes an alert to its Notifier from now on: to the engineers' one only if that has a
/// webhook, so that everything about one incident goes one way.
#[must_use]
pub fn owe(context: Context<'_>, alert: &Alert) -> Change {
    let has_webhook = context.settings.webhook(Audience::Engineers).is_some();
    let owed = Owed {
        at: context.now,
        audience: if alert.audience == Audience::Engineers && has_webhook {
            Audience::Engineers
        } else {
            Audience::Team
        },
        alert,
        retry: Retry::from(context.now),
        unknown: Unknown::default(),
    };
    Change::state(format!("{PREFIX}{}", alert.id), &owed, Some(context.now))
}

/// Hands over the alert that has waited longest, of those for one Notifier, if it may be tried now;
/// `then` takes its id and the outcome. One in a batch, and none ahead of another, so that they
/// arrive in order.
///
/// # Errors
/// [`StepError`] if a row cannot be read.
pub fn poll<C: 'static>(
    context: Context<'_>,
    rows: Rows<'_>,
    batch: &mut Batch<C>,
    then: impl Fn(String, Outcome<Receipt>) -> C + Copy + 'static,
) -> Result<(), StepError> {
    let mut owed: Vec<(String, Stored)> = rows.state_with_prefix(PREFIX)?;
    for (_, owed) in &mut owed {
        owed.retry.correct_wait(MAX_HANDOVER_BACKOFF, context.now);
    }
    // Of one moment, the shorter id has the smaller number.
    owed.sort_by(|(a, one), (b, other)| (one.at, a.len(), a).cmp(&(other.at, b.len(), b)));
    let firsts = [Audience::Team, Audience::Engineers].map(|audience| first(&owed, audience));
    for (id, behind) in &owed {
        let ahead = firsts
            .iter()
            .flatten()
            .find(|(_, it)| it.audience == behind.audience);
        let until = ahead.map_or(context.now, |(_, ahead)| ahead.retry.at);
        if behind.retry.at <= context.now && until > context.now {
            batch.change(Change::state(format!("{PREFIX}{id}"), behind, Some(until)));
        }
    }
    let due = firsts.into_iter().flatten();
    let due = due.filter(|(_, owed)| owed.retry.at <= context.now);
    if let Some((id, owed)) = due.min_by_key(|(_, owed)| owed.at) {
        let send = Send {
            to: Address::Notifier(owed.audience),
            message: Envelope::encode(Message::Alert {
                audience: owed.audience,
                id: id.clone(),
                alert: owed.alert.clone(),
            }),
        };
        let id = id.clone();
        batch.send(send, move |outcome| then(id, outcome));
    }
    Ok(())
}

/// The rows whose wait a clock that was ahead made too long, corrected.
///
/// # Errors
/// [`StepError`] if a row cannot be read.
pub fn correct_waits(context: Context<'_>, rows: Rows<'_>) -> Result<Vec<Change>, StepError> {
    let owed: Vec<(String, Stored)> = rows.state_with_prefix(PREFIX)?;
    let mut changes = Vec::new();
    for (id, mut owed) in owed {
        let before = owed.retry.at;
        owed.retry.correct_wait(MAX_HANDOVER_BACKOFF, context.now);
        if owed.retry.at != before {
            let due = Some(owed.retry.at);
            changes.push(Change::state(format!("{PREFIX}{id}"), &owed, due));
        }
    }
    Ok(changes)
}

/// The alert that is handed over next: the oldest, or that of the same incident with the
/// smallest number, since the clock of another machine may be behind.
fn first(owed: &[(String, Stored)], audience: Audience) -> Option<&(String, Stored)> {
    let of_audience = || owed.iter().filter(|(_, owed)| owed.audience == audience);
    let oldest = of_audience().next()?;
    let Some((incident, _)) = numbered(&oldest.0) else {
        return Some(oldest);
    };
    of_audience()
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
///
/// # Errors
/// [`StepError`] if they cannot be read.
pub fn clear(rows: Rows<'_>) -> Result<Vec<Change>, StepError> {
    let owed = rows.state_texts(PREFIX)?;
    Ok(owed
        .map(|(id, _)| Change::remove_state(format!("{PREFIX}{id}")))
        .collect())
}

/// Takes in what came of handing over one alert.
///
/// # Errors
/// [`StepError`] if its row cannot be read.
pub fn complete(
    context: Context<'_>,
    rows: Rows<'_>,
    id: &str,
    outcome: &Outcome<Receipt>,
) -> Result<Option<Change>, StepError> {
    let key = format!("{PREFIX}{id}");
    if *outcome == Ok(Receipt::Accepted) {
        return Ok(Some(Change::remove_state(key)));
    }
    let owed: Option<Stored> = rows.state(&key)?;
    Ok(owed.map(|mut owed| {
        owed.retry.fail(context.now, id, MAX_HANDOVER_BACKOFF);
        Change::state(key, &owed, Some(owed.retry.at))
    }))
}
