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

mod act_rights;
mod acting;
mod after_erasure;
mod alert_priority;
mod alert_schedule;
mod any_order;
mod api_calls;
mod attempts;
mod backup_merging;
mod backups;
mod clock;
mod closing;
mod contact_retention;
mod daily_summary;
mod decisions;
mod documents;
mod driver;
mod echo;
mod erasure;
mod event_order;
mod events;
mod exact_alarms;
mod flapping;
mod growth;
mod hostile;
mod incomplete;
mod interleaving;
mod javascript;
mod kombo;
mod late_failures;
mod leaks;
mod lossy_delivery;
mod mentions;
mod messages;
mod messages_in_flight;
mod misdirected;
mod monitoring;
mod new_links;
mod notifier_erasure;
mod object;
mod on_time;
mod organizations;
mod outages;
mod outside;
mod ownership;
mod pages;
mod problems;
mod quarantine;
mod quarantine_retry;
mod queue;
mod read_back;
mod reading;
mod rechecks;
mod recoveries;
mod replays;
mod slack_answers;
mod stored;
mod storms;
mod suppression;
mod unchanged;
mod undelivered;
mod versions;
mod visits;
mod wakes;
mod webhooks;
mod world;
