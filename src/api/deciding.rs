//! What a caller decides about an integration, and how the answer puts it.

use serde::Serialize;

use super::{BadAsk, Question};
use crate::answer::{Answer, Refusal};
use crate::id::{IntegrationId, OriginId};
use crate::integration::{self, Decision, Given, Hint};
use crate::machine::{Letter, json};
use crate::object::Address;
use crate::record::Fields;
use crate::reply::Reply;
use crate::time::Timestamp;

/// What this Worker cannot erase.
const ELSEWHERE: [&str; 4] = [
    "the integrations at Kombo, with all that Kombo holds of them: delete them there",
    "messages that Slack has taken: delete them in the channel",
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
pub(super) fn question(id: &IntegrationId, decision: Decision) -> Question {
    let letter = Letter::seal(integration::Outgoing::Decided { id, decision });
    (Address::Integration(id.clone()), letter)
}

/// The assignment that a body asks for: `origin_id`, and what an import knows besides.
pub(super) fn assignment(body: &[u8]) -> Result<Decision, Refusal> {
    let text = core::str::from_utf8(body).map_err(|_| BadAsk::Body)?;
    let mut fields = Fields::of(text).map_err(|_| BadAsk::Body)?;
    let customer: Option<String> = fields.take("origin_id");
    let customer = customer.and_then(|id| OriginId::from_event(id).ok().flatten());
    let given = Given {
        customer: customer.ok_or(BadAsk::OriginId)?,
        hint: hint(&mut fields).ok_or(BadAsk::Hint)?,
    };
    match fields.take("import") {
        Some(true) => Ok(Decision::Import(given)),
        Some(false) => Ok(Decision::Assign(given)),
        None => Err(BadAsk::Hint.into()),
    }
}

fn hint(fields: &mut Fields<'_>) -> Option<Hint> {
    let connected_at: Option<String> = fields.take("connected_at")?;
    let connected_at = match connected_at {
        Some(text) => Some(Timestamp::parse(&text)?),
        None => None,
    };
    Some(Hint {
        tool: fields.take("tool")?,
        category: fields.take("category")?,
        organization_name: fields.take("organization_name")?,
        connected_at,
    })
}

/// A document that was asked for, or what came of a decision.
pub(super) fn answer(reply: &Reply) -> Result<Answer, Refusal> {
    match reply {
        Reply::Document(Some(document)) => Ok(Answer::json(document.text())),
        Reply::Document(None) => Err(Refusal::Nothing),
        Reply::Taken => Ok(Answer::empty()),
        Reply::Erased(integrations) => Ok(Answer::json(&json(&Erased {
            integrations,
            elsewhere: &ELSEWHERE,
        }))),
        Reply::Unreadable => Err(BadAsk::Copy.into()),
        Reply::Gone => Err(Refusal::Gone),
        Reply::Conflict => Err(Refusal::Conflict),
        _ => Err(Refusal::NoReply),
    }
}
