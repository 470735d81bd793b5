//! What it means that an event names a customer.

use crate::domain::id::OriginId;

/// What the event means for who holds the integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nothing new.
    Settled,
    /// Kombo named a second customer for the first time.
    Disputed {
        /// Who holds it.
        holder: OriginId,
        /// Who was named.
        claimant: OriginId,
    },
}
