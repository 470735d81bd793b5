//! Messages between the objects of the world, and what can happen to one in flight.

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::machine::{EffectError, Outcome, Receipt};

use crate::world::World;

/// What happens to a message between two objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It never arrives, and the sender gets no reply.
    Lost,
    /// It arrives, and the sender gets no reply.
    Unanswered,
    /// The sender gets no reply, and it arrives much later.
    Late,
}

impl World {
    /// Lets the messages arrive that are late.
    pub(crate) fn deliver_late(&mut self) {
        for (to, message) in core::mem::take(&mut self.late) {
            self.call(&to, &message);
        }
    }

    /// Sends a message from one object to another.
    pub(crate) fn send(&mut self, to: &Address, message: &str) -> Outcome<Receipt> {
        if self.fates.is_empty() {
            return Receipt::of(&self.call(to, message));
        }
        match self.fates.remove(0) {
            Fate::Lost => {}
            Fate::Unanswered => drop(self.call(to, message)),
            Fate::Late => self.late.push((to.clone(), message.to_owned())),
        }
        let reason = "the object did not answer in time";
        Err(EffectError::Unknown(reason.to_owned()))
    }
}
