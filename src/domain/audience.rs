//! Who an alert is for: the team, or the engineers.

use serde::{Deserialize, Serialize};

/// The people who read one Slack channel. Each audience has its own Notifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// The team that helps customers.
    #[serde(rename = "main")]
    Team,
    /// The engineers who run the Worker.
    #[serde(rename = "ops")]
    Engineers,
}

impl Audience {
    /// The name of the Notifier.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Team => "main",
            Self::Engineers => "ops",
        }
    }
}
