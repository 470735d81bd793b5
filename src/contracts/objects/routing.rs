//! Which object decides on an event, and the letter that hands the event over.
//!
//! All about one integration meets in its own object. How an event comes here is
//! the edge's, or the quarantine's.

use crate::contracts::kombo::{Event, What};
use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::{customer, integration};
use crate::domain::id::IntegrationId;

/// The object that decides on an event, and what it is told; `signed` is the body.
#[must_use]
pub fn letter(event: &Event, signed: &str) -> (Address, String) {
    match &event.what {
        What::IntegrationCreated { integration }
        | What::IntegrationStateChanged { integration, .. }
        | What::IssueStatusChanged {
            integration: Some(integration),
            ..
        } => for_integration(&integration.id, signed),
        What::IntegrationDeleted { integration } => for_integration(integration, signed),
        What::IssueStatusChanged {
            integration: None, ..
        } => for_customer(CustomerKey::Environment, signed),
        What::ConnectionFlowFailed(flow) => for_customer(CustomerKey::of(&flow.end_user), signed),
    }
}

fn for_integration(id: &IntegrationId, event: &str) -> (Address, String) {
    let letter = Envelope::encode(integration::Outgoing::Event { id, event });
    (Address::Integration(id.clone()), letter)
}

fn for_customer(customer: CustomerKey, event: &str) -> (Address, String) {
    let letter = Envelope::encode(customer::Outgoing::Event {
        customer: &customer,
        event,
    });
    (Address::Customer(customer), letter)
}
