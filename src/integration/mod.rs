//! One integration: the object in which all events about it meet.
//!
//! It decides what is true of the integration (`facts`), tells the object of
//! whoever holds it (`telling`), and writes the keys `integration:…` and
//! `unassigned:…`. What a customer holds altogether, and what people are told of
//! trouble, is `customer`'s.
//!
//! A tombstone is for good: after `integration-deleted` later events change
//! nothing, whenever they were sent.

mod documents;
mod facts;
mod telling;

use serde::Serialize;
use serde_json::value::RawValue;

use self::documents::{is_unassigned, shown};
use self::facts::{Claim, Facts};
use self::telling::{Tenancy, Told};
use crate::alert::{Alert, Connection, What, Who};
use crate::id::{EventId, IntegrationId, sha256_base64url};
use crate::issue::{Cause, Issues};
use crate::kombo::{self, Event};
use crate::lateness::Lateness;
use crate::machine::{
    Change, CorruptRow, Heard, Machine, Outcome, ROUND, Read, Rows, Scene, Settled, Task, Work,
};
use crate::object::Address;
use crate::outbox;
use crate::projection::Projection;
use crate::record::{Unknown, reads};
use crate::reply::Reply;
use crate::seen::{self, Seen};
use crate::time::Timestamp;

/// Key of the one row that is not an issue or an alert.
const HEAD: &str = "head";

/// A telling, two keys and their lateness.
const MOST_TASKS: usize = 4;

/// What an Integration can be told.
#[derive(Debug, Clone)]
pub enum Message {
    /// An event of Kombo about this integration.
    Event {
        /// Which integration; the object itself only knows a hash.
        id: IntegrationId,
        /// The event.
        event: Box<Event>,
    },
}

reads!(enum Message { "event" => Event { id, event } });

/// A [`Message`] on its way.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outgoing<'a> {
    /// See [`Message::Event`].
    Event {
        /// Which integration.
        id: &'a IntegrationId,
        /// The event's body, as it was signed.
        event: &'a RawValue,
    },
}

/// Note on a task of an Integration.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket(Errand);

#[derive(Debug, Clone, PartialEq)]
enum Errand {
    Telling(Told),
    Alert(String),
    Document(u64),
    Unassigned(u64),
    Lateness(bool),
}

/// The machine.
#[derive(Debug)]
pub struct Integration;

/// The name under which an event is remembered.
fn seen_as(event: &Event) -> String {
    seen::event(event.what.kind(), event.id.as_str())
}

/// The head row: the facts, and how far others know of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Head {
    schema: u32,
    facts: Facts,
    /// Grows with each change of the facts or issues; the version of tellings.
    revision: u64,
    /// Grows with each change of what the documents show.
    document_revision: u64,
    updated_at: Timestamp,
    tenancy: Tenancy,
    document: Projection,
    unassigned: Projection,
    lateness: Lateness,
    seen: Seen,
    #[serde(flatten)]
    unknown: Unknown,
}

reads!(Head {
    schema, facts, revision, document_revision, updated_at, tenancy, document, unassigned,
    lateness, seen; unknown
});

impl Machine for Integration {
    type Message = Message;
    type Ticket = Ticket;

    fn reads(message: &Message) -> Vec<Read> {
        let Message::Event { event, .. } = message;
        let mut reads = seen::reads(&seen_as(event));
        reads.push(Read::State);
        reads
    }

    fn hear(scene: Scene<'_>, rows: &Rows, message: Message) -> Result<Heard, CorruptRow> {
        let Message::Event { id, event } = message;
        let seen_as = seen_as(&event);
        if seen::contains(rows, &seen_as) {
            return Ok(Reply::Duplicate.alone());
        }
        let mut head = rows.state(HEAD)?.unwrap_or_else(|| Head::new(id));
        let mut issues = Issues::load(rows)?;
        let mut changes = head.hear(scene, &mut issues, *event);
        changes.extend(head.seen.remember(&seen_as, scene.now));
        changes.push(head.row());
        Ok(Reply::Accepted.with(changes))
    }

