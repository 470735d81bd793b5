//! Kombo's API, as far as it is used: the environment of a key, and the status of one integration.
//! What to ask, and when, is decided in the Integration object.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::event::IntegrationStatus;
use super::wire;
use crate::domain::http::Answered;
use crate::domain::id::IntegrationId;
use crate::domain::json::{Object, parse_foreign};

/// Kombo's code for an integration that it does not know (Kombo's API reference).
const NOT_FOUND: &str = "PLATFORM.INTEGRATION_NOT_FOUND";

/// A request to Kombo's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// `GET /check-api-key`: which environment does the key belong to?
    Key,
    /// `GET /integrations/{id}`: what is its status?
    Integration(IntegrationId),
}

impl Question {
    /// The path below the API's URL.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Key => "/check-api-key".to_owned(),
            Self::Integration(id) => {
                let id = utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC);
                format!("/integrations/{id}")
            }
        }
    }
}

/// What an answer about an integration says.
#[derive(Debug, Clone, PartialEq)]
pub enum RecheckAnswer {
    /// Its status.
    Known(Box<IntegrationStatus>),
    /// Kombo does not know it.
    Unknown,
    /// Nothing that can be understood.
    Unusable,
}

/// The `data` of an answer about a key.
#[derive(Deserialize)]
struct Key {
    environment_id: Option<String>,
}

/// An answer that reports an error.
#[derive(Deserialize)]
struct Failure {
    error: Option<Object<Code>>,
}

#[derive(Deserialize)]
struct Code {
    code: Option<String>,
}

/// The environment that an answer names.
#[must_use]
pub fn environment(answer: &Answered) -> Option<String> {
    if answer.status != 200 {
        return None;
    }
    let key: Key = wire::data(&answer.body).ok()?;
    key.environment_id
}

/// What an answer of the API says about this integration.
#[must_use]
pub fn recheck_answer(id: &IntegrationId, answer: &Answered) -> RecheckAnswer {
    if answer.status == 200 {
        let known = known(id, &answer.body);
        return known.map_or(RecheckAnswer::Unusable, |known| {
            RecheckAnswer::Known(Box::new(known))
        });
    }
    // The status alone is not enough: a proxy can answer 404, too.
    match code(&answer.body).as_deref() {
        Some(NOT_FOUND) => RecheckAnswer::Unknown,
        _ => RecheckAnswer::Unusable,
    }
}

fn code(body: &str) -> Option<String> {
    let failure: Failure = parse_foreign(body).ok()?;
    failure.error?.0.code
}

fn known(id: &IntegrationId, body: &str) -> Option<IntegrationStatus> {
    wire::integration_status(body).filter(|known| known.subject.id == *id)
}
