//! Requests to the API, over HTTP or as calls of methods: checks access, then asks the objects or
//! Workers KV.

use worker::web_sys::Request;

use super::clock;
use super::effects::list;
use super::request::{Head, read};
use super::rpc::{CallContext, LIMIT, call};
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::settings::Config;
use crate::edge::answer::{Answer, Refusal};
use crate::edge::api::{self, ApiRequest, Call, Found, Plan, RequestParts};
use crate::edge::auth;
use crate::edge::route::{Endpoint, MethodCall};

/// Answers a request to the API over HTTP.
pub(super) async fn answer(
    endpoint: &Endpoint,
    request: &Request,
    head: &Head,
    context: &CallContext,
    config: &Config,
) -> Result<Answer, Refusal> {
    let (full, read_only) = (config.full_tokens.as_ref(), config.read_tokens.as_ref());
    auth::admit(
        full,
        read_only,
        endpoint.access(),
        head.authorization.as_deref(),
    )?;
    let body = read(request, head, api::MAX_BODY_BYTES).await?;
    let parts = RequestParts {
        query: &head.query,
        body: &body,
    };
    answer_admitted(endpoint, parts, context, config).await
}

/// Answers a call of a method by another Worker, whose service binding has these props.
pub(super) async fn answer_call(
    call: &MethodCall,
    props: &str,
    context: &CallContext,
    config: &Config,
) -> Result<Answer, Refusal> {
    auth::admit_binding(props, call.endpoint.access())?;
    let parts = RequestParts {
        query: &call.query,
        body: &[],
    };
    answer_admitted(&call.endpoint, parts, context, config).await
}

async fn answer_admitted(
    endpoint: &Endpoint,
    parts: RequestParts<'_>,
    context: &CallContext,
    config: &Config,
) -> Result<Answer, Refusal> {
    let request = ApiRequest::parse(endpoint, parts, clock::now())?;
    let found = match request.plan() {
        Plan::Objects(calls) => Found::Replies(replies(context, calls).await),
        Plan::Keys(query) => Found::Keys(list(&context.env, query).await),
    };
    request.answer(found, &config.settings)
}

async fn replies(context: &CallContext, calls: &[Call]) -> Vec<Option<Reply>> {
    let mut replies = Vec::new();
    for (to, message) in calls {
        replies.push(call(context, to, message, LIMIT).await.ok());
    }
    replies
}
