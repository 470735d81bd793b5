//! Why an integration is in trouble.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::id::IssueId;

/// Kombo's type for credentials that stopped working (Kombo's list of issue types).
const AUTHENTICATION: &str = "integration.authentication_failed";

/// Why an integration is in trouble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Its state is `INVALID`: the credentials no longer work.
    InvalidState,
    /// Kombo raised an issue.
    Issue {
        /// Kombo's id of it.
        id: IssueId,
        /// Its type; an open set.
        kind: String,
        /// One line for people.
        title: String,
        /// Cause and remedy in Markdown.
        markdown_message: String,
    },
    /// One that a newer version knows, kept as it was.
    #[serde(untagged)]
    Newer(Value),
}

impl Cause {
    /// Whether new credentials from the customer are the remedy.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        match self {
            Self::InvalidState => true,
            Self::Issue { kind, .. } => kind == AUTHENTICATION,
            Self::Newer(_) => false,
        }
    }

    /// The name of the cause in a document.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::InvalidState => "state INVALID".to_owned(),
            Self::Issue { kind, .. } => kind.clone(),
            Self::Newer(_) => "unknown to this version".to_owned(),
        }
    }
}
