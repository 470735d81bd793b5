//! The life of a delivery at the edge: limit, verify, parse, route.
//!
//! Cheap refusals come before expensive work: [`admit`] looks at headers alone,
//! the body is read under [`MAX_BODY_BYTES`], and only [`receive`] computes
//! anything. Reading the body and reaching the object are left to the platform.

use crate::contracts::kombo::signature::Signature;
use crate::contracts::kombo::{self, Event, EventKind, Reading};
use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::{notifier, routing};
use crate::contracts::operator::log::{Line, kind};
use crate::contracts::operator::settings::Config;
use crate::domain::audience::Audience;
use crate::domain::time::Timestamp;
use crate::edge::answer::Refusal;

/// Longest body. Kombo publishes no limit; its largest events carry a job
/// description in HTML, so 1 MiB is generous and still cheap to hash.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Marks a delivery of `npm run doctor`, which is answered like any other, but is not counted as one
/// of Kombo's. Anyone can send it: it hides a rejected delivery from the count, not from the log.
pub const DOCTOR_HEADER: &str = "x-kombo-edge-doctor";

/// What the headers of a delivery say.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    /// `X-Kombo-Signature`.
    pub signature: Option<&'a str>,
    /// `Content-Length`; absent for a chunked body.
    pub content_length: Option<&'a str>,
}

/// A delivery that was verified and read.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// An event for an object, or one to quarantine.
    For {
        /// The object.
        address: Address,
        /// The message.
        message: String,
        /// The log line, unless the object replies otherwise.
        line: Line,
    },
    /// Its type is ignored, or it is not an event.
    Ignored(Line),
}

/// Checks the headers of a delivery.
///
/// # Errors
/// A [`Refusal`] if this deployment cannot store events, the signature is not well-formed, or the
/// body is too large.
pub fn admit(config: &Config, headers: Headers<'_>) -> Result<Signature, Refusal> {
    config.intake()?;
    let signature = Signature::parse(headers.signature)?;
    let announced = headers
        .content_length
        .and_then(|text| text.parse::<u64>().ok());
    let limit = u64::try_from(MAX_BODY_BYTES).unwrap_or(u64::MAX);
    if announced.is_some_and(|length| length > limit) {
        return Err(Refusal::TooLarge);
    }
    Ok(signature)
}

/// Verifies and reads a body, and finds the object that decides on it.
///
/// # Errors
/// A [`Refusal`] if the signature is wrong, or the body is not JSON.
pub fn receive(
    config: &Config,
    signature: &Signature,
    body: &[u8],
    now: Timestamp,
) -> Result<Received, Refusal> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Refusal::TooLarge);
    }
    let delivery = config.intake()?.verify(signature, body)?;
    let line = |kind| Line::new(now, kind);
    Ok(match kombo::read(delivery)? {
        Reading::Event(event) => route(*event, line(kind::DELIVERY_ACCEPTED)),
        Reading::Ignored { id, kind } => {
            Received::Ignored(line(kind::DELIVERY_IGNORED).about(&id, &kind))
        }
        Reading::NotAnEvent { kind, reason } => {
            let line = line(kind::DELIVERY_IGNORED).of_type(kind);
            Received::Ignored(line.because(reason.to_string()))
        }
        Reading::Unreadable {
            id,
            kind,
            fault,
            signed,
        } => {
            let line = line(kind::DELIVERY_QUARANTINED)
                .about(&id, kind)
                .because(fault.to_string());
            Received::For {
                address: Address::Notifier(Audience::Engineers),
                message: Envelope::encode(notifier::Message::quarantine(id, kind, fault, signed)),
                line,
            }
        }
    })
}

/// The log line of a request to another path, if Kombo signed it: the URL that Kombo was given is
/// wrong. The path is not shown, because a URL may contain a secret.
#[must_use]
pub fn misdirected(
    config: &Config,
    signature: &Signature,
    body: &[u8],
    now: Timestamp,
) -> Option<Line> {
    config.intake().ok()?.verify(signature, body).ok()?;
    let line = Line::new(now, kind::DELIVERY_MISDIRECTED);
    Some(line.because("signed by Kombo, but sent to a path other than /webhooks/kombo, so it was not stored; correct the webhook's URL in Kombo, under Configuration, Webhooks"))
}

/// Finds the object that decides on an event, and what the log says about it.
fn route(event: Event, line: Line) -> Received {
    let line = line.about(&event.id, event.what.kind());
    let line = match &event.what {
        EventKind::IntegrationCreated { integration }
        | EventKind::IntegrationStateChanged { integration, .. }
        | EventKind::IssueStatusChanged {
            integration: Some(integration),
            ..
        } => line
            .of(integration.end_user.origin_id.as_ref())
            .on(&integration.tool, &integration.category)
            .with(&integration.id),
        EventKind::IntegrationDeleted { integration } => line.with(integration),
        EventKind::IssueStatusChanged {
            integration: None, ..
        } => line,
        EventKind::ConnectionFlowFailed(flow) => line
            .of(flow.end_user.origin_id.as_ref())
            .on(&flow.tool, &flow.category),
    };
    let (address, message) = routing::route(event);
    Received::For {
        address,
        message,
        line,
    }
}
