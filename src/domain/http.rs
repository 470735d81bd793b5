//! HTTP as values: no request is sent here.

/// The parts of an HTTP response that are used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// The body; of a response from Slack, the first 200 characters.
    pub body: String,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
}
