//! The clock.

use crate::time::Timestamp;

/// The present. On the platform it stands still between two waits.
pub(super) fn now() -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds are whole and small"
    )]
    let millis = js_sys::Date::now() as i64;
    Timestamp::from_millis(millis)
}
