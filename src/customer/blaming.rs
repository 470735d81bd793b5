//! What is wrong with a customer's integrations or the environment, and the
//! incidents that open, change and close because of it.
//!
//! Attempts to connect are counted in `state`; what an incident is, and how it
//! shows, is `incident`'s.

use super::holding::{Snapshot, Telling};
use super::incident::Subject;
use super::state::State;
use crate::alert::{Alert, What};
use crate::id::EventId;
use crate::issue::Cause;
use crate::machine::{Change, Scene};
use crate::outbox;

/// An incident's facts for the alert about it.
pub(super) struct Blame {
    pub(super) subject: Subject,
    pub(super) causes: Vec<Cause>,
    pub(super) contact: Option<String>,
    pub(super) event: Option<EventId>,
}

impl State {
    /// Takes over what is wrong with an integration or the environment. It is told
    /// when it begins, and again when only the customer can mend it any more:
    /// others read that than read of Kombo's issues.
    pub(super) fn blame(&mut self, scene: Scene<'_>, blame: Blame) -> Vec<Change> {
        let name = blame.subject.name();
        let known = self.incidents.iter().find(|it| it.subject.name() == name);
        let causes_before = known.filter(|it| it.open).map_or(&[][..], |it| &it.causes);
        if causes_before == blame.causes {
            return Vec::new();
        }
        let who = self.who(blame.contact);
        let owner = self.head.key.name();
        let hopeless = |causes: &[Cause]| causes.iter().any(Cause::is_authentication);
        let worse = hopeless(&blame.causes) && !hopeless(causes_before);
        let what = What::StoppedWorking {
            connection: blame.subject.connection(),
            handle: blame.subject.handle(),
            causes: blame.causes.clone(),
        };
        let incident = self.incident(blame.subject);
        let opened = incident.blame(blame.causes, scene.now);
        let mut changes = vec![incident.row()];
        if opened || worse {
            let alert = Alert {
                schema: Alert::SCHEMA,
                id: format!("{owner}/{name}/{}", incident.revision()),
                at: scene.now,
                event_id: blame.event,
                who,
                what,
            };
            changes.push(outbox::owe(scene, &alert));
        }
        changes
    }

    /// What is wrong with each integration that the customer has or had, after a telling.
    ///
    /// One that was replaced is nobody's trouble any more: the customer has a
    /// usable one of the same tool and category that was connected later.
    pub(super) fn troubles(&self, telling: &Telling) -> Vec<Blame> {
        let having = self.holdings.iter().filter_map(|it| it.snapshot.as_ref());
        let usable: Vec<&Snapshot> = having.filter(|it| it.usable()).collect();
        let replaced = |broken: &Snapshot| {
            let mut later = usable
                .iter()
                .filter(|it| it.connected_at > broken.connected_at);
            later.any(|it| it.connection() == broken.connection())
        };
        let troubles = self.holdings.iter().map(|holding| {
            let snapshot = holding.snapshot.as_ref();
            let connection = snapshot.map_or_default(Snapshot::connection);
            let broken = snapshot.filter(|snapshot| !replaced(snapshot));
            Blame {
                subject: Subject::Integration {
                    id: holding.integration.clone(),
                    tool: connection.tool,
                    category: connection.category,
                },
                causes: broken.map_or_else(Vec::new, |snapshot| snapshot.causes.clone()),
                contact: snapshot.and_then(|snapshot| snapshot.contact.clone()),
                event: telling.event.clone(),
            }
        });
        troubles.collect()
    }
}
