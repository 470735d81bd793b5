//! The endpoints of the API: a path below `/v1` and a method.
//!
//! What a request to one of them does is decided in `api`.

use super::{RouteError, decoded};
use crate::contracts::objects::address::{Class, IncidentKey, ObjectId};
use crate::contracts::objects::notifier::UndeliveredId;
use crate::domain::id::{EventId, IntegrationId, OriginId};
use crate::edge::auth::Access;

/// An endpoint of the API, with the ids in its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `GET /v1/status`
    Status,
    /// `GET /v1/customers`, `/v1/incidents`, `/v1/unassigned` or `/v1/quarantine`
    List(Listing),
    /// `GET /v1/customers/{origin_id}`
    Customer(OriginId),
    /// `DELETE /v1/customers/{origin_id}`
    Erase(OriginId),
    /// `DELETE /v1/incidents/{key}`
    Close(IncidentKey),
    /// `PUT /v1/customers/{origin_id}/mute`
    Mute(OriginId),
    /// `DELETE /v1/customers/{origin_id}/mute?tool=`
    Unmute(OriginId),
    /// `GET /v1/integrations/{integration_id}`
    Integration(IntegrationId),
    /// `DELETE /v1/integrations/{integration_id}`
    Remove(IntegrationId),
    /// `PUT /v1/integrations/{integration_id}/customer`
    Assign(IntegrationId),
    /// `DELETE /v1/integrations/{integration_id}/customer`
    Release(IntegrationId),
    /// `POST /v1/quarantine/retry`, or `/v1/quarantine/{event_id}` for one
    Retry(Option<EventId>),
    /// `DELETE /v1/quarantine/{event_id}`
    Dismiss(EventId),
    /// `GET /v1/undelivered`
    Undelivered,
    /// `POST /v1/undelivered/retry`, or `/v1/undelivered/{id}` for one
    Resend(Option<UndeliveredId>),
    /// `DELETE /v1/undelivered/{id}`
    Drop(UndeliveredId),
    /// `POST /v1/test-alert`
    TestAlert,
    /// `POST /v1/objects/{class}/{hex id}/rebuild`
    Rebuild(Class, ObjectId),
    /// `GET /v1/objects/{class}/{hex id}`
    Backup(Class, ObjectId),
    /// `POST /v1/objects`
    Restore,
}

/// What can be listed from the keys of Workers KV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Customers that hold integrations.
    Customers,
    /// Open incidents.
    Incidents,
    /// Integrations waiting to be assigned.
    Unassigned,
    /// Events waiting to be retried or dismissed.
    Quarantine,
}

impl Endpoint {
    /// Finds the endpoint of `method` at the segments of a path below `/v1`.
    pub(super) fn find(method: &str, path: &[&str]) -> Result<Self, RouteError> {
        match path {
            ["status"] => reading(method, Self::Status),
            ["customers"] => reading(method, Self::List(Listing::Customers)),
            ["incidents"] => reading(method, Self::List(Listing::Incidents)),
            ["unassigned"] => reading(method, Self::List(Listing::Unassigned)),
            ["quarantine"] => reading(method, Self::List(Listing::Quarantine)),
            ["customers", id] => match method {
                "GET" => Ok(Self::Customer(decoded(id)?)),
                "DELETE" => Ok(Self::Erase(decoded(id)?)),
                _ => Err(RouteError::Method("GET, HEAD, DELETE")),
            },
            ["incidents", id] => match method {
                "DELETE" => Ok(Self::Close(decoded(id)?)),
                _ => Err(RouteError::Method("DELETE")),
            },
            ["customers", id, "mute"] => match method {
                "PUT" => Ok(Self::Mute(decoded(id)?)),
                "DELETE" => Ok(Self::Unmute(decoded(id)?)),
                _ => Err(RouteError::Method("PUT, DELETE")),
            },
            ["integrations", id] => match method {
                "GET" => Ok(Self::Integration(decoded(id)?)),
                "DELETE" => Ok(Self::Remove(decoded(id)?)),
                _ => Err(RouteError::Method("GET, HEAD, DELETE")),
            },
            ["integrations", id, "customer"] => match method {
                "PUT" => Ok(Self::Assign(decoded(id)?)),
                "DELETE" => Ok(Self::Release(decoded(id)?)),
                _ => Err(RouteError::Method("PUT, DELETE")),
            },
            ["quarantine", "retry"] => posting(method, Self::Retry(None)),
            ["quarantine", id] => match method {
                "POST" => Ok(Self::Retry(Some(decoded(id)?))),
                "DELETE" => Ok(Self::Dismiss(decoded(id)?)),
                _ => Err(RouteError::Method("POST, DELETE")),
            },
            ["undelivered"] => reading(method, Self::Undelivered),
            ["undelivered", "retry"] => posting(method, Self::Resend(None)),
            ["undelivered", id] => match method {
                "POST" => Ok(Self::Resend(Some(decoded(id)?))),
                "DELETE" => Ok(Self::Drop(decoded(id)?)),
                _ => Err(RouteError::Method("POST, DELETE")),
            },
            ["objects", class, id, "rebuild"] => {
                posting(method, Self::Rebuild(decoded(class)?, decoded(id)?))
            }
            ["objects", class, id] => reading(method, Self::Backup(decoded(class)?, decoded(id)?)),
            ["objects"] => posting(method, Self::Restore),
            ["test-alert"] => posting(method, Self::TestAlert),
            _ => Err(RouteError::Unknown),
        }
    }

