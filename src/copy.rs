//! Copies of objects, for moving to another account: their rows, as they are stored.
//!
//! A copy says all that an object knows of an integration or a customer, tombstones and
//! human decisions included. What is on its way (alerts, erasures) and the memory of
//! event ids are left out. How a copy joins what an object knows already is that
//! machine's to say.

use crate::customer;
use crate::id::IntegrationId;
use crate::integration;
use crate::machine::{Letter, Rows, Table};
use crate::object::{Address, CustomerKey};
use crate::record::{Fields, Json, Readable as _, Unknown};
use crate::reply::Reply;

/// Version of the shape.
const SCHEMA: u32 = 1;

/// A copy of the rows of the state whose keys begin so, as a reply; none of an object
/// that has no head.
#[must_use]
pub fn make(class: &str, rows: &Rows, prefixes: &[&str]) -> Reply {
    if rows.text(Table::State, "head").is_none() {
        return Reply::Document(None);
    }
    let mut copied = Unknown::default();
    for prefix in prefixes {
        for (rest, text) in rows.under(Table::State, prefix) {
            copied.set(&format!("{prefix}{rest}"), Json::read(text).ok());
        }
    }
    let mut copy = Unknown::default();
    copy.set("schema", Some(Json::of(&SCHEMA)));
    copy.set("class", Some(Json::of(&class)));
    copy.set("rows", Some(Json::of(&copied)));
    Reply::Document(Some(Json::of(&copy)))
}

/// The rows of a copy; none when it is no copy.
#[must_use]
pub fn rows(copy: &Json) -> Option<Rows> {
    let mut fields = Fields::of(copy.text()).ok()?;
    let copied = Fields::of(fields.text("rows")?).ok()?;
    let mut rows = Rows::default();
    for (key, text) in copied.all() {
        rows.insert(Table::State, key, text.to_owned());
    }
    Some(rows)
}

/// The object that a copy is of, and the letter that has it take the copy over; none
/// when it is no copy.
#[must_use]
pub fn restoring(copy: Json) -> Option<(Address, String)> {
    let mut fields = Fields::of(copy.text()).ok()?;
    let class: String = fields.take("class")?;
    let mut copied = Fields::of(fields.text("rows")?).ok()?;
    let mut head = Fields::of(copied.text("head")?).ok()?;
    match class.as_str() {
        "integration" => {
            let id: IntegrationId = Fields::of(head.text("facts")?).ok()?.take("id")?;
            let letter = Letter::seal(integration::Outgoing::Restore { copy });
            Some((Address::Integration(id), letter))
        }
        "customer" => {
            let key: CustomerKey = head.take("key")?;
            let letter = Letter::seal(customer::Outgoing::Restore { copy });
            Some((Address::Customer(key), letter))
        }
        _ => None,
    }
}
