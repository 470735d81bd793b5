//! The classes of objects, each the shell around its machine. `entry.js` wraps them into classes
//! that others can call.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::js_sys::Promise;
use worker::wasm_bindgen_futures::future_to_promise;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::shell::Shell;
use crate::objects::{customer, integration, notifier};

macro_rules! object {
    ($(#[$doc:meta])* $name:ident runs $machine:expr) => {
        $(#[$doc])*
        #[durable_object(alarm)]
        pub struct $name(Rc<Shell>);

        impl DurableObject for $name {
            fn new(state: State, env: Env) -> Self {
                Self(Rc::new(Shell::new(&state, env, &$machine)))
            }

            /// Objects are called by RPC, and answer no request.
            #[expect(clippy::unused_async_trait_impl, reason = "the trait has it so")]
            async fn fetch(&self, _: Request) -> Result<Response> {
                Response::error("", 404)
            }

            async fn alarm(&self) -> Result<Response> {
                self.0.alarm().await?;
                Response::empty()
            }
        }

        #[wasm_bindgen]
        impl $name {
            /// Handles a message, in one piece. Comes to the reply as JSON, or to undefined if the
            /// message cannot be read.
            ///
            /// # Errors
            /// When the storage failed.
            pub fn handle(&self, message: &str) -> core::result::Result<Option<String>, JsValue> {
                Ok(self.0.handle(message)?)
            }

            /// Whether a run began with a message, and waits for [`Self::run`].
            #[wasm_bindgen(js_name = hasBegun)]
            #[must_use]
            pub fn has_begun(&self) -> bool {
                self.0.has_begun()
            }

            /// Runs what a message made due; nothing if that is nothing. It rejects when the
            /// storage failed, and the alarm takes it up.
            #[must_use]
            pub fn run(&self) -> Option<Promise> {
                let run = self.0.take_begun()?;
                let shell = Rc::clone(&self.0);
                Some(future_to_promise(async move {
                    shell.run(run).await?;
                    Ok(JsValue::UNDEFINED)
                }))
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
    /// One Slack webhook.
    Notifier runs notifier::Notifier
);
