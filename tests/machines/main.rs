//! The machines, in a world of their own: what each event does, in any order and
//! whatever is interrupted, and what reaches Workers KV and Slack.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

mod any_order;
mod documents;
mod events;
mod kombo;
mod queue;
mod reading;
mod versions;
mod world;
