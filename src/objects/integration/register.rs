//! A value that Kombo changes, and which of two reports of it is valid.

use serde::{Deserialize, Serialize};

use crate::domain::id::EventId;
use crate::domain::time::Timestamp;

/// A value that Kombo changes: the newest by Kombo's time, and of equally new ones that of the
/// greatest event id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Register {
    value: Option<String>,
    version: Option<(Timestamp, EventId)>,
}

impl Register {
    /// The value; `None` if Kombo never sent one.
    pub(super) fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Kombo's time of the value.
    pub(super) fn at(&self) -> Option<Timestamp> {
        self.version.as_ref().map(|(at, _)| *at)
    }

    /// Whether this report is newer than another one.
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        self.version > other.version
    }

    /// Merges what an event says.
    pub(super) fn set(&mut self, value: Option<String>, at: Timestamp, event: &EventId) {
        if value.is_some() {
            let version = Some((at, event.clone()));
            self.merge(Self { value, version });
        }
    }

    /// Merges what Kombo answered at `at`, if it is something else.
    pub(super) fn correct(&mut self, value: Option<String>, at: Timestamp) {
        let asked = EventId::try_from("kombo-api".to_owned());
        if let (Some(told), Ok(asked)) = (&value, &asked)
            && self.value.as_ref() != Some(told)
        {
            self.set(value, at, asked);
        }
    }

    /// Merges another report of it.
    pub(super) fn merge(&mut self, theirs: Self) {
        let ours = core::mem::take(self);
        *self = core::cmp::max_by(theirs, ours, |a, b| a.version.cmp(&b.version));
    }
}
