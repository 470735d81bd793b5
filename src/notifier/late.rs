//! The objects whose Workers KV keys are late, one row each.
//!
//! A row says only that, and since when it was told last. When a key counts as
//! late, and telling of it, is `lateness`'s.

use crate::lateness::LEASE;
use crate::machine::{Change, Read, Rows, Scene, Table, json};
use crate::record;
use crate::time::Timestamp;

/// What the key of an object whose KV keys are late begins with.
const LATE: &str = "late/";

/// Rows that are looked at in one go.
const MOST: u32 = 20;

/// The row that says that an object's KV keys are late, or that they are not.
pub(super) fn row(scene: Scene<'_>, object: &str, late: bool) -> Change {
    let key = format!("{LATE}{object}");
    if late {
        Change::ledger(key, json(&scene.now))
    } else {
        Change::Remove(Table::Ledger, key)
    }
}

/// The read that tells whether any object's KV keys are late.
pub(super) fn read() -> Read {
    Read::First {
        table: Table::Ledger,
        prefix: LATE.to_owned(),
        limit: MOST,
    }
}

/// Whether any object's KV keys are late. Of what is told no more, the rows go.
pub(super) fn any(scene: Scene<'_>, rows: &Rows) -> (bool, Vec<Change>) {
    let holds = |text| {
        let told: Option<Timestamp> = record::parse(text).ok();
        told.is_some_and(|told| scene.now.since(told) < LEASE)
    };
    let (late, over): (Vec<_>, Vec<_>) = rows
        .under(Table::Ledger, LATE)
        .partition(|(_, text)| holds(text));
    let over = over
        .into_iter()
        .map(|(object, _)| row(scene, object, false));
    (!late.is_empty(), over.collect())
}
