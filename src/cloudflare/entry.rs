//! The entry of the Worker: a request becomes what the edge decides on, and its answer a response.

use core::cell::{Cell, OnceCell};
use core::time::Duration;

use futures_util::TryStreamExt as _;
use worker::{Context, Env, Headers, Request, Response, ResponseBuilder, Result, event};

use super::orders::{Silence, tell};
use super::{bindings, clock, console};
use crate::answer::{Answer, Findings, Outcome, Refusal};
use crate::config::{Config, Problem};
use crate::edge::{self, MAX_BODY_BYTES, Received};
use crate::log::Line;
use crate::machine::Letter;
use crate::notifier::{Channel, Message};
use crate::object::Address;
use crate::reply::{Health, Reply};
use crate::route::Route;
use crate::signature::SIGNATURE_HEADER;
use crate::time::Timestamp;

/// Longest wait for an object. Two of them stay well under any sender's patience.
const LIMIT: Duration = Duration::from_secs(4);
/// The Notifier is asked how it fares at most this often by an isolate.
const HEALTH_AGE: Duration = Duration::from_secs(5);

thread_local! {
    /// What an isolate keeps between requests: never anything that only it knows.
    static CONFIG: OnceCell<&'static Config> = const { OnceCell::new() };
    static HEALTH: Cell<Option<(Timestamp, Health)>> = const { Cell::new(None) };
}

#[event(start)]
fn start() {
    console::log_panics();
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let config = config(&env);
    let head = request.method() == worker::Method::Head;
    let answer = match Route::find(request.method().as_ref(), &request.path()) {
        Ok(Route::Webhook) => deliver(request, &env, config).await,
        Ok(Route::Health) => health(&env, config).await,
        Ok(Route::Intake) => intake(config),
        Err(error) => Refusal::Route(error).answer(),
    };
    respond(answer, head)
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

async fn deliver(request: Request, env: &Env, config: &Config) -> Answer {
    let came_at = clock::now();
    match receive(request, config).await {
        Ok(Received::Ignored(line)) => {
            console::print(&line.ending(Outcome::Ignored.as_str()));
            Outcome::Ignored.answer()
        }
        Ok(Received::For {
            address,
            letter,
            line,
        }) => {
            let outcome = store(env, &address, &letter).await;
            let took = clock::now().since(came_at);
            match outcome {
                Ok(outcome) => {
                    console::print(&line.ending(outcome.as_str()).after(took));
                    outcome.answer()
                }
                Err(silence) => {
                    let line = line.ending("not_stored").after(took);
                    console::print(&line.failing(silence.reason()));
                    Refusal::NotStored.answer()
                }
            }
        }
        Err(refusal) => {
            let line = Line::error(came_at, "delivery", "refused", refusal.to_string());
            console::print(&line);
            refusal.answer()
        }
    }
}

async fn receive(mut request: Request, config: &Config) -> core::result::Result<Received, Refusal> {
    if config
        .faults
        .iter()
        .any(|fault| fault.stops_intake() && fault.problem == Problem::NotBound)
    {
        return Err(Refusal::NotBound);
    }
    let header = |name| request.headers().get(name).ok().flatten();
    let signature = header(SIGNATURE_HEADER);
    let content_length = header("content-length");
    let signature = edge::admit(
        config,
        edge::Headers {
            signature: signature.as_deref(),
            content_length: content_length.as_deref(),
        },
    )?;
    let body = read(&mut request).await?;
    edge::receive(config, &signature, &body, clock::now())
}

/// Reads the body, and stops as soon as it is over the limit.
async fn read(request: &mut Request) -> core::result::Result<Vec<u8>, Refusal> {
    let Ok(stream) = request.stream() else {
        return Ok(Vec::new());
    };
    let body = stream.map_err(|_| Refusal::BrokenBody).try_fold(
        Vec::new(),
        |mut body, chunk| async move {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BODY_BYTES {
                return Err(Refusal::TooLarge);
            }
            Ok(body)
        },
    );
    body.await
}

/// Has an object store an event. One that failed is asked once more, through a
/// fresh stub; one that took too long is not.
async fn store(
    env: &Env,
    address: &Address,
    letter: &str,
) -> core::result::Result<Outcome, Silence> {
    let reply = match tell::<Reply>(env, address, letter, LIMIT).await {
        Err(Silence::Failed) => tell::<Reply>(env, address, letter, LIMIT).await,
        reply => reply,
    };
    Outcome::of(&reply?).ok_or(Silence::Failed)
}

async fn health(env: &Env, config: &Config) -> Answer {
    let findings = Findings {
        settings: config.faults.iter().map(|fault| fault.name).collect(),
        notifier: ask_notifier(env).await,
    };
    findings.answer()
}

/// Judges only what storing needs.
fn intake(config: &Config) -> Answer {
    let faults = config.faults.iter().filter(|fault| fault.stops_intake());
    let findings = Findings {
        settings: faults.map(|fault| fault.name).collect(),
        notifier: Some(Health::default()),
    };
    findings.answer()
}

/// How the team's Notifier fares, as of a few seconds ago at most.
async fn ask_notifier(env: &Env) -> Option<Health> {
    let now = clock::now();
    if let Some((at, health)) = HEALTH.get()
        && now.since(at) < HEALTH_AGE
    {
        return Some(health);
    }
    let letter = Letter::seal(Message::Health);
    let to = Address::Notifier(Channel::Main);
    match tell::<Reply>(env, &to, &letter, LIMIT).await {
        Ok(Reply::Health(health)) => {
            HEALTH.set(Some((now, health)));
            Some(health)
        }
        _ => None,
    }
}

/// The response; to a HEAD request, without its body.
fn respond(answer: Answer, head: bool) -> Result<Response> {
    let headers = Headers::new();
    for (name, value) in answer.headers {
        headers.set(name, value)?;
    }
    let response = ResponseBuilder::new()
        .with_status(answer.status)
        .with_headers(headers);
    if head {
        return Ok(response.empty());
    }
    Ok(response.fixed(answer.body.into_bytes()))
}
