//! Refusals: why a request is rejected, and the answer that says so.
//!
//! Errors are problem documents (RFC 9457) with a constant `detail`, never the
//! input; the texts are in `kind`. No answer says why a signature was rejected: only
//! the log does.

use serde::Serialize;
use thiserror::Error;

use super::kind::{self, Kind};
use super::{Answer, BadRequest};
use crate::contracts::kombo::NotJson;
use crate::contracts::kombo::signature::SignatureError;
use crate::contracts::operator::settings::Fault;
use crate::domain::json::to_json;
use crate::edge::auth::AuthError;
use crate::edge::route::RouteError;

/// After a 503, the sender may retry in this many seconds.
const RETRY_AFTER_SECONDS: &str = "30";

/// Why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The signature is missing or wrong.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Signed, but not JSON.
    #[error(transparent)]
    NotJson(#[from] NotJson),
    /// The body is over 1 MiB.
    #[error("a body over the limit")]
    TooLarge,
    /// The body ended early.
    #[error("a body that ended early")]
    BrokenBody,
    /// This deployment cannot store events.
    #[error(transparent)]
    NotConfigured(#[from] Fault),
    /// The object did not confirm in time that it stored the event.
    #[error("the event could not be stored")]
    NotStored,
    /// The path or method does not exist, or an id in the path is invalid.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// No token is configured, so the API is closed.
    #[error("neither API_TOKEN nor API_READ_TOKEN is configured")]
    ApiDisabled,
    /// The token is missing or wrong, or does not give the access needed.
    #[error("a missing or wrong bearer token")]
    Token,
    /// The `props` of the service binding do not give the access needed.
    #[error("a service binding without access")]
    NoAccess,
    /// The query or the body is invalid.
    #[error(transparent)]
    BadRequest(#[from] BadRequest),
    /// The requested resource does not exist.
    #[error("no such resource")]
    Nothing,
    /// Kombo deleted the integration.
    #[error("Kombo deleted the integration")]
    Gone,
    /// The integration belongs to another customer, and an import does not move it.
    #[error("an integration of another customer")]
    Conflict,
    /// An object did not reply in time.
    #[error("no reply from the object")]
    NoReply,
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Disabled => Self::ApiDisabled,
            AuthError::Token => Self::Token,
            AuthError::Binding => Self::NoAccess,
        }
    }
}

impl Refusal {
    /// The answer to the caller.
    #[must_use]
    pub fn answer(self) -> Answer {
        let kind = self.kind();
        let problem = Problem {
            r#type: format!("urn:kombo-edge:problem:{}", kind.name),
            title: kind.title,
            status: kind.status,
            detail: kind.detail,
        };
        let mut answer = Answer::new(kind.status, "application/problem+json", to_json(&problem));
        match self {
            Self::Route(RouteError::Method(allow)) => answer.headers.push(("allow", allow)),
            Self::Token => answer.headers.push(("www-authenticate", "Bearer")),
            Self::NotConfigured(_) | Self::NotStored | Self::NoReply => {
                answer.headers.push(("retry-after", RETRY_AFTER_SECONDS));
            }
            _ => {}
        }
        answer
    }

