//! The Workers KV documents: their keys and their JSON, the contract with the backend.
//!
//! Only what the documents say; when they are written is `projection`'s. Fields
//! are added and never removed or renamed, and ids stand verbatim in keys. The
//! document of a customer is `customer`'s.

mod customer;

pub use customer::{CustomerDocument, Held};

use serde::Serialize;

use crate::id::{Category, EventId, Handle, IntegrationId, OriginId, Tool};
use crate::time::Timestamp;

/// Version of the documents; additions do not change it.
pub const SCHEMA: u32 = 1;

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

/// `incident:{object name of the customer}:{incident}`.
#[must_use]
pub fn incident_key(customer: &str, incident: &str) -> String {
    format!("incident:{customer}:{incident}")
}

/// Names an incident among those of its customer: the kind, and the parts that
/// tell it from others. The parts are escaped, because they could collide: every
/// byte but letters, digits, `-`, `.` and `_` becomes `%` and two digits.
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
    part.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Whether the integration can be called, as far as Kombo told: active, or not
/// told, and set up, or not told.
#[must_use]
pub fn usable(state: Option<&str>, setup_status: Option<&str>) -> bool {
    state.is_none_or(|state| state == "ACTIVE")
        && setup_status.is_none_or(|setup| setup == "COMPLETED")
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
    /// Who holds it, or nobody yet.
    pub origin_id: Option<&'a OriginId>,
    /// The tool, as Kombo names it.
    pub tool: Option<&'a Tool>,
    /// The tool's category.
    pub category: Option<&'a Category>,
    /// `null` until Kombo tells.
    pub state: Option<&'a str>,
    /// See [`usable`].
    pub usable: bool,
    /// Grows with each change.
    pub revision: u64,
    /// When the document last changed.
    pub updated_at: String,
}

/// The document `unassigned:{integration_id}`: what a human needs to give it to a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnassignedDocument<'a> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The Kombo environment of this deployment.
    pub environment: &'a str,
    /// Its id at Kombo.
    pub integration_id: &'a IntegrationId,
    /// The short name under which Slack speaks of it.
    pub handle: Handle,
    /// The customer's name, as Kombo told it.
    pub organization_name: Option<&'a str>,
    /// The tool, as Kombo names it.
    pub tool: Option<&'a Tool>,
    /// The tool's category.
    pub category: Option<&'a Category>,
    /// Since when it waits.
    pub connected_at: String,
    /// Grows with each change.
    pub revision: u64,
    /// When the document last changed.
    pub updated_at: String,
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
    /// When it came.
    pub received_at: String,
    /// The body as it was signed.
    pub body: &'a str,
}

/// The document of an open incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentDocument<'a> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The Kombo environment of this deployment.
    pub environment: &'a str,
    /// `connection`, `integration` or `environment`.
    pub kind: &'static str,
    /// The customer's id at the company, if it has one.
    pub origin_id: Option<&'a OriginId>,
    /// The customer's name, as Kombo told it.
    pub organization_name: Option<&'a str>,
    /// The tool concerned.
    pub tool: Option<&'a Tool>,
    /// The tool's category.
    pub category: Option<&'a Category>,
    /// Failures counted; 1 for an incident that is not about a connection.
    pub attempts: u64,
    /// Why it is open; empty for a connection, since Kombo tells no cause.
    pub causes: Vec<String>,
    /// When it opened.
    pub first_at: String,
    /// When it was last heard of.
    pub last_at: String,
    /// Grows with each change.
    pub revision: u64,
}

/// RFC 3339 of a moment that may be unknown.
#[must_use]
pub fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::to_rfc3339)
}
