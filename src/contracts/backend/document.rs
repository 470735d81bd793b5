//! A document as Workers KV holds it.

/// A value for Workers KV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The JSON of the document.
    pub value: String,
    /// The JSON of its metadata, at most 1024 bytes.
    pub metadata: Option<String>,
}
