//! What a Notifier is asked for besides alerts: about that which waits for humans, by
//! them, and about the Kombo environment, by integrations.

use super::backlog::Backlog;
use super::forgetting::Forgetting;
use super::queue::Head;
use super::release::Release;
use super::undelivered::{self, Resending};
use super::{Message, environment};
use crate::contracts::objects::reply::Reply;
use crate::machine::{Change, CorruptRow, Rows, Scene};

/// The rows that change, besides the head, and the answer.
pub(super) fn decide(
    scene: Scene<'_>,
    rows: &Rows,
    head: &mut Head,
    message: Message,
) -> Result<(Vec<Change>, Reply), CorruptRow> {
    let (mut changes, reply, row);
    match message {
        Message::Retry { event: Some(event) } => {
            let mut release = Release::load(rows)?;
            (changes, reply) = release.retry(rows, &event, scene.now);
            row = release.row();
        }
        Message::Retry { event: None } => {
            let mut release = Release::load(rows)?;
            release.begin(scene.now);
            (changes, reply) = (Vec::new(), Reply::Taken);
            row = release.row();
        }
        Message::Dismiss { event } => {
            let mut release = Release::load(rows)?;
            (changes, reply) = release.dismiss_event(rows, &event, scene.now)?;
            row = release.row();
        }
        Message::Resend { number, .. } => {
            let mut resending = Resending::load(rows)?;
            reply = resending.ask(head, rows, number, scene.now);
            (changes, row) = (Vec::new(), resending.row());
        }
        Message::Forget { customer, .. } => {
            let mut forgetting = Forgetting::load(rows)?;
            forgetting.add(customer, scene.now);
            (changes, reply) = (Vec::new(), Reply::Taken);
            row = forgetting.row();
        }
        Message::Rebuild => {
            let mut backlog = Backlog::load(rows)?;
            backlog.rewrite(scene.now);
            (changes, reply) = (Vec::new(), Reply::Taken);
            row = backlog.row();
        }
        Message::Environment { id, is_proven } => {
            return environment::hear(rows, &id, is_proven);
        }
        Message::Drop { number, .. } => return Ok(undelivered::drop_one(head, rows, number)),
        // The others are `hearing`'s.
        _ => return Ok((Vec::new(), undelivered::list(scene, rows, head.channel)?)),
    }
    changes.push(row);
    Ok((changes, reply))
}
