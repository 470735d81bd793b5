//! Calls of objects, each with a time limit.

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

/// The longest that a request from outside waits for an object. Two such waits are still much
/// shorter than any sender's timeout.
pub(super) const LIMIT: Duration = Duration::from_secs(4);

/// What a call of an object needs.
#[derive(Clone)]
pub(super) struct CallContext {
    pub(super) env: Env,
    /// The jurisdiction of the objects.
    pub(super) jurisdiction: Jurisdiction,
}

/// Why an object did not reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallError {
    /// The object, or the connection to it, failed.
    Failed,
    /// It did not answer in time.
    TimedOut,
}

impl CallError {
    /// The reason in the log.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Failed => "the object failed",
            Self::TimedOut => "the object did not answer in time",
        }
    }
}

/// Waits for a call, but not longer than `limit`; `None` if it takes longer.
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

/// Gives an object a message after the response to the current request was sent.
pub(super) fn call_later(
    request: &Context,
    context: CallContext,
    to: Address,
    message: String,
    limit: Duration,
) {
    request.wait_until(async move {
        // The response goes first.
        Delay::from(Duration::from_millis(1)).await;
        let _ = call(&context, &to, &message, limit).await;
    });
}

/// The reply; `None` if there is none that this version can read.
async fn reply_of(
    context: &CallContext,
    to: &Address,
    message: &str,
) -> worker::Result<Option<Reply>> {
    // With an invalid jurisdiction this fails, because any other jurisdiction has other objects of
    // the same names.
    let Some(jurisdiction) = context.jurisdiction.name() else {
        return Ok(None);
    };
    let objects = bindings::objects(&context.env, to.class(), jurisdiction)?;
    let id = match to {
        Address::Object(..) => match objects.id_from_string(&to.name()) {
            Ok(id) => id,
            // An id of another namespace: nothing is known about it.
            Err(_) => return Ok(Some(Reply::Document(None))),
        },
        _ => objects.id_from_name(&to.name())?,
    };
    let object = id.get_stub()?.into_rpc::<ffi::ObjectRpc>();
    let reply = JsFuture::from(object.handle(message)?).await?;
    Ok(reply.as_string().and_then(|text| json::parse(&text).ok()))
}
