//! Listings: pages of Workers KV keys, each with the short facts in its metadata.
//!
//! A page costs one KV list operation and reads no value. What is listed may be a
//! minute old, as KV is.

use super::{BadAsk, parameter};
use crate::answer::{Answer, Refusal};
use crate::machine::{Order, Outcome, json};
use crate::record::{Fields, Json, Unknown};
use crate::route::Listing;

/// Keys in a page, unless a caller wants another number.
const USUAL: u32 = 100;
/// Keys in a page at most (Cloudflare's KV limits).
const MOST: u32 = 1_000;

/// What is listed, what its keys begin with, and what of an item its key says.
fn names(listing: Listing) -> (&'static str, &'static str, &'static str) {
    match listing {
        Listing::Customers => ("customers", "customer:", "origin_id"),
        Listing::Incidents => ("incidents", "incident:", "key"),
        Listing::Unassigned => ("unassigned", "unassigned:", "integration_id"),
        Listing::Quarantine => ("quarantine", "quarantine:", "event_id"),
    }
}

/// The order that fetches the page that a query asks for.
pub(super) fn order(listing: Listing, query: &str) -> Result<Order, Refusal> {
    let (_, prefix, _) = names(listing);
    Ok(Order::List {
        prefix: prefix.to_owned(),
        cursor: parameter(query, "cursor"),
        limit: limit(query)?,
    })
}

/// How many entries a query asks for.
pub(super) fn limit(query: &str) -> Result<u32, Refusal> {
    let Some(text) = parameter(query, "limit") else {
        return Ok(USUAL);
    };
    match text.parse() {
        Ok(limit @ 1..=MOST) => Ok(limit),
        _ => Err(BadAsk::Limit.into()),
    }
}

/// The answer that a page makes.
pub(super) fn answer(listing: Listing, query: &str, outcome: Outcome) -> Result<Answer, Refusal> {
    let page = match outcome {
        Outcome::Listed(page) => page,
        // KV refuses a cursor that it did not give.
        Outcome::Answered(answer)
            if answer.status == 400 && parameter(query, "cursor").is_some() =>
        {
            return Err(BadAsk::Cursor.into());
        }
        _ => return Err(Refusal::NoReply),
    };
    let (title, prefix, key_name) = names(listing);
    let item = |(key, metadata): &(String, String)| {
        // The key of an incident is told whole: a backend can read the document under it.
        let id = match listing {
            Listing::Incidents => key,
            _ => key.strip_prefix(prefix).unwrap_or_default(),
        };
        let facts = Fields::of(metadata).map_or_else(|_| Unknown::default(), Fields::rest);
        facts.behind(key_name, Json::of(&id))
    };
    let items: Vec<Unknown> = page.keys.iter().map(item).collect();
    let mut body = Unknown::default();
    body.set(title, Some(Json::of(&items)));
    body.set("cursor", Some(Json::of(&page.cursor)));
    Ok(Answer::json(&json(&body)))
}