    fn kind(self) -> Kind {
        match self {
            Self::Signature(_) => kind::SIGNATURE,
            Self::NotJson(_) => kind::NOT_JSON,
            Self::TooLarge => kind::TOO_LARGE,
            Self::BrokenBody => kind::BROKEN_BODY,
            Self::NotConfigured(_) => kind::NOT_CONFIGURED,
            Self::NotStored => kind::NOT_STORED,
            Self::Route(RouteError::Unknown) => kind::NOT_FOUND,
            Self::Route(RouteError::Method(_)) => kind::METHOD,
            Self::Route(RouteError::Id) => kind::BAD_ID,
            Self::ApiDisabled => kind::API_DISABLED,
            Self::Token => kind::TOKEN,
            Self::NoAccess => kind::NO_ACCESS,
            Self::BadRequest(BadRequest::Body) => kind::BAD_BODY,
            Self::BadRequest(BadRequest::Tool) => kind::BAD_TOOL,
            Self::BadRequest(BadRequest::Until) => kind::BAD_UNTIL,
            Self::BadRequest(BadRequest::TooManyMutes) => kind::TOO_MANY_MUTES,
            Self::BadRequest(BadRequest::OriginId) => kind::BAD_ORIGIN_ID,
            Self::BadRequest(BadRequest::Field) => kind::BAD_FIELD,
            Self::BadRequest(BadRequest::Limit) => kind::BAD_LIMIT,
            Self::BadRequest(BadRequest::Cursor) => kind::BAD_CURSOR,
            Self::BadRequest(BadRequest::Backup) => kind::BAD_COPY,
            Self::BadRequest(BadRequest::TooManyAtOnce) => kind::TOO_MANY_AT_ONCE,
            Self::Nothing => kind::NOTHING,
            Self::Gone => kind::GONE,
            Self::Conflict => kind::CONFLICT,
            Self::NoReply => kind::NO_REPLY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::operator::settings::{KOMBO_WEBHOOK_SECRET, Problem};

    const NO_SECRET: Fault = Fault {
        name: KOMBO_WEBHOOK_SECRET,
        problem: Problem::NoSecret,
    };

    fn body(answer: &Answer) -> serde_json::Value {
        serde_json::from_str(&answer.body).unwrap()
    }

    fn header(answer: &Answer, name: &str) -> Option<&'static str> {
        let found = answer.headers.iter().find(|(header, _)| *header == name);
        found.map(|(_, value)| *value)
    }

    const ALL: [Refusal; 28] = [
        Refusal::Signature(SignatureError::Missing),
        Refusal::Signature(SignatureError::Malformed),
        Refusal::Signature(SignatureError::Mismatch),
        Refusal::NotJson(NotJson),
        Refusal::TooLarge,
        Refusal::BrokenBody,
        Refusal::NotConfigured(NO_SECRET),
        Refusal::NotStored,
        Refusal::Route(RouteError::Unknown),
        Refusal::Route(RouteError::Method("POST")),
        Refusal::Route(RouteError::Id),
        Refusal::ApiDisabled,
        Refusal::Token,
        Refusal::NoAccess,
        Refusal::BadRequest(BadRequest::Body),
        Refusal::BadRequest(BadRequest::Tool),
        Refusal::BadRequest(BadRequest::Until),
        Refusal::BadRequest(BadRequest::TooManyMutes),
        Refusal::BadRequest(BadRequest::OriginId),
        Refusal::BadRequest(BadRequest::Field),
        Refusal::BadRequest(BadRequest::Limit),
        Refusal::BadRequest(BadRequest::Cursor),
        Refusal::BadRequest(BadRequest::TooManyAtOnce),
        Refusal::BadRequest(BadRequest::Backup),
        Refusal::Nothing,
        Refusal::Gone,
        Refusal::Conflict,
        Refusal::NoReply,
    ];

    #[test]
    fn every_refusal_is_a_problem_document_that_is_never_cached() {
        for refusal in ALL {
            let answer = refusal.answer();
            assert_eq!(
                header(&answer, "content-type"),
                Some("application/problem+json")
            );
            assert_eq!(header(&answer, "cache-control"), Some("no-store"));
            assert_eq!(body(&answer)["status"], answer.status);
            let kind = body(&answer)["type"].as_str().unwrap().to_owned();
            assert!(kind.starts_with("urn:kombo-edge:problem:"), "{kind}");
            assert_ne!(answer.status, 422, "Kombo gives 422 a meaning of its own");
        }
    }

    #[test]
    fn all_refused_signatures_get_the_same_body() {
        let [missing, malformed, mismatch] = [ALL[0], ALL[1], ALL[2]].map(Refusal::answer);
        assert_eq!(missing, malformed);
        assert_eq!(malformed, mismatch);
        assert_eq!(missing.status, 401);
    }

    #[test]
    fn what_could_not_be_stored_may_be_sent_again() {
        for refusal in [Refusal::NotConfigured(NO_SECRET), Refusal::NotStored] {
            let answer = refusal.answer();
            assert_eq!(answer.status, 503);
            assert_eq!(header(&answer, "retry-after"), Some("30"));
        }
    }

    #[test]
    fn a_missing_token_is_answered_with_the_scheme() {
        let answer = Refusal::Token.answer();
        assert_eq!(
            (answer.status, header(&answer, "www-authenticate")),
            (401, Some("Bearer"))
        );
    }

    #[test]
    fn a_wrong_method_is_answered_with_the_right_ones() {
        let answer = Refusal::Route(RouteError::Method("GET, HEAD")).answer();
        assert_eq!(
            (answer.status, header(&answer, "allow")),
            (405, Some("GET, HEAD"))
        );
    }
}
