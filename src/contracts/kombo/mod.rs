//! The sender: Kombo's webhooks, read from signed bytes into [`Event`]s.
//!
//! Reading is lenient where Kombo's schemas grow (unknown fields, types and
//! enum values, nulls, absent `setup_status`) and strict only about what the
//! mapping and the alerts need. A signed event with wrong data is a value, not
//! an error: it goes to quarantine. So is signed JSON that is not an event: it is
//! ignored. Nothing here stores or answers.

mod api;
mod event;
pub mod signature;
mod wire;

pub use api::{
    ConnectUrl, LinkRefusal, NewConnection, Question, RecheckAnswer, connect_url, environment,
    recheck_answer,
};
pub use event::{
    EndUser, Event, EventKind, FailedFlow, IntegrationStatus, Issue, IssueChange, StateChange,
    Subject, dedup_key,
};

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use self::wire::Known;
use crate::contracts::kombo::signature::Verified;
use crate::domain::id::{EventId, IdError};
use crate::domain::json::{Json, Lenient, Object, is_foreign_json, parse_foreign};

/// Longest `type` that is repeated in logs and messages, in characters.
const MAX_TYPE_CHARS: usize = 100;
/// Name of the field with an event's id.
const ID: &str = "id";
/// Name of the field with its type.
const TYPE: &str = "type";

/// A signed body that is not UTF-8 JSON. It is answered with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a body that is not UTF-8 JSON")]
pub struct NotJson;

/// Why signed JSON is not an event. It is ignored, because the sender is proved, and Kombo may
/// disable a webhook that rejects a ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotAnEvent {
    /// It is not an object.
    #[error("not an event: the body is not a JSON object")]
    NotAnObject,
    /// The named field is absent, null or not a string.
    #[error("not an event: `{0}` is missing or not a string")]
    Field(&'static str),
    /// The id does not have 1 to 256 bytes.
    #[error("not an event: {0}")]
    Id(IdError),
}

/// Why an event of a known type cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// A part of `data` has a JSON type that no known schema gives it.
    #[error("`data` does not have the documented shape")]
    Shape,
    /// The named field is absent, null or not a string.
    #[error("`{0}` is missing or not a string")]
    Missing(&'static str),
    /// The named id is empty, or too long for a Workers KV key.
    #[error("`{0}` is empty or too long for a key")]
    Id(&'static str),
    /// The named field is not an RFC 3339 date-time.
    #[error("`{0}` is not a date-time")]
    Time(&'static str),
}

/// The names of the known types.
pub const KINDS: [&str; 5] = {
    let [a, b, c, d, e] = wire::KNOWN;
    [a.kind, b.kind, c.kind, d.kind, e.kind]
};

/// What a signed body turned out to be.
#[derive(Debug, Clone)]
pub enum Reading<'a> {
    /// An event to act on.
    Event(Box<Event>),
    /// An event of a type that is ignored, named for the log.
    Ignored {
        /// The event's id.
        id: EventId,
        /// Its type, at most 100 characters of it.
        kind: String,
    },
    /// Not an event, such as a ping.
    NotAnEvent {
        /// Its type, if that is one of the five known ones.
        kind: Option<&'static str>,
        /// Why it is not an event.
        reason: NotAnEvent,
    },
    /// An event of a known type that lacks something needed.
    Unreadable {
        /// The event's id.
        id: EventId,
        /// Its type: one of the five known ones.
        kind: &'static str,
        /// What it lacks.
        fault: Fault,
        /// The body, to be kept as it was signed.
        signed: &'a str,
    },
}

/// The fields of a body, by name.
type Fields = BTreeMap<String, Json>;

/// What every event has besides its `data`, whose shape depends on its type (Kombo's guide).
struct Envelope {
    id: EventId,
    kind: String,
}

impl Envelope {
    fn of(fields: &Fields) -> Result<Self, NotAnEvent> {
        let text = |name| text_of(fields, name).ok_or(NotAnEvent::Field(name));
        Ok(Self {
            id: EventId::try_from(text(ID)?).map_err(NotAnEvent::Id)?,
            kind: text(TYPE)?,
        })
    }
}

/// The string in a field.
fn text_of(fields: &Fields, name: &str) -> Option<String> {
    fields.get(name)?.read().ok()
}

/// Reads one signed delivery.
///
/// # Errors
/// [`NotJson`] if the body is not UTF-8 JSON.
pub fn read(delivery: Verified<'_>) -> Result<Reading<'_>, NotJson> {
    let signed = core::str::from_utf8(delivery.body()).map_err(|_| NotJson)?;
    let Ok(fields) = parse_foreign::<Fields>(signed) else {
        let (kind, reason) = (None, NotAnEvent::NotAnObject);
        let is_json = is_foreign_json(signed);
        return is_json
            .then_some(Reading::NotAnEvent { kind, reason })
            .ok_or(NotJson);
    };
    let Envelope { id, kind } = match Envelope::of(&fields) {
        Ok(envelope) => envelope,
        Err(reason) => {
            let known = text_of(&fields, TYPE).and_then(|kind| Known::of(&kind));
            let kind = known.map(|known| known.kind);
            return Ok(Reading::NotAnEvent { kind, reason });
        }
    };
    let Some(known) = Known::of(&kind) else {
        let kind = clamp(kind, MAX_TYPE_CHARS);
        return Ok(Reading::Ignored { id, kind });
    };
    let kind = known.kind;
    Ok(match known.read(signed) {
        Ok(what) => Reading::Event(Box::new(Event { id, what })),
        Err(fault) => Reading::Unreadable {
            id,
            kind,
            fault,
            signed,
        },
    })
}

impl Event {
    /// The event in a signed body, if it can be understood.
    #[must_use]
    pub fn of(signed: &str) -> Option<Self> {
        let envelope = Envelope::of(&parse_foreign(signed).ok()?).ok()?;
        Some(Self {
            id: envelope.id,
            what: Known::of(&envelope.kind)?.read(signed).ok()?,
        })
    }
}

/// The customer that a body names, even if the event cannot be understood.
#[must_use]
pub fn customer_of(body: &str) -> Option<String> {
    /// A field that may be an object.
    type Part<T> = Option<Lenient<Object<T>>>;
    #[derive(Deserialize)]
    struct Data {
        integration: Part<Integration>,
        end_user: Part<EndUser>,
    }
    #[derive(Deserialize)]
    struct Integration {
        end_user: Part<EndUser>,
    }
    #[derive(Deserialize)]
    struct EndUser {
        origin_id: Option<Value>,
    }
    let data: Data = wire::data(body).ok()?;
    let end_user = match data.integration.and_then(Lenient::ok) {
        Some(Object(integration)) => integration.end_user,
        None => data.end_user,
    };
    let Object(EndUser { origin_id }) = end_user.and_then(Lenient::ok)?;
    match origin_id? {
        Value::String(id) => Some(id),
        // An id that is a number is one reason why an event cannot be understood.
        other => Some(other.to_string()),
    }
}

/// The first `chars` characters of a text.
fn clamp(mut text: String, chars: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(chars) {
        text.truncate(end);
    }
    text
}
