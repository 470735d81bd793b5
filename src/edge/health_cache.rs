//! How the Notifiers fare, as an isolate remembers it: anybody may endpoint `/healthz`, as often as
//! they like, and must not be able to flood the Notifiers by it.
//!
//! Asking them is the platform's. Until its first answer an isolate knows nothing, so whoever
//! comes before that asks too.

use core::time::Duration;

use crate::contracts::objects::reply::Health;
use crate::domain::time::Timestamp;

/// What was seen counts for so long, and they are asked at most this often.
const AGE: Duration = Duration::from_secs(5);
/// While somebody asks, what was seen counts for so long.
const STALE: Duration = Duration::from_mins(1);

/// How the Notifiers fare; none when they did not answer.
type Seen = Option<Health>;

/// The memory of one isolate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Glance {
    asked_at: Option<Timestamp>,
    seen: Option<(Timestamp, Seen)>,
}

impl Glance {
    /// Nothing seen yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            asked_at: None,
            seen: None,
        }
    }

    /// What counts as known now. When there is nothing, the caller asks.
    pub fn known(&mut self, now: Timestamp) -> Option<Seen> {
        let within = |at: Timestamp, span| now.since(at) < span;
        let is_asked = self.asked_at.is_some_and(|at| within(at, AGE));
        let counts = if is_asked { STALE } else { AGE };
        let known = self.seen.filter(|(at, _)| within(*at, counts));
        if known.is_none() {
            self.asked_at = Some(now);
        }
        known.map(|(_, seen)| seen)
    }

    /// What came of asking.
    pub fn saw(&mut self, seen: Seen, now: Timestamp) {
        self.seen = Some((now, seen));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn after(seconds: u64) -> Timestamp {
        START.plus(Duration::from_secs(seconds))
    }

    /// Somebody asks `/healthz`. Whether that asks the Notifiers, who say so.
    fn asks(glance: &mut Glance, now: Timestamp, seen: Seen) -> bool {
        if let Some(known) = glance.known(now) {
            assert_eq!(known, seen);
            return false;
        }
        glance.saw(seen, now);
        true
    }

    #[test]
    fn the_notifiers_are_asked_once_in_five_seconds_whatever_they_say() {
        for seen in [Some(Health::default()), None] {
            let mut glance = Glance::new();
            let moments = (0..300).map(|tenth| START.plus(Duration::from_millis(tenth * 100)));
            let asked = moments.filter(|now| asks(&mut glance, *now, seen));
            assert_eq!(asked.count(), 6);
        }
    }

    #[test]
    fn while_one_asks_the_others_are_told_what_was_seen_before() {
        let mut glance = Glance::new();
        assert_eq!(glance.known(START), None);
        glance.saw(None, START);
        assert_eq!(glance.known(after(6)), None, "it asks");
        assert_eq!(glance.known(after(6)), Some(None), "it does not");
        assert_eq!(glance.known(after(10)), Some(None));
        glance.saw(Some(Health::default()), after(10));
        assert_eq!(glance.known(after(10)), Some(Some(Health::default())));
    }

    #[test]
    fn what_was_seen_long_ago_is_told_to_nobody() {
        let mut glance = Glance::new();
        glance.saw(None, START);
        assert_eq!(glance.known(after(3_600)), None);
        assert_eq!(glance.known(after(3_600)), None);
    }
}
