//! Access to Kombo's API, to check integrations with Kombo.

use core::fmt;

use super::webhook_url;

/// Kombo's API in the European region (Kombo's guide, "Data residency").
const DEFAULT_URL: &str = "https://api.kombo.dev/v1";

/// Where Kombo's API is, and the key for it. `Debug` does not print the key.
#[derive(Clone, PartialEq, Eq)]
pub struct KomboApi {
    url: String,
    key: String,
}

impl KomboApi {
    /// Access with this key, at the default URL unless `url` is another one.
    pub(super) fn new(key: String, url: Option<String>) -> Self {
        let url = url.unwrap_or_else(|| DEFAULT_URL.to_owned());
        Self { url, key }
    }

    /// Parses a base URL: any `https:` URL, or `http:` on loopback, that a path can follow.
    /// Slashes at its end are dropped.
    pub(super) fn base_url(text: &str) -> Option<String> {
        let url = text.trim_end_matches('/');
        let fits = webhook_url::may_carry_secrets(url) && !url.contains(['?', '#']);
        fits.then(|| url.to_owned())
    }

    /// The URL of a path of the API.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The `Authorization` header, for the one place that calls.
    #[must_use]
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.key)
    }
}

impl fmt::Debug for KomboApi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KomboApi([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_sent_only_to_safe_urls_that_a_path_can_follow() {
        let fits = |text| KomboApi::base_url(text).is_some();
        assert!(fits("https://api.us.kombo.dev/v1/") && fits("http://127.0.0.1:8789/v1"));
        for text in [
            "http://api.kombo.dev/v1",
            "https://api.kombo.dev@evil.example/v1",
            "https://user:key@api.kombo.dev/v1",
            "http://127.0.0.1.evil.example/v1",
            "http://localhost@evil.example/",
            "https://evil.example/?x=",
            "https://evil.example/#",
            "https://evil.example\\@api.kombo.dev/v1",
            "file:///etc/passwd",
            "//api.kombo.dev",
        ] {
            assert!(!fits(text), "{text}");
        }
    }
}
