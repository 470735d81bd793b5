//! Backups of objects, for moving to another account: their rows, as they are stored.
//!
//! A backup has everything that an object knows of an integration or a customer, including
//! tombstones and human decisions. It leaves out what is in flight (alerts, erasures) and the event
//! ids. How a backup merges into what an object already knows is left to its machine.

use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::reply::Reply;
use crate::contracts::objects::{customer, integration};
use crate::domain::id::IntegrationId;
use crate::domain::json::{self, Json};
use crate::machine::{RowCache, Rows, StateRow, StepError};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Version of the shape.
const SCHEMA: u32 = 1;

/// Key of the row that says what a backup is of.
const HEAD: &str = "head";

/// A backup.
#[derive(Serialize, Deserialize)]
struct Backup {
    #[serde(default)]
    schema: u32,
    class: String,
    rows: BTreeMap<String, Json>,
}

/// A backup of the rows whose keys begin with one of these prefixes in the state, or in the ledger
/// (the archive), as a reply; without a document if the object has no head.
///
/// # Errors
/// [`StepError`] if they cannot be read.
pub fn make(
    class: &str,
    rows: Rows<'_>,
    state: &[&'static str],
    archive: &[&'static str],
) -> Result<Reply, StepError> {
    if rows.state_text(HEAD)?.is_none() {
        return Ok(Reply::Document(None));
    }
    let mut copied = BTreeMap::new();
    for prefix in state {
        for (rest, text) in rows.state_texts(prefix)? {
            if let Ok(row) = json::parse(text) {
                copied.insert(format!("{prefix}{rest}"), row);
            }
        }
    }
    for prefix in archive {
        for (rest, text) in rows.ledger_first(prefix, u32::MAX)? {
            if let Ok(row) = json::parse(&text) {
                copied.insert(format!("{prefix}{rest}"), row);
            }
        }
    }
    Ok(Reply::Document(Some(Json::of(&Backup {
        schema: SCHEMA,
        class: class.to_owned(),
        rows: copied,
    }))))
}

/// The rows of a backup; `None` if it is not one.
#[must_use]
pub fn state(backup: &Json) -> Option<RowCache> {
    let backup: Backup = backup.read().ok()?;
    let rows = backup.rows.into_iter().map(|(key, row)| {
        let text = row.text().to_owned();
        (key, StateRow { text, due: None })
    });
    Some(RowCache::of(rows.collect()))
}

/// The object that a backup is of, and the message that restores it; `None` if it is not one.
#[must_use]
pub fn restore_message(backup: Json) -> Option<(Address, String)> {
    let Backup { class, rows, .. } = backup.read().ok()?;
    let head = rows.get(HEAD)?;
    match class.as_str() {
        "integration" => {
            let id = head.read::<OfIntegration>().ok()?.facts.id;
            let message = Envelope::encode(integration::Message::Restore { backup });
            Some((Address::Integration(id), message))
        }
        "customer" => {
            let key = head.read::<OfCustomer>().ok()?.key;
            let message = Envelope::encode(customer::Message::Restore { backup });
            Some((Address::Customer(key), message))
        }
        _ => None,
    }
}

/// The part of an Integration's head that names the integration.
#[derive(Deserialize)]
struct OfIntegration {
    facts: Facts,
}

#[derive(Deserialize)]
struct Facts {
    id: IntegrationId,
}

/// The part of a Customer's head that names the customer.
#[derive(Deserialize)]
struct OfCustomer {
    key: CustomerKey,
}
