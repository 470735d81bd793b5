//! The API for the backend and for operators: which objects a request is for, what
//! they are asked, and the answer that their replies make.
//!
//! Who may ask is `token`'s, which paths there are `route`'s. Reaching the objects
//! is the platform's.

use core::time::Duration;

use serde::Serialize;
use thiserror::Error;

use crate::answer::{Answer, Refusal};
use crate::config::Settings;
use crate::customer::{self, Mute};
use crate::id::{OriginId, Tool};
use crate::machine::{Letter, json};
use crate::notifier::{self, Channel};
use crate::object::{Address, CustomerKey};
use crate::record::{Fields, Json};
use crate::reply::Reply;
use crate::route::Ask;
use crate::time::Timestamp;

/// Longest body of a request to the API.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A mute ends within so long.
const LONGEST_MUTE: Duration = Duration::from_hours(30 * 24);

/// What is wrong with a request to the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadAsk {
    /// The body is no JSON object.
    #[error("the body must be a JSON object")]
    Body,
    /// `tool` is neither a tool nor null.
    #[error("`tool` must be null or a tool as Kombo names it")]
    Tool,
    /// `until` is no moment within the next 30 days.
    #[error("`until` must be an RFC 3339 date-time within the next 30 days")]
    Until,
    /// A customer has too many mutes.
    #[error("this customer has as many mutes as it can: end one first")]
    TooManyMutes,
}

/// What a request carries besides its route.
#[derive(Debug, Clone, Copy)]
pub struct Carried<'a> {
    /// The query, without the question mark.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// A letter, and the object that it is for.
pub type Question = (Address, String);

/// What is asked, and of whom.
///
/// # Errors
/// A [`Refusal`] when the request cannot be understood.
pub fn questions(
    ask: &Ask,
    carried: Carried<'_>,
    now: Timestamp,
) -> Result<Vec<Question>, Refusal> {
    Ok(match ask {
        Ask::Status => [Channel::Main, Channel::Ops]
            .map(|channel| {
                let letter = Letter::seal(notifier::Message::Status { channel });
                (Address::Notifier(channel), letter)
            })
            .into(),
        Ask::Mute(id) => {
            let mute = mute(carried.body, now)?;
            vec![silencing(id, mute.tool.as_ref(), Some(mute.until))]
        }
        Ask::Unmute(id) => {
            let tool = tool_in(carried.query)?;
            vec![silencing(id, tool.as_ref(), None)]
        }
    })
}

/// The answer that the replies make, in the order of the questions.
///
/// # Errors
/// A [`Refusal`] when they make none.
pub fn answer(
    ask: &Ask,
    replies: Vec<Option<Reply>>,
    settings: &Settings,
) -> Result<Answer, Refusal> {
    let replies: Option<Vec<Reply>> = replies.into_iter().collect();
    let replies = replies.ok_or(Refusal::NoReply)?;
    match (ask, replies.as_slice()) {
        (Ask::Status, [Reply::Status(team), Reply::Status(engineers)]) => {
            status(settings, team, engineers).ok_or(Refusal::NoReply)
        }
        (Ask::Mute(_) | Ask::Unmute(_), [Reply::Muted(mutes)]) => Ok(Answer::json(&muted(mutes))),
        (Ask::Mute(_), [Reply::NoRoom]) => Err(Refusal::Ask(BadAsk::TooManyMutes)),
        _ => Err(Refusal::NoReply),
    }
}

#[derive(Serialize)]
struct Status<'a> {
    version: &'static str,
    environment: &'a str,
    watch: &'a Json,
    team: &'a Json,
    engineers: &'a Json,
}

fn status(settings: &Settings, team: &[Json], engineers: &[Json]) -> Option<Answer> {
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        environment: &settings.environment,
        watch: engineers.get(1)?,
        team: team.first()?,
        engineers: engineers.first()?,
    };
    Some(Answer::json(&json(&status)))
}

#[derive(Serialize)]
struct Muted<'a> {
    tool: Option<&'a Tool>,
    until: String,
}

#[derive(Serialize)]
struct AllMuted<'a> {
    muted: Vec<Muted<'a>>,
}

fn muted(mutes: &[Mute]) -> String {
    let all = mutes.iter().map(|mute| Muted {
        tool: mute.tool.as_ref(),
        until: mute.until.to_rfc3339(),
    });
    json(&AllMuted {
        muted: all.collect(),
    })
}

fn mute(body: &[u8], now: Timestamp) -> Result<Mute, Refusal> {
    let text = core::str::from_utf8(body).map_err(|_| BadAsk::Body)?;
    let mut fields = Fields::of(text).map_err(|_| BadAsk::Body)?;
    let tool: Option<Tool> = fields.take("tool").ok_or(BadAsk::Tool)?;
    let until: Option<String> = fields.take("until");
    let until = until.and_then(|until| Timestamp::parse(&until));
    let until = until.ok_or(BadAsk::Until)?;
    if until <= now || until > now.plus(LONGEST_MUTE) {
        return Err(BadAsk::Until.into());
    }
    Ok(Mute { tool, until })
}

/// The `tool` in a query; absent or empty for all tools.
fn tool_in(query: &str) -> Result<Option<Tool>, Refusal> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let tool = pairs.find(|(name, _)| name == "tool");
    let tool = tool.map(|(_, value)| value.into_owned());
    let tool = tool.filter(|tool| !tool.is_empty());
    let tool = tool.map(Tool::try_from).transpose();
    tool.map_err(|_| BadAsk::Tool.into())
}

fn silencing(id: &OriginId, tool: Option<&Tool>, until: Option<Timestamp>) -> Question {
    let customer = CustomerKey::Customer(id.clone());
    let letter = Letter::seal(customer::Outgoing::Mute {
        customer: &customer,
        tool,
        until,
    });
    (Address::Customer(customer), letter)
}
