//! What people are told of an integration itself: that two customers are named
//! for it, or that nobody holds it.
//!
//! That it stopped working is told by `customer`, and handing an alert over is
//! `outbox`'s.

use super::claim::Claim;
use super::facts::Facts;
use super::head::Head;
use crate::domain::alert::{Alert, Connection, What, Who};
use crate::domain::audience::Audience;
use crate::domain::id::{EventId, sha256_base64url};
use crate::machine::Scene;

impl Head {
    /// What people must hear of the change: a dispute, or that nobody holds it.
    pub(super) fn news(
        &self,
        scene: Scene<'_>,
        before: &Facts,
        claim: Claim,
    ) -> Option<(String, What)> {
        let handle = self.facts.id.handle();
        let connection = self.connection();
        if let Claim::Disputed { holder, claimant } = claim {
            let tests = &scene.settings.alerting.test_customers;
            if tests.contains(&holder) && tests.contains(&claimant) {
                return None;
            }
            let about = format!("disputed/{}", sha256_base64url(claimant.as_str()));
            let what = What::Disputed {
                connection,
                handle,
                holder,
                claimant,
            };
            return Some((about, what));
        }
        let unassigned = self.facts.is_unassigned() && !before.is_alive();
        unassigned.then(|| {
            let what = What::Unassigned { connection, handle };
            ("unassigned".to_owned(), what)
        })
    }

    pub(super) fn alert(
        &self,
        scene: Scene<'_>,
        event: Option<&EventId>,
        about: &str,
        what: What,
    ) -> Alert {
        let id = format!("{}/{about}", self.name());
        Alert {
            event_id: event.cloned(),
            who: Who {
                origin_id: self.facts.holder().cloned(),
                organization_name: self.facts.organization_name().map(str::to_owned),
                contact: self.facts.contact.clone(),
            },
            ..Alert::new(id, scene.now, Audience::Engineers, what)
        }
    }

    pub(super) fn connection(&self) -> Connection {
        Connection {
            tool: self.facts.tool().cloned(),
            category: self.facts.category().cloned(),
        }
    }
}
