//! The configuration, parsed once per isolate.
//!
//! Only a missing Kombo secret, an unknown jurisdiction and a missing binding stop the intake. Any
//! other setting that is invalid counts as its default. `/healthz` and the log name all faults at
//! once. The platform looks up bindings, and adds those that are missing as [`Fault`]s.
//!
//! Where objects live is in `jurisdiction`, secrets and tokens are in `keys`, URLs of webhooks in `webhook_url`, when alerts are sent
//! in `alerting`, what a message links to in `links`, the Worker's own address in `public_url`, and
//! what can be wrong in `fault`.

mod alerting;
mod fault;
mod jurisdiction;
mod keys;
mod kombo_api;
mod links;
mod public_url;
mod reader;
mod webhook_url;

pub use alerting::{Alerting, SummaryTime};
pub use fault::{Fault, Problem};
pub use jurisdiction::Jurisdiction;
pub use kombo_api::KomboApi;
pub use links::{Links, Placeholder, Template};
pub use public_url::PublicUrl;
pub use webhook_url::{HookFingerprint, Receiver, WebhookUrl};

use self::reader::Reader;
use crate::contracts::browser::link::LinkSecrets;
use crate::contracts::kombo::signature::Secrets;
use crate::contracts::operator::tokens::Tokens;
use crate::domain::audience::Audience;

/// Name of the secret that signs Kombo's webhooks.
pub const KOMBO_WEBHOOK_SECRET: &str = "KOMBO_WEBHOOK_SECRET";
/// Name of the secret URL of the team's Slack webhook.
pub const SLACK_WEBHOOK_URL: &str = "SLACK_WEBHOOK_URL";
/// Name of the secret URL of the engineers' Slack webhook.
pub const SLACK_OPS_URL: &str = "SLACK_OPS_URL";
/// Name of the secret with the tokens that open the whole API.
pub const API_TOKEN: &str = "API_TOKEN";
/// Name of the secret with the tokens that open the read routes of the API.
pub const API_READ_TOKEN: &str = "API_READ_TOKEN";
/// Name of the secret that signs the links in messages.
pub const LINK_SECRET: &str = "LINK_SECRET";
/// Name of the variable with the Worker's own address.
pub const PUBLIC_URL: &str = "PUBLIC_URL";
/// Name of the secret that opens Kombo's API.
pub const KOMBO_API_KEY: &str = "KOMBO_API_KEY";
/// Name of the variable with the URL of Kombo's API.
pub const KOMBO_API_URL: &str = "KOMBO_API_URL";
/// Name of the variable that names the Kombo environment.
pub const ENVIRONMENT: &str = "ENVIRONMENT";

/// Name of the variable with the jurisdiction that objects live in.
pub const JURISDICTION: &str = "JURISDICTION";

/// The environment that messages do not mention.
pub const PRODUCTION: &str = "production";

/// What the state machines may know of the configuration. The only secret is the one that signs links in
/// messages, because they write the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The Kombo environment, in every document.
    pub environment: String,
    /// Shows whether the team's webhook is the same as before; `None` if there is none.
    pub main_hook: Option<HookFingerprint>,
    /// The same for the engineers' webhook.
    pub ops_hook: Option<HookFingerprint>,
    /// What kind of messages the team's webhook takes.
    pub main_receiver: Receiver,
    /// The same for the engineers' webhook.
    pub ops_receiver: Receiver,
    /// When alerts are sent, and about what.
    pub alerting: Alerting,
    /// What a message links to.
    pub links: Links,
    /// The secrets that sign links to acts; without one, messages have none.
    pub link_secrets: Option<LinkSecrets>,
    /// The Worker's own address, unless it is learned from deliveries.
    pub public_url: Option<PublicUrl>,
    /// Whether integrations are checked with Kombo.
    pub rechecks: bool,
}

impl Settings {
    /// The fingerprint of an audience's webhook.
    #[must_use]
    pub fn webhook(&self, audience: Audience) -> Option<&HookFingerprint> {
        match audience {
            Audience::Team => self.main_hook.as_ref(),
            Audience::Engineers => self.ops_hook.as_ref(),
        }
    }

