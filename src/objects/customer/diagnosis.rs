//! What is wrong with each integration that a customer holds or held.
//!
//! A diagnosis is a fact; what it does to the incident about its subject is in `state`. Attempts to
//! connect are counted there, too.

use super::holding::Holding;
use super::occurrence::Occurrence;
use super::subject::Subject;
use crate::contracts::objects::customer::{HolderUpdate, Snapshot};
use crate::domain::alert::{Cause, Resolution};
use crate::domain::id::EventId;

/// What is wrong with one subject at present.
pub(super) struct Diagnosis {
    pub(super) subject: Subject,
    pub(super) causes: Vec<Cause>,
    pub(super) occurrence: Occurrence,
    /// If nothing is wrong, how that came about.
    pub(super) ending: Resolution,
    /// Whether Kombo says that it can log in.
    pub(super) is_active: bool,
}

impl Diagnosis {
    /// What is wrong with the Kombo environment, after an event.
    pub(super) fn of_environment(causes: Vec<Cause>, event: EventId) -> Self {
        Self {
            subject: Subject::Environment,
            causes,
            occurrence: Occurrence {
                event: Some(event),
                ..Occurrence::default()
            },
            ending: Resolution::Resolved,
            is_active: false,
        }
    }

    /// How an incident ended that had these causes until now. It works again only if Kombo proves
    /// that: that nothing is reported any more proves nothing.
    pub(super) fn resolution(&self, causes: &[Cause]) -> Resolution {
        let is_proven = if causes.contains(&Cause::InvalidState) {
            self.is_active
        } else {
            // Kombo resolves these after a login that succeeded. Other issues end by time, too.
            causes.iter().all(Cause::is_authentication)
        };
        match self.ending {
            Resolution::Works if !is_proven => Resolution::Resolved,
            ending => ending,
        }
    }
}

/// What is wrong with each integration, after an update.
///
/// A replaced integration is no longer a problem: the customer has a usable one of the same tool and
/// category that was connected later.
pub(super) fn diagnose(holdings: &[Holding], update: &HolderUpdate) -> Vec<Diagnosis> {
    let held = holdings.iter().filter_map(|it| it.snapshot.as_ref());
    let usable: Vec<&Snapshot> = held.filter(|it| it.usable()).collect();
    let is_replaced = |broken: &Snapshot| {
        let mut later = usable
            .iter()
            .filter(|it| it.connected_at > broken.connected_at);
        later.any(|it| it.connection() == broken.connection())
    };
    let diagnoses = holdings.iter().map(|holding| {
        let snapshot = holding.snapshot.as_ref();
        let connection = snapshot.map_or_default(Snapshot::connection);
        let broken = snapshot.filter(|snapshot| !is_replaced(snapshot));
        let ending = match (snapshot, broken) {
            (None, _) => Resolution::Gone,
            (Some(_), None) => Resolution::Replaced,
            (Some(_), Some(now)) if now.state.as_deref() == Some("INACTIVE") => {
                Resolution::SwitchedOff
            }
            (Some(_), Some(now)) if now.usable() => Resolution::Works,
            (Some(_), Some(_)) => Resolution::Resolved,
        };
        Diagnosis {
            subject: Subject::Integration {
                id: holding.integration.clone(),
                tool: connection.tool,
                category: connection.category,
            },
            causes: broken.map_or_else(Vec::new, |snapshot| snapshot.causes.clone()),
            occurrence: Occurrence {
                event: update.event.clone(),
                contact: snapshot.and_then(|snapshot| snapshot.contact.clone()),
                log_url: None,
            },
            ending,
            is_active: snapshot.is_some_and(|now| now.state.as_deref() == Some("ACTIVE")),
        }
    });
    diagnoses.collect()
}
