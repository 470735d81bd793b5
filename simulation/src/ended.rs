//! What an effect came to in the simulation.

use kombo_edge::domain::http::Answered;
use kombo_edge::machine::{Comparison, Outcome, Page, Receipt};

/// What an effect came to.
#[derive(Debug)]
pub(crate) enum Ended {
    Sent(Outcome<Receipt>),
    Written,
    Compared(Comparison),
    Listed(Page),
    Answered(Answered),
    /// It was certainly not done.
    Refused,
    /// No answer came.
    Unanswered,
}
