//! Access to Kombo's API, for whoever wants integrations to be checked with Kombo.

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

    /// A place: any `https:` URL, `http:` on loopback. A slash at its end is dropped.
    pub(super) fn place(text: &str) -> Option<String> {
        let place = text.trim_end_matches('/');
        webhook_url::may_be_called(place).then(|| place.to_owned())
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
