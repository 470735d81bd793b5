//! What humans decide about an integration, through the API.
//!
//! A decision outlives what events say, before it and after it: an event only
//! adds to the facts, and a decision says which of them count. The later of two
//! decisions stands. Kombo's deletion is stronger than any of them.

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::head::Head;
use crate::alert::What;
use crate::id::{Category, OriginId, Tool};
use crate::issue::Issues;
use crate::json::Json;
use crate::machine::{Change, Rows, Scene};
use crate::outbox;
use crate::reply::Reply;
use crate::time::Timestamp;

/// What a human decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It belongs to this customer, whatever Kombo says.
    Assign(Given),
    /// The same, unless it is another customer's or gone; nobody is told.
    Import(Given),
    /// It belongs to whom Kombo says.
    Release,
    /// It is gone, unless a human assigns it again.
    Remove,
    /// This customer is erased: if it holds it, or held what a human removed, only the
    /// tombstone stays.
    Erase(OriginId),
}

/// To whom an integration is given, and what the giver knows of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// The customer.
    pub customer: OriginId,
    /// Of use where Kombo told nothing.
    #[serde(default)]
    pub hint: Hint,
}

/// What a human says of an integration. Whatever Kombo tells is preferred, but
/// for the time: Kombo tells none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hint {
    /// The tool, as Kombo names it.
    pub tool: Option<Tool>,
    /// The tool's category.
    pub category: Option<Category>,
    /// The customer's name.
    pub organization_name: Option<String>,
    /// When it was connected.
    pub connected_at: Option<Timestamp>,
}

impl Hint {
    /// This one, completed by an earlier one.
    pub(super) fn or(self, earlier: Self) -> Self {
        Self {
            tool: self.tool.or(earlier.tool),
            category: self.category.or(earlier.category),
            organization_name: self.organization_name.or(earlier.organization_name),
            connected_at: self.connected_at.or(earlier.connected_at),
        }
    }
}

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
