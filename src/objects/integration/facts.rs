//! What is known of one integration, and how events join it.
//!
//! Every rule here is a join: it does not matter in which order events come nor
//! how often, apart from the times of receipt (`connected_at`) and from which of
//! two customers was named first. How others are told is `telling`'s.

use serde::{Deserialize, Serialize};

use super::claim::Claim;
use super::register::Register;
use crate::contracts::backend::usable;
use crate::contracts::kombo::{EndUser, StateChange, Subject};
use crate::contracts::objects::address::CustomerKey;
use crate::contracts::objects::integration::{Given, Hint};
use crate::domain::id::{Category, EventId, IntegrationId, OriginId, Tool};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;

/// Customers that are remembered as claimants of a disputed integration. Those
/// beyond are told too, and known as told by the Notifier alone.
const MAX_CLAIMANTS: usize = 20;

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
    /// Where an integration without customer is told: settled by the first event.
    home: Option<CustomerKey>,
    /// When it was first heard of.
    connected_at: Option<Timestamp>,
    /// When the latest `integration-created` came.
    pub(super) created_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) state: Register,
    #[serde(default)]
    pub(super) setup_status: Register,
    #[serde(default)]
    pub(super) qa_status: Register,
    /// The customer that a human chose.
    assigned: Option<OriginId>,
    /// What a human said of it.
    #[serde(default)]
    hint: Hint,
    /// A human removed it. Events are joined all the same, should one assign it again.
    #[serde(default)]
    removed: bool,
    /// Since when Kombo says that it does not know it.
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
            home: None,
            connected_at: None,
            created_at: None,
            state: Register::default(),
            setup_status: Register::default(),
            qa_status: Register::default(),
            assigned: None,
            hint: Hint::default(),
            removed: false,
            missing_since: None,
            deleted: false,
            unknown: Unknown::default(),
        }
    }

    /// Joins what any event says about the integration itself.
    pub(super) fn learn(&mut self, subject: Subject, now: Timestamp) -> Claim {
        self.connected_at.get_or_insert(now);
        join_label(&mut self.tool, subject.tool);
        join_label(&mut self.category, subject.category);
        let end_user = subject.end_user;
        let id = &self.id;
        self.home.get_or_insert_with(|| home(id, &end_user));
        if end_user.organization_name.is_some() {
            self.organization_name = end_user.organization_name;
        }
        if end_user.contact.is_some() {
            self.contact = end_user.contact;
        }
        end_user
            .origin_id
            .map_or(Claim::Settled, |named| self.claim(named))
    }

    /// Joins a state that Kombo told.
    pub(super) fn join_state(&mut self, change: StateChange, event: &EventId) {
        let at = change.updated_at;
        self.state.join(change.state, at, event);
        self.setup_status.join(change.setup_status, at, event);
        self.qa_status.join(change.qa_status, at, event);
    }

    /// Buries it: only the tombstone stays.
    pub(super) fn bury(&mut self) {
        *self = Self {
            deleted: true,
            ..Self::new(self.id.clone())
        };
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// Joins what another account knew of it. Tells whether it could: not if that names
    /// another holder.
    pub(super) fn join_copy(&mut self, theirs: Self) -> bool {
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
        self.home = theirs.home.or(self.home.take());
        self.hint = core::mem::take(&mut self.hint).or(theirs.hint);
        let earlier = [self.connected_at, theirs.connected_at];
        self.connected_at = earlier.into_iter().flatten().min();
        self.created_at = self.created_at.max(theirs.created_at);
        for (ours, theirs) in [
            (&mut self.state, theirs.state),
            (&mut self.setup_status, theirs.setup_status),
            (&mut self.qa_status, theirs.qa_status),
        ] {
            ours.join_other(theirs);
        }
        let new = theirs.claimants.into_iter();
        let new = new.filter(|id| !self.claimants.contains(id));
        let new: Vec<OriginId> = new.collect();
        self.claimants.extend(new);
        self.claimants.truncate(MAX_CLAIMANTS);
        true
    }

    /// Joins that a human gave it to a customer.
    pub(super) fn assign(&mut self, given: Given, now: Timestamp) {
        self.connected_at.get_or_insert(now);
        self.home
            .get_or_insert_with(|| CustomerKey::Unknown(self.id.clone()));
        self.hint = given.hint.or(core::mem::take(&mut self.hint));
        if self.holder() != Some(&given.customer) {
            self.assigned = Some(given.customer);
        }
        self.removed = false;
    }

    /// Joins that it belongs to whom Kombo says.
    pub(super) fn release(&mut self) {
        self.assigned = None;
    }

    /// Joins that a human removed it.
    pub(super) fn remove(&mut self) {
        self.removed = true;
        self.assigned = None;
    }

    pub(super) fn is_removed(&self) -> bool {
        self.removed
    }

    /// Whether it exists, as far as we know. Of what is gone only the tombstone stays.
    pub(super) fn is_alive(&self) -> bool {
        self.connected_at.is_some() && !self.removed
    }

    /// Whether it exists and belongs to nobody.
    pub(super) fn is_unassigned(&self) -> bool {
        self.is_alive() && self.holder().is_none()
    }

    /// The customer that it belongs to: whom a human chose, else whom Kombo named first.
    pub(super) fn holder(&self) -> Option<&OriginId> {
        let holder = self.assigned.as_ref().or(self.named.as_ref());
        holder.filter(|_| self.is_alive())
    }

    /// Whether it is this customer's, or was until a human removed it.
    pub(super) fn may_be_of(&self, customer: &OriginId) -> bool {
        if self.is_alive() {
            return self.holder() == Some(customer);
        }
        self.named.as_ref().is_none_or(|named| named == customer)
    }

    pub(super) fn tool(&self) -> Option<&Tool> {
        self.tool.as_ref().or(self.hint.tool.as_ref())
    }

    pub(super) fn category(&self) -> Option<&Category> {
        self.category.as_ref().or(self.hint.category.as_ref())
    }

    pub(super) fn organization_name(&self) -> Option<&str> {
        let name = self.organization_name.as_ref();
        name.or(self.hint.organization_name.as_ref())
            .map(String::as_str)
    }

    pub(super) fn connected_at(&self) -> Option<Timestamp> {
        self.hint.connected_at.or(self.connected_at)
    }

    /// The object that must know of it: the holder's, else that of its organization.
    pub(super) fn seat(&self) -> Option<CustomerKey> {
        if !self.is_alive() {
            return None;
        }
        match self.holder() {
            Some(holder) => Some(CustomerKey::Customer(holder.clone())),
            None => self.home.clone(),
        }
    }

    pub(super) fn usable(&self) -> bool {
        usable(self.state.value(), self.setup_status.value())
    }

    /// Kombo's time of the newest state.
    pub(super) fn state_changed_at(&self) -> Option<Timestamp> {
        let registers = [&self.state, &self.setup_status, &self.qa_status];
        registers.into_iter().filter_map(Register::at).max()
    }

    fn claim(&mut self, claimant: OriginId) -> Claim {
        if self.named.as_ref() == Some(&claimant) || self.claimants.contains(&claimant) {
            return Claim::Settled;
        }
        if self.named.is_none() {
            self.named = Some(claimant.clone());
        } else if self.claimants.len() < MAX_CLAIMANTS {
            self.claimants.push(claimant.clone());
        }
        match self.holder() {
            Some(holder) if *holder != claimant => Claim::Disputed {
                holder: holder.clone(),
                claimant,
            },
            _ => Claim::Settled,
        }
    }
}

/// Kombo never renames a tool. If it did, the lesser text would stand whatever
/// came first, so that order stays out of the documents.
fn join_label<T: Ord>(known: &mut Option<T>, told: T) {
    *known = [known.take(), Some(told)].into_iter().flatten().min();
}

fn home(id: &IntegrationId, end_user: &EndUser) -> CustomerKey {
    match &end_user.organization_name {
        Some(name) => CustomerKey::Organization(name.clone()),
        None => CustomerKey::Unknown(id.clone()),
    }
}
