//! The Workers KV documents: their keys and their JSON, the contract with the backend.
//!
//! This says what the documents contain; `projection` decides when they are written. Fields are added
//! but never removed or renamed, and ids are in keys verbatim. The document of a customer is in
//! `customer`, that of an incident in `incident`.

mod customer;
mod document;
mod incident;
mod listing;

pub use customer::{CustomerDocument, Held};
pub use document::Document;
pub use incident::{ActEntry, AssigneeEntry, IncidentDocument};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use self::listing::listed;
use crate::domain::id::{Category, EventId, Handle, IntegrationId, OriginId, Tool};
use crate::domain::time::Timestamp;

/// Version of the documents; additions do not change it.
pub const SCHEMA: u32 = 1;

/// Longest metadata of a KV key, in bytes of JSON (Cloudflare's KV limits).
const MAX_METADATA_BYTES: usize = 1024;

/// Longest organization name in a summary, in characters.
const MAX_SUMMARY_NAME: usize = 60;

/// `customer:{origin_id}`.
#[must_use]
pub fn customer_key(id: &OriginId) -> String {
    format!("customer:{}", id.as_str())
}

/// `integration:{integration_id}`.
#[must_use]
pub fn integration_key(id: &IntegrationId) -> String {
    format!("integration:{}", id.as_str())
}

/// `unassigned:{integration_id}`.
#[must_use]
pub fn unassigned_key(id: &IntegrationId) -> String {
    format!("unassigned:{}", id.as_str())
}

/// `quarantine:{event_id}`.
#[must_use]
pub fn quarantine_key(id: &EventId) -> String {
    format!("quarantine:{}", id.as_str())
}

/// `quarantine:{event_id}:{type}`, for an event that came when another type had its id already.
#[must_use]
pub fn quarantine_namesake_key(id: &EventId, kind: &str) -> String {
    format!("{}:{kind}", quarantine_key(id))
}

/// `incident:{object name of the customer}:{incident}`.
#[must_use]
pub fn incident_key(customer: &str, incident: &str) -> String {
    format!("incident:{customer}:{incident}")
}

/// Names an incident among those of its customer: the kind, and the parts that distinguish it. The
/// parts are escaped, because they could collide: every byte except letters, digits, `-`, `.` and
/// `_` becomes `%` and two digits.
#[must_use]
pub fn incident_name(kind: &str, parts: &[&str]) -> String {
    let mut name = kind.to_owned();
    for part in parts {
        name.push(':');
        name.push_str(&escape(part));
    }
    name
}

fn escape(part: &str) -> String {
    const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
    utf8_percent_encode(part, &ESCAPED).to_string()
}

/// Kombo's setup status of an integration that the customer connected and must still set up.
pub const INCOMPLETE: &str = "INCOMPLETE";

/// Whether the integration can be called: active or of unknown state, and set up or of unknown
/// setup status. After a failed check (`qa_status`) Kombo refuses every call.
#[must_use]
pub fn usable(state: Option<&str>, setup_status: Option<&str>, qa_status: Option<&str>) -> bool {
    state.is_none_or(|state| state == "ACTIVE")
        && setup_status.is_none_or(|setup| setup == "COMPLETED")
        && qa_status != Some("FAILED")
}

/// The document `integration:{integration_id}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IntegrationDocument<'a> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The Kombo environment of this deployment.
    pub environment: &'a str,
    /// Its id at Kombo.
    pub integration_id: &'a IntegrationId,
    /// The customer that holds it, if any.
    pub origin_id: Option<&'a OriginId>,
    /// The tool, as Kombo names it.
    pub tool: Option<&'a Tool>,
    /// The tool's category.
    pub category: Option<&'a Category>,
    /// `null` until Kombo sends it.
    pub state: Option<&'a str>,
    /// See [`usable`].
    pub usable: bool,
    /// Since when Kombo has not known the id; `None` if it knows it, or if integrations are not
    /// checked with Kombo. A human decides what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_at_kombo_since: Option<String>,
    /// Grows with each change.
    pub revision: u64,
    /// When the document last changed.
    pub updated_at: String,
}

/// The document `unassigned:{integration_id}`: what a human needs to assign it to a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnassignedDocument<'a> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The Kombo environment of this deployment.
    pub environment: &'a str,
    /// Its id at Kombo.
    pub integration_id: &'a IntegrationId,
    /// The short name that messages in Slack use for it.
    pub handle: Handle,
    /// The customer's name, as Kombo sent it.
    pub organization_name: Option<&'a str>,
    /// The tool, as Kombo names it.
    pub tool: Option<&'a Tool>,
    /// The tool's category.
    pub category: Option<&'a Category>,
    /// Since when it has been waiting.
    pub connected_at: String,
    /// Grows with each change.
    pub revision: u64,
    /// When the document last changed.
    pub updated_at: String,
}

impl UnassignedDocument<'_> {
    /// The document for KV; its metadata is everything except the id, which is in the key.
    #[must_use]
    pub fn document(&self) -> Document {
        listed(self)
    }
}

/// The document `quarantine:{event_id}`: a signed event that could not be understood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuarantineDocument<'a> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The Kombo environment of this deployment.
    pub environment: &'a str,
    /// The event's id.
    pub event_id: &'a EventId,
    /// The event's type.
    pub r#type: &'a str,
    /// What it lacked.
    pub reason: &'a str,
    /// When it arrived.
    pub received_at: String,
    /// The body as it was signed.
    pub body: &'a str,
}

impl QuarantineDocument<'_> {
    /// The document for KV; its metadata is everything except the body.
    #[must_use]
    pub fn document(&self) -> Document {
        listed(self)
    }
}

/// A moment that may be unknown, as RFC 3339.
#[must_use]
pub fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::to_rfc3339)
}
