//! When an integration is checked with Kombo next, and what is asked then.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::backoff;
use crate::domain::time::Timestamp;

/// The longest pause between two checks; the shortest is half of it.
const LONGEST: Duration = Duration::from_hours(9 * 24);
/// The spread has many steps, and this one gives a whole pause.
const STEP: u32 = 30;

/// Where the check stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Recheck {
    /// When the next step is due; none while nobody wants checks.
    pub(super) at: Option<Timestamp>,
    pub(super) step: Step,
    /// When Kombo was asked how the integration stands.
    pub(super) asked_at: Timestamp,
    /// When Kombo first did not know it.
    pub(super) unknown_since: Option<Timestamp>,
}

/// What is asked next.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Which environment the key is of.
    #[default]
    Key,
    /// Whether this environment is the one that was seen first.
    Environment(String),
    /// How the integration stands.
    Integration,
    /// The same, by a key of this environment, of which nobody knows whether it is ours.
    Unproven(String),
    /// Nothing: this environment is ours, since Kombo knows the integration there.
    Proven(String),
}

impl Recheck {
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.at
    }

    /// Plans a check where checks are wanted, and none where they are not.
    pub(super) fn follow(&mut self, wanted: bool, now: Timestamp, who: &str) {
        if !wanted {
            (self.at, self.step) = (None, Step::Key);
        } else if self.at.is_none() {
            self.rest(now, who);
        }
    }

    pub(super) fn rest(&mut self, now: Timestamp, who: &str) {
        self.again(now, backoff::after(STEP, who, LONGEST));
    }

    /// From the beginning, after a pause.
    pub(super) fn again(&mut self, now: Timestamp, pause: Duration) {
        (self.at, self.step) = (Some(now.plus(pause)), Step::Key);
    }

    pub(super) fn go_on(&mut self, step: Step, now: Timestamp) {
        (self.at, self.step) = (Some(now), step);
    }
}
