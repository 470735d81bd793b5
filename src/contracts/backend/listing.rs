//! The metadata of a KV key: what a listing shows without reading the document.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{MAX_METADATA_BYTES, MAX_SUMMARY_NAME};
use crate::contracts::backend::Document;
use crate::domain::json::to_json;

/// Fields of documents that a listing leaves out: they are too long, or in the key.
const LEFT_OUT: [&str; 4] = ["environment", "causes", "body", "integration_id"];

/// Fields that may be too long, in the order in which they are left out.
const LONG: [&str; 8] = [
    "acts",
    "origin_id",
    "event_id",
    "organization_name",
    "category",
    "tool",
    "reason",
    "assignee",
];

/// A document for KV, with metadata that repeats its short fields. The name is cut, and of
/// the acts the latest is kept. If the metadata is still too long, the longest fields are left out.
pub(super) fn listed<T: Serialize>(document: &T) -> Document {
    let mut fields = match serde_json::to_value(document) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    for field in LEFT_OUT {
        fields.remove(field);
    }
    if let Some(Value::String(name)) = fields.get_mut("organization_name") {
        *name = name.chars().take(MAX_SUMMARY_NAME).collect();
    }
    if let Some(Value::Array(acts)) = fields.get_mut("acts") {
        acts.drain(..acts.len().saturating_sub(1));
    }
    for field in LONG {
        if to_json(&fields).len() > MAX_METADATA_BYTES {
            fields.remove(field);
        }
    }
    Document {
        value: to_json(document),
        metadata: Some(to_json(&fields)),
    }
}
