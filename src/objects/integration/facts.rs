//! What is known of one integration, and how events merge into it.
//!
//! Every rule here is a join: the order of events and their repetition don't matter, apart from the
//! times of receipt (`connected_at`) and from which of two customers was named first. Reporting the
//! facts to others is left to `holder_sync` and `documents`.

use serde::{Deserialize, Serialize};

use super::register::Register;
use crate::contracts::backend::usable;
use crate::contracts::kombo::{EndUser, EventKind, IntegrationStatus, StateChange, Subject};
use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::integration::{Assignment, Decision, ImportDetails};
use crate::contracts::objects::reply::Reply;
use crate::domain::alert::Connection;
use crate::domain::id::{Category, EventId, IntegrationId, OriginId, Tool};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::Change;
use crate::parts::issues::Issues;

/// At most this many customers are remembered as claimants of a disputed integration. Alerts about
/// further ones are repeated only as far as the Notifier remembers them.
const MAX_CLAIMANTS: usize = 20;

/// The states that say whether an integration works.
const HEALTH_STATES: [&str; 3] = ["ACTIVE", "INVALID", "INACTIVE"];

/// What it means for the holder that an event names a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ClaimOutcome {
    /// Nothing new.
    Settled,
    /// Kombo named a second customer for the first time.
    Disputed {
        /// The customer that holds the integration.
        holder: OriginId,
        /// The customer that was named.
        claimant: OriginId,
    },
}

