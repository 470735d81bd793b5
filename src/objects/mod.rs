//! The three machines, one object each for an integration, a customer and a Slack webhook.

pub mod customer;
pub mod integration;
pub mod notifier;
