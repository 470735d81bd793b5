//! The entry of the Worker: a request becomes what the edge decides on, and its answer a response.

use core::cell::{Cell, OnceCell};

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, Response};

use super::orders::{Caller, Silence, send_later, tell};
use super::platform::{Env, promise_answer};
use super::{api, bindings, clock, console, health, platform};
use crate::answer::{Answer, Outcome, Refusal};
use crate::config::{Config, Problem};
use crate::edge::{self, MAX_BODY_BYTES, Received};
use crate::log::{Line, kind};
use crate::machine::Letter;
use crate::notifier::Channel;
use crate::object::Address;
use crate::route::Route;
use crate::signature::SignatureError;
use crate::watch::Watch;

/// Longest wait for an object, in milliseconds. Two of them stay well under any sender's patience.
pub(super) const LIMIT: u32 = 4_000;

thread_local! {
    /// What an isolate keeps between requests: never anything that only it knows.
    static CONFIG: OnceCell<&'static Config> = const { OnceCell::new() };
    static WATCH: Cell<Watch> = const { Cell::new(Watch::new()) };
}

/// Called once an instance, before anything else.
#[wasm_bindgen(start, private)]
fn start() {
    // What a panic leaves behind is broken.
    console::log_panics(platform::end_instance);
    let (delivery, other) = (Refusal::NotStored.answer(), Refusal::NoReply.answer());
    let headers = lines(&delivery.headers);
    platform::begin_instance(delivery.status, &headers, &delivery.body, &other.body);
}

/// What of a request is looked at before its body.
pub(super) struct Head {
    method: String,
    path: String,
    signature: Option<String>,
    content_length: Option<String>,
    pub(super) query: String,
    pub(super) authorization: Option<String>,
}

impl Head {
    fn of(request: &Request, under_way: &JsValue) -> Self {
        let head = platform::head_of(request, under_way);
        let text = |at| head.get(at).as_string();
        Self {
            method: text(0).unwrap_or_default(),
            path: text(1).unwrap_or_default(),
            signature: text(2),
            content_length: text(3),
            query: text(4).unwrap_or_default(),
            authorization: text(5),
        }
    }
}

/// Answers a request from outside.
#[expect(
    unreachable_pub,
    reason = "an export has to be public, wherever it stands"
)]
#[wasm_bindgen]
pub fn fetch(request: Request, env: Env, context: JsValue) -> Promise {
    promise_answer(|under_way| {
        Box::pin(async move {
            let caller = Caller {
                env: &env,
                residence: config(&env).residence,
                under_way,
            };
            let answer = answer(&request, &caller, &context).await;
            Ok(answer.into())
        })
    })
}

async fn answer(request: &Request, caller: &Caller<'_>, context: &JsValue) -> Response {
    let config = config(caller.env);
    let head = Head::of(request, &caller.under_way);
    let answer = match Route::find(&head.method, &head.path) {
        Ok(Route::Webhook) => {
            let (answer, seen) = deliver(request, &head, caller, config).await;
            watch(seen, caller, context);
            answer
        }
        Ok(Route::Api(ask)) => {
            let answer = api::answer(&ask, request, &head, caller, config).await;
            answer.unwrap_or_else(Refusal::answer)
        }
        Ok(Route::Health) => health::all(caller, config).await,
        Ok(Route::Intake) => health::intake(config),
        Err(error) => Refusal::Route(error).answer(),
    };
    respond(&answer, &head)
}

/// The configuration, read by the isolate's first request. The faults are logged then.
fn config(env: &Env) -> &'static Config {
    CONFIG.with(|cell| {
        *cell.get_or_init(|| {
            let config = bindings::config(env);
            console::print_faults(&config);
            Box::leak(Box::new(config))
        })
    })
}

/// What a delivery was, for whoever watches over all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Stored,
    Ignored,
    Refused,
    /// It says nothing about the others.
    Nothing,
}

