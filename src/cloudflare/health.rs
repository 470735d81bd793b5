//! `/healthz`: what an operator is to know of settings, Slack and Workers KV.
//!
//! What the findings mean for the answer is `answer`'s.

use core::cell::Cell;
use core::time::Duration;

use super::clock;
use super::entry::LIMIT;
use super::orders::{Caller, tell};
use crate::answer::{Answer, Findings};
use crate::config::Config;
use crate::machine::Letter;
use crate::notifier::{Channel, Message};
use crate::object::Address;
use crate::reply::{Health, Reply};
use crate::time::Timestamp;

/// The Notifiers are asked how they fare at most this often by an isolate.
const HEALTH_AGE: Duration = Duration::from_secs(5);

thread_local! {
    static HEALTH: Cell<Option<(Timestamp, Health)>> = const { Cell::new(None) };
}

/// Judges everything.
pub(super) async fn all(caller: &Caller<'_>, config: &Config) -> Answer {
    let findings = Findings {
        settings: config.faults.iter().map(|fault| fault.name).collect(),
        notifier: ask_notifiers(caller).await,
    };
    findings.answer()
}

/// Judges only what storing needs.
pub(super) fn intake(config: &Config) -> Answer {
    let faults = config.faults.iter().filter(|fault| fault.stops_intake());
    let findings = Findings {
        settings: faults.map(|fault| fault.name).collect(),
        notifier: Some(Health::default()),
    };
    findings.answer()
}

/// How the Notifiers fare, as of a few seconds ago at most.
async fn ask_notifiers(caller: &Caller<'_>) -> Option<Health> {
    let now = clock::now();
    if let Some((at, health)) = HEALTH.get()
        && now.since(at) < HEALTH_AGE
    {
        return Some(health);
    }
    let mut all = Health::default();
    for channel in [Channel::Main, Channel::Ops] {
        let letter = Letter::seal(Message::Health { channel });
        let answer = tell(caller, &Address::Notifier(channel), &letter, LIMIT).await;
        let Ok(Reply::Health(health)) = answer else {
            return None;
        };
        all = all.and(health);
    }
    HEALTH.set(Some((now, all)));
    Some(all)
}
