//! What a Notifier answers to a message that it has not heard before, and the rows
//! that make the answer true.

use super::backlog::Backlog;
use super::late::{self, Outage};
use super::quarantine::Record;
use super::queue::Head;
use super::summary::{self, Summary};
use super::vigil::Vigil;
use super::{Message, deciding, status};
use crate::contracts::objects::reply::{Health, Reply};
use crate::domain::audience::Audience;
use crate::domain::json::Json;
use crate::machine::{Change, CorruptRow, Heard, Rows, Scene};

/// Decides on a message; `seen_as` is the name under which it is remembered.
pub(super) fn hear(
    scene: Scene<'_>,
    rows: &Rows,
    message: Message,
    seen_as: Option<&str>,
) -> Result<Heard, CorruptRow> {
    let known = Head::load(rows)?;
    if known.is_none() && matches!(message, Message::Rebuild) {
        return Ok(Reply::Document(None).into());
    }
    let mut touched = known.is_none();
    let mut head = known.unwrap_or_else(|| Head::new(message.channel()));
    let mut changes = begin(scene, rows, head.channel)?;
    let reply = match message {
        Message::Alert { alert, id, .. } => {
            changes.extend(keep(scene, rows, &mut head, &id, alert)?);
            touched = true;
            Reply::Taken
        }
        Message::Quarantine {
            id,
            kind,
            reason,
            body,
        } => {
            let record = Record::new(id, kind, reason, scene.now);
            changes.extend(record.keep(rows, body, scene, &mut head)?);
            touched = true;
            Reply::Quarantined
        }
        Message::Late {
            object,
            late,
            reason,
        } => {
            changes.extend(late::hear(scene, rows, &object, late, reason)?);
            Reply::Taken
        }
        Message::Watch { valid_at, refused } => {
            let mut vigil = Vigil::load(rows)?;
            vigil.hear(scene, valid_at, refused);
            changes.push(vigil.row(scene));
            Reply::Taken
        }
        Message::Health { .. } => {
            touched |= head.may_go_on(scene);
            Reply::Health(health(scene, rows, &head)?)
        }
        Message::Status { .. } => {
            touched |= head.may_go_on(scene);
            Reply::Status(status::of(scene, rows, &head)?)
        }
        message => {
            let (decided, reply) = deciding::decide(scene, rows, &mut head, message)?;
            touched = true;
            changes.extend(decided);
            reply
        }
    };
    if let Some(seen_as) = seen_as {
        changes.extend(head.remember(seen_as, scene.now));
    }
    if touched {
        changes.push(head.row(scene));
    }
    Ok(Heard::new(reply, changes))
}

/// What a Notifier does by itself from its first message on.
fn begin(scene: Scene<'_>, rows: &Rows, channel: Audience) -> Result<Vec<Change>, CorruptRow> {
    let change = match channel {
        Audience::Team => Summary::load(rows)?.schedule(scene),
        Audience::Engineers => Vigil::load(rows)?.begin(scene),
    };
    Ok(change.into_iter().collect())
}

/// Queues an alert, or keeps it for the daily summary. Where no summary comes, nobody would
/// ever read it there, so it is not kept.
fn keep(
    scene: Scene<'_>,
    rows: &Rows,
    head: &mut Head,
    id: &str,
    alert: Json,
) -> Result<Vec<Change>, CorruptRow> {
    if !summary::keeps(&alert) {
        return head.queue(scene, rows, id, alert);
    }
    if summary::is_off(scene) {
        return Ok(Vec::new());
    }
    let mut summary = Summary::load(rows)?;
    summary.schedule(scene);
    Ok(vec![summary.note(id, &alert), summary.row()])
}

fn health(scene: Scene<'_>, rows: &Rows, head: &Head) -> Result<Health, CorruptRow> {
    let documents_late = Backlog::load(rows)?.is_late(scene.now);
    Ok(Health {
        slack_failing: head.is_failing(scene),
        kv_late: documents_late || Outage::load(rows)?.stands(),
    })
}
