//! The clock, and limits of time.

use core::future::Future;
use core::pin::pin;
use core::time::Duration;

use futures_util::future::{Either, select};
use worker::{Date, Delay};

use crate::time::Timestamp;

/// The present. On the platform it stands still between two waits.
pub(super) fn now() -> Timestamp {
    Timestamp::from_millis(i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX))
}

/// What a future comes to within a limit of time; `None` once the limit is over.
/// The work itself is not undone.
pub(super) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(Delay::from(limit))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
