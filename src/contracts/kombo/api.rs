//! Kombo's API, as far as it is used: the environment of a key, the status of one integration, and
//! links with which a customer connects or reconnects.
//!
//! When to ask for a status is decided in the Integration object, and when for a link by a person.

use core::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::event::IntegrationStatus;
use super::wire;
use crate::domain::http::Answered;
use crate::domain::id::{Category, IntegrationId, OriginId, Tool};
use crate::domain::json::{Object, parse_foreign, to_json};
use crate::domain::language::Language;

/// Kombo's code for an integration that it does not know (Kombo's API reference).
const NOT_FOUND: &str = "PLATFORM.INTEGRATION_NOT_FOUND";

/// A request to Kombo's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// `GET /check-api-key`: which environment does the key belong to?
    Key,
    /// `GET /integrations/{id}`: what is its status?
    Integration(IntegrationId),
    /// `POST /connect/create-link`: with which link can this customer connect?
    ConnectionLink(Box<NewConnection>),
    /// `POST /integrations/{id}/relink`: with which link can the customer reconnect?
    ReconnectionLink(IntegrationId, Language),
}

/// What a customer is to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConnection {
    /// The customer's id at the company.
    pub origin_id: Option<OriginId>,
    /// The customer's name.
    pub organization_name: String,
    /// The e-mail address of the person who connects.
    pub email: String,
    /// The tool.
    pub tool: Tool,
    /// Its category.
    pub category: Category,
    /// The language of the pages.
    pub language: Language,
}

/// The body of `POST /connect/create-link` (Kombo's API reference).
#[derive(Serialize)]
struct CreateLink<'a> {
    end_user_email: &'a str,
    end_user_organization_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_user_origin_id: Option<&'a OriginId>,
    integration_category: &'a Category,
    integration_tool: &'a Tool,
    language: &'static str,
    link_type: &'static str,
}

/// The body of `POST /integrations/{id}/relink` (Kombo's API reference).
#[derive(Serialize)]
struct Relink {
    language: &'static str,
    link_type: &'static str,
}

/// A link to send to a person, which works for a year. The other kind works for an hour, inside a page.
const MAGIC_LINK: &str = "MAGIC_LINK";

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
            Self::ConnectionLink(_) => "/connect/create-link".to_owned(),
            Self::ReconnectionLink(id, _) => {
                let id = utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC);
                format!("/integrations/{id}/relink")
            }
        }
    }

    /// The JSON to post; `None` for what is only read.
    #[must_use]
    pub fn body(&self) -> Option<String> {
        match self {
            Self::Key | Self::Integration(_) => None,
            Self::ConnectionLink(wanted) => Some(to_json(&CreateLink {
                end_user_email: &wanted.email,
                end_user_organization_name: &wanted.organization_name,
                end_user_origin_id: wanted.origin_id.as_ref(),
                integration_category: &wanted.category,
                integration_tool: &wanted.tool,
                language: wanted.language.code(),
                link_type: MAGIC_LINK,
            })),
            Self::ReconnectionLink(_, language) => Some(to_json(&Relink {
                language: language.code(),
                link_type: MAGIC_LINK,
            })),
        }
    }
}

/// A link with which a customer connects. Whoever has it can, so `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectUrl(String);

impl ConnectUrl {
    /// The URL, for the one page that shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConnectUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ConnectUrl([REDACTED])")
    }
}

/// Why Kombo made no link. The text is a reason for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LinkRefusal {
    /// It does not accept the key.
    #[error("Kombo does not accept KOMBO_API_KEY; set a key of this environment and region")]
    Key,
    /// It accepts no calls from this address.
    #[error(
        "Kombo's list of allowed addresses excludes this Worker; remove the list, or add Cloudflare"
    )]
    Address,
    /// It does not know the integration.
    #[error("Kombo does not know the integration; it was deleted there")]
    UnknownIntegration,
    /// It does not accept what was sent: a tool, category or address that it does not know.
    #[error("Kombo does not accept the tool, the category or the e-mail address")]
    Input,
    /// It has too many requests at once.
    #[error("Kombo asks to wait; try again in a minute")]
    Busy,
    /// It failed, did not answer, or answered something that is no link.
    #[error("Kombo could not be reached or failed; try again, or make the link in Kombo")]
    Unavailable,
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

/// The `data` of an answer with a link.
#[derive(Deserialize)]
struct Made {
    link: Option<String>,
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

/// The link that an answer of the API has.
///
/// # Errors
/// A [`LinkRefusal`] if it has none.
pub fn connect_url(answer: &Answered) -> Result<ConnectUrl, LinkRefusal> {
    if answer.status == 200 {
        let made: Made = wire::data(&answer.body).map_err(|_| LinkRefusal::Unavailable)?;
        let is_url = |url: &String| {
            url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let url = made.link.filter(is_url).ok_or(LinkRefusal::Unavailable)?;
        return Ok(ConnectUrl(url));
    }
    Err(match code(&answer.body).as_deref() {
        Some("PLATFORM.AUTHENTICATION_INVALID") => LinkRefusal::Key,
        Some("PLATFORM.IP_NOT_WHITELISTED") => LinkRefusal::Address,
        Some(NOT_FOUND) => LinkRefusal::UnknownIntegration,
        Some("PLATFORM.INPUT_INVALID") => LinkRefusal::Input,
        Some("PLATFORM.RATE_LIMIT_EXCEEDED" | "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED") => {
            LinkRefusal::Busy
        }
        _ if answer.status == 429 => LinkRefusal::Busy,
        _ => LinkRefusal::Unavailable,
    })
}

fn code(body: &str) -> Option<String> {
    let failure: Failure = parse_foreign(body).ok()?;
    failure.error?.0.code
}

fn known(id: &IntegrationId, body: &str) -> Option<IntegrationStatus> {
    wire::integration_status(body).filter(|known| known.subject.id == *id)
}
