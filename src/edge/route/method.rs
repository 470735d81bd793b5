//! The methods of the entrypoint for other Workers, which call them through a service binding: each
//! reads what an endpoint of the API reads. What only operators need, such as the status, has none.

use form_urlencoded::Serializer;
use serde::Deserialize;
use serde_json::Value;

use super::{Endpoint, Listing, RouteError};

/// A call of a method: the endpoint that it reads, and the query that its argument stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodCall {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The query, without the question mark.
    pub query: String,
}

/// Which page of a list: the argument of a method that lists.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    limit: Value,
    cursor: Value,
}

impl MethodCall {
    /// Parses a call: the name of a method, and its arguments as a JSON array.
    ///
    /// # Errors
    /// [`RouteError`] if there is no such method, or the id does not fit a key.
    pub fn parse(method: &str, arguments: &str) -> Result<Self, RouteError> {
        let arguments: Vec<Value> = serde_json::from_str(arguments).map_err(|_| RouteError::Id)?;
        let argument = arguments.into_iter().next().unwrap_or_default();
        match method {
            "customer" => Ok(Self::of(Endpoint::Customer(id(argument)?))),
            "integration" => Ok(Self::of(Endpoint::Integration(id(argument)?))),
            "customers" => Ok(Self::page(Endpoint::List(Listing::Customers), argument)),
            "incidents" => Ok(Self::page(Endpoint::List(Listing::Incidents), argument)),
            "unassigned" => Ok(Self::page(Endpoint::List(Listing::Unassigned), argument)),
            "quarantine" => Ok(Self::page(Endpoint::List(Listing::Quarantine), argument)),
            _ => Err(RouteError::Unknown),
        }
    }

    fn of(endpoint: Endpoint) -> Self {
        let query = String::new();
        Self { endpoint, query }
    }

    fn page(endpoint: Endpoint, argument: Value) -> Self {
        let Page { limit, cursor } = serde_json::from_value(argument).unwrap_or_default();
        let mut query = Serializer::new(String::new());
        query.append_pair("limit", &text(limit));
        query.append_pair("cursor", &text(cursor));
        let query = query.finish();
        Self { endpoint, query }
    }
}

fn id<T: TryFrom<String>>(argument: Value) -> Result<T, RouteError> {
    let Value::String(text) = argument else {
        return Err(RouteError::Id);
    };
    T::try_from(text).map_err(|_| RouteError::Id)
}

/// A value as a query has it: null is empty, which counts as absent.
fn text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::auth::Access;
    use crate::edge::route::Route;

    #[test]
    fn each_method_reads_an_endpoint_of_the_api() {
        for (method, arguments, path) in [
            ("customer", r#"["a/b c"]"#, "/v1/customers/a%2Fb%20c"),
            (
                "integration",
                r#"["hibob:1"]"#,
                "/v1/integrations/hibob%3A1",
            ),
            ("customers", "[]", "/v1/customers"),
            ("incidents", "[null]", "/v1/incidents"),
            ("unassigned", "[{}]", "/v1/unassigned"),
            ("quarantine", "[1]", "/v1/quarantine"),
        ] {
            let call = MethodCall::parse(method, arguments).unwrap();
            assert_eq!(call.endpoint.access(), Access::Read, "{method}");
            let route = Route::Api(call.endpoint);
            assert_eq!(Route::find("GET", path), Ok(route), "{method}");
        }
    }

    #[test]
    fn a_page_is_asked_for_as_in_a_query() {
        for (argument, query) in [
            (r#"{"limit":3,"cursor":"a&b"}"#, "limit=3&cursor=a%26b"),
            (r#"{"limit":"3"}"#, "limit=3&cursor="),
            (r#"{"limit":1.5,"cursor":null}"#, "limit=1.5&cursor="),
            ("null", "limit=&cursor="),
        ] {
            let call = MethodCall::parse("customers", &format!("[{argument}]")).unwrap();
            assert_eq!(call.query, query);
        }
    }

    #[test]
    fn an_invalid_id_or_method_is_rejected() {
        let long = format!(r#"["{}"]"#, "x".repeat(504));
        for arguments in ["", "[]", "[42]", r#"[""]"#, r#"["\ud83d"]"#, &long] {
            let parsed = MethodCall::parse("customer", arguments);
            assert_eq!(parsed, Err(RouteError::Id), "{arguments}");
        }
        for method in ["", "erase", "Customer", "constructor"] {
            let parsed = MethodCall::parse(method, "[]");
            assert_eq!(parsed, Err(RouteError::Unknown), "{method}");
        }
    }
}
