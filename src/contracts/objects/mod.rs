//! The messages between objects, and where each goes.

pub mod address;
pub mod envelope;
pub mod incident;
pub mod integration;
pub mod customer;
pub mod notifier;
pub mod reply;
pub mod routing;
