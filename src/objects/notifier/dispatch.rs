//! What leaves the queue next, and in which form.
//!
//! One alert is one message. More than five in the queue are folded into a digest, so that a storm
//! costs few messages and still names every customer. After an hour in which Slack accepted
//! nothing, the first message says what happened meanwhile.

use core::time::Duration;

use super::Completed;
use super::queue::{Head, MAX_DIGEST_LINES};
use super::queued_alert::{self, Priority, QueuedAlert};
use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::contracts::slack;
use crate::domain::audience::Audience;
use crate::machine::{Batch, Context, Post, Rows, Send, StepError};

/// At most this many alerts in the queue go one by one.
const MAX_UNFOLDED: u64 = 5;
/// After a silence of more than this, the first message says what happened meanwhile.
const SILENCE: Duration = Duration::from_hours(1);

/// The form of the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// What happened in a silence.
    Lead,
    /// Several in one.
    Digest,
    /// One.
    Single,
}

/// Alerts at the front of the queue, with their slots.
type Front = Vec<(String, QueuedAlert)>;

/// A message, and the slots that it speaks for.
type Leaving = (slack::Content, Vec<(String, u64)>);

/// Adds what leaves now, if anything may.
pub(super) fn poll(
    context: Context<'_>,
    rows: Rows<'_>,
    head: &mut Head,
    batch: &mut Batch<Completed>,
) -> Result<(), StepError> {
    if head.waiting() == 0 {
        return Ok(());
    }
    head.follow_settings(context);
    if !head.slack.is_due(context.now) {
        return Ok(());
    }
    let front = front(context, rows, head)?;
    if front.is_empty() {
        head.clear_counts();
    } else if context.settings.webhook(head.audience).is_some() {
        post(context, head, front, batch);
    } else if head.audience == Audience::Engineers {
        hand_over(context, head, front, batch);
    } else {
        head.slack.is_missing(context.now);
    }
    Ok(())
}

/// The alerts that may be part of the next message.
fn front(context: Context<'_>, rows: Rows<'_>, head: &Head) -> Result<Front, StepError> {
    let limit = match form(context, head) {
        Form::Single => 1,
        Form::Lead | Form::Digest => u32::try_from(MAX_DIGEST_LINES).unwrap_or(u32::MAX),
    };
    let mut front = Vec::new();
    for slot in queued_alert::first_slots(rows, limit)? {
        let queued = QueuedAlert::load(rows, &slot)?;
        front.extend(queued.map(|queued| (slot, queued)));
    }
    Ok(front)
}

fn form(context: Context<'_>, head: &Head) -> Form {
    if head.rejected_messages.are_about_the_webhook() {
        return Form::Single;
    }
    let incidents = head.open.saturating_add(head.resolved);
    let was_silent = head
        .silent_since
        .is_some_and(|since| context.now.since(since) > SILENCE);
    if was_silent && incidents > 1 && context.settings.webhook(head.audience).is_some() {
        Form::Lead
    } else if head.waiting() > MAX_UNFOLDED && head.digest_lines() > 1 {
        Form::Digest
    } else {
        Form::Single
    }
}

fn post(context: Context<'_>, head: &mut Head, front: Front, batch: &mut Batch<Completed>) {
    if head.rejected_messages.are_about_the_webhook() {
        // The plainest message is the one that shows when the webhook works again.
        head.plain = front.first().map(|(slot, _)| slot.clone());
    }
    let (message, slots) = match form(context, head) {
        Form::Lead => (lead(head, front), Vec::new()),
        Form::Digest => digest(front, head.digest_lines()),
        Form::Single => single(front, head.plain.as_deref()),
    };
    let payload = slack::render(message, view(context, head));
    let audience = head.audience;
    head.sent(slots, context.now);
    batch.post(Post { audience, payload }, Completed::Post);
}

fn view<'a>(context: Context<'a>, head: &'a Head) -> slack::View<'a> {
    slack::View {
        channel: head.audience,
        settings: context.settings,
        learned: head.address.as_ref(),
        now: context.now,
    }
}

/// Without a webhook of their own, the engineers' alerts go to the team's Notifier.
fn hand_over(context: Context<'_>, head: &mut Head, front: Front, batch: &mut Batch<Completed>) {
    let Some((slot, queued)) = front.into_iter().next() else {
        return;
    };
    let message = Envelope::encode(Message::Alert {
        audience: Audience::Team,
        id: format!("ops/{}", queued.number),
        alert: queued.alert,
    });
    let to = Address::Notifier(Audience::Team);
    head.sent(vec![(slot, queued.number)], context.now);
    batch.send(Send { to, message }, Completed::Handover);
}

/// What happened in the silence, and which incidents are still open.
fn lead(head: &Head, front: Front) -> slack::Content {
    let is_open = |queued: &QueuedAlert| {
        let priority = queued.priority();
        queued.phase().is_some() && matches!(priority, Priority::New | Priority::Update)
    };
    let open = front.into_iter().filter(|(_, queued)| is_open(queued));
    slack::Content::Lead {
        since: head.silent_since.unwrap_or_default(),
        open: head.open,
        over: head.resolved,
        alerts: open.map(|(_, queued)| queued.alert).collect(),
    }
}

/// As many as fit a digest. What goes on its own ends it.
fn digest(front: Front, max_lines: u64) -> Leaving {
    let folds = |(_, queued): &&(String, QueuedAlert)| queued.priority() < Priority::Standalone;
    let max_lines = usize::try_from(max_lines).unwrap_or(usize::MAX);
    let lines: Front = front
        .iter()
        .take_while(folds)
        .take(max_lines)
        .cloned()
        .collect();
    if lines.len() < 2 {
        return single(front, None);
    }
    let slots = lines
        .iter()
        .map(|(slot, queued)| (slot.clone(), queued.number))
        .collect();
    let alerts = lines.into_iter().map(|(_, queued)| queued.alert).collect();
    (slack::Content::Digest(alerts), slots)
}

/// The first one.
fn single(front: Front, plain: Option<&str>) -> Leaving {
    let Some((slot, queued)) = front.into_iter().next() else {
        return (slack::Content::Digest(Vec::new()), Vec::new());
    };
    let slots = vec![(slot.clone(), queued.number)];
    if plain == Some(slot.as_str()) {
        (slack::Content::Plain(queued.alert), slots)
    } else {
        (slack::Content::One(queued.alert), slots)
    }
}
