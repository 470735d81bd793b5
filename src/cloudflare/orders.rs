//! Running orders: the calls that leave an object, each with a limit of time.
//!
//! An answer that did not come is an outcome like any other. What it means is
//! the machine's to judge.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::bindings;
use super::platform::{self, Env};
use crate::config::{Config, Residence};
use crate::json;
use crate::machine::{Answered, Order, Outcome, Page};
use crate::object::Address;
use crate::reply::Reply;

/// Longest wait for another object, or for Workers KV, in milliseconds.
const LIMIT: u32 = 3_000;
/// Longest wait for Slack, in milliseconds.
const SLACK_LIMIT: u32 = 10_000;
/// What a comparison comes to when the key has another value.
const DIFFERS: &str = "differs";
/// How much of Slack's answers anybody looks at, in characters.
const MAX_SLACK_CHARS: usize = 200;
/// How much of Kombo's: it lists every field of a tool.
const MAX_KOMBO_CHARS: usize = 1_000_000;

/// Runs orders side by side. The outcomes come in the order of the orders.
pub(super) async fn run(env: &Env, config: &Config, orders: &[Order]) -> Vec<Outcome> {
    let calls = Array::new();
    for order in orders {
        calls.push(&start(env, config, order));
    }
    let Ok(answers) = JsFuture::from(Promise::all(&calls)).await else {
        let lost = Outcome::Unknown("the outcomes were lost".to_owned());
        return vec![lost; orders.len()];
    };
    let answers: Array = answers.unchecked_into();
    let outcomes = orders.iter().zip(answers.iter());
    outcomes
        .map(|(order, answer)| judge(config, order, &answer))
        .collect()
}

/// Why an object gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// It, or the way to it, failed.
    Failed,
    /// It took too long.
    TooLate,
}

impl Silence {
    /// What the log says.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Failed => "the object failed",
            Self::TooLate => "the object did not answer in time",
        }
    }
}

/// On whose behalf the edge calls.
pub(super) struct Caller<'a> {
    pub(super) env: &'a Env,
    /// Where objects are looked for.
    pub(super) residence: Residence,
    /// What is under way for the sender.
    pub(super) under_way: JsValue,
}

/// Tells an object something, and reads its answer. `limit` is in milliseconds.
pub(super) async fn tell(
    caller: &Caller<'_>,
    to: &Address,
    letter: &str,
    limit: u32,
) -> Result<Reply, Silence> {
    let call = call(
        caller.env,
        caller.residence,
        to,
        letter,
        limit,
        &caller.under_way,
    );
    let answer = JsFuture::from(call).await.map_err(|_| Silence::Failed)?;
    read(&answer)
}

/// Tells an object something, whatever it answers. `limit` is in milliseconds.
pub(super) fn send(
    env: &Env,
    residence: Residence,
    to: &Address,
    letter: &str,
    limit: u32,
) -> Promise {
    call(env, residence, to, letter, limit, &JsValue::UNDEFINED)
}

/// Tells an object something when the answer to a request has left. `limit` is in milliseconds.
pub(super) fn send_later(
    context: &JsValue,
    caller: &Caller<'_>,
    to: &Address,
    letter: &str,
    limit: u32,
) {
    if let Some(jurisdiction) = caller.residence.jurisdiction() {
        let (binding, name) = (bindings::objects(to.class()), to.name());
        platform::tell_later(
            context,
            caller.env,
            binding,
            jurisdiction,
            &name,
            letter,
            limit,
        );
    }
}

/// Where nobody knows where objects live, this fails: in any other place stand others
/// of the same names.
fn call(
    env: &Env,
    residence: Residence,
    to: &Address,
    letter: &str,
    limit: u32,
    under_way: &JsValue,
) -> Promise {
    let Some(jurisdiction) = residence.jurisdiction() else {
        return Promise::resolve(&JsValue::NULL);
    };
    let (binding, name) = (bindings::objects(to.class()), to.name());
    platform::tell(env, binding, jurisdiction, &name, letter, limit, under_way)
}

fn read(answer: &JsValue) -> Result<Reply, Silence> {
    if answer.is_undefined() {
        return Err(Silence::TooLate);
    }
    let text = answer.as_string().ok_or(Silence::Failed)?;
    json::parse(&text).map_err(|_| Silence::Failed)
}

