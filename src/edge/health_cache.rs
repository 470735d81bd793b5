//! The Notifiers' health, as an isolate remembers it: anyone may request `/healthz` as often as they
//! like, and must not be able to flood the Notifiers with it.
//!
//! Asking them is left to the platform. Until its first answer an isolate knows nothing, so every
//! request before that asks, too.

use core::time::Duration;

use crate::contracts::objects::reply::Health;
use crate::domain::time::Timestamp;

/// An answer counts for this long, and the Notifiers are asked at most this often.
const MAX_AGE: Duration = Duration::from_secs(5);
/// While a request asks, the last answer counts for this long.
const MAX_STALE_AGE: Duration = Duration::from_mins(1);

/// The Notifiers' health; `None` if they did not answer.
type Answer = Option<Health>;

/// The memory of one isolate.
#[derive(Debug, Clone, Copy, Default)]
pub struct HealthCache {
    asked_at: Option<Timestamp>,
    answer: Option<(Timestamp, Answer)>,
}

impl HealthCache {
    /// No answer yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            asked_at: None,
            answer: None,
        }
    }

    /// The answer that counts now; `None` if the caller is to ask.
    pub fn known(&mut self, now: Timestamp) -> Option<Answer> {
        let within = |at: Timestamp, span| now.since(at) < span;
        let is_asked = self.asked_at.is_some_and(|at| within(at, MAX_AGE));
        let counts = if is_asked { MAX_STALE_AGE } else { MAX_AGE };
        let known = self.answer.filter(|(at, _)| within(*at, counts));
        if known.is_none() {
            self.asked_at = Some(now);
        }
        known.map(|(_, answer)| answer)
    }

    /// Keeps an answer.
    pub fn keep(&mut self, answer: Answer, now: Timestamp) {
        self.answer = Some((now, answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn after(seconds: u64) -> Timestamp {
        START.plus(Duration::from_secs(seconds))
    }

    /// A request for `/healthz`: whether it asks the Notifiers, which give this answer.
    fn asks(cache: &mut HealthCache, now: Timestamp, answer: Answer) -> bool {
        if let Some(known) = cache.known(now) {
            assert_eq!(known, answer);
            return false;
        }
        cache.keep(answer, now);
        true
    }

    #[test]
    fn the_notifiers_are_asked_once_in_five_seconds_whatever_they_say() {
        for answer in [Some(Health::default()), None] {
            let mut cache = HealthCache::new();
            let moments = (0..300).map(|tenth| START.plus(Duration::from_millis(tenth * 100)));
            let asked = moments.filter(|now| asks(&mut cache, *now, answer));
            assert_eq!(asked.count(), 6);
        }
    }

    #[test]
    fn while_one_request_asks_the_others_get_the_last_answer() {
        let mut cache = HealthCache::new();
        assert_eq!(cache.known(START), None);
        cache.keep(None, START);
        assert_eq!(cache.known(after(6)), None, "it asks");
        assert_eq!(cache.known(after(6)), Some(None), "it does not");
        assert_eq!(cache.known(after(10)), Some(None));
        cache.keep(Some(Health::default()), after(10));
        assert_eq!(cache.known(after(10)), Some(Some(Health::default())));
    }

    #[test]
    fn an_old_answer_is_never_given() {
        let mut cache = HealthCache::new();
        cache.keep(None, START);
        assert_eq!(cache.known(after(3_600)), None);
        assert_eq!(cache.known(after(3_600)), None);
    }
}
