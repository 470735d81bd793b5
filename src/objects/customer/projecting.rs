//! What a customer shows of itself: its document, the documents of its
//! incidents, and the tasks that bring them to Workers KV.

use super::holding::Holding;
use super::incident::Incident;
use super::incident_key::Owner;
use super::state::{HEAD, State};
use super::{Errand, Ticket};
use crate::contracts::backend::{self, CustomerDocument, Held, SCHEMA};
use crate::contracts::objects::customer::Snapshot;
use crate::contracts::operator::log::Line;
use crate::domain::alert::Connection;
use crate::domain::json::Json;
use crate::domain::time::Timestamp;
use crate::machine::{Change, Order, Outcome, Scene, Work};
use crate::parts::read_back;

impl State {
    /// What the customer has, in no order.
    fn held(&self) -> Vec<Held<'_>> {
        let holds = self.head.key.origin_id().is_some();
        let held = self.holdings.iter().filter(|_| holds);
        held.filter_map(Holding::held).collect()
    }

    /// The tools that are connected and work, for an alert's reader.
    pub(super) fn connected(&self) -> Vec<Connection> {
        let snapshots = self.holdings.iter().filter_map(|it| it.snapshot.as_ref());
        let usable = snapshots.filter(|it| it.usable());
        usable.map(Snapshot::connection).collect()
    }

    /// All that the document shows and a change of which is worth a write.
    pub(super) fn shown(&self) -> String {
        crate::domain::json::to_json(&(&self.head.organization_name, self.held()))
    }

    /// The document has changed: KV should have the new one.
    pub(super) fn want_document(&mut self, now: Timestamp) {
        if self.head.key.origin_id().is_none() {
            return;
        }
        let head = &mut self.head;
        head.document_revision = head.document_revision.saturating_add(1);
        head.updated_at = now;
        head.document.want(head.document_revision, now);
        if self.held().is_empty() {
            self.head.document.forget_unwritten();
        }
    }

    /// Adds what is to be done now, besides alerts.
    pub(super) fn work(&mut self, scene: Scene<'_>, work: &mut Work<Ticket>) {
        let name = self.head.key.name();
        if work.has_room()
            && let Some(order) = self.document(scene)
        {
            self.head.document.start(scene.now);
            let errand = Errand::Document(self.head.document.wanted());
            work.add(Ticket(errand), order);
        }
        self.check(scene, &name, work);
        let late_at = self.late_at();
        if work.has_room()
            && let Some((late, order)) = self.head.lateness.report(scene, &name, late_at)
        {
            work.add(Ticket(Errand::Lateness(late)), order);
        }
        let owner = Owner {
            name: &name,
            origin_id: self.head.key.origin_id(),
            organization_name: self.head.organization_name.as_deref(),
        };
        for incident in &mut self.incidents {
            if work.has_room()
                && let Some((revision, order)) = incident.task(scene, owner)
            {
                let errand = Errand::Incident(incident.subject.name(), revision);
                work.add(Ticket(errand), order);
            }
            if work.has_room()
                && let Some(order) = incident.look(scene, owner)
            {
                let errand = Errand::CheckIncident(incident.subject.name());
                work.add(Ticket(errand), order);
            }
        }
    }

    /// Reads back the customer's key when it is its turn.
    fn check(&mut self, scene: Scene<'_>, name: &str, work: &mut Work<Ticket>) {
        let exists = !self.held().is_empty();
        let head = &mut self.head;
        head.document_check.follow(exists, scene.now, name);
        if work.has_room()
            && head.document_check.begin(&head.document, scene.now, name)
            && let Some(order) = self.write_document(scene)
        {
            work.add(Ticket(Errand::CheckDocument), read_back::order(order));
        }
    }

    /// Has every key written again, whatever KV has.
    pub(super) fn rebuild(&mut self, now: Timestamp) {
        self.head.document.again(now);
        for incident in &mut self.incidents {
            incident.key.again(now);
        }
    }

    /// Takes in what came of a task, besides the hand-over of an alert, and gives back
    /// the line of the log about it.
    pub(super) fn settle(
        &mut self,
        errand: &Errand,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Option<Line> {
        let name = self.head.key.name();
        match errand {
            Errand::Document(revision) => {
                self.head.lateness.hear(outcome);
                self.head.document.settle(*revision, outcome, now, &name);
            }
            Errand::Incident(of, revision) => {
                self.head.lateness.hear(outcome);
                if let Some(incident) = self.named(of) {
                    incident.settle(*revision, outcome, now);
                }
            }
            Errand::CheckDocument => {
                return read_back::settle(&mut self.head.document, outcome, now);
            }
            Errand::CheckIncident(of) => {
                let incident = self.named(of).filter(|incident| incident.open)?;
                return read_back::settle(&mut incident.key, outcome, now);
            }
            Errand::Lateness(late) => self.head.lateness.settle(*late, outcome, now, &name),
            Errand::Alert(_) | Errand::Erase(_) => {}
        }
        None
    }

    /// The incident of this name.
    fn named(&mut self, name: &str) -> Option<&mut Incident> {
        let mut incidents = self.incidents.iter_mut();
        incidents.find(|incident| incident.subject.name() == name)
    }

    /// The head row as it is now.
    pub(super) fn row(&self) -> Change {
        let due = [
            self.head.document.due(),
            self.head.document_check.due(&self.head.document),
            self.head.lateness.due(self.late_at()),
            self.head.mutes.due(),
            self.head.contacts_until,
        ];
        Change::state(HEAD, &self.head, due.into_iter().flatten().min())
    }

    /// Brings `customer:…` up to date.
    fn document(&self, scene: Scene<'_>) -> Option<Order> {
        let is_due = self.head.document.is_due(scene.now);
        is_due.then(|| self.write_document(scene)).flatten()
    }

    fn write_document(&self, scene: Scene<'_>) -> Option<Order> {
        let origin_id = self.head.key.origin_id()?;
        let document = self.customer_document(scene);
        Some(Order::Project {
            key: backend::customer_key(origin_id),
            document: document.map(|document| document.document()),
        })
    }

    /// The customer's document as it is now.
    pub(super) fn show(&self, scene: Scene<'_>) -> Option<Json> {
        let document = self.customer_document(scene)?;
        Some(Json::of(&document))
    }

    /// The document; none for whoever holds nothing.
    fn customer_document<'a>(&'a self, scene: Scene<'a>) -> Option<CustomerDocument<'a>> {
        let integrations = self.held();
        if integrations.is_empty() {
            return None;
        }
        let mut document = CustomerDocument {
            schema: SCHEMA,
            environment: &scene.settings.environment,
            origin_id: self.head.key.origin_id()?,
            organization_name: self.head.organization_name.as_deref(),
            integrations,
            current: Vec::new(),
            revision: self.head.document_revision,
            updated_at: self.head.updated_at.to_rfc3339(),
        };
        document.arrange();
        Some(document)
    }

    fn late_at(&self) -> Option<Timestamp> {
        let incidents = self.incidents.iter().filter_map(|it| it.key.late_at());
        incidents.chain(self.head.document.late_at()).min()
    }
}
