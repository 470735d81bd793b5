//! Bodies of any length, read under a limit.

use futures_util::stream::StreamExt as _;
use worker::{ByteStream, Result};

/// The part of a body that was read.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Whether that is the whole body.
    pub(super) is_whole: bool,
}

/// Reads the first chunks of a body, together at most `limit` bytes, and does not wait for the rest.
pub(super) async fn read_to(stream: ByteStream, limit: usize) -> Result<Body> {
    let mut bytes = Vec::new();
    let is_whole = read_into(&mut bytes, stream, limit).await?;
    Ok(Body { bytes, is_whole })
}

/// As [`read_to`]; the chunks are there as soon as they arrive, whatever becomes of the rest. Gives
/// back whether they are the whole body.
pub(super) async fn read_into(
    bytes: &mut Vec<u8>,
    mut stream: ByteStream,
    limit: usize,
) -> Result<bool> {
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if bytes.len().saturating_add(chunk.len()) > limit {
            return Ok(false);
        }
        bytes.extend(chunk);
    }
    Ok(true)
}
