//! Runs effects: the calls that leave an object, each with a time limit.
//!
//! An answer that did not arrive is an outcome like any other. The machine judges what it means.

use core::time::Duration;

use futures_util::future::join_all;
use wasm_bindgen::JsCast as _;
use worker::js_sys;
use worker::kv::KvError;
use worker::{
    AbortController, AbortSignal, Env, Fetch, Headers, Method, Request, RequestInit,
    RequestRedirect, ResponseBody,
};

use super::bindings;
use super::body::read_into;
use super::rpc::{CallContext, call, within};
use crate::contracts::backend::Document;
use crate::contracts::kombo::Question;
use crate::contracts::operator::settings::Config;
use crate::domain::http::Answered;
use crate::machine::{
    Comparison, Effect, EffectError, List, Listed, Outcome, Page, Post, Receipt, Send, Write,
};

/// Longest wait for another object, for Workers KV, and for Kombo.
const LIMIT: Duration = Duration::from_secs(3);
/// Longest wait for Slack.
const SLACK_LIMIT: Duration = Duration::from_secs(10);
/// Longest wait for a body after its head, which already says what happened.
const BODY_LIMIT: Duration = Duration::from_secs(1);
/// An answer is read up to this many bytes, since it may never end. Kombo's longest, which lists
/// every field of a tool, is far shorter.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// Slack's answers are kept up to this many characters.
const MAX_SLACK_CHARS: usize = 2_000;
/// Kombo's answers are kept up to this many characters.
const MAX_KOMBO_CHARS: usize = 1_000_000;

/// Runs effects side by side, and hands each its outcome.
pub(super) async fn run(env: &Env, config: &Config, effects: Vec<Effect>) {
    join_all(
        effects
            .into_iter()
            .map(|effect| run_one(env, config, effect)),
    )
    .await;
}

async fn run_one(env: &Env, config: &Config, effect: Effect) {
    match effect {
        Effect::Send(send, then) => then.complete(deliver(env, config, &send).await),
        Effect::Write(write, then) => {
            let written = within(LIMIT, put_or_delete(env, &write)).await;
            then.complete(kv_outcome(written));
        }
        Effect::WriteAll(writes, then) => then.complete(Ok(write_all(env, &writes).await)),
        Effect::Compare(compare, then) => {
            let found = kv_outcome(within(LIMIT, read(env, &compare.key)).await);
            then.complete(found.map(|found| {
                if found.as_ref() == Some(&compare.value) {
                    Comparison::Same
                } else {
                    Comparison::Differs
                }
            }));
        }
        Effect::List(query, then) => then.complete(list(env, &query).await),
        Effect::Ask(question, then) => then.complete(ask(config, &question).await),
        Effect::Post(message, then) => then.complete(post(config, &message).await),
    }
}

async fn deliver(env: &Env, config: &Config, send: &Send) -> Outcome<Receipt> {
    let context = CallContext {
        env: env.clone(),
        jurisdiction: config.jurisdiction,
    };
    let reply = call(&context, &send.to, &send.message, LIMIT).await;
    let reply = reply.map_err(|error| EffectError::Unknown(error.reason().to_owned()))?;
    Receipt::of(&reply)
}

/// Asks Kombo's API.
pub(super) async fn ask(config: &Config, question: &Question) -> Outcome<Answered> {
    let Some(kombo) = config.kombo.as_ref() else {
        return Err(EffectError::Failed("no API key is configured".to_owned()));
    };
    let authorization = kombo.authorization();
    let body = question.body();
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
    ];
    // What is only read has no body, and so no type of one.
    let (method, headers) = match &body {
        None => (Method::Get, headers.get(..1).unwrap_or_default()),
        Some(_) => (Method::Post, &headers[..]),
    };
    let url = kombo.at(&question.path());
    let request = request(&url, method, headers, body.as_deref());
    fetched("Kombo", request, LIMIT, MAX_KOMBO_CHARS).await
}

async fn post(config: &Config, post: &Post) -> Outcome<Answered> {
    let Some(url) = config.webhook(post.audience) else {
        return Err(EffectError::Failed("no URL is configured".to_owned()));
    };
    let headers = [("content-type", "application/json")];
    let request = request(url.expose(), Method::Post, &headers, Some(&post.payload));
    fetched("Slack", request, SLACK_LIMIT, MAX_SLACK_CHARS).await
}

async fn put_or_delete(env: &Env, write: &Write) -> Result<(), KvError> {
    let mappings = bindings::mappings(env)?;
    let Some(Document { value, metadata }) = &write.document else {
        return mappings.delete(&write.key).await;
    };
    let mut put = mappings.put(&write.key, value.as_str())?;
    if let Some(metadata) = metadata {
        put = put.metadata(serde_json::from_str::<serde_json::Value>(metadata)?)?;
    }
    put.execute().await
}

