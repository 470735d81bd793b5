//! Which rows of a customer matter, so that its past costs nothing: what it once held, and
//! what was once wrong with that, is known for good and lies at rest.
//!
//! The head row names the integrations whose rows are awake: those that are held, and
//! those whose incident is not over with. It does so as of a revision of the document,
//! which grows with any change of what is held. So a version that knows nothing of this
//! leaves a head whose list is seen to be old; then all rows are read, and it is made
//! anew. Whoever has no document has no such revision, and is read whole.

use super::holding::{self, Holding};
use super::incident::{self, Incident};
use super::state::{Awake, HEAD, Head, State};

use crate::machine::{CorruptRow, Read, Rows, Table};

/// What the keys of rows about an integration begin with.
pub(super) const RESTING: [&str; 2] = [holding::PREFIX, incident::INTEGRATIONS];

/// The rows that the head says are awake.
pub(super) fn reads(rows: &Rows) -> Result<Vec<Read>, CorruptRow> {
    let Some(head) = rows.state::<Head>(HEAD)? else {
        return Ok(at_rest().into());
    };
    let is_new = head.awake.revision == head.document_revision;
    if is_new && head.key.origin_id().is_some() {
        return Ok(head.awake.keys.iter().flat_map(|key| about(key)).collect());
    }
    Ok(at_rest().into())
}

/// The rows about one integration.
pub(super) fn about(key: &str) -> [Read; 2] {
    RESTING.map(|prefix| Read::One(Table::State, format!("{prefix}{key}")))
}

/// All rows that may lie at rest.
pub(super) fn at_rest() -> [Read; 2] {
    RESTING.map(|prefix| Read::First {
        table: Table::State,
        prefix: prefix.to_owned(),
        limit: u32::MAX,
    })
}

impl State {
    /// Names in the head what is awake.
    pub(super) fn name_awake(&mut self) {
        if self.head.key.origin_id().is_none() {
            return;
        }
        let held = self.holdings.iter().filter(|it| it.snapshot.is_some());
        let held = held.map(Holding::key);
        let unrest = self.incidents.iter().filter(|it| !it.is_at_rest());
        let unrest = unrest.filter_map(Incident::integration_key);
        let mut keys: Vec<String> = held.chain(unrest).collect();
        keys.sort();
        keys.dedup();
        self.head.awake = Awake {
            revision: self.head.document_revision,
            keys,
        };
    }
}
