//! What humans decide, as calls of the API.

use kombo_edge::domain::time::Timestamp;
use serde_json::{Value, json};

use crate::script::Decision;

/// What a human asks of the API.
#[derive(Debug, Clone)]
pub(crate) struct ApiCall {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Value,
}

/// The call that carries out a decision, while these incidents are open. Without any, it asks for one
/// that is not there.
///
/// `None` for what is no call of the API.
pub(crate) fn call_for(decision: &Decision, now: i64, open: &[String]) -> Option<ApiCall> {
    let (method, path, body) = match decision {
        Decision::Visit(..) => return None,
        Decision::Assign(integration, customer) => (
            "PUT",
            format!("/v1/integrations/{integration}/customer"),
            json!({ "origin_id": customer }),
        ),
        Decision::Release(integration) => {
            let path = format!("/v1/integrations/{integration}/customer");
            ("DELETE", path, Value::Null)
        }
        Decision::Remove(integration) => (
            "DELETE",
            format!("/v1/integrations/{integration}"),
            Value::Null,
        ),
        Decision::Erase(customer) => ("DELETE", format!("/v1/customers/{customer}"), Value::Null),
        Decision::Mute(customer, hours) => {
            let millis = i64::try_from(*hours).unwrap_or_default() * 60 * 60 * 1_000;
            let until = Timestamp::from_millis(now + millis).to_rfc3339();
            let path = format!("/v1/customers/{customer}/mute");
            ("PUT", path, json!({ "tool": null, "until": until }))
        }
        Decision::Unmute(customer) => (
            "DELETE",
            format!("/v1/customers/{customer}/mute"),
            Value::Null,
        ),
        Decision::Close(number) => {
            let key = open.get(number % open.len().max(1));
            let key = key.map_or("incident:environment:none", String::as_str);
            let key = key.replace('%', "%25").replace('/', "%2F");
            ("DELETE", format!("/v1/incidents/{key}"), Value::Null)
        }
        Decision::RetryQuarantine => ("POST", "/v1/quarantine/retry".to_owned(), Value::Null),
        Decision::Resend => ("POST", "/v1/undelivered/retry".to_owned(), Value::Null),
    };
    Some(ApiCall { method, path, body })
}
