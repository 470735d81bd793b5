//! kombo-edge: a Cloudflare Worker between Kombo and a software company.
//!
//! It takes Kombo's webhooks, keeps in Workers KV which integrations belong to
//! which customer, and tells the team in Slack who cannot connect.
//!
//! # Map
//!
//! - [`kombo`] is the sender, [`slack`] the receiver, `cloudflare` the platform:
//!   each outside party has one place that bears its name.
//! - [`integration`], [`customer`] and [`notifier`] are the three state machines,
//!   one object each per integration, customer and Slack hook. [`machine`] says
//!   what a machine is, and what its shell does for it.
//! - [`edge`], [`addressing`], [`route`], [`answer`], [`signature`] and [`config`] are the way in;
//!   [`api`] and [`token`] are it for the backend and for operators, [`watch`] notices
//!   what no single delivery shows, and [`glance`] keeps `/healthz` from flooding objects.
//! - [`mapping`] is the contract with the backend, [`alert`] with the reader in Slack.
//! - [`issue`], [`seen`], [`projection`], [`check`], [`copy`], [`outbox`], [`lateness`] and [`backoff`]
//!   are parts that more than one machine has; [`record`] is how rows and messages
//!   are read back; [`id`], [`time`], [`object`], [`reply`] and [`log`] are the
//!   words that all of them use.
//!
//! # The life of an event
//!
//! 1. The edge looks at the headers ([`edge::admit`]), reads the body under a
//!    cap, verifies the signature over the raw bytes and reads the event
//!    ([`edge::receive`]).
//! 2. The body travels on as it was signed, and one object decides: the
//!    Integration for everything about an integration, else the Customer; the
//!    engineers' Notifier for what could not be read. It commits the event's id,
//!    its consequences, what it owes to others, and the alarm, in one
//!    transaction. Only then the edge answers 200.
//! 3. The object's alarm does what it owes: an Integration tells the Customer
//!    that holds it and writes its keys; a Customer writes its keys and hands
//!    alerts to a Notifier; the Notifier posts them, one a second. Whatever does
//!    not succeed is tried again.
//!
//! # Invariants
//!
//! 1. 200 means durable: committed, with its consequences and the alarm.
//! 2. The documents are a function of the set of events, not of their order,
//!    repetition, or crashes between them (aside: times of receipt, `revision`,
//!    the organization's latest name, the first holder of a disputed integration).
//! 3. A committed alert reaches Slack or is listed as undelivered.
//! 4. Workers KV holds nothing that the objects do not.
//! 5. Only `cloudflare` names the platform; nothing else reads a clock, the
//!    environment or randomness, and nothing else waits.
//! 6. A body is parsed only after it was verified: only
//!    [`signature::Secrets::verify`] makes a [`signature::Verified`].
//! 7. No input panics.
//! 8. Work per event is bounded, whatever came before.
//! 9. State and messages change by addition only, and unknown fields are kept.
//! 10. Interrupted work is taken up at the next alarm or touch.

pub mod addressing;
pub mod alert;
pub mod answer;
pub mod api;
pub mod backoff;
pub mod check;
pub mod config;
pub mod copy;
pub mod customer;
pub mod edge;
pub mod glance;
pub mod id;
pub mod integration;
pub mod issue;
pub mod kombo;
pub mod lateness;
pub mod log;
pub mod machine;
pub mod mapping;
pub mod notifier;
pub mod object;
pub mod outbox;
pub mod projection;
pub mod record;
pub mod reply;
pub mod route;
pub mod seen;
pub mod signature;
pub mod slack;
pub mod time;
pub mod token;
pub mod watch;

#[cfg(target_arch = "wasm32")]
mod cloudflare;
