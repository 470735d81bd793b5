//! The entry of the Worker: passes requests to the edge, and turns its answers into responses.

use core::cell::{Cell, OnceCell, RefCell};

use wasm_bindgen::prelude::wasm_bindgen;
use worker::web_sys::{Headers, Request, Response, ResponseInit};
use worker::{Context, Env, Result, event};

use super::request::{Head, path_and_query, read};
use super::rpc::{CallContext, CallError, LIMIT, call, call_later};
use super::{act, api, bindings, clock, console, health};
use crate::contracts::kombo::signature::{Signature, SignatureError};
use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::contracts::operator::log::{Line, kind};
use crate::contracts::operator::settings::{Config, PublicUrl};
use crate::domain::audience::Audience;
use crate::edge::answer::{Answer, DeliveryOutcome, Refusal};
use crate::edge::delivery::{self, MAX_BODY_BYTES, Received};
use crate::edge::intake_reporter::IntakeReporter;
use crate::edge::route::Route;

thread_local! {
    /// What an isolate keeps between requests. Nothing of it matters if it is lost.
    static CONFIG: OnceCell<&'static Config> = const { OnceCell::new() };
    static REPORTER: Cell<IntakeReporter> = const { Cell::new(IntakeReporter::new()) };
    /// The address that the Notifiers know, or are told at this moment.
    static ADDRESS: RefCell<Option<PublicUrl>> = const { RefCell::new(None) };
    static HEADERS: RefCell<Vec<(HeaderFields, Headers)>> = const { RefCell::new(Vec::new()) };
}

type HeaderFields = Vec<(&'static str, &'static str)>;

/// Shows the message of a panic.
#[cfg(feature = "development")]
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Answers a request from outside. It is the platform's own type, because `worker::Request` treats
/// every method that it does not know as GET.
#[event(fetch)]
async fn fetch(request: Request, env: Env, request_context: Context) -> Result<Response> {
    console::log_panics();
    let config = config(&env);
    let context = CallContext {
        env,
        jurisdiction: config.jurisdiction,
    };
    let head = Head::of(&request)?;
    let answered = match Route::find(&head.method, &head.path) {
        Ok(Route::Webhook) => {
            let lasting = Lasting {
                context: &context,
                request: &request_context,
            };
            let (answer, noted) = deliver(&request, &head, lasting, config).await;
            let noted = if head.is_doctor {
                Noted::Nothing
            } else {
                noted
            };
            report(noted, context, &request_context);
            return respond(&answer, &head.method);
        }
        Ok(Route::ShowAct) => act::show(&request, &head, &context, config).await,
        Ok(Route::DoAct) => act::act(&request, &head, &context, config).await,
        Ok(Route::ActFile(file)) => crate::edge::act::file(config, file),
        Ok(Route::Health) => Ok(health::all(&context, config).await),
        Ok(Route::Intake) => Ok(health::intake(config)),
        Ok(Route::Api(endpoint)) => api::answer(&endpoint, &request, &head, &context, config).await,
        Err(error) => Err(Refusal::Route(error)),
    };
    if answered.is_err() && is_misdirected(&request, &head, config).await {
        report(Noted::Misdirected, context, &request_context);
    }
    let answer = answered.unwrap_or_else(Refusal::answer);
    respond(&answer, &head.method)
}

/// The answer to a request that was in flight when the instance of the module was lost. `entry.js`
/// requests it from the next instance.
///
/// # Errors
/// If the platform does not accept the response.
#[expect(unreachable_pub, reason = "an export has to be public, wherever it is")]
#[wasm_bindgen(js_name = answerLost)]
pub fn answer_lost(request: &Request) -> Result<Response, wasm_bindgen::JsValue> {
    let method = request.method();
    let (path, _) = path_and_query(&request.url());
    let refusal = match Route::find(&method, &path) {
        Ok(Route::Webhook) => Refusal::NotStored,
        _ => Refusal::NoReply,
    };
    Ok(respond(&refusal.answer(), &method)?)
}

/// The configuration, read by the isolate's first request. The faults are logged then.
pub(super) fn config(env: &Env) -> &'static Config {
    CONFIG.with(|cell| {
        *cell.get_or_init(|| {
            let config = bindings::config(env);
            console::print_faults(&config);
            Box::leak(Box::new(config))
        })
    })
}

/// What a delivery was, for the intake report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    Stored,
    Ignored,
    Refused(SignatureError),
    /// Kombo signed it, and sent it to another path.
    Misdirected,
    /// Something else, which is not reported.
    Nothing,
}

/// What is needed to call objects beyond the response.
#[derive(Clone, Copy)]
struct Lasting<'a> {
    context: &'a CallContext,
    request: &'a Context,
}

