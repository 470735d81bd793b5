//! The methods that other Workers call through a service binding. `entry.js` has the class with them,
//! and turns what they return into values and errors.

use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::js_sys::Promise;
use worker::wasm_bindgen_futures::future_to_promise;

use super::rpc::CallContext;
use super::{api, console, entry};
use crate::edge::answer::{Answer, Refusal, returned};
use crate::edge::route::MethodCall;

/// Calls a method. `arguments` is a JSON array, `props` the JSON of the binding's props. Comes to JSON:
/// `{"found": …}` or `{"problem": …}`.
#[expect(unreachable_pub, reason = "an export has to be public, wherever it is")]
#[wasm_bindgen(js_name = callMethod)]
pub fn call_method(method: String, arguments: String, props: String, env: Env) -> Promise {
    future_to_promise(async move {
        let answered = answer(&method, &arguments, &props, env).await;
        Ok(returned(answered).into())
    })
}

/// What a call returns that was in flight when the instance of the module was lost.
#[expect(unreachable_pub, reason = "an export has to be public, wherever it is")]
#[must_use]
#[wasm_bindgen(js_name = callLost)]
pub fn call_lost() -> String {
    returned(Err(Refusal::NoReply))
}

async fn answer(method: &str, arguments: &str, props: &str, env: Env) -> Result<Answer, Refusal> {
    console::log_panics();
    let config = entry::config(&env);
    let context = CallContext {
        env,
        jurisdiction: config.jurisdiction,
    };
    let call = MethodCall::parse(method, arguments)?;
    api::answer_call(&call, props, &context, config).await
}
