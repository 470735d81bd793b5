//! Running orders: the calls that leave an object, each with a limit of time.
//!
//! An answer that did not come is an outcome like any other. What it means is
//! the machine's to judge.

use core::time::Duration;

use futures_util::future::join_all;
use wasm_bindgen::JsCast as _;
use worker::js_sys;
use worker::kv::KvError;
use worker::{
    AbortController, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response,
    ResponseBody,
};

use super::bindings;
use super::body::read_to;
use super::rpc::{CallContext, call, within};
use crate::contracts::backend::Document;
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::settings::Config;
use crate::domain::http::Answered;
use crate::machine::{Order, Outcome, Page};

/// Longest wait for another object, for Workers KV, and for Kombo.
const LIMIT: Duration = Duration::from_secs(3);
/// Longest wait for Slack.
const SLACK_LIMIT: Duration = Duration::from_secs(10);
/// How much of an answer is read, in bytes: it may have no end. Kombo's longest, which lists every
/// field of a tool, are far shorter.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// How much of Slack's answers anybody looks at, in characters.
const MAX_SLACK_CHARS: usize = 200;
/// How much of Kombo's.
const MAX_KOMBO_CHARS: usize = 1_000_000;

/// Runs orders side by side. The outcomes come in the order of the orders.
pub(super) async fn run(env: &Env, config: &Config, orders: &[Order]) -> Vec<Outcome> {
    join_all(orders.iter().map(|order| run_one(env, config, order))).await
}

async fn run_one(env: &Env, config: &Config, order: &Order) -> Outcome {
    match order {
        Order::Send { to, message } => {
            let context = CallContext {
                env: env.clone(),
                residence: config.residence,
            };
            match call(&context, to, message, LIMIT).await {
                Ok(Reply::Conflict) => Outcome::Differs,
                Ok(Reply::Unsettled) => Outcome::Unsettled,
                Ok(_) => Outcome::Done,
                Err(error) => Outcome::Unknown(error.reason().to_owned()),
            }
        }
        Order::Project { key, document } => {
            match within(LIMIT, project(env, key, document.as_ref())).await {
                Some(Ok(())) => Outcome::Done,
                failed => not_written(failed.and_then(Result::err).as_ref()),
            }
        }
        Order::Compare { key, value } => match within(LIMIT, read(env, key)).await {
            Some(Ok(found)) if found.as_ref() == Some(value) => Outcome::Done,
            Some(Ok(_)) => Outcome::Differs,
            failed => not_written(failed.and_then(Result::err).as_ref()),
        },
        Order::List {
            prefix,
            cursor,
            limit,
        } => match within(LIMIT, list(env, prefix, cursor.clone(), *limit)).await {
            Some(Ok(page)) => Outcome::Listed(page),
            failed => not_listed(failed.and_then(Result::err).as_ref()),
        },
        Order::Kombo(question) => {
            let Some(kombo) = config.kombo.as_ref() else {
                return Outcome::Unknown("Kombo could not be reached".to_owned());
            };
            let authorization = kombo.authorization();
            let header = ("authorization", authorization.as_str());
            let request = request(&kombo.at(&question.path()), Method::Get, header, None);
            fetched("Kombo", request, LIMIT, MAX_KOMBO_CHARS).await
        }
        Order::Post { hook, payload } => {
            let Some(url) = config.hook(*hook) else {
                return Outcome::Failed("no URL is configured".to_owned());
            };
            let header = ("content-type", "application/json");
            let request = request(url.expose(), Method::Post, header, Some(payload));
            fetched("Slack", request, SLACK_LIMIT, MAX_SLACK_CHARS).await
        }
    }
}

async fn project(env: &Env, key: &str, document: Option<&Document>) -> Result<(), KvError> {
    let mappings = bindings::mappings(env)?;
    let Some(Document { value, metadata }) = document else {
        return mappings.delete(key).await;
    };
    let mut put = mappings.put(key, value.as_str())?;
    if let Some(metadata) = metadata {
        put = put.metadata(serde_json::from_str::<serde_json::Value>(metadata)?)?;
    }
    put.execute().await
}