    /// What kind of messages an audience's webhook takes.
    #[must_use]
    pub fn receiver(&self, audience: Audience) -> Receiver {
        match audience {
            Audience::Team => self.main_receiver,
            Audience::Engineers => self.ops_receiver,
        }
    }
}

fn receiver(webhook: Option<&WebhookUrl>) -> Receiver {
    webhook.map(WebhookUrl::receiver).unwrap_or_default()
}

/// The whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Kombo's webhook secrets; `None` if no delivery can be verified.
    pub secrets: Option<Secrets>,
    /// The team's Slack webhook.
    pub main_hook: Option<WebhookUrl>,
    /// The engineers' Slack webhook.
    pub ops_hook: Option<WebhookUrl>,
    /// Kombo's API, if integrations are to be checked with it.
    pub kombo: Option<KomboApi>,
    /// The tokens that open the whole API.
    pub full_tokens: Option<Tokens>,
    /// The tokens that open the read routes.
    pub read_tokens: Option<Tokens>,
    /// The jurisdiction of the objects.
    pub jurisdiction: Jurisdiction,
    /// What the machines may know.
    pub settings: Settings,
    /// Everything that is wrong, in the order of the table in `docs/reference.md`.
    pub faults: Vec<Fault>,
}

impl Config {
    /// Reads the configuration through `lookup`, which gives the text of a
    /// secret or variable by name.
    pub fn parse(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let mut reader = Reader {
            lookup: &lookup,
            faults: Vec::new(),
        };
        let secrets = reader.keys(KOMBO_WEBHOOK_SECRET, Secrets::parse, Problem::NoSecret);
        if secrets.is_none() && reader.text(KOMBO_WEBHOOK_SECRET).is_none() {
            reader.note(KOMBO_WEBHOOK_SECRET, Problem::NoSecret);
        }
        let main_hook = reader.read(SLACK_WEBHOOK_URL, WebhookUrl::parse, Problem::NotAWebhook);
        if main_hook.is_none() && reader.text(SLACK_WEBHOOK_URL).is_none() {
            reader.note(SLACK_WEBHOOK_URL, Problem::NoWebhook);
        }
        let ops_hook = reader.read(SLACK_OPS_URL, WebhookUrl::parse, Problem::NotAWebhook);
        let full_tokens = reader.keys(API_TOKEN, Tokens::parse, Problem::ShortToken);
        let read_tokens = reader.keys(API_READ_TOKEN, Tokens::parse, Problem::ShortToken);
        let settings = Settings {
            environment: reader.environment(),
            main_hook: main_hook.as_ref().map(WebhookUrl::fingerprint),
            ops_hook: ops_hook.as_ref().map(WebhookUrl::fingerprint),
            main_receiver: receiver(main_hook.as_ref()),
            ops_receiver: receiver(ops_hook.as_ref()),
            alerting: Alerting::read(&mut reader),
            links: Links::read(&mut reader),
            link_secrets: reader.keys(LINK_SECRET, LinkSecrets::parse, Problem::ShortLinkSecret),
            public_url: reader.read(PUBLIC_URL, PublicUrl::parse, Problem::BadPublicUrl),
            rechecks: reader.text(KOMBO_API_KEY).is_some(),
        };
        let key = reader.key(KOMBO_API_KEY);
        let api = reader.read(KOMBO_API_URL, KomboApi::base_url, Problem::NotAnApi);
        let jurisdiction = reader.jurisdiction();
        Self {
            secrets,
            kombo: key.map(|key| KomboApi::new(key, api)),
            main_hook,
            ops_hook,
            full_tokens,
            read_tokens,
            jurisdiction,
            settings,
            faults: reader.faults,
        }
    }

