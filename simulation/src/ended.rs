//! The outcome of an effect in the simulation.

use kombo_edge::domain::http::Answered;
use kombo_edge::machine::{Comparison, Outcome, Page, Receipt};

/// The outcome of an effect.
#[derive(Debug)]
pub(crate) enum Ended {
    Sent(Outcome<Receipt>),
    Written,
    WrittenAll(Vec<Outcome<()>>),
    Compared(Comparison),
    Listed(Page),
    Answered(Answered),
    /// It was certainly not done.
    Refused,
    /// No answer came.
    Unanswered,
}
