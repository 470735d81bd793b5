//! How an incident shows in Workers KV: its document, and the writes that bring
//! it there.

use super::incident::{COUNT_AGE, Incident};
use crate::contracts::backend::{self, IncidentDocument, SCHEMA, moment};
use crate::domain::alert::Cause;
use crate::domain::id::OriginId;
use crate::domain::time::Timestamp;
use crate::machine::{Order, Outcome, Scene};
use crate::parts::read_back;

/// Whom an incident's document names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) name: &'a str,
    pub(super) origin_id: Option<&'a OriginId>,
    pub(super) organization_name: Option<&'a str>,
}

impl Incident {
    /// The write that is due, with the revision it brings. It leaves now.
    pub(super) fn task(&mut self, scene: Scene<'_>, owner: Owner<'_>) -> Option<(u64, Order)> {
        let recount = self.recount_at.is_some_and(|at| at <= scene.now);
        if !recount && !self.key.is_due(scene.now) {
            return None;
        }
        self.key.start(scene.now);
        let order = Order::Project {
            key: backend::incident_key(owner.name, &self.subject.name()),
            document: self.open.then(|| self.document(scene, owner).document()),
        };
        Some((self.revision, order))
    }

    /// The comparison that is due.
    pub(super) fn look(&mut self, scene: Scene<'_>, owner: Owner<'_>) -> Option<Order> {
        let (name, now) = (self.subject.name(), scene.now);
        let who = format!("{}{name}", owner.name);
        self.check.follow(self.open, now, &who);
        // What is still to be counted differs, and is no fault of KV's.
        if self.recount_at.is_some() || !self.check.begin(&self.key, now, &who) {
            return None;
        }
        let document = Some(self.document(scene, owner).document());
        let key = backend::incident_key(owner.name, &name);
        Some(read_back::order(Order::Project { key, document }))
    }

    pub(super) fn settle(&mut self, revision: u64, outcome: &Outcome, now: Timestamp) {
        // An attempt that was only counted is written without having been wanted.
        self.key.want(self.key.wanted().max(revision), now);
        self.key
            .settle(revision, outcome, now, &self.subject.name());
        if *outcome == Outcome::Done && self.revision == revision {
            self.recount_at = None;
        } else {
            // What is still to be counted waits for the key, not the other way round.
            self.recount_at = self.recount_at.map(|at| at.max(now.plus(COUNT_AGE)));
        }
    }

    fn document<'a>(&'a self, scene: Scene<'a>, owner: Owner<'a>) -> IncidentDocument<'a> {
        let (tool, category) = self.subject.labels();
        IncidentDocument {
            schema: SCHEMA,
            environment: &scene.settings.environment,
            kind: self.subject.kind(),
            origin_id: owner.origin_id,
            organization_name: owner.organization_name,
            tool,
            category,
            attempts: self.attempts,
            causes: self.causes.iter().map(Cause::label).collect(),
            first_at: self.first_at.to_rfc3339(),
            last_at: self.last_at.to_rfc3339(),
            muted_until: moment(self.muted_until),
            revision: self.revision,
        }
    }
}