    /// The secrets to verify deliveries with, if this deployment can store them. Nothing else
    /// decides that.
    ///
    /// # Errors
    /// The first [`Fault`] that keeps deliveries from being stored.
    pub fn intake(&self) -> Result<&Secrets, Fault> {
        let fault = self.faults.iter().find(|fault| fault.stops_intake());
        let missing = Fault {
            name: KOMBO_WEBHOOK_SECRET,
            problem: Problem::NoSecret,
        };
        match (fault, &self.secrets) {
            (None, Some(secrets)) => Ok(secrets),
            (fault, _) => Err(fault.copied().unwrap_or(missing)),
        }
    }

    /// The URL of an audience's webhook.
    #[must_use]
    pub fn webhook(&self, audience: Audience) -> Option<&WebhookUrl> {
        match audience {
            Audience::Team => self.main_hook.as_ref(),
            Audience::Engineers => self.ops_hook.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::alerting::*;
    use super::links::*;
    use super::*;

    const HOOK: &str = "https://hooks.slack.com/services/T000/B000/very-secret";

    fn parse(settings: &[(&str, &str)]) -> Config {
        Config::parse(|name| {
            settings
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    fn faults(config: &Config) -> Vec<(&str, Problem)> {
        let pairs = config
            .faults
            .iter()
            .map(|fault| (fault.name, fault.problem));
        pairs.collect()
    }

    #[test]
    fn a_complete_configuration_has_no_fault_and_defaults_to_production() {
        let config = parse(&[(KOMBO_WEBHOOK_SECRET, "s3cret"), (SLACK_WEBHOOK_URL, HOOK)]);
        assert_eq!(faults(&config), []);
        assert_eq!(config.settings.environment, "production");
        assert_eq!(config.settings.alerting.repeat, Duration::from_mins(15));
        assert_eq!(config.webhook(Audience::Team).unwrap().expose(), HOOK);
        assert!(config.webhook(Audience::Engineers).is_none());
    }

    #[test]
    fn reports_every_fault_at_once() {
        let config = parse(&[
            (KOMBO_WEBHOOK_SECRET, " \n"),
            (SLACK_WEBHOOK_URL, "ftp://x"),
            (SLACK_OPS_URL, "nonsense"),
            (API_TOKEN, "short"),
            (API_READ_TOKEN, "long-enough-0123456789 short"),
            (ENVIRONMENT, ""),
            (FIRST_ALERT_DELAY_SECONDS, "-1"),
            (ALERT_REPEAT_MINUTES, "0"),
            (SILENCE_DAYS, "often"),
            (SLACK_MENTION, "@anna"),
            (DAILY_SUMMARY_HOUR, "8am"),
            (DAILY_SUMMARY_TIMEZONE, "Berlin"),
            (DAILY_SUMMARY_UTC, "24"),
            (ANNOUNCE, "everything"),
            (CONNECTION_GUIDE_URL, "help"),
            (CUSTOMER_URL, "https://{tool}"),
            (MAIL_SUBJECT, "{name}"),
            (MAIL_BODY, "{"),
            (MAIL_LANGUAGE, "English"),
            (LINK_SECRET, "too-short-0123456789"),
            (PUBLIC_URL, "http://edge.example.com"),
            (KOMBO_API_URL, "http://api.kombo.dev/v1"),
            (JURISDICTION, "europe"),
        ]);
        assert_eq!(
            faults(&config),
            [
                (KOMBO_WEBHOOK_SECRET, Problem::NoSecret),
                (SLACK_WEBHOOK_URL, Problem::NotAWebhook),
                (SLACK_OPS_URL, Problem::NotAWebhook),
                (API_TOKEN, Problem::ShortToken),
                (API_READ_TOKEN, Problem::ShortToken),
                (ENVIRONMENT, Problem::BadEnvironment),
                (FIRST_ALERT_DELAY_SECONDS, Problem::BadDelay),
                (ALERT_REPEAT_MINUTES, Problem::BadRepeat),
                (SILENCE_DAYS, Problem::BadSilence),
                (SLACK_MENTION, Problem::BadMention),
                (DAILY_SUMMARY_HOUR, Problem::BadHour),
                (DAILY_SUMMARY_TIMEZONE, Problem::BadZone),
                (DAILY_SUMMARY_UTC, Problem::BadHour),
                (ANNOUNCE, Problem::BadAnnounce),
                (CONNECTION_GUIDE_URL, Problem::BadLink),
                (CUSTOMER_URL, Problem::BadLink),
                (MAIL_SUBJECT, Problem::BadTemplate),
                (MAIL_BODY, Problem::BadTemplate),
                (MAIL_LANGUAGE, Problem::BadLanguage),
                (LINK_SECRET, Problem::ShortLinkSecret),
                (PUBLIC_URL, Problem::BadPublicUrl),
                (KOMBO_API_URL, Problem::NotAnApi),
                (JURISDICTION, Problem::BadJurisdiction),
            ]
        );
        assert!(config.secrets.is_none());
        assert_eq!(
            config.settings,
            parse(&[]).settings,
            "each counts as its default"
        );
    }

    #[test]
    fn a_key_that_was_pasted_badly_is_named_and_used_as_it_is() {
        let well = "s3cret-0123456789-0123456789-0123456789";
        for name in [
            KOMBO_WEBHOOK_SECRET,
            API_TOKEN,
            API_READ_TOKEN,
            LINK_SECRET,
            KOMBO_API_KEY,
        ] {
            let complete = [(KOMBO_WEBHOOK_SECRET, "s3cret"), (SLACK_WEBHOOK_URL, HOOK)];
            let with = |value: &str| parse(&[&[(name, value)][..], &complete].concat());
            assert_eq!(faults(&with(well)), [], "{name}");
            for text in [format!("\"{well}\""), format!("{name}={well}")] {
                let config = with(&text);
                assert_eq!(faults(&config), [(name, Problem::PastedBadly)], "{text}");
                assert!(config.intake().is_ok(), "it stops nothing");
            }
        }
        let quoted = format!("\"{well}\"");
        let config = parse(&[(API_TOKEN, &quoted)]);
        assert!(
            config
                .full_tokens
                .is_some_and(|tokens| tokens.contain(&quoted))
        );
    }

    #[test]
    fn of_more_than_five_keys_the_first_five_count_and_the_setting_is_named() {
        let token = |number: usize| format!("token-{number}-0123456789");
        let tokens = |count: usize| (1..=count).map(token).collect::<Vec<_>>().join("\n");
        for name in [KOMBO_WEBHOOK_SECRET, API_TOKEN, API_READ_TOKEN] {
            let complete = [(KOMBO_WEBHOOK_SECRET, "s3cret"), (SLACK_WEBHOOK_URL, HOOK)];
            let with = |value: &str| parse(&[&[(name, value)][..], &complete].concat());
            assert_eq!(faults(&with(&tokens(5))), [], "{name}");
            let twice = format!("{} {}", tokens(5), tokens(5));
            assert_eq!(faults(&with(&twice)), [], "each counts once: {name}");
            assert_eq!(faults(&with(&tokens(6))), [(name, Problem::TooManyKeys)]);
        }
        let config = parse(&[(API_TOKEN, &tokens(6)), (KOMBO_WEBHOOK_SECRET, &tokens(6))]);
        let full = config.full_tokens.unwrap();
        assert!(full.contain(&token(5)) && !full.contain(&token(6)));
        assert!(config.secrets.is_some());
    }

    #[test]
    fn a_missing_team_webhook_is_a_fault_and_a_missing_engineers_webhook_is_not() {
        let config = parse(&[(KOMBO_WEBHOOK_SECRET, "s3cret")]);
        assert_eq!(faults(&config), [(SLACK_WEBHOOK_URL, Problem::NoWebhook)]);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let config = parse(&[
            (KOMBO_WEBHOOK_SECRET, "s3cret"),
            (SLACK_WEBHOOK_URL, HOOK),
            (LINK_SECRET, "link-s3cret-0123456789-0123456789"),
            (KOMBO_API_KEY, "s3cret"),
        ]);
        let shown = format!("{config:?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("very-secret"),
            "{shown}"
        );
    }
}
