//! Objects as a whole, by the platform's id: copied, restored from a copy, or made to
//! write their Workers KV keys again.

use super::{BadAsk, Question};
use crate::answer::Refusal;
use crate::json::{self, Json};
use crate::machine::Letter;
use crate::notifier::Message;
use crate::object::{Address, Class, ObjectId};
use crate::{copy, customer, integration};

/// Asks for a copy. Of a Notifier there is none: what is on its way stays behind.
pub(super) fn copy(class: Class, id: &ObjectId) -> Result<Question, Refusal> {
    let letter = match class {
        Class::Integration => Letter::seal(integration::Outgoing::Copy),
        Class::Customer => Letter::seal(customer::Outgoing::Copy),
        Class::Notifier => return Err(Refusal::Nothing),
    };
    Ok((Address::Object(class, id.clone()), letter))
}

/// Has the object that a copy is of take it over.
pub(super) fn restore(body: &[u8]) -> Result<Question, Refusal> {
    let text = core::str::from_utf8(body).map_err(|_| BadAsk::Body)?;
    let copy: Json = json::parse(text).map_err(|_| BadAsk::Body)?;
    copy::restoring(copy).ok_or(BadAsk::Copy.into())
}

/// Has an object write its keys again.
pub(super) fn rebuild(class: Class, id: &ObjectId) -> Question {
    let letter = match class {
        Class::Integration => Letter::seal(integration::Outgoing::Rebuild),
        Class::Customer => Letter::seal(customer::Outgoing::Rebuild),
        Class::Notifier => Letter::seal(Message::Rebuild),
    };
    (Address::Object(class, id.clone()), letter)
}
