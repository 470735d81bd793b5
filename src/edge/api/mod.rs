//! The API for the backend and for operators: what a request asks of which
//! objects, or of Workers KV, and the answer that comes of it.
//!
//! Who may ask is `auth`'s, which paths there are `route`'s. Reaching objects and
//! Workers KV is the platform's.

mod deciding;
mod listing;
mod muting;
mod objects;
mod status;
mod waiting;

use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::customer;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::integration::{self, Decision};
use crate::contracts::objects::notifier::{Message, UndeliveredId};
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::settings::Settings;
use crate::domain::audience::Audience;
use crate::domain::time::Timestamp;
use crate::edge::answer::{Answer, BadRequest, Refusal};
use crate::edge::route::Ask;
use crate::machine::{List, Listed, Outcome};

/// Longest body of a request to the API: the copy of a customer with a thousand
/// integrations.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What a request carries besides its route.
#[derive(Debug, Clone, Copy)]
pub struct Carried<'a> {
    /// The query, without the question mark.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// A message, and the object that it is for.
pub type Question = (Address, String);

/// How what is asked for is found out.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// By these objects.
    Objects(Vec<Question>),
    /// By Workers KV.
    Keys(List),
}

impl Plan {
    fn one(question: Question) -> Self {
        Self::Objects(vec![question])
    }
}

/// What was found out.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The objects' replies, in the order of the questions; none where none came.
    Replies(Vec<Option<Reply>>),
    /// What came of the order.
    Keys(Outcome<Listed>),
}

/// How to find out what is asked for.
///
/// # Errors
/// A [`Refusal`] when the request cannot be understood.
pub fn plan(ask: &Ask, carried: Carried<'_>, now: Timestamp) -> Result<Plan, Refusal> {
    let one = |question| Ok(Plan::one(question));
    match ask {
        Ask::Status => Ok(Plan::Objects(
            [Audience::Team, Audience::Engineers]
                .map(|audience| waiting::question(Message::Status { audience }))
                .into(),
        )),
        Ask::List(listing) => listing::list(*listing, carried.query).map(Plan::Keys),
        Ask::Customer(id) => {
            let message = Envelope::encode(customer::Message::GetDocument);
            let address = Address::Customer(CustomerKey::Customer(id.clone()));
            one((address, message))
        }
        Ask::Erase(id) => {
            let message = Envelope::encode(customer::Message::Erase {
                customer: id.clone(),
            });
            let address = Address::Customer(CustomerKey::Customer(id.clone()));
            one((address, message))
        }
        Ask::Mute(id) => {
            let mute = muting::mute(carried.body, now)?;
            one(muting::silencing(id, mute.tool.as_ref(), Some(mute.until)))
        }
        Ask::Unmute(id) => {
            let tool = muting::tool_in(carried.query)?;
            one(muting::silencing(id, tool.as_ref(), None))
        }
        Ask::Integration(id) => {
            let message = Envelope::encode(integration::Message::GetDocument);
            one((Address::Integration(id.clone()), message))
        }
        Ask::Assign(id) => one(deciding::question(id, deciding::assignment(carried.body)?)),
        Ask::Release(id) => one(deciding::question(id, Decision::Release)),
        Ask::Remove(id) => one(deciding::question(id, Decision::Remove)),
        Ask::Retry(event) => one(waiting::retry(event.clone())),
        Ask::Dismiss(event) => {
            let event = event.clone();
            one(waiting::question(Message::Dismiss { event }))
        }
        Ask::Undelivered => waiting::undelivered(carried.query).map(Plan::Objects),
        Ask::Resend(id) => Ok(Plan::Objects(waiting::resend(*id))),
        Ask::Drop(UndeliveredId { audience, number }) => {
            let (audience, number) = (*audience, *number);
            one(waiting::question(Message::DropUndelivered {
                audience,
                number,
            }))
        }
        Ask::TestAlert => one(waiting::test_alert(now)),
        Ask::Copy(class, id) => objects::copy(*class, id).map(Plan::one),
        Ask::Restore => objects::restore(carried.body).map(Plan::one),
        Ask::Rebuild(class, id) => one(objects::rebuild(*class, id)),
    }
}

/// The answer that follows from what was found out.
///
/// # Errors
/// A [`Refusal`] when there is none to give.
pub fn answer(
    ask: &Ask,
    carried: Carried<'_>,
    found: Found,
    settings: &Settings,
) -> Result<Answer, Refusal> {
    let replies = match (ask, found) {
        (Ask::List(listing), Found::Keys(outcome)) => {
            return listing::answer(*listing, outcome);
        }
        (_, Found::Keys(_)) => return Err(Refusal::NoReply),
        (_, Found::Replies(replies)) => replies,
    };
    let replies: Option<Vec<Reply>> = replies.into_iter().collect();
    let replies = replies.ok_or(Refusal::NoReply)?;
    match (ask, replies.as_slice()) {
        (Ask::Status, [Reply::Status(team), Reply::Status(engineers)]) => {
            status::answer(settings, team, engineers).ok_or(Refusal::NoReply)
        }
        (Ask::Undelivered, replies) => waiting::page(carried.query, replies),
        (Ask::Retry(_) | Ask::Resend(_) | Ask::TestAlert | Ask::Rebuild(..), replies) => {
            waiting::tried(replies)
        }
        (_, [Reply::Muted(mutes)]) => Ok(Answer::json(&muting::muted(mutes))),
        (_, [Reply::LimitReached]) => Err(Refusal::Ask(BadRequest::TooManyMutes)),
        (_, [reply]) => deciding::answer(reply),
        _ => Err(Refusal::NoReply),
    }
}

/// A parameter of a query; an empty one counts as absent.
fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(of, _)| of == name)?;
    Some(value.into_owned()).filter(|value| !value.is_empty())
}
