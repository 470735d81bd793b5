//! Running orders: the calls that leave an object, each with a limit of time.
//!
//! An answer that did not come is an outcome like any other. What it means is
//! the machine's to judge.

use core::time::Duration;

use serde::de::DeserializeOwned;
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::{
    AbortController, Env, Error, Fetch, Headers, Method, Request, RequestInit, RequestRedirect,
    Response,
};

use super::{bindings, clock};
use crate::config::Config;
use crate::machine::{Answered, Document, Order, Outcome};
use crate::object::Address;

/// Longest wait for another object, or for Workers KV.
const LIMIT: Duration = Duration::from_secs(3);
/// Longest wait for Slack.
const SLACK_LIMIT: Duration = Duration::from_secs(10);
/// How much of an answer's body anybody looks at, in characters.
const MAX_BODY_CHARS: usize = 200;

/// Runs an order.
pub(super) async fn run(env: &Env, config: &Config, order: &Order) -> Outcome {
    match order {
        Order::Send { to, message } => {
            match tell::<serde::de::IgnoredAny>(env, to, message, LIMIT).await {
                Ok(_) => Outcome::Done,
                Err(silence) => Outcome::Unknown(silence.reason().to_owned()),
            }
        }
        Order::Project { key, document } => {
            let write = project(env, key, document.as_ref());
            let outcome = clock::within(LIMIT, write).await;
            outcome.unwrap_or_else(|| Outcome::Unknown("Workers KV did not answer".to_owned()))
        }
        Order::Post { hook, payload } => match config.hook(*hook) {
            Some(url) => post(url.expose(), payload).await,
            None => Outcome::Failed("no URL is configured".to_owned()),
        },
    }
}

/// Why an object gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// Its class is not bound.
    NotBound,
    /// It, or the way to it, failed.
    Failed,
    /// It took too long.
    TooLate,
}

impl Silence {
    /// What the log says.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::NotBound => "the class of the object is not bound",
            Self::Failed => "the object failed",
            Self::TooLate => "the object did not answer in time",
        }
    }
}

/// Tells an object something, and reads its answer.
pub(super) async fn tell<A: DeserializeOwned>(
    env: &Env,
    to: &Address,
    letter: &str,
    limit: Duration,
) -> Result<A, Silence> {
    let answer = clock::within(limit, call(env, to, letter)).await;
    let body = answer.unwrap_or(Err(Silence::TooLate))?;
    serde_json::from_str(&body).map_err(|_| Silence::Failed)
}

async fn call(env: &Env, to: &Address, letter: &str) -> Result<String, Silence> {
    let objects = bindings::objects(env, to.class()).ok_or(Silence::NotBound)?;
    let failed = |_: Error| Silence::Failed;
    let stub = objects.get_by_name(&to.name()).map_err(failed)?;
    // The host is never looked up; ids travel in the body, since URLs are logged.
    let request = request("https://object/", letter).map_err(failed)?;
    let mut response = stub.fetch_with_request(request).await.map_err(failed)?;
    if response.status_code() != 200 {
        return Err(Silence::Failed);
    }
    response.text().await.map_err(failed)
}

async fn project(env: &Env, key: &str, document: Option<&Document>) -> Outcome {
    match write(env, key, document).await {
        Ok(()) => Outcome::Done,
        Err(error) => judge(&error),
    }
}

async fn write(env: &Env, key: &str, document: Option<&Document>) -> Result<(), Error> {
    let mappings = env.kv(bindings::MAPPINGS)?;
    let Some(document) = document else {
        return Ok(mappings.delete(key).await?);
    };
    let mut put = mappings.put(key, document.value.as_str())?;
    if let Some(metadata) = &document.metadata {
        let metadata: serde_json::Value = serde_json::from_str(metadata)?;
        put = put.metadata(metadata)?;
    }
    Ok(put.execute().await?)
}

/// What a failed write means. KV answers with a status in a fixed place of the
/// message; a 4xx was certainly not written, anything else may have been.
fn judge(error: &Error) -> Outcome {
    let message = match error {
        Error::KvError(worker::kv::KvError::JavaScript(thrown)) => message_of(thrown),
        Error::UnknownJsError { message, .. } => Some(message.clone()),
        _ => None,
    };
    let status = message
        .as_deref()
        .and_then(|text| text.split_once("failed: "))
        .and_then(|(_, rest)| rest.get(..3)?.parse::<u16>().ok());
    match status {
        Some(status @ 400..=499) => Outcome::Failed(format!("Workers KV answered {status}")),
        Some(status) => Outcome::Unknown(format!("Workers KV answered {status}")),
        None => Outcome::Unknown("Workers KV failed without a status".to_owned()),
    }
}

fn message_of(thrown: &JsValue) -> Option<String> {
    let error: &js_sys::Error = thrown.dyn_ref()?;
    error.message().as_string()
}

async fn post(url: &str, payload: &str) -> Outcome {
    let abort = AbortController::default();
    let signal = abort.signal();
    let exchange = async {
        let request = request(url, payload)?;
        let response = Fetch::Request(request).send_with_signal(&signal).await?;
        answered(response).await
    };
    match clock::within(SLACK_LIMIT, exchange).await {
        Some(Ok(answer)) => Outcome::Answered(answer),
        Some(Err(_)) => Outcome::Unknown("Slack could not be reached".to_owned()),
        None => {
            abort.abort();
            Outcome::Unknown("Slack did not answer in time".to_owned())
        }
    }
}

async fn answered(mut response: Response) -> Result<Answered, Error> {
    let body = response.text().await?;
    Ok(Answered {
        status: response.status_code(),
        body: body.chars().take(MAX_BODY_CHARS).collect(),
        retry_after: response.headers().get("retry-after")?,
    })
}

/// A POST of JSON that follows no redirect: a redirect is an answer.
fn request(url: &str, body: &str) -> Result<Request, Error> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(Some(JsValue::from_str(body)));
    Request::new_with_init(url, &init)
}
