//! Access to Kombo's API, with which integrations are checked with Kombo.

use core::fmt;

use super::webhook_url;

/// Kombo's API in the European region (Kombo's guide, "Data residency").
const USUAL: &str = "https://api.kombo.dev/v1";

/// Where Kombo's API is, and the key that opens it. Prints nothing of the key.
#[derive(Clone, PartialEq, Eq)]
pub struct KomboApi {
    url: String,
    key: String,
}

impl KomboApi {
    /// With this key; `url` is another place than the usual one.
    pub(super) fn new(key: String, url: Option<String>) -> Self {
        let url = url.unwrap_or_else(|| USUAL.to_owned());
        Self { url, key }
    }

    /// A base URL: any `https:` URL, or `http:` on loopback, that a path can follow. A slash at
    /// its end is dropped.
    pub(super) fn place(text: &str) -> Option<String> {
        let place = text.trim_end_matches('/');
        let fits = webhook_url::may_be_called(place) && !place.contains(['?', '#']);
        fits.then(|| place.to_owned())
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
    fn the_key_goes_only_where_it_is_safe_and_a_path_can_stand() {
        let place = |text| KomboApi::place(text).is_some();
        assert!(place("https://api.us.kombo.dev/v1/") && place("http://127.0.0.1:8789/v1"));
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
            assert!(!place(text), "{text}");
        }
    }
}
