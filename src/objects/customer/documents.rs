//! What a customer shows of itself: its document. When it is written is in `state`.

use super::head::Head;
use super::holding::Holding;
use crate::contracts::backend::{self, CustomerDocument, Held, SCHEMA};
use crate::domain::json::{Json, to_json};
use crate::machine::{Context, Write};

/// What the customer holds, in no order. Only customers with an id hold something.
pub(super) fn held<'a>(head: &Head, holdings: &'a [Holding]) -> Vec<Held<'a>> {
    if head.key.origin_id().is_none() {
        return Vec::new();
    }
    holdings.iter().filter_map(Holding::held).collect()
}

/// Everything that the customer's document shows, and that is worth a write if it changes.
pub(super) fn content(head: &Head, holdings: &[Holding]) -> String {
    to_json(&(&head.organization_name, held(head, holdings)))
}

/// The customer's document, for the API; `None` if it holds nothing.
pub(super) fn shown(context: Context<'_>, head: &Head, holdings: &[Holding]) -> Option<Json> {
    Some(Json::of(&customer(context, head, holdings)?))
}

/// Brings `customer:…` up to date; `None` for an object that is not a customer.
pub(super) fn write_customer(
    context: Context<'_>,
    head: &Head,
    holdings: &[Holding],
) -> Option<Write> {
    let origin_id = head.key.origin_id()?;
    let document = customer(context, head, holdings);
    Some(Write {
        key: backend::customer_key(origin_id),
        document: document.map(|document| document.document()),
    })
}

fn customer<'a>(
    context: Context<'a>,
    head: &'a Head,
    holdings: &'a [Holding],
) -> Option<CustomerDocument<'a>> {
    let integrations = held(head, holdings);
    if integrations.is_empty() {
        return None;
    }
    let mut document = CustomerDocument {
        schema: SCHEMA,
        environment: &context.settings.environment,
        origin_id: head.key.origin_id()?,
        organization_name: head.organization_name.as_deref(),
        integrations,
        current: Vec::new(),
        revision: head.document_revision,
        updated_at: head.updated_at.to_rfc3339(),
    };
    document.arrange();
    Some(document)
}
