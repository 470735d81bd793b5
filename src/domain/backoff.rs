//! How long to wait before the next try.
//!
//! Doubling from one second, with jitter so that what failed together does not
//! return together. The jitter is a function of who waits and how often it tried,
//! so the machines stay free of randomness.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::id::sha256_base64url;
use crate::domain::time::Timestamp;

/// Steps of the jitter.
const MOST_JITTER: u128 = 255;

/// When something may next be tried, and how often it failed in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Failures in a row.
    #[serde(default)]
    pub attempts: u32,
    /// Not before this moment.
    pub at: Timestamp,
}

impl Retry {
    /// A first try at this moment.
    #[must_use]
    pub fn from(at: Timestamp) -> Self {
        Self { attempts: 0, at }
    }

    /// Puts the next try off after a failure; see [`after`].
    pub fn fail(&mut self, now: Timestamp, who: &str, most: Duration) {
        self.attempts = self.attempts.saturating_add(1);
        self.at = now.plus(after(self.attempts, who, most));
    }
}

/// The wait after `attempts` failures in a row (1 or more): between half and all
/// of `2^(attempts - 1)` seconds, and never over `most`. `who` spreads the waits.
#[must_use]
pub fn after(attempts: u32, who: &str, most: Duration) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    let whole = Duration::from_secs(1_u64 << doublings).min(most);
    let half = whole.as_millis().div_euclid(2);
    let more = half
        .saturating_mul(jitter(attempts, who))
        .div_euclid(MOST_JITTER);
    let wait = u64::try_from(half.saturating_add(more)).unwrap_or(u64::MAX);
    Duration::from_millis(wait)
}

/// A number from 0 to [`MOST_JITTER`] that looks random and is not.
fn jitter(attempts: u32, who: &str) -> u128 {
    let digest = sha256_base64url(&format!("{attempts} {who}"));
    let sum = digest.bytes().take(16).map(u128::from).sum::<u128>();
    sum.rem_euclid(MOST_JITTER.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Duration = Duration::from_secs(300);

    #[test]
    fn starts_at_a_second_at_most_and_stays_between_half_and_all_of_the_bound() {
        for attempts in 1..200 {
            let whole = Duration::from_secs(1_u64 << (attempts - 1).min(20)).min(MOST);
            let wait = after(attempts, "customer/x", MOST);
            assert!(wait >= whole / 2 && wait <= whole, "{attempts}: {wait:?}");
        }
        assert_eq!(after(u32::MAX, "x", MOST), after(u32::MAX, "x", MOST));
    }

    #[test]
    fn spreads_those_who_failed_together() {
        let waits: std::collections::BTreeSet<Duration> = (0..100)
            .map(|number| after(5, &format!("customer/{number}"), MOST))
            .collect();
        assert!(waits.len() > 30, "{} different waits", waits.len());
    }
}
