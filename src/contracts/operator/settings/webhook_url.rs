//! The URL of a Slack hook: which texts are one, and what may be shown of it.
//!
//! The names of the settings, and what a fault in them means, are in the parent.

use core::fmt;

use crate::domain::id::sha256_base64url;

/// A hash of a webhook's URL: shows that the operator set another one, and nothing else.
pub type HookFingerprint = String;

/// The URL of an incoming webhook. Whoever has it can post, so it prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Takes any `https:` URL with a host (Slack-compatible receivers have their
    /// own), and `http:` on a loopback address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        may_be_called(text).then(|| Self(text.to_owned()))
    }

    /// The URL itself, for the one place that posts to it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn mark(&self) -> HookFingerprint {
        sha256_base64url(&self.0)
    }
}

/// Whether secrets may be sent there: `https:` with a host, or `http:` on loopback.
pub(super) fn may_be_called(text: &str) -> bool {
    let is_such = || {
        let secure = text.strip_prefix("https://");
        let rest = secure.or_else(|| text.strip_prefix("http://"))?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let port = |end: &str| end.bytes().all(|byte| byte.is_ascii_digit());
        let host = match authority.rsplit_once(':') {
            Some((host, end)) if port(end) => host,
            _ => authority,
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
        let fits = !host.is_empty()
            && host.bytes().all(plain)
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        Some(fits && (secure.is_some() || loopback))
    };
    is_such().unwrap_or_default()
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
            "http://localhost@hooks.slack.com/x",
            "https://user@hooks.slack.com/x",
            "https://hooks.slack.com/a b",
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
