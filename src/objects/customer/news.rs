//! What people are told of a customer's incidents, and what is kept from them.
//!
//! When something is told is `story`'s to know. Nothing is told of customers that
//! are there for tests, nor of what a human muted; what happened meanwhile is
//! told in one message when the mute ends, if it still stands.

use super::incident::Incident;
use super::state::State;
use super::story::Chapter;
use super::subject::Subject;
use crate::contracts::objects::customer::{Snapshot, Telling};
use crate::domain::alert::{Alert, Connection, Ending, Episode, Standing, What, Who};
use crate::domain::audience::Audience;
use crate::machine::Scene;

impl State {
    /// Tells what is due.
    pub(super) fn tell(&mut self, scene: Scene<'_>) {
        self.head.mutes.expire(scene.now);
        self.tell_what_was_hushed(scene);
        self.with_each(&mut |state, incident| {
            let due = incident.story.due().is_some_and(|due| due <= scene.now);
            if !due || !incident.open {
                return;
            }
            if state.is_quiet(scene, &incident.subject) {
                return incident.story.hush();
            }
            let chapter = incident.story.tell(scene, incident.audience());
            let alert = state.alert(scene, incident, chapter, state.standing(incident));
            state.alerts.push(alert);
        });
    }

    /// A success ended some attempts: it is told, once for each incident.
    pub(super) fn connected_now(&mut self, scene: Scene<'_>, telling: &Telling, now: &Snapshot) {
        // What was only ever imported is no news of Kombo's.
        if telling.event.is_none() && now.created_at.is_none() {
            return;
        }
        let connection = now.connection();
        self.with_each(&mut |state, incident| {
            let attempted = incident.subject.connection();
            let attempts = incident.open && incident.subject.is_connection();
            if !attempts || !now.ends(&attempted, incident.last_at) {
                return;
            }
            let what = What::Connected {
                connection: connection.clone(),
                instead_of: (attempted != connection).then_some(attempted),
                attempts: incident.attempts,
                since: incident.first_at,
            };
            incident.sign.event.clone_from(&telling.event);
            state.close(scene, incident, &what);
        });
    }

    /// The trouble of an integration or the environment is over.
    pub(super) fn recovered(&mut self, scene: Scene<'_>, incident: &mut Incident, ending: Ending) {
        let what = What::Recovered {
            connection: incident.subject.connection(),
            handle: incident.subject.handle(),
            since: incident.first_at,
            ending,
        };
        self.close(scene, incident, &what);
    }

    /// Closes what nobody tried to end for a week. The daily summary says so.
    pub(super) fn give_up(&mut self, scene: Scene<'_>) {
        self.with_each(&mut |state, incident| {
            if !incident.is_given_up(scene.now) {
                return;
            }
            let id = format!("{}/given-up/{}", state.name_of(incident), incident.revision);
            let what = What::GivenUp {
                connection: incident.subject.connection(),
                attempts: incident.attempts,
                since: incident.first_at,
            };
            let alert = Alert {
                who: state.who(incident),
                ..Alert::new(id, scene.now, Audience::Team, what)
            };
            let told = !state.is_quiet(scene, &incident.subject);
            state.alerts.extend(told.then_some(alert));
            incident.close(scene.now);
            incident.story.fade();
        });
    }

    /// Good news, or a farewell, that the company wants to hear of: an integration
    /// that came or went, with no incident about it.
    pub(super) fn announce(
        &mut self,
        scene: Scene<'_>,
        telling: &Telling,
        before: Option<&Snapshot>,
    ) {
        let announced = scene.settings.alerting.announced;
        let (of, what) = match (before, &telling.holding) {
            (None, Some(now)) if announced.connected && telling.event.is_some() => {
                let connection = now.connection();
                let what = What::Connected {
                    connection,
                    instead_of: None,
                    attempts: 0,
                    since: scene.now,
                };
                (now, what)
            }
            (Some(gone), None) if announced.disconnected && telling.deleted => {
                let connection = gone.connection();
                (gone, What::Disconnected { connection })
            }
            _ => return,
        };
        let Connection { tool, category } = of.connection();
        let subject = Subject::Integration {
            id: telling.integration.clone(),
            tool,
            category,
        };
        if self.head.key.origin_id().is_none() || self.is_quiet(scene, &subject) {
            return;
        }
        let name = format!("{}:{}", self.head.key.name(), subject.name());
        let id = format!("{name}/announced/{}", telling.version);
        self.alerts.push(Alert {
            event_id: telling.event.clone(),
            who: Who {
                contact: of.contact.clone(),
                ..self.customer()
            },
            ..Alert::new(id, scene.now, Audience::Team, what)
        });
    }

