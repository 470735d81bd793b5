//! Calls of the Notifiers: their status, the quarantined events and undelivered alerts that wait for
//! a human, and the test alert.

use serde::{Deserialize, Serialize};

use super::listing::limit;
use super::{Call, Plan, parameter};
use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::{Message, UndeliveredId};
use crate::contracts::objects::reply::Reply;
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::audience::Audience;
use crate::domain::id::EventId;
use crate::domain::json::{Json, to_json};
use crate::domain::time::Timestamp;
use crate::edge::answer::{Answer, BadRequest, DeliveryOutcome, Refusal};

/// A page of undelivered alerts.
#[derive(Serialize)]
struct Undelivered<'a> {
    undelivered: Vec<&'a Json>,
    /// Where the next page begins.
    cursor: Option<String>,
}

/// The last alert of a page.
#[derive(Deserialize)]
struct Last {
    id: String,
}

const AUDIENCES: [Audience; 2] = [Audience::Team, Audience::Engineers];

/// The call of the Notifier that a message is for.
fn call(message: Message) -> Call {
    let address = Address::Notifier(message.audience());
    (address, Envelope::encode(message))
}

/// Reads a quarantined event again, or all of them.
pub(super) fn retry(event: Option<EventId>) -> Call {
    call(Message::Retry { event })
}

/// Sends an undelivered alert again, or all of them.
pub(super) fn resend(id: Option<UndeliveredId>) -> Vec<Call> {
    let Some(UndeliveredId { audience, number }) = id else {
        let all = AUDIENCES.map(|audience| {
            call(Message::Resend {
                audience,
                number: None,
            })
        });
        return all.into();
    };
    let number = Some(number);
    vec![call(Message::Resend { audience, number })]
}

/// Removes a quarantined event.
pub(super) fn dismiss(event: EventId) -> Call {
    call(Message::Dismiss { event })
}

/// Drops an undelivered alert.
pub(super) fn drop_undelivered(id: UndeliveredId) -> Call {
    let UndeliveredId { audience, number } = id;
    call(Message::DropUndelivered { audience, number })
}

/// Asks both Notifiers for their status: the team's comes first.
pub(super) fn status() -> Plan {
    let calls = AUDIENCES.map(|audience| call(Message::Status { audience }));
    Plan::Objects(calls.into())
}

/// The plan for a page of undelivered alerts.
pub(super) struct UndeliveredPage {
    pub(super) plan: Plan,
    pub(super) limit: u32,
}

/// Asks for a page of undelivered alerts: the team's come first.
pub(super) fn undelivered(query: &str) -> Result<UndeliveredPage, Refusal> {
    let limit = limit(query)?;
    let (from, after) = match parameter(query, "cursor") {
        None => (Audience::Team, 0),
        Some(cursor) => {
            let id = UndeliveredId::parse(&cursor).ok_or(BadRequest::Cursor)?;
            (id.audience, id.number)
        }
    };
    let audiences = AUDIENCES.into_iter().skip_while(|it| *it != from);
    let calls = audiences.map(|audience| {
        let after = if audience == from { after } else { 0 };
        call(Message::ListUndelivered {
            audience,
            after,
            limit,
        })
    });
    let plan = Plan::Objects(calls.collect());
    Ok(UndeliveredPage { plan, limit })
}

/// The page that the replies make. It may end within one of them.
pub(super) fn page(limit: u32, replies: &[Reply]) -> Result<Answer, Refusal> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut items: Vec<&Json> = Vec::new();
    for reply in replies {
        let Reply::Listed(listed) = reply else {
            return Err(Refusal::NoReply);
        };
        items.extend(listed);
    }
    let ends = items.len() < limit;
    items.truncate(limit);
    let last = items.last().filter(|_| !ends);
    let last = last.and_then(|item| item.read::<Last>().ok());
    Ok(Answer::json(&to_json(&Undelivered {
        undelivered: items,
        cursor: last.map(|last| last.id),
    })))
}

/// A test message that goes all the way to the team's channel.
pub(super) fn test_alert(now: Timestamp) -> Call {
    let audience = Audience::Team;
    let id = format!("test/{}", now.as_millis());
    let alert = Alert::new(id.clone(), now, audience, AlertKind::Test).stored();
    call(Message::Alert {
        audience,
        id,
        alert,
    })
}

/// The answer to a request that an object continues in the background.
pub(super) fn continued(replies: &[Reply]) -> Result<Answer, Refusal> {
    match replies {
        [Reply::Accepted] => Ok(Answer::accepted(&DeliveryOutcome::Accepted.body())),
        [Reply::Quarantined] => Ok(DeliveryOutcome::Quarantined.answer()),
        [Reply::Document(None)] => Err(Refusal::Nothing),
        [Reply::LimitReached] => Err(BadRequest::TooManyAtOnce.into()),
        replies if replies.iter().all(|reply| *reply == Reply::Acknowledged) => {
            Ok(Answer::accepted(&DeliveryOutcome::Accepted.body()))
        }
        _ => Err(Refusal::NoReply),
    }
}
