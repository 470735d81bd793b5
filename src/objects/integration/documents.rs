//! What an Integration shows of itself: its two documents, and the snapshot for its holder.

use super::facts::Facts;
use crate::contracts::backend::{
    self, Document, IntegrationDocument, SCHEMA, UnassignedDocument, moment,
};
use crate::contracts::objects::customer::Snapshot;
use crate::domain::alert::Cause;
use crate::domain::id::{Category, OriginId, Tool};
use crate::domain::json::{Json, Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Context, Write};

/// Everything that the two documents show, and that is worth a write if it changes.
type Content<'a> = (
    bool,
    Option<&'a OriginId>,
    Option<&'a Tool>,
    Option<&'a Category>,
    Option<&'a str>,
    bool,
    Option<&'a str>,
    Option<Timestamp>,
);

/// What the two documents show of these facts.
pub(super) fn content(facts: &Facts) -> Content<'_> {
    let name = facts.organization_name();
    (
        facts.is_alive(),
        facts.holder(),
        facts.tool(),
        facts.category(),
        facts.state.value(),
        facts.usable(),
        name.filter(|_| facts.is_unassigned()),
        facts.missing_since,
    )
}

/// The revision of the documents, and since when it has been current.
#[derive(Debug, Clone, Copy)]
pub(super) struct Version {
    pub(super) revision: u64,
    pub(super) updated_at: Timestamp,
}

/// The document for the API; `None` if the integration is gone.
pub(super) fn shown(context: Context<'_>, facts: &Facts, version: Version) -> Option<Json> {
    let is_alive = facts.is_alive();
    is_alive.then(|| Json::of(&integration_document(context, facts, version)))
}

/// Brings `integration:…` up to date.
pub(super) fn write_document(context: Context<'_>, facts: &Facts, version: Version) -> Write {
    let is_alive = facts.is_alive();
    Write {
        key: backend::integration_key(&facts.id),
        document: is_alive.then(|| Document {
            value: to_json(&integration_document(context, facts, version)),
            metadata: None,
        }),
    }
}

/// Brings `unassigned:…` up to date.
pub(super) fn write_unassigned(context: Context<'_>, facts: &Facts, version: Version) -> Write {
    let is_unassigned = facts.is_unassigned();
    Write {
        key: backend::unassigned_key(&facts.id),
        document: is_unassigned.then(|| unassigned_document(context, facts, version).document()),
    }
}

fn integration_document<'a>(
    context: Context<'a>,
    facts: &'a Facts,
    version: Version,
) -> IntegrationDocument<'a> {
    IntegrationDocument {
        schema: SCHEMA,
        environment: &context.settings.environment,
        integration_id: &facts.id,
        origin_id: facts.holder(),
        tool: facts.tool(),
        category: facts.category(),
        state: facts.state.value(),
        usable: facts.usable(),
        missing_at_kombo_since: moment(facts.missing_since),
        revision: version.revision,
        updated_at: version.updated_at.to_rfc3339(),
    }
}

fn unassigned_document<'a>(
    context: Context<'a>,
    facts: &'a Facts,
    version: Version,
) -> UnassignedDocument<'a> {
    UnassignedDocument {
        schema: SCHEMA,
        environment: &context.settings.environment,
        integration_id: &facts.id,
        handle: facts.id.handle(),
        organization_name: facts.organization_name(),
        tool: facts.tool(),
        category: facts.category(),
        connected_at: facts.connected_at().unwrap_or_default().to_rfc3339(),
        revision: version.revision,
        updated_at: version.updated_at.to_rfc3339(),
    }
}

/// What the holder needs to know.
pub(super) fn snapshot(facts: &Facts, causes: Vec<Cause>) -> Snapshot {
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
