//! HTTP as values: no request is sent here.

/// The value of a header, without the spaces and tabs around it, which do not belong to it (RFC 9110).
/// Other white space does.
#[must_use]
pub fn header_value(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

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
