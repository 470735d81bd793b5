//! Deterministic simulation of kombo-edge.
//!
//! A *script* is generated from a seed: deliveries, decisions, crashes and faults.
//! A *world* runs it: the real Integration, Customer and Notifier machines, each
//! under the real driver, with models of Workers KV, Slack, Kombo and the humans.
//! When all objects have come to rest, what is in Workers KV and in Slack is compared
//! with the *truth*, which the design alone derives from what was accepted, and with
//! the *books* of the alerts that people were to receive.
//!
//! The same seed does the same on every machine. What it leaves out: the platform
//! itself (the tests on the real runtime have that), HTTP, re-checks with Kombo's
//! API, and moving to another account.

// In the order of their layers: each uses those before it.
#[path = "../../tests/machines/object.rs"]
mod object;
#[path = "../../tests/machines/kombo.rs"]
mod kombo;
mod failure;
mod script;
mod api_calls;
mod deployment;
mod mutation;
mod actor;
mod posts;
mod alerts;
mod kv;
mod stats;
mod truth;
mod versions;
mod ended;
mod world;
mod effects;
mod host;
mod outside;
mod documents;
mod scenario;
mod rest;
mod run;
mod shrinking;

pub use failure::Failure;
pub use mutation::Mutation;
pub use run::{run, run_with};
pub use script::{Act, Decision, Fault, Hooks, Script, Step};
pub use shrinking::shrink;
pub use stats::Stats;
