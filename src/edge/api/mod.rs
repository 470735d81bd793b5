//! The API for the backend and for operators: a request is parsed into a plan (calls of objects, or
//! a list of Workers KV keys), and the outcome of the plan makes the answer.
//!
//! Access is checked in `auth`, paths are parsed in `route`. Reaching objects and Workers KV is left
//! to the platform.

mod decisions;
mod listing;
mod mutes;
mod objects;
mod queues;
mod status;

pub(super) use mutes::MAX_MUTE;

use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::customer;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::integration::Decision;
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::settings::Settings;
use crate::domain::id::OriginId;
use crate::domain::time::Timestamp;
use crate::edge::answer::{Answer, Refusal};
use crate::edge::route::{Endpoint, Listing};
use crate::machine::{List, Listed, Outcome};

/// Longest body of a request to the API: room for the backup of a customer with a thousand
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

/// The object to call, and the message.
pub type Call = (Address, String);

/// What to ask for the data of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// Call these objects.
    Objects(Vec<Call>),
    /// List keys of Workers KV.
    Keys(List),
}

/// The outcome of a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The objects' replies, in the order of the calls; `None` for one that did not reply.
    Replies(Vec<Option<Reply>>),
    /// The outcome of the list operation.
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
    /// Whether the objects accepted what they continue in the background.
    Continued,
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
        Ok(match endpoint {
            Endpoint::Status => Self::new(queues::status(), AnsweredBy::Status),
            Endpoint::List(listing) => {
                let list = listing::list(*listing, query)?;
                Self::new(Plan::Keys(list), AnsweredBy::Keys(*listing))
            }
            Endpoint::Undelivered => {
                let page = queues::undelivered(query)?;
                Self::new(page.plan, AnsweredBy::Undelivered(page.limit))
            }
            Endpoint::Retry(event) => Self::continued(vec![queues::retry(event.clone())]),
            Endpoint::Resend(id) => Self::continued(queues::resend(*id)),
            Endpoint::TestAlert => Self::continued(vec![queues::test_alert(now)]),
            Endpoint::Rebuild(class, id) => Self::continued(vec![objects::rebuild(*class, id)]),
            Endpoint::Customer(id) => Self::reply(of_customer(id, customer::Message::GetDocument)),
            Endpoint::Erase(id) => {
                let customer = id.clone();
                Self::reply(of_customer(id, customer::Message::Erase { customer }))
            }
            Endpoint::Close(key) => {
                let name = key.incident().to_owned();
                let message = customer::Message::CloseIncident { name };
                Self::reply((key.owner(), Envelope::encode(message)))
            }
            Endpoint::Mute(id) => {
                let mute = mutes::parse(body, now)?;
                Self::reply(mutes::call(id, mute.tool, Some(mute.until)))
            }
            Endpoint::Unmute(id) => Self::reply(mutes::call(id, mutes::tool_in(query)?, None)),
            Endpoint::Integration(id) => Self::reply(decisions::document(id)),
            Endpoint::Assign(id) => Self::reply(decisions::call(id, decisions::assignment(body)?)),
            Endpoint::Release(id) => Self::reply(decisions::call(id, Decision::Release)),
            Endpoint::Remove(id) => Self::reply(decisions::call(id, Decision::Remove)),
            Endpoint::Dismiss(event) => Self::reply(queues::dismiss(event.clone())),
            Endpoint::Drop(id) => Self::reply(queues::drop_undelivered(*id)),
            Endpoint::Backup(class, id) => Self::reply(objects::backup(*class, id)?),
            Endpoint::Restore => Self::reply(objects::restore(body)?),
        })
    }

    fn new(plan: Plan, answered_by: AnsweredBy) -> Self {
        Self { plan, answered_by }
    }

    fn reply(call: Call) -> Self {
        Self::new(Plan::Objects(vec![call]), AnsweredBy::Reply)
    }

    fn continued(calls: Vec<Call>) -> Self {
        Self::new(Plan::Objects(calls), AnsweredBy::Continued)
    }

    /// What to ask for the data of the answer.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The answer that the outcome of the plan makes.
    ///
    /// # Errors
    /// A [`Refusal`] if the outcome makes no answer.
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
            (AnsweredBy::Continued, replies) => queues::continued(replies),
            (AnsweredBy::Reply, [reply]) => decisions::answer(reply),
            _ => Err(Refusal::NoReply),
        }
    }
}

fn of_customer(id: &OriginId, message: customer::Message) -> Call {
    let address = Address::Customer(CustomerKey::Customer(id.clone()));
    (address, Envelope::encode(message))
}

/// A parameter of a query; an empty one counts as absent.
fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(of, _)| of == name)?;
    Some(value.into_owned()).filter(|value| !value.is_empty())
}