async fn deliver(
    request: &Request,
    head: &Head,
    caller: &Caller<'_>,
    config: &Config,
) -> (Answer, Seen) {
    let came_at = clock::now();
    match receive(request, head, caller, config).await {
        Ok(Received::Ignored(line)) => {
            console::print(&line);
            (Outcome::Ignored.answer(), Seen::Ignored)
        }
        Ok(Received::For {
            address,
            letter,
            line,
        }) => {
            let outcome = store(caller, &address, &letter).await;
            let took = clock::now().since(came_at);
            match outcome {
                Ok(outcome) => {
                    console::print(&line.ending(outcome.kind()).after(took));
                    (outcome.answer(), Seen::Stored)
                }
                Err(silence) => {
                    let line = line.ending(kind::DELIVERY_NOT_STORED).after(took);
                    console::print(&line.because(silence.reason()));
                    (Refusal::NotStored.answer(), Seen::Nothing)
                }
            }
        }
        Err(refusal) => {
            let line = Line::new(came_at, kind::DELIVERY_REFUSED);
            console::print(&line.because(refusal.to_string()));
            let wrong = refusal == Refusal::Signature(SignatureError::Mismatch);
            let seen = if wrong { Seen::Refused } else { Seen::Nothing };
            (refusal.answer(), seen)
        }
    }
}

/// Reports what the isolate noticed, when that is due. Nobody waits for it.
fn watch(seen: Seen, caller: &Caller<'_>, context: &JsValue) {
    let mut watch = WATCH.get();
    let now = clock::now();
    let report = match seen {
        Seen::Stored => watch.stored(now),
        Seen::Ignored => watch.ignored(now),
        Seen::Refused => watch.refused(now),
        Seen::Nothing => None,
    };
    WATCH.set(watch);
    if let Some(report) = report {
        let to = Address::Notifier(Channel::Ops);
        send_later(context, caller, &to, &Letter::seal(report), LIMIT);
    }
}

async fn receive(
    request: &Request,
    head: &Head,
    caller: &Caller<'_>,
    config: &Config,
) -> Result<Received, Refusal> {
    if config
        .faults
        .iter()
        .any(|fault| fault.stops_intake() && fault.problem == Problem::NotBound)
    {
        return Err(Refusal::NotBound);
    }
    let headers = edge::Headers {
        signature: head.signature.as_deref(),
        content_length: head.content_length.as_deref(),
    };
    let signature = edge::admit(config, headers)?;
    let body = read(request, caller, MAX_BODY_BYTES).await?;
    edge::receive(config, &signature, &body, clock::now())
}

/// Reads the body, and stops as soon as it is over the limit.
pub(super) async fn read(
    request: &Request,
    caller: &Caller<'_>,
    limit: usize,
) -> Result<Vec<u8>, Refusal> {
    let body = platform::body_of(request, limit, &caller.under_way);
    let body = JsFuture::from(body).await;
    let body = body.map_err(|_| Refusal::BrokenBody)?;
    if body.is_undefined() {
        return Err(Refusal::TooLarge);
    }
    let bytes = body.dyn_ref::<Uint8Array>().ok_or(Refusal::BrokenBody)?;
    Ok(bytes.to_vec())
}

/// Has an object store an event. One that failed is asked once more, through a
/// fresh stub; one that took too long is not.
async fn store(caller: &Caller<'_>, address: &Address, letter: &str) -> Result<Outcome, Silence> {
    let reply = match tell(caller, address, letter, LIMIT).await {
        Err(Silence::Failed) => tell(caller, address, letter, LIMIT).await,
        reply => reply,
    };
    Outcome::of(&reply?).ok_or(Silence::Failed)
}

/// The response; to a HEAD request, without its body.
fn respond(answer: &Answer, head: &Head) -> Response {
    let body = (head.method != "HEAD").then_some(answer.body.as_str());
    platform::respond(answer.status, &lines(&answer.headers), body)
}

/// Headers as the platform takes them: a line for each.
fn lines(headers: &[(&'static str, &'static str)]) -> String {
    let mut lines = String::new();
    for (name, value) in headers {
        lines.extend([*name, ": ", *value, "\n"]);
    }
    lines
}
