//! `/healthz`: what an operator should know about settings, Slack and Workers KV.
//!
//! What the findings mean for the answer is decided in `answer`.

use core::cell::Cell;

use super::clock;
use super::rpc::{CallContext, LIMIT, call};
use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::contracts::objects::reply::{Health, Reply};
use crate::contracts::operator::settings::Config;
use crate::domain::audience::Audience;
use crate::edge::answer::{Answer, Findings};
use crate::edge::health_cache::HealthCache;

thread_local! {
    static CACHE: Cell<HealthCache> = const { Cell::new(HealthCache::new()) };
}

/// Checks everything.
pub(super) async fn all(context: &CallContext, config: &Config) -> Answer {
    let findings = Findings {
        settings: config.faults.iter().map(|fault| fault.name).collect(),
        notifier: notifiers(context).await,
    };
    findings.answer()
}

/// Checks only what is needed to store events.
pub(super) fn intake(config: &Config) -> Answer {
    let faults = config.faults.iter().filter(|fault| fault.stops_intake());
    let findings = Findings {
        settings: faults.map(|fault| fault.name).collect(),
        notifier: Some(Health::default()),
    };
    findings.answer()
}

/// The Notifiers' health, from the cache if it is there.
async fn notifiers(context: &CallContext) -> Option<Health> {
    let mut cache = CACHE.get();
    let known = cache.known(clock::now());
    CACHE.set(cache);
    if let Some(known) = known {
        return known;
    }
    let health = ask_notifiers(context).await;
    // Other requests may have changed the cache in the meantime.
    let mut cache = CACHE.get();
    cache.keep(health, clock::now());
    CACHE.set(cache);
    health
}

async fn ask_notifiers(context: &CallContext) -> Option<Health> {
    let mut all = Health::default();
    for audience in [Audience::Team, Audience::Engineers] {
        let message = Envelope::encode(Message::Health { audience });
        let answer = call(context, &Address::Notifier(audience), &message, LIMIT).await;
        let Ok(Reply::Health(health)) = answer else {
            return None;
        };
        all = all.and(health);
    }
    Some(all)
}
