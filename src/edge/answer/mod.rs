//! Answers over HTTP: the one place that maps what happened to a status and a body.
//!
//! This file has what all answers share, and the answers to accepted deliveries. Refusals are in
//! `refusal`, health is in `findings`, what a method returns instead of a response is in `returned`.
//! Nothing here decides what happened, or sends anything.

mod bad_request;
mod findings;
mod kind;
mod refusal;
mod returned;

pub use bad_request::BadRequest;
pub use findings::Findings;
pub use refusal::Refusal;
pub use returned::returned;

use serde::Serialize;

use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::log::{self, Kind};

/// An answer, ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, `cache-control` among them.
    pub headers: Vec<(&'static str, &'static str)>,
    /// A cookie to set.
    pub cookie: Option<String>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A 200 with this JSON.
    #[must_use]
    pub fn json(body: &str) -> Self {
        Self::new(200, "application/json", body.to_owned())
    }

    /// A 202 with this JSON: the request was accepted, and continues in the background.
    #[must_use]
    pub fn accepted(body: &str) -> Self {
        Self::new(202, "application/json", body.to_owned())
    }

    /// A 204.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            status: 204,
            headers: vec![("cache-control", "no-store")],
            cookie: None,
            body: String::new(),
        }
    }

    fn new(status: u16, content_type: &'static str, body: String) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", content_type),
                ("cache-control", "no-store"),
            ],
            cookie: None,
            body,
        }
    }
}

/// How a delivery ended. Each is a 200: the sender need not retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// Committed, with its consequences.
    Accepted,
    /// Committed before.
    Duplicate,
    /// Of a type that is ignored, or not an event; nothing is stored.
    Ignored,
    /// Kept for a human.
    Quarantined,
}

impl DeliveryOutcome {
    /// What an object's reply means for the sender; `None` if it is not a reply to an event.
    #[must_use]
    pub fn of(reply: &Reply) -> Option<Self> {
        match reply {
            Reply::Accepted => Some(Self::Accepted),
            Reply::Duplicate => Some(Self::Duplicate),
            Reply::Quarantined => Some(Self::Quarantined),
            _ => None,
        }
    }

    /// The kind of its log line.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Accepted => log::kind::DELIVERY_ACCEPTED,
            Self::Duplicate => log::kind::DELIVERY_DUPLICATE,
            Self::Ignored => log::kind::DELIVERY_IGNORED,
            Self::Quarantined => log::kind::DELIVERY_QUARANTINED,
        }
    }

    /// The answer to the sender.
    #[must_use]
    pub fn answer(self) -> Answer {
        Answer::json(&self.body())
    }

    /// The JSON of the answer.
    #[must_use]
    pub fn body(self) -> String {
        format!(r#"{{"outcome":"{}"}}"#, self.kind().outcome())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_answered_with_its_outcome() {
        let answer = DeliveryOutcome::Accepted.answer();
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, r#"{"outcome":"accepted"}"#)
        );
    }
}
