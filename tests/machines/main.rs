//! The machines, in a world of their own: what each event does, in any order and
//! whatever is interrupted, and what reaches Workers KV and Slack.

// Makes Clippy treat the whole crate as tests.
#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::assert_is_empty,
    clippy::duration_suboptimal_units,
    reason = "in a test, what overflows has failed, and a span reads best in the units of its rule"
)]

mod after_erasure;
mod any_order;
mod api_calls;
mod attempts;
mod contact_retention;
mod alert_schedule;
mod daily_summary;
mod decisions;
mod documents;
mod driver;
mod erasure;
mod events;
mod notifier_erasure;
mod webhooks;
mod hostile;
mod javascript;
mod backup_merging;
mod kombo;
mod leaks;
mod messages_in_flight;
mod interleaving;
mod mentions;
mod messages;
mod backups;
mod object;
mod event_order;
mod on_time;
mod alert_priority;
mod outages;
mod outside;
mod pages;
mod clock;
mod lossy_delivery;
mod exact_alarms;
mod quarantine;
mod queue;
mod suppression;
mod reading;
mod rechecks;
mod quarantine_retry;
mod replays;
mod undelivered;
mod growth;
mod stored;
mod storms;
mod problems;
mod unchanged;
mod monitoring;
mod read_back;
mod versions;
mod ownership;
mod world;
