//! The metadata of a KV key: what a listing shows without reading the document.

use serde::Serialize;

use super::{MAX_METADATA_BYTES, MAX_SUMMARY_NAME};
use crate::machine::{Document, json};
use crate::record::{Fields, Json, Unknown};

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
    let mut fields = Fields::of(&value).map_or_else(|_| Unknown::default(), Fields::rest);
    for field in LEFT_OUT {
        fields.set(field, None);
    }
    let name = Fields::of(&value).ok();
    let name: Option<String> = name.and_then(|mut fields| fields.take("organization_name"));
    if let Some(name) = name {
        let name: String = name.chars().take(MAX_SUMMARY_NAME).collect();
        fields.set("organization_name", Some(Json::of(&name)));
    }
    for field in LONG {
        if json(&fields).len() > MAX_METADATA_BYTES {
            fields.set(field, None);
        }
    }
    Document {
        value,
        metadata: Some(json(&fields)),
    }
}
