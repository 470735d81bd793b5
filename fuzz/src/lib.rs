//! The checks of the fuzz targets: for each target, what it
//! makes of the fuzzer's bytes, and what must be true for all of them.
//!
//! `check` of each module panics if it is not true. The code that makes objects, alerts and a
//! world around them, and that finds what is wrong with a message, is shared with the
//! tests. `scripts/fuzz.mjs` runs the targets.

pub mod act;
pub mod delivery;
pub mod event;
pub mod rendering;
pub mod route;
pub mod signature;
pub mod slack_answer;
pub mod state;

mod base;
mod contract;
mod driven;
mod edit;
mod leak;
mod effects;
mod signing;

/// Parts of the tests; each opens as a module of this crate, as it does there.
macro_rules! of_the_tests {
    ($($path:literal $name:ident),+ $(,)?) => {$(
        #[path = $path]
        #[allow(
            dead_code,
            unused_imports,
            clippy::assert_is_empty,
            clippy::duration_suboptimal_units,
            reason = "the tests use more of it, and are linted where they are"
        )]
        mod $name;
    )+};
}

of_the_tests! {
    "../../tests/machines/kombo.rs" kombo,
    "../../tests/machines/leaks.rs" leaks,
    "../../tests/machines/messages_in_flight.rs" messages_in_flight,
    "../../tests/machines/object.rs" object,
    "../../tests/machines/outside.rs" outside,
    "../../tests/machines/clock.rs" clock,
    "../../tests/machines/rechecks.rs" rechecks,
    "../../tests/machines/stored.rs" stored,
    "../../tests/machines/world.rs" world,
    "../../tests/rendering/checks.rs" checks,
    "../../tests/rendering/deployments.rs" deployments,
    "../../tests/rendering/kinds.rs" kinds,
    "../../tests/rendering/lists.rs" lists,
}