    /// The access that a caller needs.
    #[must_use]
    pub fn access(&self) -> Access {
        match self {
            Self::Status
            | Self::List(_)
            | Self::Customer(_)
            | Self::Integration(_)
            | Self::Undelivered => Access::Read,
            Self::Erase(_)
            | Self::Close(_)
            | Self::Mute(_)
            | Self::Unmute(_)
            | Self::Remove(_)
            | Self::Assign(_)
            | Self::Release(_)
            | Self::Retry(_)
            | Self::Dismiss(_)
            | Self::Resend(_)
            | Self::Drop(_)
            | Self::TestAlert
            | Self::Rebuild(..)
            | Self::Backup(..)
            | Self::Restore => Access::Full,
        }
    }
}

fn posting(method: &str, endpoint: Endpoint) -> Result<Endpoint, RouteError> {
    let posts = (method == "POST").then_some(endpoint);
    posts.ok_or(RouteError::Method("POST"))
}

fn reading(method: &str, endpoint: Endpoint) -> Result<Endpoint, RouteError> {
    let reads = (method == "GET").then_some(endpoint);
    reads.ok_or(RouteError::Method("GET, HEAD"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::route::Route;

    #[test]
    fn each_path_supports_its_methods_and_lists_them_for_any_other() {
        let object = format!("/v1/objects/customer/{}/rebuild", "0a".repeat(32));
        for (path, methods) in [
            ("/v1/status", "GET, HEAD"),
            ("/v1/customers", "GET, HEAD"),
            ("/v1/incidents", "GET, HEAD"),
            ("/v1/unassigned", "GET, HEAD"),
            ("/v1/incidents/incident:environment:environment", "DELETE"),
            ("/v1/customers/42", "GET, HEAD, DELETE"),
            ("/v1/customers/42/mute", "PUT, DELETE"),
            ("/v1/integrations/hibob%3AOne", "GET, HEAD, DELETE"),
            ("/v1/integrations/hibob%3AOne/customer", "PUT, DELETE"),
            ("/v1/quarantine", "GET, HEAD"),
            ("/v1/quarantine/retry", "POST"),
            ("/v1/quarantine/e1", "POST, DELETE"),
            ("/v1/undelivered", "GET, HEAD"),
            ("/v1/undelivered/retry", "POST"),
            ("/v1/undelivered/main-17", "POST, DELETE"),
            ("/v1/test-alert", "POST"),
            ("/v1/objects", "POST"),
            (&object, "POST"),
            (object.trim_end_matches("/rebuild"), "GET, HEAD"),
        ] {
            for method in ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"] {
                let found = Route::find(method, path).map(|_| ());
                let is_supported = methods.split(", ").any(|one| one == method);
                let expected = is_supported
                    .then_some(())
                    .ok_or(RouteError::Method(methods));
                assert_eq!(found, expected, "{method} {path}");
            }
        }
    }

    #[test]
    fn read_access_opens_only_the_read_routes() {
        for (method, path, access) in [
            ("GET", "/v1/customers/42", Access::Read),
            ("HEAD", "/v1/quarantine", Access::Read),
            ("GET", "/v1/undelivered", Access::Read),
            ("PUT", "/v1/integrations/x/customer", Access::Full),
            ("DELETE", "/v1/integrations/x", Access::Full),
            ("POST", "/v1/quarantine/e1", Access::Full),
            ("DELETE", "/v1/customers/42", Access::Full),
            (
                "DELETE",
                "/v1/incidents/incident:environment:environment",
                Access::Full,
            ),
            ("POST", "/v1/test-alert", Access::Full),
        ] {
            let Ok(Route::Api(endpoint)) = Route::find(method, path) else {
                panic!("{method} {path}");
            };
            assert_eq!(endpoint.access(), access, "{method} {path}");
        }
    }

    #[test]
    fn an_invalid_id_is_rejected() {
        let long = format!("/v1/integrations/{}", "x".repeat(501));
        let short = format!("/v1/objects/customer/{}/rebuild", "0".repeat(63));
        let other = format!("/v1/objects/nobody/{}/rebuild", "0".repeat(64));
        for path in [&long, "/v1/integrations/%FF", "/v1/customers/"] {
            assert_eq!(Route::find("GET", path), Err(RouteError::Id), "{path}");
        }
        for path in [&short, &other, "/v1/undelivered/17", "/v1/quarantine/"] {
            assert_eq!(Route::find("POST", path), Err(RouteError::Id), "{path}");
        }
        for key in [
            "",
            "environment",
            "incident:notifier%2Fmain:x",
            "incident:environment",
        ] {
            let path = format!("/v1/incidents/{key}");
            assert_eq!(Route::find("DELETE", &path), Err(RouteError::Id), "{path}");
        }
    }
}