async fn deliver(
    request: &Request,
    head: &Head,
    lasting: Lasting<'_>,
    config: &Config,
) -> (Answer, Noted) {
    let started_at = clock::now();
    let received = receive(request, head, config).await;
    if received.is_ok() {
        tell_address(&request.url(), lasting, config);
    }
    match received {
        Ok(Received::Ignored(line)) => {
            console::print(&line);
            (DeliveryOutcome::Ignored.answer(), Noted::Ignored)
        }
        Ok(Received::For {
            address,
            message,
            line,
        }) => {
            let outcome = store(lasting.context, &address, &message).await;
            let elapsed = clock::now().since(started_at);
            match outcome {
                Ok(outcome) => {
                    console::print(&line.ending(outcome.kind()).after(elapsed));
                    (outcome.answer(), Noted::Stored)
                }
                Err(error) => {
                    let line = line.ending(kind::DELIVERY_NOT_STORED).after(elapsed);
                    console::print(&line.because(error.reason()));
                    (Refusal::NotStored.answer(), Noted::Nothing)
                }
            }
        }
        Err(refusal) => {
            let line = Line::new(started_at, kind::DELIVERY_REFUSED);
            console::print(&line.because(refusal.to_string()));
            let noted = match refusal {
                Refusal::Signature(error) => Noted::Refused(error),
                _ => Noted::Nothing,
            };
            (refusal.answer(), noted)
        }
    }
}

/// Tells the Notifiers the address of a verified delivery, if links to acts need it and this isolate has
/// not told them. It leaves before the event does, so that the first message has links already.
fn tell_address(url: &str, lasting: Lasting<'_>, config: &Config) {
    if config.settings.link_secrets.is_none() || config.settings.public_url.is_some() {
        return;
    }
    let Some(url) = PublicUrl::of_request(url) else {
        return;
    };
    if ADDRESS
        .with_borrow_mut(|told| told.replace(url.clone()))
        .as_ref()
        == Some(&url)
    {
        return;
    }
    for audience in [Audience::Team, Audience::Engineers] {
        let (context, url) = (lasting.context.clone(), url.clone());
        lasting.request.wait_until(async move {
            let message = Envelope::encode(Message::PublicAddress { audience, url });
            let reply = call(&context, &Address::Notifier(audience), &message, LIMIT).await;
            if reply.is_err() {
                // The next delivery tells it again.
                ADDRESS.set(None);
            }
        });
    }
}

/// Sends the intake report if one is due. The response does not wait for it.
fn report(noted: Noted, context: CallContext, request: &Context) {
    let mut reporter = REPORTER.get();
    let now = clock::now();
    let report = match noted {
        Noted::Stored => reporter.stored(now),
        Noted::Ignored => reporter.ignored(now),
        Noted::Refused(error) => reporter.refused(now, error),
        Noted::Misdirected => reporter.misdirected(now),
        Noted::Nothing => None,
    };
    REPORTER.set(reporter);
    if let Some(report) = report {
        let to = Address::Notifier(Audience::Engineers);
        call_later(request, context, to, Envelope::encode(report), LIMIT);
    }
}

async fn receive(
    request: &Request,
    head: &Head,
    config: &Config,
) -> core::result::Result<Received, Refusal> {
    let (signature, body) = signed(request, head, config).await?;
    delivery::receive(config, &signature, &body, clock::now())
}

/// Whether a rejected request to another path is from Kombo, which the log then says.
async fn is_misdirected(request: &Request, head: &Head, config: &Config) -> bool {
    // A body that was read already belongs to a request with a token, and Kombo has none.
    if request.body_used() {
        return false;
    }
    let signed = signed(request, head, config).await.ok();
    let line = signed.and_then(|(signature, body)| {
        delivery::misdirected(config, &signature, &body, clock::now())
    });
    line.as_ref().inspect(|line| console::print(line)).is_some()
}

/// The signature of a request, not yet verified, and its body.
async fn signed(
    request: &Request,
    head: &Head,
    config: &Config,
) -> core::result::Result<(Signature, Vec<u8>), Refusal> {
    let headers = delivery::Headers {
        signature: head.signature.as_deref(),
        content_length: head.content_length.as_deref(),
    };
    let signature = delivery::admit(config, headers)?;
    let body = read(request, head, MAX_BODY_BYTES).await?;
    Ok((signature, body))
}

/// Asks an object to store an event. An object that failed is asked a second time, through a
/// new stub; one that timed out is not.
async fn store(
    context: &CallContext,
    address: &Address,
    message: &str,
) -> core::result::Result<DeliveryOutcome, CallError> {
    let reply = match call(context, address, message, LIMIT).await {
        Err(CallError::Failed) => call(context, address, message, LIMIT).await,
        reply => reply,
    };
    DeliveryOutcome::of(&reply?).ok_or(CallError::Failed)
}

/// The response; to a HEAD request, without its body.
fn respond(answer: &Answer, method: &str) -> Result<Response> {
    let init = ResponseInit::new();
    init.set_status(answer.status);
    let headers = headers(&answer.headers)?;
    if let Some(cookie) = &answer.cookie {
        // Only this response has it.
        let headers = Headers::new_with_headers(&headers)?;
        headers.append("set-cookie", cookie)?;
        init.set_headers(&headers);
    } else {
        init.set_headers(&headers);
    }
    // A 204 must not have a body, not even an empty one.
    let has_body = method != "HEAD" && !answer.body.is_empty();
    let body = has_body.then_some(answer.body.as_str());
    Ok(Response::new_with_opt_str_and_init(body, &init)?)
}

/// The platform copies its own `Headers` fastest, and few different ones are needed: each is made
/// once.
fn headers(fields: &HeaderFields) -> Result<Headers> {
    HEADERS.with_borrow_mut(|known| {
        if let Some((_, headers)) = known.iter().find(|(of, _)| of == fields) {
            return Ok(headers.clone());
        }
        let headers = Headers::new()?;
        for (name, value) in fields {
            headers.append(name, value)?;
        }
        known.push((fields.clone(), headers.clone()));
        Ok(headers)
    })
}
