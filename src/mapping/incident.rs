//! The document of an open incident, and its summary for listings.

use serde::Serialize;

use super::listing::listed;
use crate::id::{Category, OriginId, Tool};
use crate::machine::Document;

/// The document of an open incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentDocument<'a> {
    /// [`super::SCHEMA`].
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
    /// Until when a human silenced it, if somebody did.
    pub muted_until: Option<String>,
    /// Grows with each change.
    pub revision: u64,
}

impl IncidentDocument<'_> {
    /// The document for KV; its metadata is all but the causes.
    #[must_use]
    pub fn document(&self) -> Document {
        listed(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::mapping::{MAX_METADATA_BYTES, SCHEMA};

    #[test]
    fn a_summary_fits_the_metadata_whatever_the_names_are() {
        for (id, label) in [
            ("36123", "hibob"),
            ("\u{1}", "\u{1}"),
            ("ß", "<>"),
            ("x", "x"),
        ] {
            let origin_id = OriginId::try_from(id.repeat(503 / id.len())).unwrap();
            let tool = Tool::try_from(label.repeat(64 / label.len())).unwrap();
            let category = Category::try_from(label.repeat(64 / label.len())).unwrap();
            let document = IncidentDocument {
                schema: SCHEMA,
                environment: "production",
                kind: "connection",
                origin_id: Some(&origin_id),
                organization_name: Some(&"\u{1f989}\u{1}".repeat(100)),
                tool: Some(&tool),
                category: Some(&category),
                attempts: u64::MAX,
                causes: vec![],
                first_at: "2026-11-23T08:00:00.000Z".to_owned(),
                last_at: "2026-11-23T08:00:00.000Z".to_owned(),
                muted_until: Some("2026-11-23T08:00:00.000Z".to_owned()),
                revision: u64::MAX,
            };
            let metadata = document.document().metadata.unwrap();
            assert!(metadata.len() <= MAX_METADATA_BYTES, "{}", metadata.len());
            let summary: Value = serde_json::from_str(&metadata).unwrap();
            assert_eq!(summary["kind"], "connection");
        }
    }
}
