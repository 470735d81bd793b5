//! What can be wrong with a setting, and what an operator does about it.
//!
//! An unauthenticated caller learns the names only; the rest is for the log.

use thiserror::Error;

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
        matches!(
            self.problem,
            Problem::NoSecret | Problem::NotBound | Problem::BadJurisdiction
        )
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
    /// A token that can be guessed.
    #[error("holds a token of less than 16 characters, so it opens nothing: set a longer one")]
    ShortToken,
    /// An environment that fits no document.
    #[error("is empty or longer than 64 bytes, so `production` is assumed: correct the variable")]
    BadEnvironment,
    /// No delay.
    #[error("is no number of seconds from 0 to 3600, so 0 is assumed: correct the variable")]
    BadDelay,
    /// No repeat interval.
    #[error("is no number of minutes from 1 to 240, so 15 is assumed: correct the variable")]
    BadRepeat,
    /// No number of days.
    #[error("is no number of days from 0 to 365, so 7 is assumed: correct the variable")]
    BadSilence,
    /// Nobody whom Slack can mention.
    #[error(
        "names neither @here, @channel, a user id (U…) nor a group id (S…), so nobody is mentioned: correct the variable"
    )]
    BadMention,
    /// No hour.
    #[error("is neither `off` nor an hour from 0 to 23, so 7 is assumed: correct the variable")]
    BadHour,
    /// Another word than the two.
    #[error(
        "holds another word than `connected` and `disconnected`, so neither is told: correct the variable"
    )]
    BadAnnounce,
    /// Not a URL that a message may link to.
    #[error(
        "is no https URL of at most 1000 bytes whose places are {{tool}}, {{category}} and {{origin_id}}, so the link is left out: correct the variable"
    )]
    BadLink,
    /// A place that is unknown.
    #[error(
        "is longer than 1000 bytes or has a place other than {{tool}}, {{category}}, {{origin_id}}, {{organization}} and {{guide}}, so the usual text is used: correct the variable"
    )]
    BadTemplate,
    /// Not a URL that may be called with a key.
    #[error(
        "is no https URL (http only on loopback), so https://api.kombo.dev/v1 is assumed: correct the variable"
    )]
    NotAnApi,
    /// No jurisdiction that the platform is known to have.
    #[error(
        "is neither `eu`, `us`, `fedramp` nor `fedramp-high`, so nothing is stored: set what it was at the first deployment, since objects elsewhere are other objects, or remove it if it was not set"
    )]
    BadJurisdiction,
    /// A binding that `wrangler.toml` declares is not there.
    #[error("is not bound: deploy with the bindings of wrangler.toml")]
    NotBound,
}
