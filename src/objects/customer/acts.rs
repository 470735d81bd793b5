//! Who is on an incident, and what people did about it.

use serde::{Deserialize, Serialize};

use crate::contracts::backend::{ActEntry, AssigneeEntry, moment};
use crate::domain::act::{Act, ActRecord, Assignee};

/// At most this many records of an incident are kept, the latest.
const MAX_RECORDS: usize = 10;

/// Who is on an incident, and what people did about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Acts {
    /// Who is on it.
    pub(super) assignee: Option<Assignee>,
    /// What people did, the latest last.
    records: Vec<ActRecord>,
}

impl Acts {
    /// Whether no person is named.
    pub(super) fn are_anonymous(&self) -> bool {
        self.assignee.is_none() && self.records.is_empty()
    }

    /// Adds what someone did.
    pub(super) fn record(&mut self, record: ActRecord) {
        if record.act == Act::Take {
            self.assignee = Some(Assignee {
                name: record.by.clone(),
                since: record.at,
            });
        }
        if self.records.len() >= MAX_RECORDS {
            self.records.remove(0);
        }
        self.records.push(record);
    }

    /// Who is on it, as documents show it.
    pub(super) fn assignee_entry(&self) -> Option<AssigneeEntry<'_>> {
        let assignee = self.assignee.as_ref();
        assignee.map(|it| AssigneeEntry {
            name: it.name.as_str(),
            since: it.since.to_rfc3339(),
        })
    }

    /// What people did, as documents show it.
    pub(super) fn entries(&self) -> Vec<ActEntry<'_>> {
        let records = self.records.iter();
        records
            .map(|it| ActEntry {
                act: it.act,
                by: it.by.as_str(),
                at: it.at.to_rfc3339(),
                until: moment(it.until),
            })
            .collect()
    }
}
