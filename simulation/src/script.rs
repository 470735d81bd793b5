//! A script: everything that a run of the simulation does, and when.
//!
//! Plain data, so that a part of it can be left out and the rest runs as before.
//! `scenario` generates it from a seed.

use core::fmt;
use core::time::Duration;

use kombo_edge::domain::act::Act as Deed;
use serde_json::Value;

/// What happens in one run.
#[derive(Debug, Clone)]
pub struct Script {
    /// Decides which object each fault strikes.
    pub seed: u64,
    /// The events that Kombo has; a step delivers one by its place.
    pub events: Vec<Value>,
    /// Whether the engineers have their own Slack webhook.
    pub hooks: Hooks,
    /// Whether two integrations are of the same tool, so that one can replace the other.
    pub has_twins: bool,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Which Slack webhooks are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hooks {
    /// The team's only: messages for engineers go there too.
    One,
    /// The team's and the engineers'.
    Two,
}

/// Something that happens after a while.
#[derive(Debug, Clone)]
pub struct Step {
    /// The pause after the step before.
    pub after: Duration,
    /// What happens.
    pub act: Act,
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Act {
    /// Kombo delivers an event, for the first time or again.
    Deliver(usize),
    /// The same, while an older version runs that cannot parse the event.
    Misunderstand(usize),
    /// A human decides something through the API.
    Decide(Decision),
    /// The machine under one object dies; which one, the number decides.
    Crash(u64),
    /// The machine under every object dies.
    CrashAll,
    /// From now on, for a while, a fault strikes now and then.
    Fault(Fault, Duration),
    /// The clock of one object jumps by this many milliseconds.
    Jump(u64, i64),
    /// A newer version is deployed.
    Deploy,
    /// The present version is deployed again.
    RollBack,
    /// The operator sets another Slack webhook.
    ChangeHook,
}

/// What a human can decide.
#[derive(Debug, Clone)]
pub enum Decision {
    /// An integration belongs to a customer.
    Assign(String, String),
    /// It belongs to the customer that Kombo names.
    Release(String),
    /// It is removed.
    Remove(String),
    /// A customer is erased.
    Erase(String),
    /// A customer is muted for this many hours.
    Mute(String, u64),
    /// The mute ends.
    Unmute(String),
    /// One of the open incidents is closed; which one, the number decides.
    Close(usize),
    /// Someone does this about one of the open incidents by a link; which one, the number decides.
    Visit(usize, Deed),
    /// Quarantined events are retried.
    RetryQuarantine,
    /// Undelivered alerts are sent again.
    Resend,
}

/// What can go wrong for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Workers KV rejects writes and reads.
    KvRefuses,
    /// Workers KV does not answer, and does nothing.
    KvHangs,
    /// Workers KV does not answer, and has written.
    KvLosesAnswers,
    /// Workers KV does not answer, and writes within a minute.
    KvWritesLate,
    /// Workers KV shows the values of a minute ago.
    KvIsStale,
    /// Slack answers 429.
    SlackIsBusy,
    /// Slack answers 500 or 503.
    SlackFails,
    /// Slack does not answer, and posts nothing.
    SlackHangs,
    /// Slack does not answer, and has posted.
    SlackLosesAnswers,
    /// Slack rejects the webhook.
    SlackRefusesHook,
    /// Slack rejects messages.
    SlackRefusesMessages,
    /// A message from one object to another does not arrive.
    MessagesAreLost,
    /// It arrives, and the answer does not.
    MessagesAreUnanswered,
    /// It arrives hours later, when the sender no longer waits.
    MessagesAreLate,
    /// Alarms come up to a minute late.
    AlarmsAreLate,
    /// Alarms come twice.
    AlarmsAreDoubled,
    /// Alarms do not come at all.
    AlarmsAreLost,
    /// Objects die in the middle of what they do.
    ObjectsDie,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::KvRefuses,
        Self::KvHangs,
        Self::KvLosesAnswers,
        Self::KvWritesLate,
        Self::KvIsStale,
        Self::SlackIsBusy,
        Self::SlackFails,
        Self::SlackHangs,
        Self::SlackLosesAnswers,
        Self::SlackRefusesHook,
        Self::SlackRefusesMessages,
        Self::MessagesAreLost,
        Self::MessagesAreUnanswered,
        Self::MessagesAreLate,
        Self::AlarmsAreLate,
        Self::AlarmsAreDoubled,
        Self::AlarmsAreLost,
        Self::ObjectsDie,
    ];

    /// What is counted under this name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KvRefuses => "KV rejected",
            Self::KvHangs => "KV hung",
            Self::KvLosesAnswers => "KV answer lost",
            Self::KvWritesLate => "KV write late",
            Self::KvIsStale => "KV stale",
            Self::SlackIsBusy => "Slack 429",
            Self::SlackFails => "Slack 5xx",
            Self::SlackHangs => "Slack hung",
            Self::SlackLosesAnswers => "Slack answer lost",
            Self::SlackRefusesHook => "Slack webhook rejected",
            Self::SlackRefusesMessages => "Slack message rejected",
            Self::MessagesAreLost => "message lost",
            Self::MessagesAreUnanswered => "message unanswered",
            Self::MessagesAreLate => "message late",
            Self::AlarmsAreLate => "alarm late",
            Self::AlarmsAreDoubled => "alarm doubled",
            Self::AlarmsAreLost => "alarm lost",
            Self::ObjectsDie => "object died",
        }
    }
}

impl fmt::Display for Script {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let twins = if self.has_twins { ", twins" } else { "" };
        writeln!(
            out,
            "seed {}, {:?} webhook(s){twins}",
            self.seed, self.hooks
        )?;
        for step in &self.steps {
            write!(out, "  {:>12} ms  ", step.after.as_millis())?;
            match &step.act {
                Act::Deliver(event) => write!(out, "deliver {}", self.events[*event]),
                Act::Misunderstand(event) => write!(out, "misunderstand {}", self.events[*event]),
                act => write!(out, "{act:?}"),
            }?;
            writeln!(out)?;
        }
        Ok(())
    }
}
