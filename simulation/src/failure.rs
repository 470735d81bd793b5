//! The result of a run that breaks a promise.

use core::fmt;

/// A promise that was broken.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Which one.
    pub promise: &'static str,
    /// How.
    pub what: String,
}

impl Failure {
    pub(crate) fn of(promise: &'static str, what: String) -> Self {
        Self { promise, what }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "broken: {}: {}", self.promise, self.what)
    }
}
