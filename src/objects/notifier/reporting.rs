//! Telling the engineers that Slack does not take the team's alerts, on their own
//! hook, once; and once that it does again.

use super::queue::{FAILING, Head};
use crate::domain::alert::{Alert, Concern, Episode, Notice, Phase, What};
use crate::domain::audience::Audience;
use crate::domain::time::Timestamp;
use crate::machine::Scene;

impl Head {
    /// What the engineers are to be told now.
    pub(super) fn report(&mut self, scene: Scene<'_>) -> Option<Alert> {
        self.report_due(scene).filter(|&due| due <= scene.now)?;
        let (since, reason, phase) = match &self.trouble {
            Some(trouble) => (trouble.since, trouble.reason.clone(), Phase::Opened),
            None => (self.told_of?, String::new(), Phase::Over),
        };
        self.mended = false;
        self.told_of = self.trouble.as_ref().map(|trouble| trouble.since);
        let over = phase == Phase::Over;
        let what = What::Notice(Notice {
            about: Concern::Slack,
            over,
            count: self.waiting,
            since,
            reason,
        });
        let incident = format!("notifier/{}/slack", self.channel.as_str());
        let end = if over { "over" } else { "opened" };
        let id = format!("{incident}/{}/{end}", since.as_millis());
        let episode = Some(Episode { incident, phase });
        let alert = Alert::new(id, scene.now, Audience::Engineers, what);
        Some(Alert { episode, ..alert })
    }

    /// When they are to be told something.
    pub(super) fn report_due(&self, scene: Scene<'_>) -> Option<Timestamp> {
        if self.channel != Audience::Team || scene.settings.hook(Audience::Engineers).is_none() {
            return None;
        }
        match (&self.trouble, self.told_of) {
            (Some(trouble), None) if trouble.refused => Some(scene.now),
            (Some(trouble), None) => Some(trouble.since.plus(FAILING)),
            // Where only another hook was set, nobody knows yet whether it is better.
            (None, Some(_)) if self.mended => Some(scene.now),
            _ => None,
        }
    }
}
