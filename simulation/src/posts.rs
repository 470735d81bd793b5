//! What left a Notifier: each message with the places in the queue that it covers.

use kombo_edge::machine::Table;
use serde_json::Value;

use crate::actor::Moment;
use crate::failure::Failure;
use crate::object::Object;

/// Promises.
pub(crate) const ONCE: &str = "an alert is sent once, unless an answer was lost";
pub(crate) const ORDER: &str = "alerts of one incident keep their order";

/// A place in the queue of a Notifier.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    pub(crate) channel: &'static str,
    pub(crate) slot: String,
    pub(crate) number: u64,
}

/// Something that left for Slack, or for the other Notifier.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) run: u64,
    /// The id under which it is handed to the other Notifier, if it is.
    pub(crate) hand: Option<String>,
    pub(crate) places: Vec<Place>,
    pub(crate) payload: String,
    pub(crate) taken_at: Option<Moment>,
    /// Slack's answer came.
    pub(crate) is_answered: bool,
    /// It came, and was committed.
    pub(crate) is_settled: bool,
}

impl Post {
    pub(crate) fn of(
        run: u64,
        channel: &'static str,
        object: &Object,
        hand: Option<String>,
        payload: String,
    ) -> Self {
        let head = head(object);
        let in_flight = head["in_flight"].as_array().cloned().unwrap_or_default();
        let places = in_flight.iter().map(|place| Place {
            channel,
            slot: place[0].as_str().unwrap_or_default().to_owned(),
            number: place[1].as_u64().unwrap_or_default(),
        });
        Self {
            run,
            hand,
            places: places.collect(),
            payload,
            taken_at: None,
            is_answered: false,
            is_settled: false,
        }
    }

    /// Whether it may follow an earlier message: alerts of one incident keep their order, and
    /// nothing is sent twice unless an answer was lost.
    pub(crate) fn follows(&self, before: &Self) -> Result<(), Failure> {
        let pairs = self.places.iter().flat_map(|new| {
            let places = before.places.iter();
            places.map(move |place| (new, place))
        });
        let is_same = |new: &Place, old: &Place| new.channel == old.channel && new.slot == old.slot;
        for (new, old) in pairs.filter(|(new, old)| is_same(new, old)) {
            if new.number < old.number {
                return Err(Failure::of(ORDER, new.slot.clone()));
            }
            if new.number == old.number && before.is_settled {
                let what = format!("{}: {}", new.slot, self.payload);
                return Err(Failure::of(ONCE, what));
            }
        }
        Ok(())
    }
}

/// The head row of an object.
pub(crate) fn head(object: &Object) -> Value {
    let row = object.rows.get(&(Table::State, "head".to_owned()));
    row.and_then(|(text, _)| serde_json::from_str(text).ok())
        .unwrap_or_default()
}