    fn work(scene: Scene<'_>, rows: &Rows) -> Result<Work<Ticket>, CorruptRow> {
        let mut work = Work {
            changes: Vec::new(),
            tasks: outbox::due(scene, rows, |id| Ticket(Errand::Alert(id)))?,
        };
        let Some(mut head) = rows.state::<Head>(HEAD)? else {
            return Ok(work);
        };
        if work.tasks.len().saturating_add(MOST_TASKS) <= ROUND {
            let causes = head.causes(&Issues::load(rows)?);
            work.tasks.extend(head.tasks(scene, causes));
            work.changes.push(head.row());
        }
        Ok(work)
    }

    fn settle(
        scene: Scene<'_>,
        rows: &Rows,
        results: Vec<(Ticket, Outcome)>,
    ) -> Result<Settled, CorruptRow> {
        let mut settled = Settled::default();
        let changes = &mut settled.changes;
        let Some(before) = rows.state::<Head>(HEAD)? else {
            return Ok(settled);
        };
        let mut head = before.clone();
        for (Ticket(errand), outcome) in results {
            match errand {
                Errand::Alert(id) => changes.extend(outbox::settle(scene, rows, &id, &outcome)?),
                errand => head.settle(scene, &errand, &outcome),
            }
        }
        if head != before {
            changes.push(head.row());
        }
        Ok(settled)
    }
}

impl Head {
    fn new(id: IntegrationId) -> Self {
        Self {
            schema: 1,
            facts: Facts::new(id),
            revision: 0,
            document_revision: 0,
            updated_at: Timestamp::default(),
            tenancy: Tenancy::default(),
            document: Projection::default(),
            unassigned: Projection::default(),
            lateness: Lateness::default(),
            seen: Seen::default(),
            unknown: Unknown::default(),
        }
    }

    /// Joins an event that was not heard before, and gives back the rows besides the head that change.
    fn hear(&mut self, scene: Scene<'_>, issues: &mut Issues, event: Event) -> Vec<Change> {
        if self.facts.is_deleted() {
            return Vec::new();
        }
        let (before, causes_before) = (self.facts.clone(), self.causes(issues));
        let (changes, claim) = self.join(scene, issues, event.what, &event.id);
        let causes = self.causes(issues);
        if self.facts == before && causes == causes_before {
            return changes;
        }
        self.revision = self.revision.saturating_add(1);
        self.tenancy.follow(self.facts.seat().as_ref(), scene.now);
        self.project(&before, scene.now);
        let news = self.news(&before, claim);
        let alerts = news.map(|(about, what)| self.alert(scene, &event.id, &about, what));
        let owed = alerts.map(|alert| outbox::owe(scene, &alert));
        changes.into_iter().chain(owed).collect()
    }

    fn join(
        &mut self,
        scene: Scene<'_>,
        issues: &mut Issues,
        what: kombo::What,
        event: &EventId,
    ) -> (Vec<Change>, Claim) {
        match what {
            kombo::What::IntegrationCreated { integration } => {
                self.facts.created_at = Some(scene.now);
                (Vec::new(), self.facts.learn(integration, scene.now))
            }
            kombo::What::IntegrationStateChanged {
                integration,
                change,
            } => {
                self.facts.join_state(change, event);
                (Vec::new(), self.facts.learn(integration, scene.now))
            }
            kombo::What::IssueStatusChanged {
                integration: Some(integration),
                issue,
            } => {
                let changes = issues.hear(issue, event, scene.now);
                (changes, self.facts.learn(integration, scene.now))
            }
            kombo::What::IntegrationDeleted { .. } => {
                self.facts.bury();
                (issues.clear(), Claim::Settled)
            }
            // These are about no integration; the edge sends them elsewhere.
            kombo::What::IssueStatusChanged {
                integration: None, ..
            }
            | kombo::What::ConnectionFlowFailed(_) => (Vec::new(), Claim::Settled),
        }
    }

    /// Wants the keys written if what they show has changed.
    fn project(&mut self, before: &Facts, now: Timestamp) {
        if shown(&self.facts) == shown(before) {
            return;
        }
        self.document_revision = self.document_revision.saturating_add(1);
        self.updated_at = now;
        self.document.want(self.document_revision, now);
        if self.facts.is_deleted() {
            self.document.forget_unwritten();
        }
        if is_unassigned(&self.facts) || is_unassigned(before) {
            self.unassigned.want(self.document_revision, now);
        }
        if !is_unassigned(&self.facts) {
            self.unassigned.forget_unwritten();
        }
    }

