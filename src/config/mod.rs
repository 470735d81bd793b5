//! The configuration, parsed once an isolate.
//!
//! Only a missing Kombo secret stops the intake. Every other fault is named, in
//! `/healthz` and in the log, all of them at once, and the setting counts as its
//! default. Bindings are the platform's to look up; which of them are missing
//! comes in as [`Fault`]s too. What counts as the URL of a hook is `webhook_url`'s.

mod webhook_url;

pub use webhook_url::{HookMark, WebhookUrl};

use thiserror::Error;

use crate::notifier::Channel;
use crate::signature::Secrets;

/// Name of the secret that signs Kombo's webhooks.
pub const KOMBO_WEBHOOK_SECRET: &str = "KOMBO_WEBHOOK_SECRET";
/// Name of the secret URL of the team's Slack hook.
pub const SLACK_WEBHOOK_URL: &str = "SLACK_WEBHOOK_URL";
/// Name of the secret URL of the engineers' Slack hook.
pub const SLACK_OPS_URL: &str = "SLACK_OPS_URL";
/// Name of the variable that names the Kombo environment.
pub const ENVIRONMENT: &str = "ENVIRONMENT";

/// The environment that needs no mention.
pub const PRODUCTION: &str = "production";

/// Longest name of an environment, in bytes: it stands in every document.
const MAX_ENVIRONMENT_BYTES: usize = 64;

/// A setting or binding that is missing or cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The setting's name, which is all that an unauthenticated caller learns.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

impl Fault {
    /// Whether no event can be stored because of it.
    #[must_use]
    pub fn stops_intake(&self) -> bool {
        matches!(self.problem, Problem::NoSecret | Problem::NotBound)
    }
}

/// What is wrong with a setting, and what an operator does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Problem {
    /// No secret, or only white space.
    #[error(
        "is missing or empty: run `wrangler secret put KOMBO_WEBHOOK_SECRET` with the secret that Kombo shows under Configuration, Webhooks"
    )]
    NoSecret,
    /// No Slack URL, so alerts wait.
    #[error(
        "is missing or empty, so alerts wait: run `wrangler secret put SLACK_WEBHOOK_URL` with the URL of an incoming webhook"
    )]
    NoHook,
    /// Not a URL that may be posted to.
    #[error("is no https URL (http only on loopback), so alerts wait: set it again")]
    NotAHook,
    /// An environment that fits no document.
    #[error("is empty or longer than 64 bytes, so `production` is assumed: correct the variable")]
    BadEnvironment,
    /// A binding that `wrangler.toml` declares is not there.
    #[error("is not bound: deploy with the bindings of wrangler.toml")]
    NotBound,
}

/// What the state machines may know of the configuration: nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The Kombo environment, in every document.
    pub environment: String,
    /// Tells whether the team's hook is the same as before, if there is one.
    pub main_hook: Option<HookMark>,
    /// The same for the engineers' hook.
    pub ops_hook: Option<HookMark>,
}

impl Settings {
    /// The mark of the hook that a channel posts to.
    #[must_use]
    pub fn hook(&self, channel: Channel) -> Option<&HookMark> {
        match channel {
            Channel::Main => self.main_hook.as_ref(),
            Channel::Ops => self.ops_hook.as_ref(),
        }
    }
}

/// The whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The webhook secrets; none means that nothing can be verified.
    pub secrets: Option<Secrets>,
    /// The team's hook.
    pub main_hook: Option<WebhookUrl>,
    /// The engineers' hook.
    pub ops_hook: Option<WebhookUrl>,
    /// What the machines may know.
    pub settings: Settings,
    /// Everything that is wrong, in the order of the README's table.
    pub faults: Vec<Fault>,
}

impl Config {
    /// Reads the configuration through `lookup`, which gives the text of a
    /// secret or variable by name.
    pub fn parse(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let mut faults = Vec::new();
        let mut note = |name, problem| faults.push(Fault { name, problem });
        let secrets = lookup(KOMBO_WEBHOOK_SECRET).and_then(|text| Secrets::parse(&text));
        if secrets.is_none() {
            note(KOMBO_WEBHOOK_SECRET, Problem::NoSecret);
        }
        let main_hook = hook(lookup(SLACK_WEBHOOK_URL));
        if let Err(problem) = main_hook {
            note(SLACK_WEBHOOK_URL, problem);
        }
        let ops_hook = hook(lookup(SLACK_OPS_URL));
        if ops_hook == Err(Problem::NotAHook) {
            note(SLACK_OPS_URL, Problem::NotAHook);
        }
        let environment = match lookup(ENVIRONMENT).map(|text| text.trim().to_owned()) {
            None => PRODUCTION.to_owned(),
            Some(text) if (1..=MAX_ENVIRONMENT_BYTES).contains(&text.len()) => text,
            Some(_) => {
                note(ENVIRONMENT, Problem::BadEnvironment);
                PRODUCTION.to_owned()
            }
        };
        let (main_hook, ops_hook) = (main_hook.ok(), ops_hook.ok());
        let settings = Settings {
            environment,
            main_hook: main_hook.as_ref().map(WebhookUrl::mark),
            ops_hook: ops_hook.as_ref().map(WebhookUrl::mark),
        };
        Self {
            secrets,
            main_hook,
            ops_hook,
            settings,
            faults,
        }
    }

    /// The URL that a channel posts to.
    #[must_use]
    pub fn hook(&self, channel: Channel) -> Option<&WebhookUrl> {
        match channel {
            Channel::Main => self.main_hook.as_ref(),
            Channel::Ops => self.ops_hook.as_ref(),
        }
    }
}

fn hook(setting: Option<String>) -> Result<WebhookUrl, Problem> {
    let text = setting.unwrap_or_default();
    match text.trim() {
        "" => Err(Problem::NoHook),
        url => WebhookUrl::parse(url).ok_or(Problem::NotAHook),
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(config.hook(Channel::Main).unwrap().expose(), HOOK);
        assert!(config.hook(Channel::Ops).is_none());
    }

    #[test]
    fn reports_every_fault_at_once() {
        let config = parse(&[
            (KOMBO_WEBHOOK_SECRET, " \n"),
            (SLACK_WEBHOOK_URL, "ftp://x"),
            (SLACK_OPS_URL, "nonsense"),
            (ENVIRONMENT, ""),
        ]);
        assert_eq!(
            faults(&config),
            [
                (KOMBO_WEBHOOK_SECRET, Problem::NoSecret),
                (SLACK_WEBHOOK_URL, Problem::NotAHook),
                (SLACK_OPS_URL, Problem::NotAHook),
                (ENVIRONMENT, Problem::BadEnvironment),
            ]
        );
        assert!(config.secrets.is_none());
        assert_eq!(config.settings.environment, "production");
    }

    #[test]
    fn a_missing_ops_hook_is_no_fault_and_a_missing_main_hook_is() {
        let config = parse(&[(KOMBO_WEBHOOK_SECRET, "s3cret")]);
        assert_eq!(faults(&config), [(SLACK_WEBHOOK_URL, Problem::NoHook)]);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let config = parse(&[(KOMBO_WEBHOOK_SECRET, "s3cret"), (SLACK_WEBHOOK_URL, HOOK)]);
        let shown = format!("{config:?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("very-secret"),
            "{shown}"
        );
    }
}
