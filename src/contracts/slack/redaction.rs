//! Whether a URL hides an integration id.

use percent_encoding::percent_decode_str;

use super::visible::visible;
use crate::domain::redaction::without_ids;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integration_id_in_a_url_is_found_however_it_is_encoded() {
        for url in [
            "https://x/hibob:T3xkPq9VwLm2ZrYs8GdHnC5J",
            "https://x/hibob/T3xkPq9VwLm2ZrYs8GdHnC5J",
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
            "https://app.kombo.dev/env/production/logs/Rz6WvTc3NkQp9LmXs5YhBg2D",
            "https://x/?to=logs%2FT3xkPq9VwLm2ZrYs8GdHnC5J",
            "https://x/%FF%",
            "https://x:443/%25",
        ] {
            assert!(!holds_id(url), "{url}");
        }
    }
}
