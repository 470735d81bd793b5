//! Reports to the engineers' Notifier that Workers KV keys of this object are stale.
//!
//! Keeps the current fact and the last one reported, and reports again until the Notifier
//! acknowledges. A report holds for half an hour and is repeated while it is true, so one that
//! arrives twice or late does no harm for long. `/healthz` asks the Notifier.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::domain::audience::Audience;
use crate::domain::backoff::Retry;
use crate::domain::time::Timestamp;
use crate::machine::{Context, Outcome, Receipt, Send};
use crate::parts::outbox::MAX_HANDOVER_BACKOFF;

/// How long the Notifier relies on a report.
pub const LEASE: Duration = Duration::from_mins(30);

/// How often a report is repeated while keys are stale.
const REPEAT: Duration = Duration::from_mins(10);

/// What was reported last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LagReport {
    /// When it may have been reported last that keys are stale; `None` since the Notifier knows
    /// that they are not.
    reported_at: Option<Timestamp>,
    #[serde(default)]
    retry: Retry,
    /// What went wrong last.
    reason: String,
}

impl LagReport {
    /// When something must be reported. `stale_at` is when the first key that is behind counts as
    /// stale, if any is behind.
    #[must_use]
    pub fn due(&self, stale_at: Option<Timestamp>) -> Option<Timestamp> {
        match (self.reported_at, stale_at) {
            (None, None) => None,
            (None, Some(at)) => Some(at.max(self.retry.at)),
            (Some(reported), Some(_)) if self.retry.attempts == 0 => Some(reported.plus(REPEAT)),
            (Some(_), _) => Some(self.retry.at),
        }
    }

    /// Corrects what a clock that was ahead made too long.
    pub fn correct_waits(&mut self, now: Timestamp) {
        self.retry.correct_wait(MAX_HANDOVER_BACKOFF, now);
        if let Some(at) = &mut self.reported_at {
            at.end_within(Duration::ZERO, now);
        }
    }

    /// Notes why a key was not written.
    pub fn note(&mut self, outcome: &Outcome<()>) {
        if let Err(error) = outcome {
            self.reason = error.to_string();
        }
    }

    /// The report that is due, and whether it says that keys are stale. It leaves now.
    pub fn poll(
        &mut self,
        context: Context<'_>,
        object: &str,
        stale_at: Option<Timestamp>,
    ) -> Option<(Send, bool)> {
        self.due(stale_at).filter(|&due| due <= context.now)?;
        let is_stale = stale_at.is_some();
        if is_stale {
            self.reported_at = Some(context.now);
        }
        let message = Envelope::encode(Message::KvLag {
            object: object.to_owned(),
            is_stale,
            reason: self.reason.clone(),
        });
        let to = Address::Notifier(Audience::Engineers);
        Some((Send { to, message }, is_stale))
    }

    /// Takes in what came of a report. `object` spreads the waits.
    pub fn complete(
        &mut self,
        is_stale: bool,
        outcome: &Outcome<Receipt>,
        now: Timestamp,
        object: &str,
    ) {
        if *outcome != Ok(Receipt::Accepted) {
            self.retry.fail(now, object, MAX_HANDOVER_BACKOFF);
            return;
        }
        self.retry = Retry::default();
        if !is_stale {
            *self = Self::default();
        }
    }
}
