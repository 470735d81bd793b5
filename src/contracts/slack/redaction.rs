//! Removes whatever looks like an integration id from foreign text.

use percent_encoding::percent_decode_str;

use super::visible::{ELLIPSIS, visible};
use crate::domain::id::MAX_KEY_BYTES;

/// The length of the random part of an integration id in all of Kombo's samples.
const ID_TAIL: usize = 24;

/// Removes whatever looks like an integration id: a tool, a colon (or its
/// percent-encoding), and at least 24 letters and digits.
pub(super) fn without_ids(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((tail_at, colon)) = find_colon(rest) {
        let (head, tail) = rest.split_at(tail_at);
        let run = tail.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let tool = tool_before(head, colon);
        if run >= ID_TAIL && tool > 0 && tool <= MAX_KEY_BYTES {
            let keep = head.len().saturating_sub(tool).saturating_sub(colon);
            kept.push_str(head.get(..keep).unwrap_or_default());
            kept.push(ELLIPSIS);
            rest = tail.get(run..).unwrap_or_default();
        } else {
            kept.push_str(head);
            rest = tail;
        }
    }
    kept.push_str(rest);
    kept
}

/// Whether a URL contains what looks like an integration id, however often it is percent-encoded.
pub(super) fn holds_id(url: &str) -> bool {
    let mut url = visible(url);
    loop {
        if without_ids(&url) != url {
            return true;
        }
        let decoded = percent_decode_str(&url).decode_utf8_lossy();
        // Each decoding makes the URL shorter, so the loop ends.
        if decoded.len() >= url.len() {
            return false;
        }
        url = visible(&decoded);
    }
}

/// Where the text after the next colon starts, and how many bytes the colon takes.
fn find_colon(text: &str) -> Option<(usize, usize)> {
    text.char_indices().find_map(|(at, one)| {
        let length = match one {
            ':' => 1,
            '%' => encoded_colon(text.get(at..)?)?,
            _ => return None,
        };
        Some((at.saturating_add(length), length))
    })
}

/// How many bytes the colon at the start of `text` takes if it is percent-encoded, once or more often.
fn encoded_colon(text: &str) -> Option<usize> {
    let mut rest = text.strip_prefix('%')?;
    while let Some(again) = rest.strip_prefix("25") {
        rest = again;
    }
    let behind = rest
        .strip_prefix("3a")
        .or_else(|| rest.strip_prefix("3A"))?;
    text.len().checked_sub(behind.len())
}

/// The length in bytes of the tool's name right before the colon at the end of `head`.
fn tool_before(head: &str, colon: usize) -> usize {
    head.bytes()
        .rev()
        .skip(colon)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_looks_like_an_integration_id_is_removed() {
        for (text, kept) in [
            ("see hibob:T3xkPq9VwLm2ZrYs8GdHnC5J now", "see … now"),
            (
                "https://x/?id=hibob%3AT3xkPq9VwLm2ZrYs8GdHnC5J&a=b",
                "https://x/?id=…&a=b",
            ),
            (
                "/y%3Fid%3Dhibob%25253aT3xkPq9VwLm2ZrYs8GdHnC5J",
                "/y%3Fid%…",
            ),
            ("360learning:T3xkPq9VwLm2ZrYs8GdHnC5J", "…"),
            ("at 10:30, ratio 3:4", "at 10:30, ratio 3:4"),
            // What follows a slash is not an integration id, however long it is.
            (
                "/logs%2FT3xkPq9VwLm2ZrYs8GdHnC5J",
                "/logs%2FT3xkPq9VwLm2ZrYs8GdHnC5J",
            ),
            (
                "hibob:short and ü:T3xkPq9VwLm2ZrYs8GdHnC5J",
                "hibob:short and ü:T3xkPq9VwLm2ZrYs8GdHnC5J",
            ),
        ] {
            assert_eq!(without_ids(text), kept);
        }
    }

    #[test]
    fn an_integration_id_in_a_url_is_found_however_it_is_encoded() {
        for url in [
            "https://x/hibob:T3xkPq9VwLm2ZrYs8GdHnC5J",
            "https://x/?id=hibob%3AT3xkPq9VwLm2ZrYs8GdHnC5J",
            "https://x/?to=%2Fy%3Fid%3Dhibob%253AT3xkPq9VwLm2ZrYs8GdHnC5J",
            "https://x/hibob:T3xkPq9VwLm2ZrYs8GdHnC5%4A",
            "https://x/hibob%25253AT3xkPq9VwLm2ZrYs8GdHnC5J",
            "https://x/hibob:T3xkPq9VwLm2%E2%80%8BZrYs8GdHnC5J",
        ] {
            assert!(holds_id(url), "{url}");
        }
        for url in [
            "https://x/?flowId=Yc3R",
            "https://x/?to=logs%2FT3xkPq9VwLm2ZrYs8GdHnC5J",
            "https://x/%FF%",
            "https://x:443/%25",
        ] {
            assert!(!holds_id(url), "{url}");
        }
    }
}
