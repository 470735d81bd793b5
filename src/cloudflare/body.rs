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
