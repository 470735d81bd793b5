//! The API for the backend and for operators: what a request asks of which objects, or of Workers
//! KV, and the answer that follows.
//!
//! Access is checked in `auth`, paths are parsed in `route`. Reaching objects and Workers KV is left
//! to the platform.

mod decisions;
mod listing;
mod mutes;
mod objects;
mod status;
mod queues;

use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::customer;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::integration::{self, Decision};
use crate::contracts::objects::notifier::{Message, UndeliveredId};
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::settings::Settings;
use crate::domain::id::OriginId;
use crate::domain::time::Timestamp;
use crate::edge::answer::{Answer, Refusal};
use crate::edge::route::{Endpoint, Listing};
use crate::machine::{List, Listed, Outcome};

/// Longest body of a request to the API: the copy of a customer with a thousand
/// integrations.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What a request has besides its endpoint.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// The query, without the question mark.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// A message, and the object that it is for.
pub type Call = (Address, String);

/// How to find out what a request asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// Call these objects.
    Objects(Vec<Call>),
    /// List keys of Workers KV.
    Keys(List),
}

impl Plan {
    fn one(call: Call) -> Self {
        Self::Objects(vec![call])
    }
}

/// What was found out.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The objects' replies, in the order of the calls; `None` for one that did not reply.
    Replies(Vec<Option<Reply>>),
    /// What the listing came to.
    Keys(Outcome<Listed>),
}

/// A request to the API, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiRequest {
    plan: Plan,
    answered_by: AnsweredBy,
}

/// What the answer to a request is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AnsweredBy {
    /// The status of both Notifiers.
    Status,
    /// A page of keys.
    Keys(Listing),
    /// Undelivered alerts of both Notifiers, at most this many.
    Undelivered(u32),
    /// Whether something is tried again.
    Retry,
    /// The reply of one object.
    Reply,
}

impl ApiRequest {
    /// Parses a request.
    ///
    /// # Errors
    /// A [`Refusal`] if its query or body is malformed.
    pub fn parse(
        endpoint: &Endpoint,
        parts: RequestParts<'_>,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let RequestParts { query, body } = parts;
        let (plan, answered_by) = match endpoint {
            Endpoint::Status => (queues::status(), AnsweredBy::Status),
            Endpoint::List(listing) => {
                let list = listing::list(*listing, query)?;
                (Plan::Keys(list), AnsweredBy::Keys(*listing))
            }
            Endpoint::Undelivered => {
                let page = queues::undelivered(query)?;
                (page.plan, AnsweredBy::Undelivered(page.limit))
            }
            Endpoint::Retry(event) => {
                let call = queues::retry(event.clone());
                (Plan::one(call), AnsweredBy::Retry)
            }
            Endpoint::Resend(id) => (Plan::Objects(queues::resend(*id)), AnsweredBy::Retry),
            Endpoint::TestAlert => (Plan::one(queues::test_alert(now)), AnsweredBy::Retry),
            Endpoint::Rebuild(class, id) => {
                let call = objects::rebuild(*class, id);
                (Plan::one(call), AnsweredBy::Retry)
            }
            endpoint => {
                let call = call_of(endpoint, query, body, now)?;
                (Plan::one(call), AnsweredBy::Reply)
            }
        };
        Ok(Self { plan, answered_by })
    }

    /// How to find out what it asks for.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The answer that follows from what was found out.
    ///
    /// # Errors
    /// A [`Refusal`] if there is none to give.
    pub fn answer(&self, found: Found, settings: &Settings) -> Result<Answer, Refusal> {
        let replies = match (self.answered_by, found) {
            (AnsweredBy::Keys(listing), Found::Keys(outcome)) => {
                return listing::answer(listing, outcome);
            }
            (_, Found::Keys(_)) => return Err(Refusal::NoReply),
            (_, Found::Replies(replies)) => replies,
        };
        let replies: Option<Vec<Reply>> = replies.into_iter().collect();
        let replies = replies.ok_or(Refusal::NoReply)?;
        match (self.answered_by, replies.as_slice()) {
            (AnsweredBy::Status, [Reply::Status(team), Reply::Status(engineers)]) => {
                status::answer(settings, team, engineers).ok_or(Refusal::NoReply)
            }
            (AnsweredBy::Undelivered(limit), replies) => queues::page(limit, replies),
            (AnsweredBy::Retry, replies) => queues::tried(replies),
            (AnsweredBy::Reply, [reply]) => decisions::answer(reply),
            _ => Err(Refusal::NoReply),
        }
    }
}

/// The call of the one object that an endpoint is about.
fn call_of(endpoint: &Endpoint, query: &str, body: &[u8], now: Timestamp) -> Result<Call, Refusal> {
    let of_customer = |id: &OriginId, message: customer::Message| {
        let address = Address::Customer(CustomerKey::Customer(id.clone()));
        (address, Envelope::encode(message))
    };
    Ok(match endpoint {
        Endpoint::Customer(id) => of_customer(id, customer::Message::GetDocument),
        Endpoint::Erase(id) => {
            let customer = id.clone();
            of_customer(id, customer::Message::Erase { customer })
        }
        Endpoint::Mute(id) => {
            let mute = mutes::parse(body, now)?;
            mutes::call(id, mute.tool, Some(mute.until))
        }
        Endpoint::Unmute(id) => mutes::call(id, mutes::tool_in(query)?, None),
        Endpoint::Integration(id) => {
            let message = Envelope::encode(integration::Message::GetDocument);
            (Address::Integration(id.clone()), message)
        }
        Endpoint::Assign(id) => decisions::call(id, decisions::assignment(body)?),
        Endpoint::Release(id) => decisions::call(id, Decision::Release),
        Endpoint::Remove(id) => decisions::call(id, Decision::Remove),
        Endpoint::Dismiss(event) => queues::call(Message::Dismiss {
            event: event.clone(),
        }),
        Endpoint::Drop(UndeliveredId { audience, number }) => {
            let (audience, number) = (*audience, *number);
            queues::call(Message::DropUndelivered { audience, number })
        }
        Endpoint::Copy(class, id) => objects::backup(*class, id)?,
        Endpoint::Restore => objects::restore(body)?,
        // These ask more than one object, or are answered otherwise.
        Endpoint::Status
        | Endpoint::List(_)
        | Endpoint::Undelivered
        | Endpoint::Retry(_)
        | Endpoint::Resend(_)
        | Endpoint::TestAlert
        | Endpoint::Rebuild(..) => return Err(Refusal::NoReply),
    })
}

/// A parameter of a query; an empty one counts as absent.
fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(of, _)| of == name)?;
    Some(value.into_owned()).filter(|value| !value.is_empty())
}
