//! Requests of the API: who may ask, then what the objects or Workers KV say.

use worker::web_sys::Request;

use super::clock;
use super::effects::list;
use super::request::{Head, read};
use super::rpc::{CallContext, LIMIT, call};
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::settings::Config;
use crate::edge::answer::{Answer, Refusal};
use crate::edge::api::{self, Carried, Found, Plan, Question};
use crate::edge::auth;
use crate::edge::route::Ask;

/// Answers a request of the API.
pub(super) async fn answer(
    ask: &Ask,
    request: &Request,
    head: &Head,
    context: &CallContext,
    config: &Config,
) -> Result<Answer, Refusal> {
    let (full, read_only) = (config.full_tokens.as_ref(), config.read_tokens.as_ref());
    auth::admit(full, read_only, ask.access(), head.authorization.as_deref())?;
    let body = read(request, head, api::MAX_BODY_BYTES).await?;
    let carried = Carried {
        query: &head.query,
        body: &body,
    };
    let found = match api::plan(ask, carried, clock::now())? {
        Plan::Objects(questions) => Found::Replies(replies(context, &questions).await),
        Plan::Keys(query) => Found::Keys(list(&context.env, query).await),
    };
    api::answer(ask, carried, found, &config.settings)
}

async fn replies(context: &CallContext, questions: &[Question]) -> Vec<Option<Reply>> {
    let mut replies = Vec::new();
    for (to, message) in questions {
        replies.push(call(context, to, message, LIMIT).await.ok());
    }
    replies
}
