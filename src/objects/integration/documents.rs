//! What an Integration shows of itself: its two documents, and the snapshot for its holder.

use super::head::Head;
use crate::contracts::backend::{
    self, Document, IntegrationDocument, SCHEMA, UnassignedDocument, moment,
};
use crate::contracts::objects::customer::Snapshot;
use crate::domain::alert::Cause;
use crate::domain::json::{Unknown, to_json};
use crate::machine::{Order, Scene};

impl Head {
    /// Brings `integration:…` up to date.
    pub(super) fn write_document(&self, scene: Scene<'_>) -> Order {
        let document = |document: IntegrationDocument<'_>| Document {
            value: to_json(&document),
            metadata: None,
        };
        let alive = self.facts.is_alive();
        Order::Project {
            key: backend::integration_key(&self.facts.id),
            document: alive.then(|| document(self.integration_document(scene))),
        }
    }

    /// Brings `unassigned:…` up to date.
    pub(super) fn write_unassigned(&self, scene: Scene<'_>) -> Order {
        let unassigned = self.facts.is_unassigned();
        Order::Project {
            key: backend::unassigned_key(&self.facts.id),
            document: unassigned.then(|| self.unassigned_document(scene).document()),
        }
    }

    pub(super) fn integration_document<'a>(&'a self, scene: Scene<'a>) -> IntegrationDocument<'a> {
        let facts = &self.facts;
        IntegrationDocument {
            schema: SCHEMA,
            environment: &scene.settings.environment,
            integration_id: &facts.id,
            origin_id: facts.holder(),
            tool: facts.tool(),
            category: facts.category(),
            state: facts.state.value(),
            usable: facts.usable(),
            missing_at_kombo_since: moment(facts.missing_since),
            revision: self.document_revision,
            updated_at: self.updated_at.to_rfc3339(),
        }
    }

    fn unassigned_document<'a>(&'a self, scene: Scene<'a>) -> UnassignedDocument<'a> {
        let facts = &self.facts;
        UnassignedDocument {
            schema: SCHEMA,
            environment: &scene.settings.environment,
            integration_id: &facts.id,
            handle: facts.id.handle(),
            organization_name: facts.organization_name(),
            tool: facts.tool(),
            category: facts.category(),
            connected_at: facts.connected_at().unwrap_or_default().to_rfc3339(),
            revision: self.document_revision,
            updated_at: self.updated_at.to_rfc3339(),
        }
    }

    /// What the holder must know.
    pub(super) fn snapshot(&self, causes: Vec<Cause>) -> Snapshot {
        let facts = &self.facts;
        let text = |value: Option<&str>| value.map(str::to_owned);
        Snapshot {
            tool: facts.tool().cloned(),
            category: facts.category().cloned(),
            state: text(facts.state.value()),
            setup_status: text(facts.setup_status.value()),
            qa_status: text(facts.qa_status.value()),
            connected_at: facts.connected_at().unwrap_or_default(),
            created_at: facts.created_at,
            state_changed_at: facts.state_changed_at(),
            organization_name: text(facts.organization_name()),
            contact: facts.contact.clone(),
            causes,
            unknown: Unknown::default(),
        }
    }
}
