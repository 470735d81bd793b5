//! What people were told of an incident, and when they are told next.
//!
//! First at once, or after the delay that is configured; then, while it stands
//! and something new happens, after a pause that doubles from the repeat interval
//! to four hours; and once more when it drags on, to mention somebody. What the
//! alerts say, and who must not hear of them, is `news`'s.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::alert::Phase;
use crate::domain::audience::Audience;
use crate::domain::time::Timestamp;
use crate::machine::Scene;

/// Longest pause between two alerts about one incident, in minutes.
const LONGEST_PAUSE: u64 = 240;

/// An incident that stands for so long drags on.
const DRAGS_ON: Duration = Duration::from_mins(30);

/// An incident of so many attempts drags on.
const MANY: u64 = 3;

/// What was told of an incident. Starts afresh each time that it opens, but for
/// the number of alerts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Story {
    /// Alerts made, ever: names the next one.
    alerts: u64,
    /// When something new is due.
    due: Option<Timestamp>,
    /// When somebody is mentioned, who was not yet.
    drags_on_at: Option<Timestamp>,
    told: Option<Told>,
    /// Who was told.
    audience: Vec<Audience>,
    /// Something was to be told while nobody was to hear of it.
    hushed: bool,
}

/// The latest alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Told {
    at: Timestamp,
    /// No other follows for so many minutes.
    #[serde(default)]
    pause: u64,
}

/// One alert of a story.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chapter {
    pub(super) number: u64,
    pub(super) phase: Phase,
    pub(super) audience: Audience,
    pub(super) mentions: bool,
}

impl Story {
    /// The incident opens, for this audience.
    pub(super) fn begin(&mut self, scene: Scene<'_>, audience: Audience) {
        *self = Self {
            alerts: self.alerts,
            due: Some(scene.now.plus(scene.settings.alerting.first_delay)),
            ..Self::default()
        };
        if audience == Audience::Team {
            self.watch(scene);
        }
    }

    /// Something more happened: it is told when the pause is over.
    pub(super) fn go_on(&mut self, now: Timestamp) {
        if let Some(told) = &self.told {
            let pause = Duration::from_mins(told.pause);
            self.due.get_or_insert(told.at.plus(pause).max(now));
        }
    }

    /// So many attempts failed by now.
    pub(super) fn count(&mut self, attempts: u64, now: Timestamp) {
        if attempts >= MANY && self.drags_on_at.is_some() {
            self.drags_on_at = Some(now);
        }
    }

    /// What happened can't wait: others must hear of it, the team.
    pub(super) fn press(&mut self, scene: Scene<'_>) {
        self.due = Some(scene.now);
        self.watch(scene);
    }

    /// Somebody is mentioned if it drags on from here.
    fn watch(&mut self, scene: Scene<'_>) {
        let somebody = scene.settings.alerting.mention.is_some();
        self.drags_on_at = somebody.then(|| scene.now.plus(DRAGS_ON));
    }

    /// When the next alert is due. The first one waits for its own time only.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let drags_on = self.told.as_ref().and(self.drags_on_at);
        [self.due, drags_on].into_iter().flatten().min()
    }

    /// The alert that is told to this audience now.
    pub(super) fn tell(&mut self, scene: Scene<'_>, audience: Audience) -> Chapter {
        let repeat = scene.settings.alerting.repeat.as_secs().div_euclid(60);
        let pause = self.told.as_ref().map(|told| told.pause.saturating_mul(2));
        self.due = None;
        self.hushed = false;
        self.told = Some(Told {
            at: scene.now,
            pause: pause.unwrap_or(repeat).min(LONGEST_PAUSE),
        });
        let phase = if self.audience.contains(&audience) {
            Phase::Stands
        } else {
            self.audience.push(audience);
            Phase::Opened
        };
        let drags_on = self.drags_on_at.is_some_and(|at| at <= scene.now);
        let mentions = drags_on && audience == Audience::Team;
        if drags_on {
            self.drags_on_at = None;
        }
        self.chapter(phase, audience, mentions)
    }

    /// The incident is over: who hears of it. Where nobody was told yet that it
    /// began, those hear of both who would have been.
    pub(super) fn end(&mut self, otherwise: Audience) -> Vec<Chapter> {
        let mut audience = core::mem::take(&mut self.audience);
        if audience.is_empty() {
            audience.push(otherwise);
        }
        self.fade();
        let chapters = audience.into_iter();
        chapters
            .map(|channel| self.chapter(Phase::Over, channel, false))
            .collect()
    }

    /// The incident is over, and nobody hears of it.
    pub(super) fn fade(&mut self) {
        *self = Self {
            alerts: self.alerts,
            ..Self::default()
        };
    }

    /// Nobody is to hear what would be told now.
    pub(super) fn hush(&mut self) {
        self.due = None;
        self.drags_on_at = None;
        self.hushed = true;
    }

    /// Whether something was kept from everybody.
    pub(super) fn is_hushed(&self) -> bool {
        self.hushed
    }

    fn chapter(&mut self, phase: Phase, audience: Audience, mentions: bool) -> Chapter {
        self.alerts = self.alerts.saturating_add(1);
        Chapter {
            number: self.alerts,
            phase,
            audience,
            mentions,
        }
    }
}
