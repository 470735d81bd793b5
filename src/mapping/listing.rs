//! The metadata of a KV key: what a listing shows without reading the document.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{MAX_METADATA_BYTES, MAX_SUMMARY_NAME};
use crate::machine::{Document, json};

/// Fields of documents that are no part of a listing: too long, or in the key.
const LEFT_OUT: [&str; 4] = ["environment", "causes", "body", "integration_id"];

/// What others chose and may be too long, the longest first.
const LONG: [&str; 6] = [
    "origin_id",
    "event_id",
    "organization_name",
    "category",
    "tool",
    "reason",
];

/// A document for KV, with metadata that repeats its short fields. The name is
/// cut, and where metadata would still be too long, what is longest is left out.
pub(super) fn listed<T: Serialize>(document: &T) -> Document {
    let value = json(document);
    let mut fields: Map<String, Value> = serde_json::from_str(&value).unwrap_or_default();
    fields.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
    if let Some(Value::String(name)) = fields.get_mut("organization_name") {
        *name = name.chars().take(MAX_SUMMARY_NAME).collect();
    }
    for field in LONG {
        if json(&fields).len() > MAX_METADATA_BYTES {
            fields.remove(field);
        }
    }
    Document {
        value,
        metadata: Some(json(&fields)),
    }
}
