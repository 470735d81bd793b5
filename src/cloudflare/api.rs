//! Requests of the API: who may ask, then the objects, then their replies.

use web_sys::Request;

use super::clock;
use super::entry::{Head, LIMIT, read};
use super::orders::{Caller, tell};
use crate::answer::{Answer, Refusal};
use crate::api::{self, Carried};
use crate::config::Config;
use crate::route::Ask;
use crate::token;

/// Answers a request of the API.
pub(super) async fn answer(
    ask: &Ask,
    request: &Request,
    head: &Head,
    caller: &Caller<'_>,
    config: &Config,
) -> Result<Answer, Refusal> {
    let (full, read_only) = (config.full_tokens.as_ref(), config.read_tokens.as_ref());
    token::admit(full, read_only, ask.access(), head.authorization.as_deref())?;
    let body = read(request, caller, api::MAX_BODY_BYTES).await?;
    let carried = Carried {
        query: &head.query,
        body: &body,
    };
    let questions = api::questions(ask, carried, clock::now())?;
    let mut replies = Vec::new();
    for (to, letter) in questions {
        replies.push(tell(caller, &to, &letter, LIMIT).await.ok());
    }
    api::answer(ask, replies, &config.settings)
}
