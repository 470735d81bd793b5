//! Listings: pages of Workers KV keys, each with the short fields in its metadata.
//!
//! A page costs one KV list operation and reads no value. What is listed may be a
//! minute stale, because KV is eventually consistent.

use crate::domain::json::{self, to_json};
use crate::edge::answer::{Answer, BadRequest, Refusal};
use crate::edge::route::Listing;
use crate::machine::{List, Listed, Outcome};
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::parameter;

/// Keys in a page, unless the request has a `limit`.
const DEFAULT_LIMIT: u32 = 100;
/// Keys in a page at most (Cloudflare's KV limits).
const MAX_LIMIT: u32 = 1_000;

/// A page, under the name of what is listed.
#[derive(Serialize)]
struct ListDocument<'a> {
    #[serde(flatten)]
    items: BTreeMap<&'a str, Vec<Item<'a>>>,
    cursor: Option<&'a str>,
}

/// The id in the key of an item, under its name, followed by the metadata.
#[derive(Serialize)]
struct Item<'a> {
    #[serde(flatten)]
    id: BTreeMap<&'a str, String>,
    #[serde(flatten)]
    facts: Map<String, Value>,
}

/// The name of a list, the prefix of its keys, and the name of the id after the prefix.
fn names(listing: Listing) -> (&'static str, &'static str, &'static str) {
    match listing {
        Listing::Customers => ("customers", "customer:", "origin_id"),
        Listing::Incidents => ("incidents", "incident:", "key"),
        Listing::Unassigned => ("unassigned", "unassigned:", "integration_id"),
        Listing::Quarantine => ("quarantine", "quarantine:", "event_id"),
    }
}

/// The list operation for the page that a query asks for.
pub(super) fn list(listing: Listing, query: &str) -> Result<List, Refusal> {
    let (_, prefix, _) = names(listing);
    Ok(List {
        prefix: prefix.to_owned(),
        cursor: parameter(query, "cursor"),
        limit: limit(query)?,
    })
}

/// How many entries a query asks for.
pub(super) fn limit(query: &str) -> Result<u32, Refusal> {
    let Some(text) = parameter(query, "limit") else {
        return Ok(DEFAULT_LIMIT);
    };
    match text.parse() {
        Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
        _ => Err(BadRequest::Limit.into()),
    }
}

/// The answer that a page makes.
pub(super) fn answer(listing: Listing, outcome: Outcome<Listed>) -> Result<Answer, Refusal> {
    let page = match outcome {
        Ok(Listed::Page(page)) => page,
        Ok(Listed::BadCursor) => return Err(BadRequest::Cursor.into()),
        Err(_) => return Err(Refusal::NoReply),
    };
    let items = page.keys.iter();
    let items = items.map(|(key, metadata)| item(listing, key, metadata));
    let (title, ..) = names(listing);
    Ok(Answer::json(&to_json(&ListDocument {
        items: BTreeMap::from([(title, items.collect())]),
        cursor: page.cursor.as_deref(),
    })))
}

fn item<'a>(listing: Listing, key: &'a str, metadata: &str) -> Item<'a> {
    let (_, prefix, key_name) = names(listing);
    let mut facts: Map<String, Value> = json::parse(metadata).unwrap_or_default();
    let id = match (listing, facts.remove(key_name)) {
        // The whole key of an incident is listed, so that a backend can read its document.
        (Listing::Incidents, _) => key.to_owned(),
        // Two quarantined events may share an id: the key of one says more.
        (Listing::Quarantine, Some(Value::String(id))) => id,
        _ => key.strip_prefix(prefix).unwrap_or_default().to_owned(),
    };
    Item {
        id: BTreeMap::from([(key_name, id)]),
        facts,
    }
}
