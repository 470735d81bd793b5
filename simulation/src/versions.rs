//! What a newer version writes in addition, and whether the present one keeps it.

use kombo_edge::machine::{Change, Table};
use serde_json::Value;

use crate::object::Object;

/// The key prefix of rows that are replaced when the same is decided again.
const REPLACED: &str = "erasing/";
/// The key prefix of rows that hold what a sender wrote, as it is.
const BODY: &str = "body/";
/// A field of the newer version.
const FIELD: &str = "tomorrow";
/// The key prefix of rows that only the newer version knows.
pub(crate) const NEWER: &str = "tomorrow/";

/// Adds what the newer version writes.
pub(crate) fn decorate(changes: &mut [Change]) {
    for change in changes {
        if let Change::Put { key, value, .. } = change
            && !key.starts_with(BODY)
        {
            *value = with_field(value);
        }
    }
}

/// A text with the field of the newer version, if it is an object of JSON.
pub(crate) fn with_field(text: &str) -> String {
    match serde_json::from_str(text) {
        Ok(Value::Object(mut fields)) => {
            fields.insert(FIELD.to_owned(), Value::Bool(true));
            Value::Object(fields).to_string()
        }
        _ => text.to_owned(),
    }
}

/// A row that only the newer version knows, and that wakes the object.
pub(crate) fn newer_row(due: kombo_edge::domain::time::Timestamp) -> Change {
    Change::Put {
        table: Table::State,
        key: format!("{NEWER}row"),
        value: r#"{"schema":2}"#.to_owned(),
        due: Some(due),
    }
}

/// Says which row lost the field of the newer version, if one did.
pub(crate) fn check(object: &Object, changes: &[Change], is_newer: bool) -> Option<String> {
    let has_field = |text: &str| {
        let row = serde_json::from_str(text);
        matches!(row, Ok(Value::Object(fields)) if fields.contains_key(FIELD))
    };
    let lost = changes.iter().find_map(|change| match change {
        Change::Put {
            table, key, value, ..
        } => {
            let (before, _) = object.rows.get(&(*table, key.clone()))?;
            let is_new = key.starts_with(REPLACED);
            (!is_new && has_field(before) && !has_field(value)).then_some(key)
        }
        _ => None,
    });
    lost.filter(|_| !is_newer).cloned()
}
