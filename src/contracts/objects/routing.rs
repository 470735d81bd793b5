//! Which object decides on an event, and the message that hands the event over.
//!
//! Everything about one integration meets in its own object. Events come from the edge, or from
//! quarantine.

use crate::contracts::kombo::{Event, EventKind};
use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::{customer, integration};

/// The object that decides on an event, and the message to it.
#[must_use]
pub fn route(event: Event) -> (Address, String) {
    let event = Box::new(event);
    let id = match &event.what {
        EventKind::IntegrationCreated { integration }
        | EventKind::IntegrationStateChanged { integration, .. }
        | EventKind::IssueStatusChanged {
            integration: Some(integration),
            ..
        } => integration.id.clone(),
        EventKind::IntegrationDeleted { integration } => integration.clone(),
        EventKind::IssueStatusChanged {
            integration: None, ..
        } => return to_customer(CustomerKey::Environment, event),
        EventKind::ConnectionFlowFailed(flow) => {
            return to_customer(CustomerKey::of(&flow.end_user), event);
        }
    };
    let address = Address::Integration(id.clone());
    let message = integration::Message::Event { id, event };
    (address, Envelope::encode(message))
}

fn to_customer(customer: CustomerKey, event: Box<Event>) -> (Address, String) {
    let address = Address::Customer(customer.clone());
    let message = customer::Message::Event { customer, event };
    (address, Envelope::encode(message))
}
