//! An integration's document, decisions about it, and the answers of endpoints that ask a single
//! object.

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
    "the integrations at Kombo, and all data that Kombo stores about them: delete them there",
    "messages already sent to Slack: delete them in the channel",
    "log lines, which contain the customer's id, for as long as you keep them",
    "Cloudflare's point-in-time recovery of objects, for 30 days",
];

/// A customer that is being erased.
#[derive(Serialize)]
struct Erased<'a> {
    /// What the customer held.
    integrations: &'a [IntegrationId],
    elsewhere: &'a [&'a str],
}

/// The call that asks for an integration's document.
pub(super) fn document(id: &IntegrationId) -> Call {
    let message = Envelope::encode(integration::Message::GetDocument);
    (Address::Integration(id.clone()), message)
}

/// The call that gives an integration a decision about it.
pub(super) fn call(id: &IntegrationId, decision: Decision) -> Call {
    let message = Envelope::encode(integration::Message::Decision {
        id: id.clone(),
        decision,
    });
    (Address::Integration(id.clone()), message)
}

/// The customer that an integration is assigned to.
#[derive(Deserialize)]
struct Assigned {
    origin_id: Option<Lenient<String>>,
}

/// The optional fields: whether it is an import, and what else is known of the integration.
#[derive(Deserialize)]
struct Known {
    #[serde(default)]
    import: bool,
    tool: Option<Tool>,
    category: Option<Category>,
    organization_name: Option<String>,
    connected_at: Option<String>,
}

/// The assignment in a body: `origin_id`, and the optional fields.
pub(super) fn assignment(body: &[u8]) -> Result<Decision, Refusal> {
    let text = core::str::from_utf8(body).map_err(|_| BadRequest::Body)?;
    let assigned: Assigned = parse_foreign(text).map_err(|_| BadRequest::Body)?;
    let customer = assigned.origin_id.and_then(Lenient::ok);
    let customer = customer.and_then(|id| OriginId::from_event(id).ok().flatten());
    let customer = customer.ok_or(BadRequest::OriginId)?;
    let known: Known = parse_foreign(text).map_err(|_| BadRequest::Field)?;
    let is_import = known.import;
    let details = details(known).ok_or(BadRequest::Field)?;
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

/// The answer that an object's reply makes.
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
        Reply::Unreadable => Err(BadRequest::Backup.into()),
        Reply::Gone => Err(Refusal::Gone),
        Reply::Conflict => Err(Refusal::Conflict),
        _ => Err(Refusal::NoReply),
    }
}
