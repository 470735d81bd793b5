//! The document of a customer, and its summary for listings.
//!
//! Which integrations a customer holds is for the Customer object to know. This file sorts them, and
//! names the current one of each category.

use serde::{Serialize, Serializer};

use super::{INCOMPLETE, MAX_METADATA_BYTES, MAX_SUMMARY_NAME, SCHEMA};
use crate::contracts::backend::Document;
use crate::domain::id::{Category, IntegrationId, OriginId, Tool};
use crate::domain::json::to_json;

/// The document `customer:{origin_id}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CustomerDocument<'a> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The Kombo environment of this deployment.
    pub environment: &'a str,
    /// The customer's id at the company.
    pub origin_id: &'a OriginId,
    /// The name that Kombo sent last.
    pub organization_name: Option<&'a str>,
    /// What the customer holds, by `connected_at`, then id.
    pub integrations: Vec<Held<'a>>,
    /// For each category the usable integration connected last, otherwise the one connected last.
    /// Kombo's test tool only if there is no other.
    #[serde(serialize_with = "as_map")]
    pub current: Vec<(&'a Category, &'a IntegrationId)>,
    /// Grows with each change, across deletion and return too.
    pub revision: u64,
    /// When the document last changed.
    pub updated_at: String,
}

/// One integration in a customer's document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Held<'a> {
    /// Its id at Kombo.
    pub id: &'a IntegrationId,
    /// The tool, as Kombo names it.
    pub tool: Option<&'a Tool>,
    /// The tool's category.
    pub category: Option<&'a Category>,
    /// `null` until Kombo sends it.
    pub state: Option<&'a str>,
    /// `null` until Kombo sends it.
    pub setup_status: Option<&'a str>,
    /// `null` until Kombo sends it.
    pub qa_status: Option<&'a str>,
    /// See [`usable`](super::usable).
    pub usable: bool,
    /// When the first event about it arrived.
    pub connected_at: String,
    /// Kombo's time of the newest state.
    pub state_changed_at: Option<String>,
}

impl Held<'_> {
    /// The greater one is current: a real tool before Kombo's test tool, then one that is usable.
    fn preference(&self) -> (bool, bool) {
        (!self.tool.is_some_and(Tool::is_sandbox), self.usable)
    }
}

impl<'a> CustomerDocument<'a> {
    /// Orders the integrations and names the current one of each category.
    pub fn arrange(&mut self) {
        self.integrations
            .sort_by(|a, b| (&a.connected_at, a.id).cmp(&(&b.connected_at, b.id)));
        let mut current: Vec<(&'a Category, &Held<'a>)> = Vec::new();
        for held in &self.integrations {
            let Some(category) = held.category else {
                continue;
            };
            match current.iter_mut().find(|(of, _)| *of == category) {
                None => current.push((category, held)),
                // Later in the list means connected later.
                Some((_, now)) if held.preference() >= now.preference() => *now = held,
                Some(_) => {}
            }
        }
        self.current = current
            .into_iter()
            .map(|(category, held)| (category, held.id))
            .collect();
        self.current.sort_unstable();
    }

    /// The document for KV, with the summary that listings show as its metadata.
    #[must_use]
    pub fn document(&self) -> Document {
        Document {
            value: to_json(self),
            metadata: Some(self.summary()),
        }
    }

    /// What a listing shows without reading the document. The name is cut, and
    /// integrations are listed while they fit; `integrations_total` counts all.
    fn summary(&self) -> String {
        let name: Option<String> = self
            .organization_name
            .map(|name| name.chars().take(MAX_SUMMARY_NAME).collect());
        let mut summary = Summary {
            schema: SCHEMA,
            organization_name: name,
            integrations: self.integrations.iter().map(Brief::of).collect(),
            integrations_total: self.integrations.len(),
            revision: self.revision,
            updated_at: &self.updated_at,
        };
        let mut text = to_json(&summary);
        while text.len() > MAX_METADATA_BYTES && summary.integrations.pop().is_some() {
            text = to_json(&summary);
        }
        text
    }
}

/// An integration in a summary.
#[derive(Debug, Serialize)]
struct Brief<'a> {
    tool: Option<&'a Tool>,
    category: Option<&'a Category>,
    state: Option<&'a str>,
    /// Only if the setup is incomplete, for the daily summary; so is the next field.
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connected_at: Option<&'a str>,
}

impl<'a> Brief<'a> {
    fn of(held: &'a Held<'a>) -> Self {
        let incomplete = held.setup_status.filter(|status| *status == INCOMPLETE);
        Self {
            tool: held.tool,
            category: held.category,
            state: held.state,
            setup_status: incomplete,
            connected_at: incomplete.map(|_| held.connected_at.as_str()),
        }
    }
}

fn as_map<K: Serialize, V: Serialize, S: Serializer>(
    pairs: &[(K, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

/// The metadata of a `customer:` key.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    schema: u32,
    organization_name: Option<String>,
    integrations: Vec<Brief<'a>>,
    integrations_total: usize,
    revision: u64,
    updated_at: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The length of the summary of a customer whose name has this many letters.
    fn length(letters: usize) -> usize {
        let origin_id = OriginId::try_from("42".to_owned()).unwrap();
        let id = IntegrationId::try_from("hibob:One".to_owned()).unwrap();
        let (tool, category) = ("hibob".to_owned(), "HRIS".to_owned());
        let (tool, category) = (
            Tool::try_from(tool).unwrap(),
            Category::try_from(category).unwrap(),
        );
        let held = Held {
            id: &id,
            tool: Some(&tool),
            category: Some(&category),
            state: Some("ACTIVE"),
            setup_status: None,
            qa_status: None,
            usable: true,
            connected_at: String::new(),
            state_changed_at: None,
        };
        let document = CustomerDocument {
            schema: SCHEMA,
            environment: "production",
            origin_id: &origin_id,
            organization_name: Some(&"x".repeat(letters)),
            integrations: vec![held; 40],
            current: Vec::new(),
            revision: 1,
            updated_at: String::new(),
        };
        document.summary().len()
    }

    #[test]
    fn a_summary_lists_as_many_integrations_as_fit_the_metadata_to_the_byte() {
        // One more integration is shorter than the longest name, so some name fills it up.
        let longest = (0..=MAX_SUMMARY_NAME).map(length).max();
        assert_eq!(longest, Some(MAX_METADATA_BYTES));
    }
}