/// The facts, as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) id: IntegrationId,
    tool: Option<Tool>,
    category: Option<Category>,
    /// The organization's latest name.
    organization_name: Option<String>,
    /// The latest contact.
    pub(super) contact: Option<String>,
    /// The customer that Kombo named first.
    named: Option<OriginId>,
    /// Other customers that Kombo named later.
    #[serde(default)]
    claimants: Vec<OriginId>,
    /// The object that keeps an integration without a customer; the first event decides.
    fallback: Option<CustomerKey>,
    /// When the first event about it came.
    connected_at: Option<Timestamp>,
    /// When the latest `integration-created` came.
    pub(super) created_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) state: Register,
    /// The newest state that says whether it works.
    #[serde(default)]
    health: Register,
    #[serde(default)]
    pub(super) setup_status: Register,
    #[serde(default)]
    pub(super) qa_status: Register,
    /// The customer that a human chose.
    assigned: Option<OriginId>,
    /// What a human knows of it.
    #[serde(default)]
    details: ImportDetails,
    /// A human removed it. Events are merged all the same, in case one assigns it again.
    #[serde(default)]
    removed: bool,
    /// Since when Kombo has not known it.
    pub(super) missing_since: Option<Timestamp>,
    /// The tombstone: it is gone for good.
    #[serde(default)]
    deleted: bool,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Facts {
    pub(super) fn new(id: IntegrationId) -> Self {
        Self {
            id,
            tool: None,
            category: None,
            organization_name: None,
            contact: None,
            named: None,
            claimants: Vec::new(),
            fallback: None,
            connected_at: None,
            created_at: None,
            state: Register::default(),
            health: Register::default(),
            setup_status: Register::default(),
            qa_status: Register::default(),
            assigned: None,
            details: ImportDetails::default(),
            removed: false,
            missing_since: None,
            deleted: false,
            unknown: Unknown::default(),
        }
    }

    /// Merges what an event says: the rows of issues that change, and what it means for the holder.
    pub(super) fn merge(
        &mut self,
        what: EventKind,
        event: &EventId,
        issues: &mut Issues,
        now: Timestamp,
    ) -> (Vec<Change>, ClaimOutcome) {
        match what {
            EventKind::IntegrationCreated { integration } => {
                self.created_at = Some(now);
                (Vec::new(), self.learn(integration, now))
            }
            EventKind::IntegrationStateChanged {
                integration,
                change,
            } => {
                self.merge_state(change, event);
                (Vec::new(), self.learn(integration, now))
            }
            EventKind::IssueStatusChanged {
                integration: Some(integration),
                issue,
            } => {
                let changes = issues.apply(issue, event, now);
                (changes, self.learn(integration, now))
            }
            EventKind::IntegrationDeleted { .. } => {
                self.bury();
                (issues.clear(), ClaimOutcome::Settled)
            }
            // These are about no integration, and are routed elsewhere.
            EventKind::IssueStatusChanged {
                integration: None, ..
            }
            | EventKind::ConnectionFlowFailed(_) => (Vec::new(), ClaimOutcome::Settled),
        }
    }

    /// Merges what any event says about the integration itself.
    fn learn(&mut self, subject: Subject, now: Timestamp) -> ClaimOutcome {
        self.connected_at.get_or_insert(now);
        merge_label(&mut self.tool, subject.tool);
        merge_label(&mut self.category, subject.category);
        let end_user = subject.end_user;
        let id = &self.id;
        self.fallback.get_or_insert_with(|| fallback(id, &end_user));
        if end_user.organization_name.is_some() {
            self.organization_name = end_user.organization_name;
        }
        if end_user.contact.is_some() {
            self.contact = end_user.contact;
        }
        end_user
            .origin_id
            .map_or(ClaimOutcome::Settled, |named| self.claim(named))
    }

    /// Merges a state that Kombo reported.
    fn merge_state(&mut self, change: StateChange, event: &EventId) {
        let at = change.updated_at;
        self.health.set(health_in(change.state.as_ref()), at, event);
        self.state.set(change.state, at, event);
        self.setup_status.set(change.setup_status, at, event);
        self.qa_status.set(change.qa_status, at, event);
    }

    /// Merges what Kombo answered to a question asked at `asked_at`. The contact is left out: it would
    /// never be forgotten, and the next event names it.
    pub(super) fn correct(
        &mut self,
        mut known: IntegrationStatus,
        asked_at: Timestamp,
    ) -> ClaimOutcome {
        known.subject.end_user.contact = None;
        self.missing_since = None;
        let health = health_in(known.state.as_ref());
        self.health.correct(health, asked_at);
        self.state.correct(known.state, asked_at);
        self.setup_status.correct(known.setup_status, asked_at);
        self.learn(known.subject, asked_at)
    }

    /// Why a decision is not carried out, as a reply; `None` if it is.
    pub(super) fn refusal_of(&self, decision: &Decision) -> Option<Reply> {
        match decision {
            Decision::Remove | Decision::Erase(_) if self.deleted => Some(Reply::Acknowledged),
            Decision::Erase(customer) => (!self.may_be_of(customer)).then_some(Reply::Acknowledged),
            _ if self.deleted => Some(Reply::Gone),
            Decision::Import(_) if self.removed => Some(Reply::Gone),
            Decision::Import(assignment) => {
                let holder = self.holder()?;
                (*holder != assignment.customer).then_some(Reply::Conflict)
            }
            Decision::Assign(_) | Decision::Release | Decision::Remove => None,
        }
    }

    /// Buries it: only the tombstone stays.
    pub(super) fn bury(&mut self) {
        *self = Self {
            deleted: true,
            ..Self::new(self.id.clone())
        };
    }

    /// The name of its object.
    pub(super) fn name(&self) -> String {
        Address::Integration(self.id.clone()).name()
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// Merges what another account knew of it, unless that names another holder. Returns whether
    /// it did.
    pub(super) fn merge_backup(&mut self, theirs: Self) -> bool {
        if self.deleted || theirs.deleted {
            self.bury();
            return true;
        }
        let (ours, other) = (self.holder(), theirs.holder());
        if ours.is_some() && other.is_some() && ours != other {
            return false;
        }
        self.removed |= theirs.removed && self.assigned.is_none();
        self.tool = self.tool.take().or(theirs.tool);
        self.category = self.category.take().or(theirs.category);
        self.organization_name = self.organization_name.take().or(theirs.organization_name);
        self.contact = self.contact.take().or(theirs.contact);
        self.named = theirs.named.or(self.named.take());
        self.assigned = self.assigned.take().or(theirs.assigned);
        self.fallback = theirs.fallback.or(self.fallback.take());
        self.details = core::mem::take(&mut self.details).or(theirs.details);
        let earlier = [self.connected_at, theirs.connected_at];
        self.connected_at = earlier.into_iter().flatten().min();
        self.created_at = self.created_at.max(theirs.created_at);
        for (ours, theirs) in [
            (&mut self.state, theirs.state),
            (&mut self.health, theirs.health),
            (&mut self.setup_status, theirs.setup_status),
            (&mut self.qa_status, theirs.qa_status),
        ] {
            ours.merge(theirs);
        }
        let new = theirs.claimants.into_iter();
        let new = new.filter(|id| !self.claimants.contains(id));
        let new: Vec<OriginId> = new.collect();
        self.claimants.extend(new);
        self.claimants.truncate(MAX_CLAIMANTS);
        true
    }

    /// A human assigns it to a customer.
    pub(super) fn assign(&mut self, assignment: Assignment, now: Timestamp) {
        self.connected_at.get_or_insert(now);
        self.fallback
            .get_or_insert_with(|| CustomerKey::Unknown(self.id.clone()));
        self.details = assignment.details.or(core::mem::take(&mut self.details));
        if self.holder() != Some(&assignment.customer) {
            self.assigned = Some(assignment.customer);
        }
        self.removed = false;
    }

    /// It belongs to the customer that Kombo names.
    pub(super) fn release(&mut self) {
        self.assigned = None;
    }

    /// A human removes it.
    pub(super) fn remove(&mut self) {
        self.removed = true;
        self.assigned = None;
    }

    /// Whether it exists, as far as we know. Of what is gone only the tombstone stays.
    pub(super) fn is_alive(&self) -> bool {
        self.connected_at.is_some() && !self.removed
    }

    /// Whether it exists and no customer holds it.
    pub(super) fn is_unassigned(&self) -> bool {
        self.is_alive() && self.holder().is_none()
    }

    /// The customer that it belongs to: the one that a human chose, otherwise the one that Kombo
    /// named first.
    pub(super) fn holder(&self) -> Option<&OriginId> {
        let holder = self.assigned.as_ref().or(self.named.as_ref());
        holder.filter(|_| self.is_alive())
    }

    /// Whether this customer holds it, or did until a human removed it.
    fn may_be_of(&self, customer: &OriginId) -> bool {
        if self.is_alive() {
            return self.holder() == Some(customer);
        }
        self.named.as_ref().is_none_or(|named| named == customer)
    }

    pub(super) fn tool(&self) -> Option<&Tool> {
        self.tool.as_ref().or(self.details.tool.as_ref())
    }

    pub(super) fn category(&self) -> Option<&Category> {
        self.category.as_ref().or(self.details.category.as_ref())
    }

    pub(super) fn organization_name(&self) -> Option<&str> {
        let name = self.organization_name.as_ref();
        name.or(self.details.organization_name.as_ref())
            .map(String::as_str)
    }

    pub(super) fn connected_at(&self) -> Option<Timestamp> {
        self.details.connected_at.or(self.connected_at)
    }

    /// When it was connected last, as far as events said.
    pub(super) fn succeeded_at(&self) -> Option<Timestamp> {
        self.created_at.or(self.connected_at)
    }

    /// The object that must know of it: the holder's, otherwise the one that keeps integrations
    /// without a customer; `None` if it is gone.
    pub(super) fn target(&self) -> Option<CustomerKey> {
        if !self.is_alive() {
            return None;
        }
        match self.holder() {
            Some(holder) => Some(CustomerKey::Customer(holder.clone())),
            None => self.fallback.clone(),
        }
    }

    pub(super) fn connection(&self) -> Connection {
        Connection {
            tool: self.tool().cloned(),
            category: self.category().cloned(),
        }
    }

    pub(super) fn usable(&self) -> bool {
        usable(
            self.state.value(),
            self.setup_status.value(),
            self.qa_status.value(),
        )
    }

    /// Whether Kombo says that it cannot log in. A state that this version does not know changes
    /// nothing about that, whenever it comes.
    pub(super) fn is_invalid(&self) -> bool {
        let is_known = |state| HEALTH_STATES.contains(&state);
        let newest = match self.state.value() {
            // An older version kept only the state.
            Some(state) if is_known(state) && self.state.is_newer_than(&self.health) => &self.state,
            _ => &self.health,
        };
        newest.value() == Some("INVALID")
    }

    /// Kombo's time of the newest state.
    pub(super) fn state_changed_at(&self) -> Option<Timestamp> {
        let registers = [&self.state, &self.setup_status, &self.qa_status];
        registers.into_iter().filter_map(Register::at).max()
    }

    fn claim(&mut self, claimant: OriginId) -> ClaimOutcome {
        if self.named.as_ref() == Some(&claimant) || self.claimants.contains(&claimant) {
            return ClaimOutcome::Settled;
        }
        if self.named.is_none() {
            self.named = Some(claimant.clone());
        } else if self.claimants.len() < MAX_CLAIMANTS {
            self.claimants.push(claimant.clone());
        }
        match self.holder() {
            Some(holder) if *holder != claimant => ClaimOutcome::Disputed {
                holder: holder.clone(),
                claimant,
            },
            _ => ClaimOutcome::Settled,
        }
    }
}

/// The state, if it says whether the integration works.
fn health_in(state: Option<&String>) -> Option<String> {
    let known = state.filter(|state| HEALTH_STATES.contains(&state.as_str()));
    known.cloned()
}

/// Kombo never renames a tool. If it did, the lesser text would be kept whichever came first, so that
/// the order of events doesn't matter.
fn merge_label<T: Ord>(known: &mut Option<T>, told: T) {
    *known = [known.take(), Some(told)].into_iter().flatten().min();
}

fn fallback(id: &IntegrationId, end_user: &EndUser) -> CustomerKey {
    match &end_user.organization_name {
        Some(name) => CustomerKey::Organization(name.clone()),
        None => CustomerKey::Unknown(id.clone()),
    }
}
