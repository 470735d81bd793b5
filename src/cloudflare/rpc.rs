//! Calls of objects, each with a limit of time.

use core::pin::pin;
use core::time::Duration;

use futures_util::future::{Either, select};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Context, Delay, Env};

use super::{bindings, ffi};
use crate::contracts::objects::address::Address;
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::settings::Jurisdiction;
use crate::domain::json;

/// Longest wait of a request from outside for an object. Two of them stay well under any sender's
/// patience.
pub(super) const LIMIT: Duration = Duration::from_secs(4);

/// What a call of an object needs.
#[derive(Clone)]
pub(super) struct CallContext {
    pub(super) env: Env,
    /// Where objects live.
    pub(super) jurisdiction: Jurisdiction,
}

/// Why an object gave no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallError {
    /// It, or the way to it, failed.
    Failed,
    /// It did not answer in time.
    TimedOut,
}

impl CallError {
    /// What the log says.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Failed => "the object failed",
            Self::TimedOut => "the object did not answer in time",
        }
    }
}

/// Waits for a call, but no longer than this.
pub(super) async fn within<T>(limit: Duration, call: impl Future<Output = T>) -> Option<T> {
    match select(pin!(call), pin!(Delay::from(limit))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// Gives an object a message, and reads its reply.
pub(super) async fn call(
    context: &CallContext,
    to: &Address,
    message: &str,
    limit: Duration,
) -> Result<Reply, CallError> {
    match within(limit, reply_of(context, to, message)).await {
        None => Err(CallError::TimedOut),
        Some(Ok(reply)) => reply.ok_or(CallError::Failed),
        Some(Err(_)) => Err(CallError::Failed),
    }
}

/// Gives an object a message when the answer to the present request has left. Nobody waits for it.
pub(super) fn call_later(
    request: &Context,
    context: CallContext,
    to: Address,
    message: String,
    limit: Duration,
) {
    request.wait_until(async move {
        // The answer leaves first.
        Delay::from(Duration::from_millis(1)).await;
        let _ = call(&context, &to, &message, limit).await;
    });
}

/// `None` without a reply that this version can read.
async fn reply_of(
    context: &CallContext,
    to: &Address,
    message: &str,
) -> worker::Result<Option<Reply>> {
    // With an invalid jurisdiction this fails: any other place has other objects of the
    // same names.
    let Some(jurisdiction) = context.jurisdiction.name() else {
        return Ok(None);
    };
    let objects = bindings::objects(&context.env, to.class(), jurisdiction)?;
    let id = match to {
        Address::Object(..) => match objects.id_from_string(&to.name()) {
            Ok(id) => id,
            // An id that is none of this namespace's: nothing is known of it.
            Err(_) => return Ok(Some(Reply::Document(None))),
        },
        _ => objects.id_from_name(&to.name())?,
    };
    let object = id.get_stub()?.into_rpc::<ffi::ObjectRpc>();
    let reply = JsFuture::from(object.handle(message)?).await?;
    Ok(reply.as_string().and_then(|text| json::parse(&text).ok()))
}
