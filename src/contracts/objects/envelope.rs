//! The envelope of every message between objects.

use serde::{Deserialize, Serialize};

use crate::domain::json::to_json;

/// A message between objects, with the version of its shape: additions do not
/// change it, and a reader ignores the fields that it does not know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope<M> {
    /// Version of the shape.
    #[serde(default)]
    pub schema: u32,
    /// The message.
    pub message: M,
}

impl<M: Serialize> Envelope<M> {
    /// The JSON of a message of the current version.
    #[must_use]
    pub fn encode(message: M) -> String {
        to_json(&Self { schema: 1, message })
    }
}
