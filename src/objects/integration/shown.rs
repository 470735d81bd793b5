//! What the documents of an integration show: when that changes, they are written.

use super::facts::Facts;
use crate::domain::id::{Category, OriginId, Tool};
use crate::domain::time::Timestamp;

/// All that the documents show and a change of which is worth a write.
type Shown<'a> = (
    bool,
    Option<&'a OriginId>,
    Option<&'a Tool>,
    Option<&'a Category>,
    Option<&'a str>,
    bool,
    Option<&'a str>,
    Option<Timestamp>,
);

/// What the two documents show.
pub(super) fn shown(facts: &Facts) -> Shown<'_> {
    let name = facts.organization_name();
    (
        facts.is_alive(),
        facts.holder(),
        facts.tool(),
        facts.category(),
        facts.state.value(),
        facts.usable(),
        name.filter(|_| facts.is_unassigned()),
        facts.missing_since,
    )
}
