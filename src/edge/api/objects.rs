//! Whole objects, by the platform's id: backs them up, restores a backup, or makes them write their
//! Workers KV keys again.

use super::Call;
use crate::contracts::objects::address::{Address, Class, ObjectId};
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::contracts::objects::{customer, integration};
use crate::domain::json::{self, Json};
use crate::edge::answer::{BadRequest, Refusal};
use crate::parts::backup::restore_message;

/// Asks for a backup. A Notifier has none, because alerts in flight are not moved.
pub(super) fn backup(class: Class, id: &ObjectId) -> Result<Call, Refusal> {
    let message = match class {
        Class::Integration => Envelope::encode(integration::Message::Backup),
        Class::Customer => Envelope::encode(customer::Message::Backup),
        Class::Notifier => return Err(Refusal::Nothing),
    };
    Ok((Address::Object(class, id.clone()), message))
}

/// Restores a backup into its object.
pub(super) fn restore(body: &[u8]) -> Result<Call, Refusal> {
    let text = core::str::from_utf8(body).map_err(|_| BadRequest::Body)?;
    let backup: Json = json::parse(text).map_err(|_| BadRequest::Body)?;
    restore_message(backup).ok_or(BadRequest::Backup.into())
}

/// Makes an object write its keys again.
pub(super) fn rebuild(class: Class, id: &ObjectId) -> Call {
    let message = match class {
        Class::Integration => Envelope::encode(integration::Message::Rebuild),
        Class::Customer => Envelope::encode(customer::Message::Rebuild),
        Class::Notifier => Envelope::encode(Message::Rebuild),
    };
    (Address::Object(class, id.clone()), message)
}