    /// Whether nobody is to hear of it.
    fn is_quiet(&self, scene: Scene<'_>, subject: &Subject) -> bool {
        let tests = &scene.settings.alerting.test_customers;
        let test = self
            .head
            .key
            .origin_id()
            .is_some_and(|id| tests.contains(id));
        test || self.head.mutes.over(subject).is_some()
    }

    /// What happened during a mute that is over now, in one message.
    fn tell_what_was_hushed(&mut self, scene: Scene<'_>) {
        let mut standing = Vec::new();
        let mut audience = Audience::Engineers;
        let mut who = Who::default();
        self.with_each(&mut |state, incident| {
            let hushed = incident.open && incident.story.is_hushed();
            if !hushed || state.is_quiet(scene, &incident.subject) {
                return;
            }
            let chapter = incident.story.tell(scene, incident.audience());
            if chapter.audience == Audience::Team {
                audience = Audience::Team;
            }
            who = state.who(incident);
            standing.push(Standing {
                who: Who::default(),
                connection: incident.subject.connection(),
                attempts: incident.counted(),
                since: incident.first_at,
            });
        });
        if standing.is_empty() {
            return;
        }
        let id = format!(
            "{}/still-open/{}",
            self.head.key.name(),
            scene.now.as_millis()
        );
        let alert = Alert::new(id, scene.now, audience, What::StillOpen { standing });
        self.alerts.push(Alert { who, ..alert });
    }

    /// Does something with each incident, while the rest of the state is at hand.
    fn with_each(&mut self, act: &mut dyn FnMut(&mut Self, &mut Incident)) {
        for mut incident in core::mem::take(&mut self.incidents) {
            act(self, &mut incident);
            self.incidents.push(incident);
        }
    }

    /// Closes an incident, and tells those who heard of it.
    fn close(&mut self, scene: Scene<'_>, incident: &mut Incident, what: &What) {
        let audience = incident.audience();
        incident.close(scene.now);
        if self.is_quiet(scene, &incident.subject) {
            return incident.story.fade();
        }
        for chapter in incident.story.end(audience) {
            let alert = self.alert(scene, incident, chapter, what.clone());
            self.alerts.push(alert);
        }
    }

    /// What an open incident is about.
    fn standing(&self, incident: &Incident) -> What {
        let connection = incident.subject.connection();
        if incident.subject.is_connection() {
            return What::CouldNotConnect {
                connection,
                attempts: incident.attempts,
                since: incident.first_at,
                last_at: incident.last_at,
                log_url: incident.sign.log_url.clone(),
                connected: self.connected(),
            };
        }
        What::StoppedWorking {
            connection,
            handle: incident.subject.handle(),
            causes: incident.causes.clone(),
            since: incident.first_at,
        }
    }

    fn alert(&self, scene: Scene<'_>, incident: &Incident, chapter: Chapter, what: What) -> Alert {
        let name = self.name_of(incident);
        let id = format!("{name}/{}", chapter.number);
        Alert {
            event_id: incident.sign.event.clone(),
            who: self.who(incident),
            episode: Some(Episode {
                incident: name,
                phase: chapter.phase,
            }),
            mentions: chapter.mentions,
            ..Alert::new(id, scene.now, chapter.audience, what)
        }
    }

    /// Names an incident among those of all customers.
    fn name_of(&self, incident: &Incident) -> String {
        format!("{}:{}", self.head.key.name(), incident.subject.name())
    }

    fn who(&self, incident: &Incident) -> Who {
        Who {
            contact: incident.sign.contact.clone(),
            ..self.customer()
        }
    }

    fn customer(&self) -> Who {
        Who {
            origin_id: self.head.key.origin_id().cloned(),
            organization_name: self.head.organization_name.clone(),
            contact: None,
        }
    }
}
