//! HTTP as values: no request is sent here.

/// An answer over HTTP, as far as anybody looks at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// The body; of Slack's, the first 200 characters.
    pub body: String,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
}
