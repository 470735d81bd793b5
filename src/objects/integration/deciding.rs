//! What humans decide about an integration, through the API.
//!
//! A decision outlives what events say, before it and after it: an event only
//! adds to the facts, and a decision says which of them count. The later of two
//! decisions stands. Kombo's deletion is stronger than any of them.

use crate::contracts::objects::integration::Decision;
use crate::contracts::objects::reply::Reply;
use crate::domain::alert::What;
use crate::domain::json::Json;
use crate::machine::{Change, Rows, Scene};
use crate::parts::issues::Issues;
use crate::parts::outbox;

use super::facts::Facts;
use super::head::Head;

impl Head {
    /// Takes in a decision. Gives back the rows besides the head that change, and the answer.
    pub(super) fn decide(
        &mut self,
        scene: Scene<'_>,
        rows: &Rows,
        issues: &mut Issues,
        decision: Decision,
    ) -> (Vec<Change>, Reply) {
        if let Some(refusal) = self.refuses(&decision) {
            return (Vec::new(), refusal);
        }
        let before = self.facts.clone();
        let told = matches!(decision, Decision::Assign(_) | Decision::Release);
        let removed = matches!(decision, Decision::Remove | Decision::Erase(_));
        let mut changes = Vec::new();
        match decision {
            Decision::Assign(given) | Decision::Import(given) => {
                self.facts.assign(given, scene.now);
            }
            Decision::Release => self.facts.release(),
            Decision::Remove => self.facts.remove(),
            Decision::Erase(_) => {
                self.facts.bury();
                changes.extend(issues.clear());
                changes.extend(outbox::forget(rows));
            }
        }
        if self.facts != before {
            self.revise(scene, &before, None);
            let news = self.reassigned(scene, &before).filter(|_| told);
            let alert = news.map(|(about, what)| self.alert(scene, None, &about, what));
            changes.extend(alert.map(|alert| outbox::owe(scene, &alert)));
        }
        let reply = if removed {
            Reply::Taken
        } else {
            self.show(scene)
        };
        (changes, reply)
    }

    /// The document, as a reply.
    pub(super) fn show(&self, scene: Scene<'_>) -> Reply {
        let alive = self.facts.is_alive();
        Reply::Document(alive.then(|| Json::of(&self.integration_document(scene))))
    }

    /// Why a decision cannot be taken, if it cannot.
    fn refuses(&self, decision: &Decision) -> Option<Reply> {
        let facts = &self.facts;
        match decision {
            Decision::Remove | Decision::Erase(_) if facts.is_deleted() => Some(Reply::Taken),
            Decision::Erase(customer) => (!facts.may_be_of(customer)).then_some(Reply::Taken),
            _ if facts.is_deleted() => Some(Reply::Gone),
            Decision::Import(_) if facts.is_removed() => Some(Reply::Gone),
            Decision::Import(given) => {
                let holder = facts.holder()?;
                (*holder != given.customer).then_some(Reply::Conflict)
            }
            Decision::Assign(_) | Decision::Release | Decision::Remove => None,
        }
    }

    /// Whose it was and whose it is, if that is not the same.
    fn reassigned(&self, scene: Scene<'_>, before: &Facts) -> Option<(String, What)> {
        let (from, to) = (before.holder(), self.facts.holder());
        let tests = &scene.settings.alerting.test_customers;
        if from == to || from.into_iter().chain(to).all(|id| tests.contains(id)) {
            return None;
        }
        let what = What::Reassigned {
            connection: self.connection(),
            handle: self.facts.id.handle(),
            from: from.cloned(),
            to: to.cloned(),
        };
        Some((format!("reassigned/{}", self.revision), what))
    }
}
