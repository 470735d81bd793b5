//! The pages of acts: goes through the steps of a visit.

use worker::web_sys::Request;

use super::request::{Head, read};
use super::rpc::{CallContext, LIMIT, call};
use super::{clock, console, effects};
use crate::contracts::operator::settings::{Config, PublicUrl};
use crate::edge::act::{MAX_BODY_BYTES, Sender, Step, Visit, VisitParts};
use crate::edge::answer::{Answer, Refusal};

/// Shows the page of an act. It changes nothing.
pub(super) async fn show(
    request: &Request,
    head: &Head,
    context: &CallContext,
    config: &Config,
) -> Result<Answer, Refusal> {
    visit(request, head, None, context, config).await
}

/// Acts.
pub(super) async fn act(
    request: &Request,
    head: &Head,
    context: &CallContext,
    config: &Config,
) -> Result<Answer, Refusal> {
    // Strangers get nothing read.
    if config.settings.link_secrets.is_none() {
        return visit(request, head, None, context, config).await;
    }
    let body = read(request, head, MAX_BODY_BYTES).await?;
    visit(request, head, Some(&body), context, config).await
}

async fn visit(
    request: &Request,
    head: &Head,
    body: Option<&[u8]>,
    context: &CallContext,
    config: &Config,
) -> Result<Answer, Refusal> {
    let header = |name| request.headers().get(name).ok().flatten();
    let (site, origin, cookie) = (header("sec-fetch-site"), header("origin"), header("cookie"));
    let own = PublicUrl::of_request(&request.url());
    let parts = VisitParts {
        query: &head.query,
        cookie: cookie.as_deref(),
        body,
        sender: Sender {
            site: site.as_deref(),
            origin: origin.as_deref(),
            own: own.as_ref(),
        },
    };
    let (visit, mut step) = Visit::begin(config, parts, clock::now())?;
    let mut visit = visit;
    loop {
        step = match (step, visit.as_mut()) {
            (Step::Finish(finished), _) => {
                finished.line.iter().for_each(console::print);
                return Ok(finished.answer);
            }
            (Step::Call((to, message)), Some(visit)) => {
                visit.replied(call(context, &to, &message, LIMIT).await.ok())
            }
            (Step::Ask(question), Some(visit)) => {
                visit.answered(effects::ask(config, &question).await)
            }
            (Step::Call(_) | Step::Ask(_), None) => return Err(Refusal::NoReply),
        };
    }
}