async fn read(env: &Env, key: &str) -> Result<Option<String>, KvError> {
    bindings::mappings(env)?.get(key).text().await
}

async fn list(
    env: &Env,
    prefix: &str,
    cursor: Option<String>,
    limit: u32,
) -> Result<Page, KvError> {
    let mappings = bindings::mappings(env)?;
    let mut list = mappings
        .list()
        .prefix(prefix.to_owned())
        .limit(limit.into());
    if let Some(cursor) = cursor {
        list = list.cursor(cursor);
    }
    let page = list.execute().await?;
    let keys = page.keys.into_iter();
    let keys = keys.map(|key| (key.name, key.metadata.unwrap_or_default().to_string()));
    Ok(Page {
        keys: keys.collect(),
        cursor: page.cursor.filter(|_| !page.list_complete),
    })
}

/// What an error of Workers KV means: a 4xx was refused, anything else may have been written. No
/// error stands for an answer that did not come in time.
fn not_written(error: Option<&KvError>) -> Outcome {
    let Some(error) = error else {
        return Outcome::Unknown("Workers KV did not answer".to_owned());
    };
    match status_in(error) {
        Some(status @ 400..=499) => Outcome::Failed(format!("Workers KV answered {status}")),
        Some(status) => Outcome::Unknown(format!("Workers KV answered {status}")),
        None => Outcome::Unknown("Workers KV failed without a status".to_owned()),
    }
}

/// A listing that failed: with a status, that is the answer.
fn not_listed(error: Option<&KvError>) -> Outcome {
    match error.and_then(status_in) {
        Some(status) => Outcome::Answered(Answered {
            status,
            ..Answered::default()
        }),
        None => not_written(error),
    }
}

/// The status is in the text alone: `KV PUT failed: 429 …`.
fn status_in(error: &KvError) -> Option<u16> {
    let KvError::JavaScript(error) = error else {
        return None;
    };
    let text = error.dyn_ref::<js_sys::Error>()?.message();
    let text = String::from(text);
    let mut parts = text.split(':');
    parts.find_map(|part| part.trim_start().get(..3)?.parse().ok())
}

/// A request that follows no redirect, since a redirect is an answer.
fn request(
    url: &str,
    method: Method,
    (name, value): (&str, &str),
    body: Option<&str>,
) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set(name, value)?;
    let mut init = RequestInit::new();
    init.with_method(method)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(body.map(Into::into));
    Request::new_with_init(url, &init)
}

/// Sends a request, and reads as many characters of its answer.
async fn fetched(
    whom: &str,
    request: worker::Result<Request>,
    limit: Duration,
    max_chars: usize,
) -> Outcome {
    let abort = AbortController::default();
    let signal = abort.signal();
    let answer =
        async { answered(Fetch::Request(request?).send_with_signal(&signal).await?).await };
    match within(limit, answer).await {
        None => {
            abort.abort();
            Outcome::Unknown(format!("{whom} did not answer in time"))
        }
        Some(Err(_)) => Outcome::Unknown(format!("{whom} could not be reached")),
        Some(Ok(answer)) => Outcome::Answered(Answered {
            body: answer.body.chars().take(max_chars).collect(),
            ..answer
        }),
    }
}

async fn answered(mut response: Response) -> worker::Result<Answered> {
    let mut body = Vec::new();
    if !matches!(response.body(), ResponseBody::Empty) {
        body = read_to(response.stream()?, MAX_ANSWER_BYTES).await?.bytes;
    }
    Ok(Answered {
        status: response.status_code(),
        body: String::from_utf8_lossy(&body).into_owned(),
        retry_after: response.headers().get("retry-after")?,
    })
}
