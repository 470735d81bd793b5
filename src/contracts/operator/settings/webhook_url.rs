//! The URL of a Slack webhook: which texts are valid, and what may be shown of one.
//!
//! The names of the settings are in the parent, and the faults in `fault`.

use core::fmt;

use crate::domain::id::sha256_base64url;

/// A hash of a webhook's URL: shows that the operator set another one, and nothing else.
pub type HookFingerprint = String;

/// The URL of an incoming webhook. Anyone who has it can post, so `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Parses any `https:` URL with a host (Slack-compatible receivers have their
    /// own), or `http:` on a loopback address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        may_carry_secrets(text).then(|| Self(text.to_owned()))
    }

    /// The URL itself, for the one place that posts to it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn fingerprint(&self) -> HookFingerprint {
        sha256_base64url(&self.0)
    }
}

/// Whether secrets may be sent there: `https:` with a host, or `http:` on loopback.
pub(super) fn may_carry_secrets(text: &str) -> bool {
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
    fn accepts_http_webhooks_on_loopback_only() {
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
    fn the_fingerprint_changes_with_the_url() {
        let fingerprint = |url: &str| WebhookUrl::parse(url).unwrap().fingerprint();
        assert_eq!(fingerprint(HOOK), fingerprint(HOOK));
        assert_ne!(
            fingerprint(HOOK),
            fingerprint("https://hooks.slack.com/services/T000/B000/other")
        );
    }
}
