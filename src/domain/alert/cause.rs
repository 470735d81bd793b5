//! Why an integration does not work.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::id::IssueId;
use crate::domain::time::Timestamp;

/// Kombo's type for credentials that stopped working (Kombo's list of issue types).
const AUTHENTICATION: &str = "integration.authentication_failed";

/// Why an integration does not work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Its state is `INVALID`: the credentials no longer work.
    InvalidState,
    /// Kombo raised an issue.
    Issue {
        /// Kombo's id for the issue.
        id: IssueId,
        /// Its type; Kombo may add new ones.
        kind: String,
        /// A title for people, on one line.
        title: String,
        /// Cause and remedy in Markdown.
        markdown_message: String,
        /// When Kombo raised it last.
        raised_at: Option<Timestamp>,
    },
    /// A cause that only a newer version knows, kept unchanged.
    #[serde(untagged)]
    Newer(Value),
}

impl Cause {
    /// Whether the customer can fix it with new credentials.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        match self {
            Self::InvalidState => true,
            Self::Issue { kind, .. } => kind == AUTHENTICATION,
            Self::Newer(_) => false,
        }
    }

    /// Whether it is the same occurrence, whatever its texts say. Raised again, an issue is another.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Issue { id, raised_at, .. },
                Self::Issue {
                    id: other_id,
                    raised_at: other_raised_at,
                    ..
                },
            ) => (id, raised_at) == (other_id, other_raised_at),
            _ => self == other,
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
