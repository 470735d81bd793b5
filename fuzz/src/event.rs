//! Kombo's events with changed fields: as [`delivery`](crate::delivery), but most
//! inputs are events that lack something or contain something unusual.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use serde_json::{Map, Value};

use crate::delivery;
use crate::edit::{Edit, apply};

/// The events that the tests know, by name.
static EVENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let text = include_str!("../../tests/fixtures/kombo-events.json");
    let events: Map<String, Value> = serde_json::from_str(text).expect("the events are JSON");
    events.into_iter().map(|(_, event)| event).collect()
});

/// One of the events, and the changes to it.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    event: u8,
    is_spaced: bool,
    edits: Vec<Edit<'a>>,
}

/// Delivers the event; see [`delivery::check`].
///
/// # Panics
/// If the outcome is not what the contract says.
pub fn check(input: &Input<'_>) {
    let mut event = EVENTS[usize::from(input.event) % EVENTS.len()].clone();
    apply(&mut event, &input.edits);
    let body = if input.is_spaced {
        serde_json::to_string_pretty(&event).expect("a value can be written")
    } else {
        event.to_string()
    };
    delivery::check(body.as_bytes());
}
