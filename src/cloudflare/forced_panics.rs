//! Panics and traps on demand, so that the test suite can show what happens to the sender, to
//! everything else in flight and to a run. Deployed builds do not contain this.

use worker::Env;
use worker::js_sys::{Reflect, global};

use super::bindings;

/// The variable that allows it. Development builds may receive the texts by accident.
const ALLOWS: &str = "FORCED_PANICS";

/// Panics or traps where the text asks for it: `forced panic in fetch`, `forced trap in run`.
pub(super) fn panic_if_forced(env: &Env, place: &str, text: impl Fn() -> String) {
    if bindings::setting(env, ALLOWS).is_none() {
        return;
    }
    let text = text();
    let forces = |end| text.contains(&format!("forced {end} in {place}"));
    if !forces("panic") && !forces("trap") {
        return;
    }
    // A run that fails every time could not show that the alarm takes it up. The note is kept outside of
    // the instance, because the failure ends the instance.
    let (outside, spent) = (global(), "forcedPanicSpent".into());
    if place == "run" && Reflect::has(&outside, &spent).unwrap_or_default() {
        return;
    }
    let noted = Reflect::set(&outside, &spent, &true.into());
    if forces("trap") {
        core::arch::wasm32::unreachable();
    }
    assert!(noted.is_err(), "forced panic in {place}");
}
