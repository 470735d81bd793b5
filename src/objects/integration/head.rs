//! The head row of an integration: the facts, and how far others know of them.
//!
//! It joins an event, says what is due because of it, and takes in what came of
//! that. The rules by which facts are joined are `facts`'s, what the documents
//! say is `documents`'s, what people hear is `news`'s.

use serde::{Deserialize, Serialize};

use super::claim::Claim;
use super::facts::Facts;
use super::recheck_schedule::Recheck;
use super::shown::shown;
use super::telling::{Tenancy, Told, Version};
use super::{Errand, Ticket};
use crate::contracts::kombo::{self, Event};
use crate::contracts::objects::address::Address;
use crate::contracts::operator::log::Line;
use crate::domain::alert::Cause;
use crate::domain::id::{EventId, IntegrationId};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Order, Outcome, Rows, Scene, Work};
use crate::parts::dedup::Seen;
use crate::parts::issues::Issues;
use crate::parts::lag::Lateness;
use crate::parts::outbox;
use crate::parts::projection::Projection;
use crate::parts::read_back::{self, Check};

/// Key of the one row that is not an issue or an alert.
const HEAD: &str = "head";

/// The head row: the facts, and how far others know of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    schema: u32,
    pub(super) facts: Facts,
    /// Grows with each change of the facts or issues; the version of tellings.
    #[serde(default)]
    pub(super) revision: u64,
    /// The event that made the revision.
    pub(super) last_event: Option<EventId>,
    /// Grows with each change of what the documents show.
    #[serde(default)]
    pub(super) document_revision: u64,
    pub(super) updated_at: Timestamp,
    #[serde(default)]
    pub(super) tenancy: Tenancy,
    #[serde(default)]
    pub(super) document: Projection,
    #[serde(default)]
    pub(super) unassigned: Projection,
    #[serde(default)]
    pub(super) document_check: Check,
    #[serde(default)]
    pub(super) unassigned_check: Check,
    #[serde(default)]
    pub(super) recheck: Recheck,
    #[serde(default)]
    lateness: Lateness,
    /// When the contact is forgotten, if there is one.
    pub(super) contact_until: Option<Timestamp>,
    #[serde(default)]
    pub(super) seen: Seen,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Head {
    pub(super) fn new(id: IntegrationId) -> Self {
        Self {
            schema: 1,
            facts: Facts::new(id),
            revision: 0,
            last_event: None,
            document_revision: 0,
            updated_at: Timestamp::default(),
            tenancy: Tenancy::default(),
            document: Projection::default(),
            unassigned: Projection::default(),
            document_check: Check::default(),
            unassigned_check: Check::default(),
            recheck: Recheck::default(),
            lateness: Lateness::default(),
            contact_until: None,
            seen: Seen::default(),
            unknown: Unknown::default(),
        }
    }

    pub(super) fn load(rows: &Rows) -> Result<Option<Self>, CorruptRow> {
        rows.state(HEAD)
    }

    pub(super) fn remember(&mut self, seen_as: &str, now: Timestamp) -> Vec<Change> {
        self.seen.remember(seen_as, now)
    }

    /// Joins an event that was not heard before, and gives back the rows besides the head that change.
    pub(super) fn hear(
        &mut self,
        scene: Scene<'_>,
        issues: &mut Issues,
        event: Event,
    ) -> Vec<Change> {
        if self.facts.is_deleted() {
            return Vec::new();
        }
        let (before, causes_before) = (self.facts.clone(), self.causes(issues));
        let (changes, claim) = self.join(scene, issues, event.what, &event.id);
        let causes = self.causes(issues);
        if self.facts == before && causes == causes_before && claim == Claim::Settled {
            return changes;
        }
        self.revise(scene, &before, Some(&event.id));
        let news = self.news(scene, &before, claim);
        let alerts = news.map(|(about, what)| self.alert(scene, Some(&event.id), &about, what));
        let owed = alerts.map(|alert| outbox::owe(scene, &alert));
        changes.into_iter().chain(owed).collect()
    }

    /// The facts have changed, because of an event or a decision: whoever must know will be told.
    pub(super) fn revise(&mut self, scene: Scene<'_>, before: &Facts, event: Option<&EventId>) {
        self.revision = self.revision.saturating_add(1);
        self.last_event = event.cloned();
        self.tenancy.follow(self.facts.seat().as_ref(), scene.now);
        self.project(before, scene.now);
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
        if self.facts.is_unassigned() || before.is_unassigned() {
            self.unassigned.want(self.document_revision, now);
        }
        if !self.facts.is_unassigned() {
            self.unassigned.forget_unwritten();
        }
    }

    /// Adds what is to be done now, besides alerts.
    pub(super) fn work(&mut self, scene: Scene<'_>, causes: Vec<Cause>, work: &mut Work<Ticket>) {
        let now = scene.now;
        if let Some((told, order)) = self.telling(scene, causes) {
            work.add(Ticket(Errand::Telling(told)), order);
        }
        if self.document.is_due(now) && work.has_room() {
            self.document.start(now);
            let errand = Errand::Document(self.document.wanted());
            work.add(Ticket(errand), self.write_document(scene));
        }
        if self.unassigned.is_due(now) && work.has_room() {
            self.unassigned.start(now);
            let errand = Errand::Unassigned(self.unassigned.wanted());
            work.add(Ticket(errand), self.write_unassigned(scene));
        }
        let (name, late_at) = (self.name(), self.late_at());
        self.check(scene, &name, work);
        if work.has_room()
            && let Some(order) = self.ask_kombo(scene)
        {
            work.add(Ticket(Errand::Recheck), order);
        }
        if work.has_room()
            && let Some((late, order)) = self.lateness.report(scene, &name, late_at)
        {
            work.add(Ticket(Errand::Lateness(late)), order);
        }
    }

    fn telling(&self, scene: Scene<'_>, causes: Vec<Cause>) -> Option<(Told, Order)> {
        let seat = self.facts.seat();
        let snapshot = self.facts.is_alive().then(|| self.snapshot(causes));
        let version = Version {
            number: self.revision,
            event: self.last_event.clone(),
        };
        self.tenancy
            .task(scene, &self.facts.id, version, seat.as_ref(), snapshot)
    }

    /// Takes in what came of a task, and gives back the line of the log about it.
    pub(super) fn settle(
        &mut self,
        scene: Scene<'_>,
        errand: &Errand,
        outcome: &Outcome,
    ) -> Option<Line> {
        let (name, now) = (self.name(), scene.now);
        match errand {
            Errand::Telling(told) => {
                let seat = self.facts.seat();
                self.tenancy.settle(told, outcome, seat.as_ref(), now);
            }
            Errand::Document(revision) => {
                self.lateness.hear(outcome);
                self.document.settle(*revision, outcome, now, &name);
            }
            Errand::Unassigned(revision) => {
                self.lateness.hear(outcome);
                self.unassigned.settle(*revision, outcome, now, &name);
            }
            Errand::Lateness(late) => self.lateness.settle(*late, outcome, now, &name),
            Errand::CheckDocument => return read_back::settle(&mut self.document, outcome, now),
            Errand::CheckUnassigned => {
                return read_back::settle(&mut self.unassigned, outcome, now);
            }
            Errand::Alert(_) | Errand::Recheck => {}
        }
        None
    }

    pub(super) fn row(&self) -> Change {
        let due = [
            self.tenancy.due(self.revision),
            self.document.due(),
            self.unassigned.due(),
            self.document_check.due(&self.document),
            self.unassigned_check.due(&self.unassigned),
            self.lateness.due(self.late_at()),
            self.contact_until,
            self.recheck.due(),
        ];
        Change::state(HEAD, self, due.into_iter().flatten().min())
    }

    pub(super) fn causes(&self, issues: &Issues) -> Vec<Cause> {
        let invalid = self.facts.state.value() == Some("INVALID");
        let state = invalid.then_some(Cause::InvalidState);
        state.into_iter().chain(issues.causes()).collect()
    }

    fn late_at(&self) -> Option<Timestamp> {
        let keys = [&self.document, &self.unassigned];
        keys.into_iter().filter_map(Projection::late_at).min()
    }

    pub(super) fn name(&self) -> String {
        Address::Integration(self.facts.id.clone()).name()
    }
}
