//! The classes of objects, each the shell around its machine. The platform knows them by the classes
//! of `worker.js`, which hold one of these.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::platform::{Env, promise};
use super::shell::Shell;
use crate::{customer, integration, notifier};

macro_rules! object {
    ($(#[$doc:meta])* $name:ident runs $machine:expr) => {
        $(#[$doc])*
        #[wasm_bindgen]
        pub struct $name(Rc<Shell>);

        #[wasm_bindgen]
        impl $name {
            /// Made for an object of the platform, before anything else.
            #[wasm_bindgen(constructor)]
            #[must_use]
            pub fn new(storage: JsValue, env: Env) -> Self {
                Self(Rc::new(Shell::new(storage, env, &$machine)))
            }

            /// Whether [`Self::recall_alarm`] is to be called before a letter is heard.
            #[wasm_bindgen(js_name = asksForAlarm)]
            #[must_use]
            pub fn asks_for_alarm(&self) -> bool {
                self.0.asks_for_alarm()
            }

            /// Says when the object's alarm comes, in milliseconds since the epoch, if ever.
            #[wasm_bindgen(js_name = recallAlarm)]
            pub fn recall_alarm(&self, at: Option<f64>) {
                self.0.recall_alarm(at);
            }

            /// Hears a letter. Gives back the answer, null where there is none, and the error of a
            /// storage that failed.
            #[must_use]
            pub fn hear(&self, letter: &str) -> JsValue {
                self.0.hear(letter).unwrap_or_else(|error| error)
            }

            /// Runs what is due. Rejects when the storage fails: the platform tries again.
            #[must_use]
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

/// In the build of the test suite, panics or traps where the text asks for it; never else.
#[cfg(feature = "forced-panics")]
pub(super) fn panic_if_forced(place: &str, text: impl Fn() -> String) {
    let text = text();
    let forces = |end| text.contains(&format!("forced {end} in {place}"));
    if !forces("panic") && !forces("trap") {
        return;
    }
    // An alarm that ends so each time would show nothing of its being tried again.
    // It ends the instance, so what it leaves behind is outside.
    let (outside, spent) = (js_sys::global(), "forcedPanicSpent".into());
    if place == "alarm" && js_sys::Reflect::has(&outside, &spent).unwrap_or_default() {
        return;
    }
    let noted = js_sys::Reflect::set(&outside, &spent, &true.into());
    if forces("trap") {
        core::arch::wasm32::unreachable();
    }
    assert!(noted.is_err(), "forced panic in {place}");
}

#[cfg(not(feature = "forced-panics"))]
pub(super) fn panic_if_forced(_place: &str, _text: impl Fn() -> String) {}
