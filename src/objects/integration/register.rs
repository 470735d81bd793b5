//! A value that Kombo changes, and which of two tellings of it stands.

use serde::{Deserialize, Serialize};

use crate::domain::id::EventId;
use crate::domain::time::Timestamp;

/// A value that Kombo changes: the newest by Kombo's time stands, and of equally
/// new ones that of the greatest event id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Register {
    value: Option<String>,
    version: Option<(Timestamp, EventId)>,
}

impl Register {
    /// The value, unless Kombo never told one.
    pub(super) fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Kombo's time of the value.
    pub(super) fn at(&self) -> Option<Timestamp> {
        self.version.as_ref().map(|(at, _)| *at)
    }

    /// Joins what an event says.
    pub(super) fn join(&mut self, value: Option<String>, at: Timestamp, event: &EventId) {
        if value.is_some() {
            let version = Some((at, event.clone()));
            self.join_other(Self { value, version });
        }
    }

    /// Joins what Kombo said when it was asked at a moment: of use if it is something else.
    pub(super) fn correct(&mut self, value: Option<String>, at: Timestamp) {
        let asked = EventId::try_from("kombo-api".to_owned());
        if let (Some(told), Ok(asked)) = (&value, &asked)
            && self.value.as_ref() != Some(told)
        {
            self.join(value, at, asked);
        }
    }

    /// Joins another telling of it, be it what another account knew.
    pub(super) fn join_other(&mut self, theirs: Self) {
        let ours = core::mem::take(self);
        *self = core::cmp::max_by(theirs, ours, |a, b| a.version.cmp(&b.version));
    }
}
