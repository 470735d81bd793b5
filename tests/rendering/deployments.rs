//! The deployments that messages are rendered for: one that sets everything a message can
//! show, and one like most others.

use kombo_edge::contracts::operator::settings::{Config, Settings};
use kombo_edge::contracts::slack::View;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::time::Timestamp;

/// The current time in every message.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_420_800_000);

fn config(given: &[(&str, &str)]) -> Config {
    Config::parse(|name| {
        let found = given.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

/// Signs the links to acts.
pub(crate) const LINK_SECRET: &str = "very-secret-0123456789-0123456789";

/// A message in this channel now.
pub(crate) fn view(settings: &Settings, channel: Audience) -> View<'_> {
    View {
        channel,
        settings,
        learned: None,
        now: NOW,
    }
}

/// Settings with everything a message can show.
pub(crate) fn full() -> Settings {
    let config = config(&[
        ("ENVIRONMENT", "staging"),
        ("SLACK_MENTION", "@here"),
        ("LINK_SECRET", LINK_SECRET),
        ("PUBLIC_URL", "https://edge.example.com"),
        ("KOMBO_API_KEY", "very-secret-key"),
        (
            "CONNECTION_GUIDE_URL",
            "https://help.example.com/{tool}?c={category}",
        ),
        (
            "CUSTOMER_URL",
            "https://office.example.com/customers/{origin_id}",
        ),
        ("MAIL_SUBJECT", "{organization} and {tool}"),
        (
            "MAIL_BODY",
            "Hello {organization},\n{tool} ({category}) for {origin_id}: {guide}",
        ),
    ]);
    assert_eq!(
        config.faults.len(),
        2,
        "only the secret and the webhook are missing"
    );
    config.settings
}

/// The settings of most deployments.
pub(crate) fn plain() -> Settings {
    posting_to("https://hooks.slack.com/services/T000/B000/very-secret")
}

/// The same with a receiver that may not read blocks.
pub(crate) fn elsewhere() -> Settings {
    posting_to("https://chat.example.com/hooks/very-secret")
}

/// The same with a workflow of Slack.
pub(crate) fn workflow() -> Settings {
    posting_to("https://hooks.slack.com/triggers/T000/1/very-secret")
}

fn posting_to(webhook: &str) -> Settings {
    let config = config(&[
        ("SLACK_MENTION", "@here"),
        ("SLACK_WEBHOOK_URL", webhook),
        ("LINK_SECRET", LINK_SECRET),
        ("PUBLIC_URL", "https://edge.example.com"),
        ("KOMBO_API_KEY", "very-secret-key"),
        ("CONNECTION_GUIDE_URL", "https://help.example.com/{tool}"),
        (
            "CUSTOMER_URL",
            "https://office.example.com/customers/{origin_id}",
        ),
    ]);
    config.settings
}
