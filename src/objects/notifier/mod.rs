//! One Slack channel: what waits for it, and how fast it goes out.
//!
//! Serial, because the channel is: one message a second. An alert leaves the queue
//! only when Slack took it, or when it stands in the list of undelivered ones. The
//! team's Notifier also makes the daily summary; the engineers' one keeps the
//! quarantine and watches over deliveries and projections, and hands its alerts to
//! the team's when it has no hook. What an alert says is `slack`'s.

mod backlog;
mod deciding;
mod delivering;
mod departing;
mod environment;
mod forgetting;
mod gathering;
mod hearing;
mod late;
mod quarantine;
mod queue;
mod release;
mod reporting;
mod status;
mod summary;
mod undelivered;
mod vigil;
mod waiting;

use self::backlog::Backlog;
use self::departing::Departure;
use self::forgetting::{Forgetting, Touched};
use self::queue::Head;
use self::release::Release;
use self::summary::Summary;
use self::undelivered::Resending;
use self::vigil::Vigil;
use self::waiting::{Class, Waiting};
use crate::contracts::objects::notifier::Message;
use crate::contracts::objects::reply::Reply;
use crate::domain::audience::Audience;
use crate::machine::{
    CorruptRow, Heard, Machine, Outcome, Read, Rows, Scene, Settled, Table, Work,
};
use crate::parts::{dedup, outbox};

/// Note on a task of a Notifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket(Errand);

#[derive(Debug, Clone, PartialEq)]
enum Errand {
    /// What left the queue.
    Deliver(Departure),
    /// An alert for the engineers' Notifier, by its id.
    Report(String),
    /// A page of keys.
    Gather,
    /// Waking the team's Notifier.
    Wake,
    /// The document of a quarantined event, by the name of its rows; written or removed.
    Quarantine { place: String, is_kept: bool },
    /// A quarantined event for its object, by the name of its rows.
    Release(String),
}

/// The machine.
#[derive(Debug)]
pub struct Notifier;

impl Machine for Notifier {
    type Message = Message;
    type Ticket = Ticket;

    fn reads(message: &Message) -> Vec<Read> {
        let mut reads = message
            .seen_as()
            .map_or_else(Vec::new, |id| dedup::reads(&id));
        reads.push(Read::One(Table::State, queue::HEAD.to_owned()));
        reads.push(match message.channel() {
            Audience::Team => summary::read(),
            Audience::Engineers => vigil::read(),
        });
        match message {
            Message::Alert { id, alert, .. } => {
                reads.push(Waiting::read(&waiting::slot(id, alert)));
            }
            Message::Quarantine {
                id, kind, reason, ..
            } => {
                let key = quarantine::kind_key(kind, reason);
                reads.push(Read::One(Table::State, key));
                reads.extend(quarantine::reads_of(kind, id));
                reads.push(Backlog::read());
            }
            Message::Health { .. } | Message::Late { .. } => {
                reads.extend([late::read(), Backlog::read()]);
            }
            Message::Status { .. } => {
                reads.extend([late::read(), Backlog::read()]);
                reads.extend(Class::ALL.map(|class| waiting::places(Some(class), 1)));
            }
            Message::Retry { event: Some(event) } | Message::Dismiss { event } => {
                reads.extend(release::reads_of(event));
            }
            Message::Retry { event: None } => reads.push(release::read()),
            Message::Undelivered { after, limit, .. } => {
                reads.push(undelivered::page(*after, *limit));
            }
            Message::Resend { number, .. } => reads.extend(undelivered::reads_of(*number)),
            Message::Drop { number, .. } => reads.extend(undelivered::reads_of(Some(*number))),
            Message::Environment { .. } => reads.push(environment::read()),
            Message::Forget { .. } => reads.push(forgetting::read()),
            Message::Rebuild => reads.push(Read::State),
            Message::Watch { .. } => {}
        }
        reads
    }

    fn hear(scene: Scene<'_>, rows: &Rows, message: Message) -> Result<Heard, CorruptRow> {
        let seen_as = message.seen_as();
        let known = seen_as
            .as_deref()
            .is_some_and(|id| dedup::contains(rows, id));
        if known {
            let quarantined = matches!(message, Message::Quarantine { .. });
            let reply = if quarantined {
                Reply::Duplicate
            } else {
                Reply::Taken
            };
            return Ok(reply.into());
        }
        hearing::hear(scene, rows, message, seen_as.as_deref())
    }

