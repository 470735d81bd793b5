//! The connection flows of which a failure was counted: Kombo may report one several times.

use serde::{Deserialize, Serialize};

use crate::domain::id::sha256_base64url;

/// At most this many flows are remembered.
const MAX_FLOWS: usize = 20;

/// Characters of a flow's hash that are kept.
const FLOW_CHARS: usize = 16;

/// The latest flows, each as a hash of its page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Flows(Vec<String>);

impl Flows {
    /// Whether this page is about a flow that was not counted yet. From now on it was.
    pub(super) fn is_new(&mut self, log_url: Option<&str>) -> bool {
        let Some(url) = log_url else {
            return true;
        };
        let flow: String = sha256_base64url(url).chars().take(FLOW_CHARS).collect();
        if self.0.contains(&flow) {
            return false;
        }
        if self.0.len() >= MAX_FLOWS {
            self.0.remove(0);
        }
        self.0.push(flow);
        true
    }
}