fn start(env: &Env, config: &Config, order: &Order) -> JsValue {
    match order {
        Order::Send { to, message } => send(env, config.residence, to, message, LIMIT).into(),
        Order::Project { key, document } => {
            let value = document.as_ref().map(|document| document.value.as_str());
            let metadata = document.as_ref().and_then(|it| it.metadata.as_deref());
            platform::project(env, bindings::MAPPINGS, key, value, metadata, LIMIT).into()
        }
        Order::Compare { key, value } => {
            platform::compare(env, bindings::MAPPINGS, key, value, LIMIT).into()
        }
        Order::List {
            prefix,
            cursor,
            limit,
        } => {
            let (kv, cursor) = (bindings::MAPPINGS, cursor.as_deref());
            platform::list(env, kv, prefix, cursor, *limit, LIMIT).into()
        }
        Order::Kombo(question) => config.kombo.as_ref().map_or(JsValue::NULL, |kombo| {
            let url = kombo.at(&question.path());
            platform::ask(&url, &kombo.authorization(), LIMIT).into()
        }),
        Order::Post { hook, payload } => config.hook(*hook).map_or(JsValue::NULL, |url| {
            platform::post(url.expose(), payload, SLACK_LIMIT).into()
        }),
    }
}

fn judge(config: &Config, order: &Order, answer: &JsValue) -> Outcome {
    match order {
        Order::Send { .. } => match read(answer) {
            Ok(Reply::Conflict) => Outcome::Differs,
            Ok(Reply::Unsettled) => Outcome::Unsettled,
            Ok(_) => Outcome::Done,
            Err(silence) => Outcome::Unknown(silence.reason().to_owned()),
        },
        Order::Compare { .. } if answer.as_string().as_deref() == Some(DIFFERS) => Outcome::Differs,
        Order::Project { .. } | Order::Compare { .. } => written(answer.as_string().as_deref()),
        Order::List { .. } => match answer.dyn_ref::<Array>() {
            Some(page) => listed(page),
            None => not_listed(answer.as_string().as_deref()),
        },
        Order::Post { hook, .. } if config.hook(*hook).is_none() => {
            Outcome::Failed("no URL is configured".to_owned())
        }
        Order::Kombo(_) => answered(answer, "Kombo", MAX_KOMBO_CHARS),
        Order::Post { .. } => answered(answer, "Slack", MAX_SLACK_CHARS),
    }
}

/// What Workers KV's error means: a 4xx was refused, anything else may have been
/// written. The status stands in the text, `KV PUT failed: 429 …`.
fn written(error: Option<&str>) -> Outcome {
    let Some(error) = error else {
        return Outcome::Unknown("Workers KV did not answer".to_owned());
    };
    if error.is_empty() {
        return Outcome::Done;
    }
    match status_in(error) {
        Some(status @ 400..=499) => Outcome::Failed(format!("Workers KV answered {status}")),
        Some(status) => Outcome::Unknown(format!("Workers KV answered {status}")),
        None => Outcome::Unknown("Workers KV failed without a status".to_owned()),
    }
}

fn status_in(error: &str) -> Option<u16> {
    let mut parts = error.split(':');
    parts.find_map(|part| part.trim_start().get(..3)?.parse::<u16>().ok())
}

/// A listing that failed: with a status, that is the answer.
fn not_listed(error: Option<&str>) -> Outcome {
    match error.and_then(status_in) {
        Some(status) => Outcome::Answered(Answered {
            status,
            ..Answered::default()
        }),
        None => written(error),
    }
}

fn listed(page: &Array) -> Outcome {
    let mut texts = page.iter().map(|text| text.as_string().unwrap_or_default());
    let cursor = texts.next().filter(|cursor| !cursor.is_empty());
    let mut keys = Vec::new();
    while let (Some(key), Some(metadata)) = (texts.next(), texts.next()) {
        keys.push((key, metadata));
    }
    Outcome::Listed(Page { keys, cursor })
}

fn answered(answer: &JsValue, who: &str, most: usize) -> Outcome {
    if answer.is_undefined() {
        return Outcome::Unknown(format!("{who} did not answer in time"));
    }
    let Some(answer) = answer.dyn_ref::<Array>() else {
        return Outcome::Unknown(format!("{who} could not be reached"));
    };
    let body = answer.get(1).as_string().unwrap_or_default();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a status has three digits"
    )]
    let status = answer.get(0).as_f64().unwrap_or_default() as u16;
    Outcome::Answered(Answered {
        status,
        body: body.chars().take(most).collect(),
        retry_after: answer.get(2).as_string(),
    })
}
