//! What is wrong with a request to the API.

use thiserror::Error;

/// What is wrong with a request to the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadRequest {
    /// The body is not a JSON object.
    #[error("the body must be a JSON object")]
    Body,
    /// `tool` is neither a tool nor null.
    #[error("`tool` must be null or the name of a tool as Kombo spells it")]
    Tool,
    /// `until` is not a time within the next 30 days.
    #[error("`until` must be an RFC 3339 date-time within the next 30 days")]
    Until,
    /// A customer has too many mutes.
    #[error("the customer has the maximum number of mutes")]
    TooManyMutes,
    /// `origin_id` is not a customer's id.
    #[error("`origin_id` must be a string of 1 to 503 bytes that is not blank")]
    OriginId,
    /// A field other than `origin_id` has the wrong type.
    #[error("a field other than `origin_id` has the wrong type")]
    Field,
    /// `limit` is not a valid number of keys.
    #[error("`limit` must be a number from 1 to 1000")]
    Limit,
    /// `cursor` is not the cursor of an earlier page.
    #[error("`cursor` must be the cursor of an earlier page")]
    Cursor,
    /// The body is not a backup of an object.
    #[error("the body is not a backup of an object")]
    Backup,
    /// Too many single alerts are waiting to be sent again.
    #[error("too many alerts are waiting to be resent")]
    TooManyAtOnce,
}
