//! How long to wait before the next attempt.
//!
//! The wait doubles from one second, with jitter, so that what failed together is not retried
//! together. The jitter is a function of a seed and the number of attempts, so the machines stay
//! deterministic.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::id::sha256_base64url;
use crate::domain::time::Timestamp;

/// The highest jitter.
const MAX_JITTER: u128 = 255;

/// When something may be tried next, and how often it failed in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Failures in a row.
    #[serde(default)]
    pub attempts: u32,
    /// Not before this moment.
    pub at: Timestamp,
}

impl Retry {
    /// A first attempt at this moment.
    #[must_use]
    pub fn from(at: Timestamp) -> Self {
        Self { attempts: 0, at }
    }

    /// Corrects a wait that a clock made longer than `max`.
    pub fn correct_wait(&mut self, max: Duration, now: Timestamp) {
        self.at.end_within(max, now);
    }

    /// Delays the next attempt after a failure; see [`after`].
    pub fn fail(&mut self, now: Timestamp, seed: &str, max: Duration) {
        self.attempts = self.attempts.saturating_add(1);
        self.at = now.plus(after(self.attempts, seed, max));
    }
}

/// The wait after `attempts` failures in a row (1 or more): between half and all
/// of `2^(attempts - 1)` seconds, and at most `max`. Different seeds spread the waits.
#[must_use]
pub fn after(attempts: u32, seed: &str, max: Duration) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    let whole = Duration::from_secs(1_u64 << doublings).min(max);
    let half = whole.as_millis().div_euclid(2);
    let more = half
        .saturating_mul(jitter(attempts, seed))
        .div_euclid(MAX_JITTER);
    let wait = u64::try_from(half.saturating_add(more)).unwrap_or(u64::MAX);
    Duration::from_millis(wait)
}

/// A number from 0 to [`MAX_JITTER`] that looks random but is not.
fn jitter(attempts: u32, seed: &str) -> u128 {
    let digest = sha256_base64url(&format!("{attempts} {seed}"));
    let sum = digest.bytes().take(16).map(u128::from).sum::<u128>();
    sum.rem_euclid(MAX_JITTER.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Duration = Duration::from_secs(300);

    #[test]
    fn starts_at_a_second_at_most_and_stays_between_half_and_all_of_the_bound() {
        for attempts in 1..200 {
            let whole = Duration::from_secs(1_u64 << (attempts - 1).min(20)).min(MAX);
            let wait = after(attempts, "customer/x", MAX);
            assert!(wait >= whole / 2 && wait <= whole, "{attempts}: {wait:?}");
        }
        assert_eq!(after(u32::MAX, "x", MAX), after(u32::MAX, "x", MAX));
    }

    #[test]
    fn spreads_those_who_failed_together() {
        let waits: std::collections::BTreeSet<Duration> = (0..100)
            .map(|number| after(5, &format!("customer/{number}"), MAX))
            .collect();
        assert!(waits.len() > 30, "{} different waits", waits.len());
    }
}
