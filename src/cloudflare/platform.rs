//! The platform's functions, as `platform.js` offers them to Rust.
//!
//! The `worker` crate offers them too, one property and one promise at a time. An
//! event costs more in such crossings than in all the Rust it runs, and wrapping
//! them made up half of the module. So only what this Worker does is bound here,
//! each in one crossing.

use core::pin::Pin;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Request, Response};

/// What an exported function is at work on.
pub(super) type Work = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// A promise of what the work comes to, which is rejected if it panics.
///
/// Exported `async` functions would wait for ever then, and have a machinery each.
pub(super) fn promise(work: Work) -> Promise {
    run(begin(false), work)
}

/// A promise of an answer to a sender. If the work panics, the sender hears that
/// nothing was stored: the calls that the work waits for are told what is under way.
pub(super) fn promise_answer(work: impl FnOnce(JsValue) -> Work) -> Promise {
    let under_way = begin(true);
    let work = work(under_way.clone());
    run(under_way, work)
}

fn run(under_way: JsValue, work: Work) -> Promise {
    let promise = promise_of(&under_way);
    spawn_local(async move {
        match work.await {
            Ok(value) => end(&under_way, &value),
            Err(error) => fail(&under_way, &error),
        }
    });
    promise
}

#[wasm_bindgen]
extern "C" {
    /// Settings and bindings.
    pub type Env;
}

#[wasm_bindgen(module = "/src/cloudflare/platform.js")]
extern "C" {
    /// Begins a new instance; with what is answered after its end, to a delivery and to
    /// anything else.
    #[wasm_bindgen(js_name = beginInstance)]
    pub(super) fn begin_instance(status: u16, headers: &str, delivery: &str, other: &str);

    /// Settles all that is under way: this instance is lost.
    #[wasm_bindgen(js_name = endInstance)]
    pub(super) fn end_instance();

    /// Begins something that is promised.
    fn begin(is_answered: bool) -> JsValue;

    /// The promise of it.
    #[wasm_bindgen(js_name = promiseOf)]
    fn promise_of(under_way: &JsValue) -> Promise;

    /// It came to this.
    fn end(under_way: &JsValue, value: &JsValue);

    /// It failed.
    fn fail(under_way: &JsValue, error: &JsValue);

    /// A secret or variable, as a text.
    pub(super) fn setting(env: &Env, name: &str) -> Option<String>;

    /// Whether there is a binding of this name.
    #[wasm_bindgen(js_name = isBound)]
    pub(super) fn is_bound(env: &Env, name: &str) -> bool;

    /// Method, path, signature or null, content length or null, query, authorization or null.
    #[wasm_bindgen(js_name = headOf)]
    pub(super) fn head_of(request: &Request, under_way: &JsValue) -> Array;

    /// Comes to the bytes, to undefined when they are more than `limit`, to null when they break off.
    #[wasm_bindgen(js_name = bodyOf)]
    pub(super) fn body_of(request: &Request, limit: usize, under_way: &JsValue) -> Promise;

    /// A response; `headers` has a line for each, `name: value`.
    pub(super) fn respond(status: u16, headers: &str, body: Option<&str>) -> Response;

    /// Comes to the answer's text, to null when the object failed, to undefined
    /// when it did not answer within `limit` milliseconds. What is under way for a
    /// sender is undefined for an object. The object is looked for in a jurisdiction
    /// unless that is empty.
    pub(super) fn tell(
        env: &Env,
        binding: &str,
        jurisdiction: &str,
        name: &str,
        letter: &str,
        limit: u32,
        under_way: &JsValue,
    ) -> Promise;

    /// The cells of the rows that queries find, one row after the other; the JSON of a list of
    /// lists, each a statement and its bindings. Every cell is a text.
    #[wasm_bindgen(catch)]
    pub(super) fn select(storage: &JsValue, queries: &str) -> Result<Vec<String>, JsValue>;

    /// Runs statements, all or none; the JSON of a list of lists, each a statement and its bindings.
    #[wasm_bindgen(catch)]
    pub(super) fn commit(storage: &JsValue, writes: &str) -> Result<(), JsValue>;

    /// The one number, or null, that a query gives.
    #[wasm_bindgen(catch)]
    pub(super) fn earliest(storage: &JsValue, statement: &str) -> Result<Option<f64>, JsValue>;

    /// Sets the object's alarm, in milliseconds since the epoch. Nothing leaves the object
    /// before that is on disk.
    #[wasm_bindgen(catch, js_name = setAlarm)]
    pub(super) fn set_alarm(storage: &JsValue, at: f64) -> Result<(), JsValue>;

    /// Removes the object's alarm.
    #[wasm_bindgen(catch, js_name = deleteAlarm)]
    pub(super) fn delete_alarm(storage: &JsValue) -> Result<(), JsValue>;

    /// Writes a Workers KV key, or removes it without a value. Comes to the empty
    /// text, to the error's text, or to undefined when no answer came in time.
    pub(super) fn project(
        env: &Env,
        binding: &str,
        key: &str,
        value: Option<&str>,
        metadata: Option<&str>,
        limit: u32,
    ) -> Promise;

    /// Compares the value of a Workers KV key. Comes to "differs" when it is another, or
    /// none; else as `project`.
    pub(super) fn compare(env: &Env, binding: &str, key: &str, value: &str, limit: u32) -> Promise;

    /// Lists a page of at most so many Workers KV keys. Comes to an array of the cursor or the empty
    /// text, and keys and the JSON of their metadata by turns; else as `project`.
    pub(super) fn list(
        env: &Env,
        binding: &str,
        prefix: &str,
        cursor: Option<&str>,
        most: u32,
        limit: u32,
    ) -> Promise;

    /// As `tell`, when the answer to a request has left. Nobody hears what it comes to.
    #[wasm_bindgen(js_name = tellLater)]
    pub(super) fn tell_later(
        context: &JsValue,
        env: &Env,
        binding: &str,
        jurisdiction: &str,
        name: &str,
        letter: &str,
        limit: u32,
    );

    /// Comes to status, body and Retry-After or null, to null when there was no
    /// connection, to undefined when no answer came in time.
    pub(super) fn post(url: &str, payload: &str, limit: u32) -> Promise;

    /// Asks for a resource. Comes to what `post` comes to.
    pub(super) fn ask(url: &str, authorization: &str, limit: u32) -> Promise;

    /// Prints a line.
    pub(super) fn log(line: &str);

    /// Prints a line as an error.
    #[wasm_bindgen(js_name = logError)]
    pub(super) fn log_error(line: &str);
}
