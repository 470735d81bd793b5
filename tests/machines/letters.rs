//! Letters between the objects of the world, and what can happen to one on its way.

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::machine::Outcome;

use crate::world::World;

/// What happens to a letter between two objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Post {
    /// It never arrives, and the sender hears nothing.
    Lost,
    /// It arrives, and the sender hears nothing.
    Unanswered,
    /// The sender hears nothing, and it arrives when everybody has forgotten it.
    Late,
}

impl World {
    /// Lets the letters arrive that are late.
    pub(crate) fn deliver_late(&mut self) {
        for (to, message) in core::mem::take(&mut self.late) {
            self.tell(&to, &message);
        }
    }

    /// Sends a letter, and gives back what the sender hears of it.
    pub(crate) fn send(&mut self, to: &Address, message: &str) -> Outcome {
        if self.letters.is_empty() {
            return match self.tell(to, message) {
                Reply::Conflict => Outcome::Differs,
                Reply::Unsettled => Outcome::Unsettled,
                _ => Outcome::Done,
            };
        }
        match self.letters.remove(0) {
            Post::Lost => {}
            Post::Unanswered => drop(self.tell(to, message)),
            Post::Late => self.late.push((to.clone(), message.to_owned())),
        }
        Outcome::Unknown("the object did not answer in time".to_owned())
    }
}
