//! The Worker's own address, which links in messages lead to.
//!
//! A Worker cannot know it by itself, so it is learned from verified deliveries, unless a setting names
//! it.

use serde::{Deserialize, Serialize};

use super::webhook_url;

/// Longest address, in bytes: a link must fit a message several times.
const MAX_URL_BYTES: usize = 200;

/// A scheme and a host, without a slash at the end: `https:`, or `http:` on loopback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads the address; slashes at its end are dropped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = text.trim_end_matches('/');
        let (_, host) = url.split_once("://")?;
        let fits = webhook_url::may_carry_secrets(url) && !host.contains(['/', '?', '#']);
        (fits && url.len() <= MAX_URL_BYTES).then(|| Self(url.to_owned()))
    }

    /// The address of a request's URL.
    #[must_use]
    pub fn of_request(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next()?;
        Self::parse(&format!("{scheme}://{host}"))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        Self::parse(&text).ok_or("not an address")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_that_links_may_lead_to() {
        for (text, url) in [
            ("https://edge.example.com", "https://edge.example.com"),
            ("https://edge.example.com/", "https://edge.example.com"),
            (
                "https://edge.example.com:8443",
                "https://edge.example.com:8443",
            ),
            ("http://127.0.0.1:8787/", "http://127.0.0.1:8787"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().as_str(), url);
        }
        for text in [
            "",
            "edge.example.com",
            "http://edge.example.com",
            "https://",
            "https://edge.example.com/path",
            "https://edge.example.com?x",
            "https://user@edge.example.com",
            "https://edge.example.com|x",
            "javascript://edge.example.com",
            &format!("https://{}.example.com", "x".repeat(200)),
        ] {
            assert_eq!(PublicUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_address_of_a_request_is_its_scheme_and_host() {
        for (url, address) in [
            (
                "https://edge.example.com/webhooks/kombo?x=1",
                Some("https://edge.example.com"),
            ),
            (
                "http://127.0.0.1:8787/webhooks/kombo",
                Some("http://127.0.0.1:8787"),
            ),
            ("http://edge.example.com/webhooks/kombo", None),
            ("/webhooks/kombo", None),
        ] {
            let found = PublicUrl::of_request(url);
            assert_eq!(found.as_ref().map(PublicUrl::as_str), address, "{url}");
        }
    }
}
