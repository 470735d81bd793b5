//! The machines, in a world of their own: what each event does, in any order and
//! whatever is interrupted, and what reaches Workers KV and Slack.

// So that Clippy takes all of it for tests.
#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::assert_is_empty,
    clippy::duration_suboptimal_units,
    reason = "in a test, what overflows has failed, and a span reads best in the units of its rule"
)]

mod aftermath;
mod any_order;
mod asking;
mod attempts;
mod contacts;
mod course;
mod daily;
mod decisions;
mod documents;
mod erasing;
mod events;
mod forgetting;
mod hooks;
mod hostile;
mod javascript;
mod joining;
mod kombo;
mod leaks;
mod letters;
mod meanwhile;
mod mentions;
mod messages;
mod moving;
mod object;
mod odd_orders;
mod on_time;
mod order;
mod outages;
mod outside;
mod pages;
mod passing;
mod post;
mod punctual;
mod quarantine;
mod queue;
mod quiet;
mod reading;
mod rechecks;
mod release;
mod replays;
mod resending;
mod resting;
mod stored;
mod storms;
mod trouble;
mod unchanged;
mod unseen;
mod upkeep;
mod versions;
mod whose;
mod world;