    fn further_reads(scene: Scene<'_>, rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
        let mut reads = quarantine::further_reads(rows);
        reads.extend(departing::further_reads(scene, rows)?);
        reads.extend(late::further_reads(scene, rows)?);
        reads.extend(summary::further_reads(scene, rows)?);
        reads.extend(Backlog::load(rows)?.further_reads(rows));
        reads.extend(release::further_reads(scene, rows)?);
        reads.extend(Forgetting::load(rows)?.further_reads(rows));
        reads.extend(undelivered::further_reads(rows)?);
        reads.extend([late::slot_read(), summary::slot_read()]);
        Ok(reads)
    }

    fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Ticket>, CorruptRow> {
        let mut work = Work::none();
        outbox::work(scene, rows, &mut work, |id| Ticket(Errand::Report(id)))?;
        let mut changes = Vec::new();
        let mut summary = Summary::load(rows)?;
        let mut is_forgetting = false;
        let (mut release, mut backlog) = (Release::load(rows)?, Backlog::load(rows)?);
        if let Some(mut head) = Head::load(rows)? {
            // Before anything is added: what is queued now can be read in the next round.
            head.work(scene, rows, &mut work)?;
            if head.channel == Audience::Team {
                summary.schedule(scene);
                summary.work(scene, rows, &mut head, &mut work)?;
            } else {
                let mut vigil = Vigil::load(rows)?;
                vigil.wake(scene, &mut work);
                changes.extend(vigil.work(scene, rows, &mut head)?);
                changes.push(vigil.row(scene));
                changes.extend(late::work(scene, rows, &mut head)?);
            }
            changes.extend(Resending::load(rows)?.work(scene, rows, &mut head)?);
            let report = head.report(scene);
            changes.extend(report.map(|alert| outbox::owe(scene, &alert)));
            let mut forgetting = Forgetting::load(rows)?;
            is_forgetting = forgetting.is_busy();
            changes.extend(forgetting.work(
                scene,
                rows,
                &mut Touched {
                    head: &mut head,
                    summary: &mut summary,
                    release: &mut release,
                    backlog: &mut backlog,
                },
            )?);
            changes.push(head.row(scene));
        }
        quarantine::work(scene, rows, &mut work)?;
        // One walk at a time: two would each count a document that both mark.
        if !is_forgetting {
            changes.extend(backlog.work(rows, scene.now));
            release.work(scene, rows, &mut work);
        }
        let kept = [
            (summary.row(), summary == Summary::default()),
            (release.row(), release == Release::default()),
            (backlog.row(), backlog == Backlog::default()),
        ];
        for (row, says_nothing) in kept {
            // A row that was never needed is not made.
            let is_needed = !says_nothing || rows.hold(&row);
            changes.extend(Some(row).filter(|row| is_needed && rows.are_changed_by(row)));
        }
        for change in changes {
            work.change(change);
        }
        Ok(work)
    }

    fn settle(
        scene: Scene<'_>,
        rows: &Rows,
        results: Vec<(Ticket, Outcome)>,
    ) -> Result<Settled, CorruptRow> {
        let mut settled = Settled::default();
        let (mut written, mut released) = (Vec::new(), Vec::new());
        let mut backlog = Backlog::load(rows)?;
        let before = backlog.clone();
        for (Ticket(errand), outcome) in results {
            match errand {
                Errand::Deliver(departure) => {
                    let (changes, line) = delivering::settle(scene, rows, &departure, &outcome)?;
                    settled.changes.extend(changes);
                    settled.lines.push(line);
                }
                Errand::Report(id) => {
                    let change = outbox::settle(scene, rows, &id, &outcome)?;
                    settled.changes.extend(change);
                }
                Errand::Gather => {
                    let mut summary = Summary::load(rows)?;
                    summary.settle(scene, &outcome);
                    settled.changes.push(summary.row());
                }
                Errand::Wake => {
                    let mut vigil = Vigil::load(rows)?;
                    vigil.settle(scene, &outcome);
                    settled.changes.push(vigil.row(scene));
                }
                Errand::Quarantine { place, is_kept } => written.push((place, is_kept, outcome)),
                Errand::Release(place) => {
                    let mut release = Release::load(rows)?;
                    let changes =
                        release.settle(rows, &place, &outcome, scene.now, &mut backlog)?;
                    settled.changes.extend(changes);
                    settled.changes.push(release.row());
                    released.extend((outcome == Outcome::Done).then_some(place));
                }
            }
        }
        if !written.is_empty() {
            let changes = quarantine::settle(scene, rows, &written, &released, &mut backlog);
            settled.changes.extend(changes);
        }
        if backlog != before {
            settled.changes.push(backlog.row());
        }
        Ok(settled)
    }
}
