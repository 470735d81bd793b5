//! What leaves the queue next, and in which form.
//!
//! One alert is one message. More than five that wait are folded into a digest,
//! so that a storm costs few messages and still names everybody. After an hour
//! in which Slack took nothing, the first message says what happened meanwhile.

use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::slack::{self, Post};
use crate::domain::audience::Audience;
use crate::domain::time::Timestamp;
use crate::machine::{CorruptRow, Order, Read, Rows, Scene, Work};
use core::time::Duration;

use super::queue::{HELD, Head, MOST_LINES, PACE};
use super::waiting::{self, Class, Waiting};
use super::{Errand, Message, Ticket};

/// Alerts that may wait without being folded.
const UNFOLDED: u64 = 5;
/// After so long a silence people are told what happened in it.
const SILENCE: Duration = Duration::from_hours(1);

/// What is on its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Departure {
    /// Whose queue they left.
    pub(super) channel: Audience,
    /// The slots, each with the number of the latest alert in it; none for the
    /// message that says what happened in a silence.
    pub(super) slots: Vec<(String, u64)>,
}

/// The form of the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// What happened in a silence.
    Lead,
    /// Several in one.
    Digest,
    /// One.
    Alone,
}

/// The reads that fetch what may leave next: first which, then what they say.
pub(super) fn further_reads(scene: Scene<'_>, rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
    let Some(head) = Head::load(rows)?.filter(|head| head.waiting > 0) else {
        return Ok(Vec::new());
    };
    let most = match head.form(scene) {
        Form::Alone => 1,
        Form::Lead | Form::Digest => MOST_LINES,
    };
    let places = waiting::places(None, u32::try_from(most).unwrap_or(u32::MAX));
    let next = waiting::first(rows, None).into_iter().map(|(slot, _)| slot);
    let departing = head.departing.into_iter().map(|(slot, _)| slot);
    let slots = next.chain(departing).map(|slot| Waiting::read(&slot));
    Ok(slots.chain([places]).collect())
}

impl Head {
    /// Adds what leaves now, if anything may.
    pub(super) fn work(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
        work: &mut Work<Ticket>,
    ) -> Result<(), CorruptRow> {
        if self.waiting == 0 {
            return Ok(());
        }
        self.take_hook(scene);
        if self.retry.at > scene.now {
            return Ok(());
        }
        let mut next = Vec::new();
        for (slot, _) in waiting::first(rows, None) {
            let waiting = Waiting::load(rows, &slot)?;
            next.extend(waiting.map(|waiting| (slot, waiting)));
        }
        if next.is_empty() {
            // Whatever was counted is not there.
            self.waiting = 0;
        } else if scene.settings.hook(self.channel).is_some() {
            self.post(scene, next, work);
        } else if self.channel == Audience::Engineers {
            self.hand_over(scene, next, work);
        } else {
            // No hook: look again later, whatever wakes the object before.
            self.retry.at = scene.now.plus(HELD);
        }
        Ok(())
    }

    fn form(&self, scene: Scene<'_>) -> Form {
        let incidents = self.open.saturating_add(self.over);
        if self.was_silent(scene.now)
            && incidents > 1
            && scene.settings.hook(self.channel).is_some()
        {
            return Form::Lead;
        }
        if self.waiting > UNFOLDED && self.lines != 1 {
            return Form::Digest;
        }
        Form::Alone
    }

    /// Whether Slack took nothing for so long that people are told what happened in it.
    fn was_silent(&self, now: Timestamp) -> bool {
        self.silent_since
            .is_some_and(|since| now.since(since) > SILENCE)
    }

    fn post(&mut self, scene: Scene<'_>, next: Vec<(String, Waiting)>, work: &mut Work<Ticket>) {
        let (post, slots) = match self.form(scene) {
            Form::Lead => (self.lead(next), Vec::new()),
            Form::Digest => digest(next, self.most_lines()),
            Form::Alone => alone(next, self.plain.as_deref()),
        };
        let payload = slack::render(post, self.channel, scene.settings, scene.now);
        let order = Order::Post {
            hook: self.channel,
            payload,
        };
        self.depart(scene, slots, order, work);
    }

    /// Without a hook of their own the engineers are told in the team's channel.
    fn hand_over(
        &mut self,
        scene: Scene<'_>,
        next: Vec<(String, Waiting)>,
        work: &mut Work<Ticket>,
    ) {
        let Some((slot, waiting)) = next.into_iter().next() else {
            return;
        };
        let message = Envelope::encode(Message::Alert {
            channel: Audience::Team,
            id: format!("ops/{}", waiting.number),
            alert: waiting.alert,
        });
        let to = Address::Notifier(Audience::Team);
        let slots = vec![(slot, waiting.number)];
        self.depart(scene, slots, Order::Send { to, message }, work);
    }

    fn depart(
        &mut self,
        scene: Scene<'_>,
        slots: Vec<(String, u64)>,
        order: Order,
        work: &mut Work<Ticket>,
    ) {
        self.departing.clone_from(&slots);
        // Should the object die now, the next one keeps the pace too.
        self.retry.at = scene.now.plus(PACE);
        let channel = self.channel;
        work.add(Ticket(Errand::Deliver(Departure { channel, slots })), order);
    }

    /// What happened in the silence, and who is still in trouble.
    fn lead(&self, next: Vec<(String, Waiting)>) -> Post {
        let open = next.into_iter();
        let open = open.filter(|(_, it)| matches!(it.class(), Class::News | Class::More));
        Post::Lead {
            since: self.silent_since.unwrap_or_default(),
            open: self.open,
            over: self.over,
            alerts: open
                .filter(|(_, it)| it.phase().is_some())
                .map(|(_, it)| it.alert)
                .collect(),
        }
    }

    fn most_lines(&self) -> usize {
        let most = if self.lines == 0 {
            MOST_LINES
        } else {
            self.lines
        };
        usize::try_from(most).unwrap_or(usize::MAX)
    }
}

type Leaving = (Post, Vec<(String, u64)>);

/// As many as fit a digest. What goes alone ends it.
fn digest(next: Vec<(String, Waiting)>, most: usize) -> Leaving {
    let folds = |(_, it): &&(String, Waiting)| it.class() < Class::Page;
    let lines: Vec<_> = next.iter().take_while(folds).take(most).cloned().collect();
    if lines.len() < 2 {
        return alone(next, None);
    }
    let slots = lines
        .iter()
        .map(|(slot, it)| (slot.clone(), it.number))
        .collect();
    let alerts = lines.into_iter().map(|(_, it)| it.alert).collect();
    (Post::Digest(alerts), slots)
}

/// The first alone.
fn alone(next: Vec<(String, Waiting)>, plain: Option<&str>) -> Leaving {
    let Some((slot, waiting)) = next.into_iter().next() else {
        return (Post::Digest(Vec::new()), Vec::new());
    };
    let slots = vec![(slot.clone(), waiting.number)];
    if plain == Some(slot.as_str()) {
        (Post::Plain(waiting.alert), slots)
    } else {
        (Post::One(waiting.alert), slots)
    }
}