    /// What people must hear of the change: a dispute, or that nobody holds it.
    fn news(&self, before: &Facts, claim: Claim) -> Option<(String, What)> {
        let handle = self.facts.id.handle();
        let connection = self.connection();
        if let Claim::Disputed { holder, claimant } = claim {
            let about = format!("disputed/{}", sha256_base64url(claimant.as_str()));
            let what = What::Disputed {
                connection,
                handle,
                holder,
                claimant,
            };
            return Some((about, what));
        }
        let unassigned = is_unassigned(&self.facts) && !before.is_alive();
        unassigned.then(|| {
            let what = What::Unassigned { connection, handle };
            ("unassigned".to_owned(), what)
        })
    }

    fn alert(&self, scene: Scene<'_>, event: &EventId, about: &str, what: What) -> Alert {
        Alert {
            schema: Alert::SCHEMA,
            id: format!("{}/{about}", self.name()),
            at: scene.now,
            event_id: Some(event.clone()),
            who: Who {
                origin_id: self.facts.holder().cloned(),
                organization_name: self.facts.organization_name.clone(),
                contact: self.facts.contact.clone(),
            },
            what,
        }
    }

    /// What is to be done now, besides alerts: at most [`MOST_TASKS`].
    fn tasks(&mut self, scene: Scene<'_>, causes: Vec<Cause>) -> Vec<Task<Ticket>> {
        let seat = self.facts.seat();
        let snapshot = self.facts.is_alive().then(|| self.snapshot(causes));
        let telling = self.tenancy.task(
            scene,
            &self.facts.id,
            self.revision,
            seat.as_ref(),
            snapshot,
        );
        let mut tasks = Vec::new();
        let mut add = |errand, order| {
            tasks.push(Task {
                ticket: Ticket(errand),
                order,
            });
        };
        if let Some((told, order)) = telling {
            add(Errand::Telling(told), order);
        }
        if self.document.is_due(scene.now) {
            self.document.start(scene.now);
            add(
                Errand::Document(self.document.wanted()),
                self.write_document(scene),
            );
        }
        if self.unassigned.is_due(scene.now) {
            self.unassigned.start(scene.now);
            add(
                Errand::Unassigned(self.unassigned.wanted()),
                self.write_unassigned(scene),
            );
        }
        let late = self.lateness.report(scene, &self.name(), self.late_at());
        if let Some((late, order)) = late {
            add(Errand::Lateness(late), order);
        }
        tasks
    }

    fn settle(&mut self, scene: Scene<'_>, errand: &Errand, outcome: &Outcome) {
        let (name, now) = (self.name(), scene.now);
        match errand {
            Errand::Telling(told) => {
                let seat = self.facts.seat();
                self.tenancy.settle(told, outcome, seat.as_ref(), now);
            }
            Errand::Document(revision) => self.document.settle(*revision, outcome, now, &name),
            Errand::Unassigned(revision) => self.unassigned.settle(*revision, outcome, now, &name),
            Errand::Lateness(late) => self.lateness.settle(*late, outcome, now, &name),
            Errand::Alert(_) => {}
        }
    }

    fn row(&self) -> Change {
        let seat = self.facts.seat();
        let due = [
            self.tenancy.due(seat.as_ref(), self.revision),
            self.document.due(),
            self.unassigned.due(),
            self.lateness.due(self.late_at()),
        ];
        Change::state(HEAD, self, due.into_iter().flatten().min())
    }

    fn causes(&self, issues: &Issues) -> Vec<Cause> {
        let invalid = self.facts.state.value() == Some("INVALID");
        let state = invalid.then_some(Cause::InvalidState);
        state.into_iter().chain(issues.causes()).collect()
    }

    fn late_at(&self) -> Option<Timestamp> {
        let keys = [&self.document, &self.unassigned];
        keys.into_iter().filter_map(Projection::late_at).min()
    }

    fn name(&self) -> String {
        Address::Integration(self.facts.id.clone()).name()
    }

    fn connection(&self) -> Connection {
        Connection {
            tool: self.facts.tool.clone(),
            category: self.facts.category.clone(),
        }
    }
}
