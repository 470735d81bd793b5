//! The URL of a Slack hook: which texts are one, and what may be shown of it.
//!
//! The names of the settings, and what a fault in them means, are in the parent.

use core::fmt;

use http::Uri;

use crate::id::sha256_base64url;

/// A hash of a hook's URL: shows that the operator set another one, and nothing else.
pub type HookMark = String;

/// The URL of an incoming webhook. Whoever has it can post, so it prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Takes any `https:` URL with a host (Slack-compatible receivers have their
    /// own), and `http:` on a loopback address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let host = uri.host().filter(|host| !host.is_empty())?;
        let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        match uri.scheme_str()? {
            "https" => {}
            "http" if loopback => {}
            _ => return None,
        }
        Some(Self(text.to_owned()))
    }

    /// The URL itself, for the one place that posts to it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn mark(&self) -> HookMark {
        sha256_base64url(&self.0)
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookUrl([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOOK: &str = "https://hooks.slack.com/services/T000/B000/very-secret";

    #[test]
    fn takes_http_hooks_on_loopback_only() {
        for url in [
            "http://127.0.0.1:1/x",
            "http://localhost/x",
            "http://[::1]:9/x",
        ] {
            assert!(WebhookUrl::parse(url).is_some(), "{url}");
        }
        for url in [
            "http://hooks.slack.com/x",
            "http://127.0.0.1.evil.example/x",
            "https://",
            "/x",
        ] {
            assert!(WebhookUrl::parse(url).is_none(), "{url}");
        }
    }

    #[test]
    fn the_mark_of_a_hook_changes_with_its_url() {
        let mark = |url: &str| WebhookUrl::parse(url).unwrap().mark();
        assert_eq!(mark(HOOK), mark(HOOK));
        assert_ne!(
            mark(HOOK),
            mark("https://hooks.slack.com/services/T000/B000/other")
        );
    }
}
