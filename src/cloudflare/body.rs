//! Bodies of any length, read under a limit.

use futures_util::stream::StreamExt as _;
use worker::{ByteStream, Result};

/// What was read of a body.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Whether that is all of it.
    pub(super) is_whole: bool,
}

/// Reads the first chunks of a body, together at most `limit` bytes; the rest is not waited for.
pub(super) async fn read_to(mut stream: ByteStream, limit: usize) -> Result<Body> {
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if bytes.len().saturating_add(chunk.len()) > limit {
            return Ok(Body {
                bytes,
                is_whole: false,
            });
        }
        bytes.extend(chunk);
    }
    Ok(Body {
        bytes,
        is_whole: true,
    })
}
