//! What a caller decides about an integration, and how the answer puts it.

use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::integration::{self, Assignment, Decision, ImportDetails};
use crate::contracts::objects::reply::Reply;
use crate::domain::id::{Category, IntegrationId, OriginId, Tool};
use crate::domain::json::{Lenient, parse_foreign, to_json};
use crate::domain::time::Timestamp;
use crate::edge::answer::{Answer, BadRequest, Refusal};
use serde::{Deserialize, Serialize};

use super::{Call, mutes};

/// What this Worker cannot erase.
const ELSEWHERE: [&str; 4] = [
    "the integrations at Kombo, with all that Kombo holds of them: delete them there",
    "messages that Slack has taken: delete them in the audience",
    "lines of the log, which hold the customer's id, for as long as they are kept",
    "Cloudflare's point-in-time recovery of objects, for 30 days",
];

/// A customer that is being erased.
#[derive(Serialize)]
struct Erased<'a> {
    /// What the customer held.
    integrations: &'a [IntegrationId],
    elsewhere: &'a [&'a str],
}

/// Tells an integration what is decided about it.
pub(super) fn call(id: &IntegrationId, decision: Decision) -> Call {
    let message = Envelope::encode(integration::Message::Decision {
        id: id.clone(),
        decision,
    });
    (Address::Integration(id.clone()), message)
}

/// Whom an integration is given to.
#[derive(Deserialize)]
struct Assigned {
    origin_id: Option<Lenient<String>>,
}

/// What an import knows besides.
#[derive(Deserialize)]
struct Known {
    #[serde(default)]
    import: bool,
    tool: Option<Tool>,
    category: Option<Category>,
    organization_name: Option<String>,
    connected_at: Option<String>,
}

/// The assignment that a body asks for: `origin_id`, and what an import knows besides.
pub(super) fn assignment(body: &[u8]) -> Result<Decision, Refusal> {
    let text = core::str::from_utf8(body).map_err(|_| BadRequest::Body)?;
    let assigned: Assigned = parse_foreign(text).map_err(|_| BadRequest::Body)?;
    let customer = assigned.origin_id.and_then(Lenient::ok);
    let customer = customer.and_then(|id| OriginId::from_event(id).ok().flatten());
    let customer = customer.ok_or(BadRequest::OriginId)?;
    let known: Known = parse_foreign(text).map_err(|_| BadRequest::Hint)?;
    let is_import = known.import;
    let details = details(known).ok_or(BadRequest::Hint)?;
    let assignment = Assignment { customer, details };
    Ok(if is_import {
        Decision::Import(assignment)
    } else {
        Decision::Assign(assignment)
    })
}

/// `None` if the time is not a date-time.
fn details(known: Known) -> Option<ImportDetails> {
    let connected_at = match known.connected_at {
        Some(text) => Some(Timestamp::parse(&text)?),
        None => None,
    };
    Some(ImportDetails {
        tool: known.tool,
        category: known.category,
        organization_name: known.organization_name,
        connected_at,
    })
}

/// A document that was asked for, or what came of a decision.
pub(super) fn answer(reply: &Reply) -> Result<Answer, Refusal> {
    match reply {
        Reply::Document(Some(document)) => Ok(Answer::json(document.text())),
        Reply::Document(None) => Err(Refusal::Nothing),
        Reply::Acknowledged => Ok(Answer::empty()),
        Reply::Erased(integrations) => Ok(Answer::json(&to_json(&Erased {
            integrations,
            elsewhere: &ELSEWHERE,
        }))),
        Reply::Muted(mutes) => Ok(Answer::json(&mutes::muted(mutes))),
        Reply::LimitReached => Err(BadRequest::TooManyMutes.into()),
        Reply::Unreadable => Err(BadRequest::Copy.into()),
        Reply::Gone => Err(Refusal::Gone),
        Reply::Conflict => Err(Refusal::Conflict),
        _ => Err(Refusal::NoReply),
    }
}
