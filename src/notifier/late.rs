//! The objects whose Workers KV keys are late, one row each.
//!
//! A row says only that. When a key counts as late is `projection`'s, and telling
//! of it is `lateness`'s.

use crate::machine::{Change, Read, Rows, Table};

/// What the key of an object whose KV keys are late begins with.
const LATE: &str = "late/";

/// The row that says that an object's KV keys are late, or that they are not.
pub(super) fn row(object: &str, late: bool) -> Change {
    let key = format!("{LATE}{object}");
    if late {
        Change::ledger(key, String::new())
    } else {
        Change::Remove(Table::Ledger, key)
    }
}

/// The read that tells whether any object's KV keys are late.
pub(super) fn read() -> Read {
    Read::First {
        table: Table::Ledger,
        prefix: LATE.to_owned(),
        limit: 1,
    }
}

/// Whether any object's KV keys are late.
pub(super) fn any(rows: &Rows) -> bool {
    rows.under(Table::Ledger, LATE).next().is_some()
}
