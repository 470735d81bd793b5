//! The document of an open incident, and its summary for listings.

use serde::Serialize;

use super::listing::listed;
use crate::contracts::backend::Document;
use crate::domain::act::Act;
use crate::domain::id::{Category, OriginId, Tool};

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
    /// The customer's name, as Kombo sent it.
    pub organization_name: Option<&'a str>,
    /// The tool concerned.
    pub tool: Option<&'a Tool>,
    /// The tool's category.
    pub category: Option<&'a Category>,
    /// Failures counted; 1 for an incident that is not about a connection.
    pub attempts: u64,
    /// Why it is open; empty for a connection, since Kombo sends no cause.
    pub causes: Vec<String>,
    /// When it opened.
    pub first_at: String,
    /// When the last event about it arrived.
    pub last_at: String,
    /// Until when a human muted it, if one did.
    pub muted_until: Option<String>,
    /// Who is on it, if someone is.
    pub assignee: Option<AssigneeEntry<'a>>,
    /// What people did about it, the latest last; a listing has the latest one.
    pub acts: Vec<ActEntry<'a>>,
    /// Grows with each change.
    pub revision: u64,
}

/// Who is on an incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssigneeEntry<'a> {
    /// The name that they gave.
    pub name: &'a str,
    /// Since when.
    pub since: String,
}

/// What someone did about an incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActEntry<'a> {
    /// What.
    pub act: Act,
    /// The name that they gave.
    pub by: &'a str,
    /// When.
    pub at: String,
    /// The end of a mute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl IncidentDocument<'_> {
    /// The document for KV; its metadata is everything except the causes, and of the acts the
    /// latest.
    #[must_use]
    pub fn document(&self) -> Document {
        listed(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::contracts::backend::{MAX_METADATA_BYTES, SCHEMA};

    /// The summary of an incident of a customer with this id, name, tool and category.
    fn metadata(id: &str, name: &str, label: &str) -> String {
        let origin_id = OriginId::try_from(id.to_owned()).unwrap();
        let tool = Tool::try_from(label.to_owned()).unwrap();
        let category = Category::try_from(label.to_owned()).unwrap();
        let document = IncidentDocument {
            schema: SCHEMA,
            environment: "production",
            kind: "connection",
            origin_id: Some(&origin_id),
            organization_name: Some(name),
            tool: Some(&tool),
            category: Some(&category),
            attempts: u64::MAX,
            causes: vec![],
            first_at: "2026-11-23T08:00:00.000Z".to_owned(),
            last_at: "2026-11-23T08:00:00.000Z".to_owned(),
            muted_until: Some("2026-11-23T08:00:00.000Z".to_owned()),
            assignee: None,
            acts: Vec::new(),
            revision: u64::MAX,
        };
        document.document().metadata.unwrap()
    }

    #[test]
    fn a_summary_fits_the_metadata_whatever_the_names_are() {
        for (id, label) in [
            ("36123", "hibob"),
            ("\u{1}", "\u{1}"),
            ("ß", "<>"),
            ("x", "x"),
        ] {
            let metadata = metadata(
                &id.repeat(503 / id.len()),
                &"\u{1f989}\u{1}".repeat(100),
                &label.repeat(64 / label.len()),
            );
            assert!(metadata.len() <= MAX_METADATA_BYTES, "{}", metadata.len());
            let summary: Value = serde_json::from_str(&metadata).unwrap();
            assert_eq!(summary["kind"], "connection");
        }
    }

    #[test]
    fn nothing_is_left_out_of_a_summary_that_fits_the_metadata_to_the_byte() {
        let name = "\u{1}".repeat(60);
        let lengths = (1..=503).map(|id| metadata(&"x".repeat(id), &name, "hibob").len());
        assert_eq!(lengths.max(), Some(MAX_METADATA_BYTES));
    }
}
