//! When the next alert about an incident is due.
//!
//! The first one at once, or after the configured delay; then, while the incident is open and
//! something new happens, after a pause that doubles from the repeat interval to four hours; and
//! once more when it drags on, to mention someone. If the incident comes back soon after it was
//! over, the pause continues: until it ends nothing is sent, and then one alert says how the incident
//! is, and how often it came back. What alerts say, and which are suppressed, is in `alerts`.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::alert::{Phase, Returns};
use crate::domain::audience::Audience;
use crate::domain::time::Timestamp;
use crate::machine::Context;

/// The longest pause between two alerts about one incident, in minutes.
const MAX_PAUSE_MINUTES: u64 = 240;

/// An incident that opens again within this time after it was over came back.
const RETURN_WINDOW: Duration = Duration::from_hours(4);

/// An incident that is open for this long drags on.
const DRAGS_ON_AFTER: Duration = Duration::from_mins(30);

/// An incident with this many attempts drags on.
const DRAGS_ON_ATTEMPTS: u64 = 3;

/// The alerts of an incident. Starts again each time that the incident opens, apart from the number
/// of alerts, unless it came back.
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
    /// Whether someone was mentioned.
    mentioned: bool,
    /// Since when it is over.
    over_since: Option<Timestamp>,
    /// How often it came back, and since when it does.
    returns: Option<Returns>,
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
        self.reset();
        self.due = Some(context.now.plus(context.settings.alerting.first_delay));
        if audience == Audience::Team {
            self.schedule_mention(context);
        }
    }

    /// The incident opens, for this audience, and may have been over only for a moment.
    pub(super) fn reopen(&mut self, context: Context<'_>, audience: Audience, first_at: Timestamp) {
        let over_since = self.over_since.take();
        let is_return = over_since.is_some_and(|at| context.now.since(at) < RETURN_WINDOW);
        let (Some(pause_end), true) = (self.pause_end(), is_return) else {
            return self.open(context, audience);
        };
        let returns = self.returns.get_or_insert(Returns {
            times: 0,
            since: first_at,
        });
        returns.times = returns.times.saturating_add(1);
        let first = context.now.plus(context.settings.alerting.first_delay);
        let is_known = self.audience.contains(&audience);
        self.due = Some(if is_known {
            pause_end.max(first)
        } else {
            first
        });
        if audience == Audience::Team && !self.mentioned {
            self.schedule_mention(context);
        }
    }

    /// Something more happened: an alert follows when the pause is over.
    pub(super) fn schedule_repeat(&mut self, now: Timestamp) {
        if let Some(end) = self.pause_end() {
            self.due.get_or_insert(end.max(now));
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
        if let Some(at) = &mut self.over_since {
            at.end_within(Duration::ZERO, now);
        }
    }

    /// How often the incident came back.
    pub(super) fn returns(&self) -> Option<Returns> {
        self.returns
    }

    /// When the pause after the latest alert is over.
    fn pause_end(&self) -> Option<Timestamp> {
        let last = self.last.as_ref()?;
        Some(last.at.plus(Duration::from_mins(last.pause)))
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

    /// Nobody is mentioned until the incident opens again.
    pub(super) fn forgo_mention(&mut self) {
        self.mention_at = None;
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
        self.begin_pause(context);
        self.suppressed = false;
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
        self.mentioned |= mentions;
        self.due_alert(phase, audience, mentions)
    }

    /// The incident is over, and may come back: the alerts for everyone who received one. If nobody
    /// did yet, those hear of its beginning and end who would have. If it came back before, they
    /// hear when the pause is over.
    pub(super) fn end(&mut self, context: Context<'_>, otherwise: Audience) -> Vec<DueAlert> {
        self.mention_at = None;
        self.over_since = Some(context.now);
        if self.returns.is_some() {
            self.schedule_repeat(context.now);
            return Vec::new();
        }
        if self.last.is_none() {
            self.begin_pause(context);
        }
        self.due = None;
        self.suppressed = false;
        self.report_end(otherwise)
    }

    /// The pause is over, and so is the incident: the alerts for everyone who received one.
    pub(super) fn end_of_pause(
        &mut self,
        context: Context<'_>,
        otherwise: Audience,
    ) -> Vec<DueAlert> {
        self.begin_pause(context);
        self.report_end(otherwise)
    }

    /// The incident is over for good: the alerts as at any end.
    pub(super) fn end_for_good(&mut self, otherwise: Audience) -> Vec<DueAlert> {
        let due = self.report_end(otherwise);
        self.reset();
        due
    }

    fn report_end(&mut self, otherwise: Audience) -> Vec<DueAlert> {
        if self.audience.is_empty() {
            self.audience.push(otherwise);
        }
        let audience = self.audience.clone().into_iter();
        audience
            .map(|audience| self.due_alert(Phase::Resolved, audience, false))
            .collect()
    }

    /// An alert is sent now: the next one comes after a pause.
    fn begin_pause(&mut self, context: Context<'_>) {
        let repeat = context.settings.alerting.repeat.as_secs().div_euclid(60);
        let pause = self.last.as_ref().map(|last| last.pause.saturating_mul(2));
        self.due = None;
        self.last = Some(LastAlert {
            at: context.now,
            pause: pause.unwrap_or(repeat).min(MAX_PAUSE_MINUTES),
        });
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
