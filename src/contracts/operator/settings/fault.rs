//! What can be wrong with a setting, and how to fix it.
//!
//! Unauthenticated callers see only the names; the rest is for the log.

use thiserror::Error;

/// A setting or binding that is missing or cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{name} {problem}")]
pub struct Fault {
    /// The setting's name, which is all that unauthenticated callers see.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

impl Fault {
    /// Whether it keeps events from being stored.
    #[must_use]
    pub fn stops_intake(&self) -> bool {
        matches!(
            self.problem,
            Problem::NoSecret | Problem::NotBound | Problem::BadJurisdiction
        )
    }
}

/// What is wrong with a setting, and how to fix it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Problem {
    /// The webhook secret is missing or blank.
    #[error(
        "is missing or empty; nothing is stored until it is set. Run `npx wrangler secret put KOMBO_WEBHOOK_SECRET --name <the Worker's name>` with the secret from Kombo's Configuration > Webhooks."
    )]
    NoSecret,
    /// The Slack URL is missing or blank, so alerts wait.
    #[error(
        "is missing or empty; alerts wait until it is set. Run `npx wrangler secret put SLACK_WEBHOOK_URL --name <the Worker's name>` with the URL of an incoming webhook."
    )]
    NoWebhook,
    /// Not a URL that alerts may be posted to.
    #[error(
        "must be an https URL (http only on loopback); alerts wait until it is. Set the secret again."
    )]
    NotAWebhook,
    /// A key with quotes, its name, or another character that does not belong to it.
    #[error(
        "seems to have been pasted badly: with quotes, with its name, or with an invisible character. It is used as it is. Set the secret again, without them."
    )]
    PastedBadly,
    /// More keys than count.
    #[error(
        "has more than five keys, of which only the first five count. Set the secret again, with those that are still used."
    )]
    TooManyKeys,
    /// A token that can be guessed.
    #[error("has a token of fewer than 16 characters, which is ignored. Set a longer one.")]
    ShortToken,
    /// A secret that can be guessed.
    #[error(
        "has a secret of fewer than 32 characters, so messages have no links to acts. Set a longer one."
    )]
    ShortLinkSecret,
    /// Not an address that links may lead to.
    #[error(
        "must be an https URL (http only on loopback) with nothing after the host; using the address that Kombo delivers to. Correct the variable."
    )]
    BadPublicUrl,
    /// Not a language of Kombo's connection flow.
    #[error("must be en, de, fr, it or es; using en. Correct the variable.")]
    BadLanguage,
    /// An empty or too long name.
    #[error("must have 1 to 64 bytes; using `production`. Correct the variable.")]
    BadEnvironment,
    /// Not a valid delay.
    #[error("must be a number of seconds from 0 to 3600; using 0. Correct the variable.")]
    BadDelay,
    /// Not a valid repeat interval.
    #[error("must be a number of minutes from 1 to 240; using 15. Correct the variable.")]
    BadRepeat,
    /// Not a valid number of days.
    #[error("must be a number of days from 0 to 365; using 7. Correct the variable.")]
    BadSilence,
    /// Not a mention that Slack knows.
    #[error(
        "must be @here, @channel, a user id (U…) or a group id (S…); mentioning no one. Correct the variable."
    )]
    BadMention,
    /// Not a valid hour.
    #[error("must be `off` or an hour from 0 to 23; using 7. Correct the variable.")]
    BadHour,
    /// Not a time zone that is known.
    #[error(
        "must be a time zone of the IANA database, such as Europe/Berlin; using UTC. Correct the variable."
    )]
    BadZone,
    /// A word other than the two.
    #[error(
        "must be `connected`, `disconnected` or both; announcing neither. Correct the variable."
    )]
    BadAnnounce,
    /// Not a URL that a message may link to.
    #[error(
        "must be an https URL of at most 1000 bytes with no placeholders other than {{tool}}, {{category}} and {{origin_id}}; leaving the link out. Correct the variable."
    )]
    BadLink,
    /// Too long, or with an unknown placeholder.
    #[error(
        "must have at most 1000 bytes and no placeholders other than {{tool}}, {{category}}, {{origin_id}}, {{organization}}, {{guide}} and {{link}}; using the default text. Correct the variable."
    )]
    BadTemplate,
    /// Not a URL that the API key may be sent to.
    #[error(
        "must be an https URL (http only on loopback); using https://api.kombo.dev/v1. Correct the variable."
    )]
    NotAnApi,
    /// Not a jurisdiction of the platform.
    #[error(
        "must be `eu`, `us`, `fedramp` or `fedramp-high`; nothing is stored until it is. Set the value of the first deployment, or remove it if there was none: another value creates new, empty objects."
    )]
    BadJurisdiction,
    /// A binding that `wrangler.toml` declares is missing.
    #[error(
        "is not bound; nothing is stored until it is. Deploy with the bindings in wrangler.toml."
    )]
    NotBound,
}
