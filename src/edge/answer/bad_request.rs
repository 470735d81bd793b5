//! What is wrong with a request to the API.

use thiserror::Error;

/// What is wrong with a request to the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadRequest {
    /// The body is no JSON object.
    #[error("the body must be a JSON object")]
    Body,
    /// `tool` is neither a tool nor null.
    #[error("`tool` must be null or a tool as Kombo names it")]
    Tool,
    /// `until` is no moment within the next 30 days.
    #[error("`until` must be an RFC 3339 date-time within the next 30 days")]
    Until,
    /// A customer has too many mutes.
    #[error("this customer has as many mutes as it can: end one first")]
    TooManyMutes,
    /// `origin_id` is no customer's id.
    #[error("`origin_id` must be a text of 1 to 503 bytes that is not only white space")]
    OriginId,
    /// What is said of an integration is of another type.
    #[error("a field besides `origin_id` is of another type than it should be")]
    Hint,
    /// `limit` is no number of keys.
    #[error("`limit` must be a number from 1 to 1000")]
    Limit,
    /// No page ended with this cursor.
    #[error("`cursor` must be one that a page before ended with")]
    Cursor,
    /// It is no copy of an object.
    #[error("the body is no copy of an object")]
    Copy,
    /// Too many single alerts wait to be sent again.
    #[error("as many alerts as can wait to be sent again")]
    TooManyAtOnce,
}
