//! The classes of objects, as the platform knows them: each is the shell around its machine.
//!
//! Exported by hand rather than by `worker`'s attribute, which takes each request
//! and response apart and puts it together again.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Request;

use super::platform::{Env, State, promise};
use super::shell::Shell;
use crate::{customer, integration, notifier};

macro_rules! object {
    ($(#[$doc:meta])* $name:ident runs $machine:expr) => {
        $(#[$doc])*
        #[wasm_bindgen]
        pub struct $name(Rc<Shell>);

        #[wasm_bindgen]
        impl $name {
            /// Called by the platform, before anything else.
            #[wasm_bindgen(constructor)]
            pub fn new(state: &State, env: Env) -> Self {
                Self(Rc::new(Shell::new(state.storage(), env, &$machine)))
            }

            /// Hears a letter. Rejects when the storage fails.
            pub fn fetch(&self, request: Request) -> Promise {
                promise(Box::pin(Rc::clone(&self.0).fetch(request)))
            }

            /// Runs what is due. Rejects when the storage fails: the platform tries again.
            pub fn alarm(&self) -> Promise {
                promise(Box::pin(Rc::clone(&self.0).alarm()))
            }
        }
    };
}

object!(
    /// One integration.
    Integration runs integration::Integration
);
object!(
    /// One customer.
    Customer runs customer::Customer
);
object!(
    /// One Slack hook.
    Notifier runs notifier::Notifier
);

/// In the build of the test suite, panics where the text asks for it; never else.
#[cfg(feature = "forced-panics")]
pub(super) fn panic_if_forced(place: &str, text: impl Fn() -> String) {
    if !text().contains(&format!("forced panic in {place}")) {
        return;
    }
    // An alarm that panics each time would show nothing of its being tried again.
    // A panic ends the instance, so what it leaves behind is outside.
    let (outside, spent) = (js_sys::global(), "forcedPanicSpent".into());
    let again = js_sys::Reflect::has(&outside, &spent).unwrap_or_default();
    let noted = js_sys::Reflect::set(&outside, &spent, &true.into()).unwrap_or_default();
    assert!(
        place == "alarm" && (again || !noted),
        "forced panic in {place}"
    );
}

#[cfg(not(feature = "forced-panics"))]
pub(super) fn panic_if_forced(_place: &str, _text: impl Fn() -> String) {}
