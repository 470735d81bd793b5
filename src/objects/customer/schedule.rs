//! When the next alert about an incident is due.
//!
//! The first one at once, or after the configured delay; then, while the incident is open and
//! something new happens, after a pause that doubles from the repeat interval to four hours; and
//! once more when it drags on, to mention someone. What alerts say, and which are suppressed, is in
//! `alerts`.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::alert::Phase;
use crate::domain::audience::Audience;
use crate::domain::time::Timestamp;
use crate::machine::Context;

/// The longest pause between two alerts about one incident, in minutes.
const MAX_PAUSE_MINUTES: u64 = 240;

/// An incident that is open for this long drags on.
const DRAGS_ON_AFTER: Duration = Duration::from_mins(30);

/// An incident with this many attempts drags on.
const DRAGS_ON_ATTEMPTS: u64 = 3;

/// The alerts of an incident. Starts again each time that the incident opens, apart from the number
/// of alerts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct AlertSchedule {
    /// Alerts so far, ever: numbers the next one.
    alerts: u64,
    /// When an alert about something new is due.
    due: Option<Timestamp>,
    /// When someone is mentioned, unless someone was.
    mention_at: Option<Timestamp>,
    last: Option<LastAlert>,
    /// Who received an alert.
    audience: Vec<Audience>,
    /// Whether an alert was suppressed.
    suppressed: bool,
}

/// The latest alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LastAlert {
    at: Timestamp,
    /// The next one comes no sooner than this many minutes later.
    #[serde(default)]
    pause: u64,
}

/// An alert that is due.
#[derive(Debug, Clone, Copy)]
pub(super) struct DueAlert {
    pub(super) number: u64,
    pub(super) phase: Phase,
    pub(super) audience: Audience,
    pub(super) mentions: bool,
}

impl AlertSchedule {
    /// The incident opens, for this audience.
    pub(super) fn open(&mut self, context: Context<'_>, audience: Audience) {
        *self = Self {
            alerts: self.alerts,
            due: Some(context.now.plus(context.settings.alerting.first_delay)),
            ..Self::default()
        };
        if audience == Audience::Team {
            self.schedule_mention(context);
        }
    }

    /// Something more happened: an alert follows when the pause is over.
    pub(super) fn schedule_repeat(&mut self, now: Timestamp) {
        if let Some(last) = &self.last {
            let pause = Duration::from_mins(last.pause);
            self.due.get_or_insert(last.at.plus(pause).max(now));
        }
    }

    /// Corrects what a clock that was ahead made too long.
    pub(super) fn correct_waits(&mut self, now: Timestamp) {
        if let Some(at) = &mut self.due {
            at.end_within(Duration::from_mins(MAX_PAUSE_MINUTES), now);
        }
        if let Some(at) = &mut self.mention_at {
            at.end_within(DRAGS_ON_AFTER, now);
        }
        if let Some(last) = &mut self.last {
            last.at.end_within(Duration::ZERO, now);
        }
    }

    /// This many attempts have failed by now.
    pub(super) fn count(&mut self, attempts: u64, now: Timestamp) {
        if attempts >= DRAGS_ON_ATTEMPTS && self.mention_at.is_some() {
            self.mention_at = Some(now);
        }
    }

    /// What happened can't wait: from now on it concerns the team.
    pub(super) fn escalate(&mut self, context: Context<'_>) {
        self.due = Some(context.now);
        self.schedule_mention(context);
    }

    /// Someone is mentioned if the incident drags on from here.
    fn schedule_mention(&mut self, context: Context<'_>) {
        let has_mention = context.settings.alerting.mention.is_some();
        self.mention_at = has_mention.then(|| context.now.plus(DRAGS_ON_AFTER));
    }

    /// When the next alert is due. A mention waits for the first alert.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let mention = self.last.as_ref().and(self.mention_at);
        [self.due, mention].into_iter().flatten().min()
    }

    /// The alert that is sent to this audience now.
    pub(super) fn next(&mut self, context: Context<'_>, audience: Audience) -> DueAlert {
        let repeat = context.settings.alerting.repeat.as_secs().div_euclid(60);
        let pause = self.last.as_ref().map(|last| last.pause.saturating_mul(2));
        self.due = None;
        self.suppressed = false;
        self.last = Some(LastAlert {
            at: context.now,
            pause: pause.unwrap_or(repeat).min(MAX_PAUSE_MINUTES),
        });
        let phase = if self.audience.contains(&audience) {
            Phase::Ongoing
        } else {
            self.audience.push(audience);
            Phase::Opened
        };
        let drags_on = self.mention_at.is_some_and(|at| at <= context.now);
        let mentions = drags_on && audience == Audience::Team;
        if drags_on {
            self.mention_at = None;
        }
        self.due_alert(phase, audience, mentions)
    }

    /// The incident is over: the alerts for everyone who received one. If nobody did yet, those
    /// hear of its beginning and end who would have.
    pub(super) fn end(&mut self, otherwise: Audience) -> Vec<DueAlert> {
        let mut audience = core::mem::take(&mut self.audience);
        if audience.is_empty() {
            audience.push(otherwise);
        }
        self.reset();
        let due = audience.into_iter();
        due.map(|audience| self.due_alert(Phase::Resolved, audience, false))
            .collect()
    }

    /// The incident is over, without an alert.
    pub(super) fn reset(&mut self) {
        *self = Self {
            alerts: self.alerts,
            ..Self::default()
        };
    }

    /// What is due now is not sent.
    pub(super) fn suppress(&mut self) {
        self.due = None;
        self.mention_at = None;
        self.suppressed = true;
    }

    /// Whether an alert was suppressed since the last one that was sent.
    pub(super) fn is_suppressed(&self) -> bool {
        self.suppressed
    }

    fn due_alert(&mut self, phase: Phase, audience: Audience, mentions: bool) -> DueAlert {
        self.alerts = self.alerts.saturating_add(1);
        DueAlert {
            number: self.alerts,
            phase,
            audience,
            mentions,
        }
    }
}
