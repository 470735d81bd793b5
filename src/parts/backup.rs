//! Copies of objects, for moving to another account: their rows, as they are stored.
//!
//! A copy says all that an object knows of an integration or a customer, tombstones and
//! human decisions included. What is on its way (alerts, erasures) and the memory of
//! event ids are left out. How a copy joins what an object knows already is that
//! machine's to say.

use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::reply::Reply;
use crate::contracts::objects::{customer, integration};
use crate::domain::id::IntegrationId;
use crate::domain::json::{self, Json};
use crate::machine::{Rows, Table};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Version of the shape.
const SCHEMA: u32 = 1;

/// Key of the row that says what a copy is of.
const HEAD: &str = "head";

/// A copy.
#[derive(Serialize, Deserialize)]
struct Copy {
    #[serde(default)]
    schema: u32,
    class: String,
    rows: BTreeMap<String, Json>,
}

/// A copy of the rows of the state whose keys begin so, as a reply; none of an object
/// that has no head.
#[must_use]
pub fn make(class: &str, rows: &Rows, prefixes: &[&str]) -> Reply {
    if rows.text(Table::State, HEAD).is_none() {
        return Reply::Document(None);
    }
    let mut copied = BTreeMap::new();
    for prefix in prefixes {
        for (rest, text) in rows.under(Table::State, prefix) {
            if let Ok(row) = json::parse(text) {
                copied.insert(format!("{prefix}{rest}"), row);
            }
        }
    }
    Reply::Document(Some(Json::of(&Copy {
        schema: SCHEMA,
        class: class.to_owned(),
        rows: copied,
    })))
}

/// The rows of a copy; none when it is no copy.
#[must_use]
pub fn rows(copy: &Json) -> Option<Rows> {
    let copy: Copy = copy.read().ok()?;
    let mut rows = Rows::default();
    for (key, row) in copy.rows {
        rows.insert(Table::State, key, row.text().to_owned());
    }
    Some(rows)
}

/// The object that a copy is of, and the letter that has it take the copy over; none
/// when it is no copy.
#[must_use]
pub fn restoring(copy: Json) -> Option<(Address, String)> {
    let Copy { class, rows, .. } = copy.read().ok()?;
    let head = rows.get(HEAD)?;
    match class.as_str() {
        "integration" => {
            let id = head.read::<OfIntegration>().ok()?.facts.id;
            let letter = Envelope::encode(integration::Outgoing::Restore { copy });
            Some((Address::Integration(id), letter))
        }
        "customer" => {
            let key = head.read::<OfCustomer>().ok()?.key;
            let letter = Envelope::encode(customer::Outgoing::Restore { copy });
            Some((Address::Customer(key), letter))
        }
        _ => None,
    }
}

/// What the head of an integration says of whose it is.
#[derive(Deserialize)]
struct OfIntegration {
    facts: Facts,
}

#[derive(Deserialize)]
struct Facts {
    id: IntegrationId,
}

/// What the head of a customer says of whose it is.
#[derive(Deserialize)]
struct OfCustomer {
    key: CustomerKey,
}
