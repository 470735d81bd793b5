//! What an incident can be about, and how that names it.

use serde::{Deserialize, Serialize};

use crate::contracts::backend;
use crate::domain::alert::Connection;
use crate::domain::id::{Category, Handle, IntegrationId, Tool, sha256_base64url};

/// What an incident is about; one is open at most for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Subject {
    /// Attempts to connect a tool.
    Connection { tool: Tool, category: Category },
    /// An integration that stopped working.
    Integration {
        id: IntegrationId,
        tool: Option<Tool>,
        category: Option<Category>,
    },
    /// The Kombo environment as a whole.
    Environment,
}

impl Subject {
    /// Names the incident among those of its customer, in rows and KV keys.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Connection { tool, category } => {
                backend::incident_name(self.kind(), &[tool.as_str(), category.as_str()])
            }
            Self::Integration { id, .. } => {
                backend::incident_name(self.kind(), &[&sha256_base64url(id.as_str())])
            }
            Self::Environment => backend::incident_name(self.kind(), &[]),
        }
    }

    /// The tool and category, as far as they are known.
    pub(super) fn labels(&self) -> (Option<&Tool>, Option<&Category>) {
        match self {
            Self::Connection { tool, category } => (Some(tool), Some(category)),
            Self::Integration { tool, category, .. } => (tool.as_ref(), category.as_ref()),
            Self::Environment => (None, None),
        }
    }

    /// The tool and category, for an alert.
    pub(super) fn connection(&self) -> Connection {
        let (tool, category) = self.labels();
        Connection {
            tool: tool.cloned(),
            category: category.cloned(),
        }
    }

    /// The short name of the integration, if it is about one.
    pub(super) fn handle(&self) -> Option<Handle> {
        match self {
            Self::Integration { id, .. } => Some(id.handle()),
            Self::Connection { .. } | Self::Environment => None,
        }
    }

    /// Whether it is this integration.
    pub(super) fn is_about(&self, integration: &IntegrationId) -> bool {
        matches!(self, Self::Integration { id, .. } if id == integration)
    }

    /// Whether it is about attempts to connect, which end by time too.
    pub(super) fn is_connection(&self) -> bool {
        matches!(self, Self::Connection { .. })
    }

    /// The kind, as documents and keys name it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Connection { .. } => "connection",
            Self::Integration { .. } => "integration",
            Self::Environment => "environment",
        }
    }
}