/// Writes one key after the other until the time is up.
async fn write_all(env: &Env, writes: &[Write]) -> Vec<Outcome<()>> {
    let mut outcomes = Vec::with_capacity(writes.len());
    let all = async {
        for write in writes {
            outcomes.push(kv_outcome(Some(put_or_delete(env, write).await)));
        }
    };
    if within(LIMIT, all).await.is_none() && outcomes.len() < writes.len() {
        outcomes.push(kv_outcome(None));
    }
    outcomes.resize_with(writes.len(), || {
        Err(EffectError::Failed("there was no time left".to_owned()))
    });
    outcomes
}

async fn read(env: &Env, key: &str) -> Result<Option<String>, KvError> {
    bindings::mappings(env)?.get(key).text().await
}

/// A page of keys.
pub(super) async fn list(env: &Env, query: &List) -> Outcome<Listed> {
    let has_cursor = query.cursor.is_some();
    let page = within(LIMIT, page(env, query)).await;
    if let Some(Err(error)) = &page
        && has_cursor
        && status_in(error) == Some(400)
    {
        return Ok(Listed::BadCursor);
    }
    kv_outcome(page).map(Listed::Page)
}

async fn page(env: &Env, query: &List) -> Result<Page, KvError> {
    let mappings = bindings::mappings(env)?;
    let mut list = mappings
        .list()
        .prefix(query.prefix.clone())
        .limit(query.limit.into());
    if let Some(cursor) = &query.cursor {
        list = list.cursor(cursor.clone());
    }
    let page = list.execute().await?;
    let keys = page.keys.into_iter();
    let keys = keys.map(|key| (key.name, key.metadata.unwrap_or_default().to_string()));
    Ok(Page {
        keys: keys.collect(),
        cursor: page.cursor.filter(|_| !page.list_complete),
    })
}

/// The outcome of a call of Workers KV: a 4xx was rejected, and any other failure may
/// still have taken effect. `result` is `None` if no answer came in time.
fn kv_outcome<T>(result: Option<Result<T, KvError>>) -> Outcome<T> {
    let unknown = |reason: &str| Err(EffectError::Unknown(reason.to_owned()));
    match result {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => match status_in(&error) {
            Some(status @ 400..=499) => {
                let reason = format!("Workers KV answered {status}");
                Err(EffectError::Failed(reason))
            }
            Some(status) => unknown(&format!("Workers KV answered {status}")),
            None => unknown("Workers KV failed without a status"),
        },
        None => unknown("Workers KV did not answer"),
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
    fields: &[(&str, &str)],
    body: Option<&str>,
) -> worker::Result<Request> {
    let headers = Headers::new();
    for (name, value) in fields {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(method)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(body.map(Into::into));
    Request::new_with_init(url, &init)
}

/// Sends a request. Its answer counts from its status and headers on; of the body, at most
/// `max_chars` characters are read, and only what arrives soon.
async fn fetched(
    whom: &str,
    request: worker::Result<Request>,
    limit: Duration,
    max_chars: usize,
) -> Outcome<Answered> {
    let abort = AbortController::default();
    let mut answer = None;
    let received = within(limit, receive(request, abort.signal(), &mut answer)).await;
    // Whatever is still open is not read.
    abort.abort();
    match (answer, received) {
        (Some(answer), _) => Ok(Answered {
            body: answer.body.chars().take(max_chars).collect(),
            ..answer
        }),
        (None, None) => Err(EffectError::Unknown(format!(
            "{whom} did not answer in time"
        ))),
        (None, Some(_)) => Err(EffectError::Unknown(format!("{whom} could not be reached"))),
    }
}

/// Puts the head of the answer into `answer` as soon as it is there, and then what arrives of the
/// body.
async fn receive(
    request: worker::Result<Request>,
    signal: AbortSignal,
    answer: &mut Option<Answered>,
) -> worker::Result<()> {
    let mut response = Fetch::Request(request?).send_with_signal(&signal).await?;
    let answer = answer.insert(Answered {
        status: response.status_code(),
        body: String::new(),
        retry_after: response.headers().get("retry-after")?,
    });
    if !matches!(response.body(), ResponseBody::Empty) {
        let mut body = Vec::new();
        let read = read_into(&mut body, response.stream()?, MAX_ANSWER_BYTES);
        let _ = within(BODY_LIMIT, read).await;
        answer.body = String::from_utf8_lossy(&body).into_owned();
    }
    Ok(())
}
