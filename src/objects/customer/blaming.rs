//! What is wrong with a customer's integrations or the environment, and the
//! incidents that open, change and close because of it.
//!
//! Attempts to connect are counted in `state`; what people are told is `news`'s.

use super::incident::{Blame, Incident, Sign};
use super::state::State;
use super::subject::Subject;
use crate::contracts::objects::customer::{Snapshot, Telling};
use crate::domain::alert::Ending;
use crate::machine::Scene;

impl State {
    /// Takes over what is wrong with an integration or the environment.
    pub(super) fn blame(&mut self, scene: Scene<'_>, blame: Blame) {
        let name = blame.subject.name();
        let known = self
            .incidents
            .iter()
            .position(|it| it.subject.name() == name);
        let mut incident = match known {
            Some(place) => self.incidents.remove(place),
            None => Incident::about(blame.subject),
        };
        let is_gone = blame.causes.is_empty() && blame.ending == Ending::Gone;
        match (incident.open, blame.causes.is_empty()) {
            (false, true) => {}
            (true, true) => {
                incident.sign.event = blame.sign.event;
                self.recovered(scene, &mut incident, blame.ending);
            }
            (true, false) if incident.causes == blame.causes => {}
            (_, false) => incident.blame(scene, blame.causes, blame.sign),
        }
        if is_gone {
            // Nobody will write to whoever connected it, and so the row can lie at rest.
            incident.sign.forget_contact();
        }
        if known.is_some() || incident.open {
            self.incidents.push(incident);
        }
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
            let ending = match (snapshot, broken) {
                (None, _) => Ending::Gone,
                (Some(_), None) => Ending::Replaced,
                (Some(_), Some(_)) => Ending::Works,
            };
            Blame {
                subject: Subject::Integration {
                    id: holding.integration.clone(),
                    tool: connection.tool,
                    category: connection.category,
                },
                causes: broken.map_or_else(Vec::new, |snapshot| snapshot.causes.clone()),
                sign: Sign {
                    event: telling.event.clone(),
                    contact: snapshot.and_then(|snapshot| snapshot.contact.clone()),
                    log_url: None,
                },
                ending,
            }
        });
        troubles.collect()
    }
}
