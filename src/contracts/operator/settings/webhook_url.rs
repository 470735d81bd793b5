//! The URL of a Slack webhook: which texts are valid, what may be shown of one, and what it takes.
//!
//! The names of the settings are in the parent, and the faults in `fault`.

use core::fmt;

use crate::domain::id::sha256_base64url;

/// A hash of a webhook's URL: shows that the operator set another one, and nothing else.
pub type HookFingerprint = String;

/// The hosts of Slack's own webhooks.
const SLACK_HOSTS: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];
/// What the path of a workflow's trigger begins with.
const TRIGGERS: &str = "/triggers/";

/// What kind of messages a webhook takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Receiver {
    /// Slack's own: blocks, and `text` for notifications.
    #[default]
    Slack,
    /// A workflow of Slack: flat fields.
    Workflow,
    /// Anything that is compatible with Slack, but may not read blocks.
    Other,
}

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

    /// What kind of messages it takes.
    pub(super) fn receiver(&self) -> Receiver {
        let Some((host, path)) = host_and_path(&self.0) else {
            return Receiver::Other;
        };
        let is_slack = SLACK_HOSTS.iter().any(|own| host.eq_ignore_ascii_case(own));
        // A stand-in for Slack is on loopback.
        let is_workflow = path.starts_with(TRIGGERS) && (is_slack || is_loopback(host));
        match (is_workflow, is_slack) {
            (true, _) => Receiver::Workflow,
            (false, true) => Receiver::Slack,
            (false, false) => Receiver::Other,
        }
    }

    pub(super) fn fingerprint(&self) -> HookFingerprint {
        sha256_base64url(&self.0)
    }
}

/// Whether secrets may be sent there: `https:` with a host, or `http:` on loopback.
pub(super) fn may_carry_secrets(text: &str) -> bool {
    let Some((host, _)) = host_and_path(text) else {
        return false;
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
    let fits = !host.is_empty()
        && host.bytes().all(plain)
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits && (text.starts_with("https://") || is_loopback(host))
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// The host, without a port, and what follows it.
fn host_and_path(url: &str) -> Option<(&str, &str)> {
    let secure = url.strip_prefix("https://");
    let rest = secure.or_else(|| url.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let port = |end: &str| end.bytes().all(|byte| byte.is_ascii_digit());
    let host = match authority.rsplit_once(':') {
        Some((host, end)) if port(end) => host,
        _ => authority,
    };
    Some((host, path))
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

    #[test]
    fn slacks_own_webhooks_take_blocks_workflows_take_fields_and_others_may_read_text_alone() {
        for (url, receiver) in [
            (HOOK, Receiver::Slack),
            (
                "https://HOOKS.slack.com:443/services/T/B/x",
                Receiver::Slack,
            ),
            (
                "https://hooks.slack-gov.com/services/T/B/x",
                Receiver::Slack,
            ),
            ("https://hooks.slack.com/triggers/T/1/x", Receiver::Workflow),
            ("http://127.0.0.1:9/triggers/T/1/x", Receiver::Workflow),
            ("http://127.0.0.1:9/services/T/B/x", Receiver::Other),
            ("https://chat.example.com/hooks/x", Receiver::Other),
            ("https://chat.example.com/triggers/x", Receiver::Other),
            (
                "https://hooks.slack.com.evil.example/services/T/B/x",
                Receiver::Other,
            ),
        ] {
            assert_eq!(
                WebhookUrl::parse(url).unwrap().receiver(),
                receiver,
                "{url}"
            );
        }
    }
}
