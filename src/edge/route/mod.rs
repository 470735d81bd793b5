//! The Worker's URLs, as a type.
//!
//! Names the route, its methods and the access it requires; routes below `/v1` are in `endpoint`, and
//! the methods that other Workers call instead are in `method`. Answering is left to the rest of the
//! edge.

mod endpoint;
mod method;

pub use endpoint::{Endpoint, Listing};
pub use method::MethodCall;

use percent_encoding::percent_decode_str;
use thiserror::Error;

/// A route of the Worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `POST /webhooks/kombo`, also with a slash at the end
    Webhook,
    /// `GET /act`: a page on which a person acts on an incident
    ShowAct,
    /// `POST /act`: a person acts
    DoAct,
    /// `GET /act/style.css` and `/act/copy.js`: what the page loads
    ActFile(ActFile),
    /// `GET /healthz`: is everything as it should be?
    Health,
    /// `GET /healthz/intake`: can events be stored?
    Intake,
    /// An endpoint of the API, which needs a token.
    Api(Endpoint),
}

/// A file that the page of an act loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActFile {
    /// Its style sheet.
    Style,
    /// The script of the button that copies a link. The page works without it.
    Script,
}

/// Why a request has no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RouteError {
    /// No such path.
    #[error("no such path")]
    Unknown,
    /// The path supports other methods: the value of `Allow`.
    #[error("the path supports {0}")]
    Method(&'static str),
    /// An id in the path does not fit a key, or is not UTF-8.
    #[error("an id in the path is empty, too long, or not UTF-8")]
    Id,
}

impl Route {
    /// Finds the route of `method` and `path`. `HEAD` works wherever `GET` does.
    ///
    /// # Errors
    /// [`RouteError`] if the path does not exist, or does not support the method.
    pub fn find(method: &str, path: &str) -> Result<Self, RouteError> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let method = if method == "HEAD" { "GET" } else { method };
        let only = |wanted, route| {
            let found = (method == wanted).then_some(route);
            found.ok_or(RouteError::Method(allow(wanted)))
        };
        match segments.as_slice() {
            ["webhooks", "kombo", ""] | ["webhooks", "kombo"] => only("POST", Self::Webhook),
            ["healthz"] => only("GET", Self::Health),
            ["healthz", "intake"] => only("GET", Self::Intake),
            ["act"] => match method {
                "GET" => Ok(Self::ShowAct),
                "POST" => Ok(Self::DoAct),
                _ => Err(RouteError::Method("GET, HEAD, POST")),
            },
            ["act", "style.css"] => only("GET", Self::ActFile(ActFile::Style)),
            ["act", "copy.js"] => only("GET", Self::ActFile(ActFile::Script)),
            ["v1", path @ ..] => Endpoint::find(method, path).map(Self::Api),
            _ => Err(RouteError::Unknown),
        }
    }
}

fn allow(method: &'static str) -> &'static str {
    if method == "GET" { "GET, HEAD" } else { method }
}

/// An id in a path, where it is percent-encoded.
fn decoded<T: TryFrom<String>>(segment: &str) -> Result<T, RouteError> {
    let text = percent_decode_str(segment).decode_utf8();
    let text = text.map_err(|_| RouteError::Id)?.into_owned();
    T::try_from(text).map_err(|_| RouteError::Id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::OriginId;

    #[test]
    fn finds_each_route_by_its_method_and_path() {
        assert_eq!(Route::find("POST", "/webhooks/kombo"), Ok(Route::Webhook));
        assert_eq!(Route::find("POST", "/webhooks/kombo/"), Ok(Route::Webhook));
        assert_eq!(Route::find("GET", "/healthz"), Ok(Route::Health));
        assert_eq!(Route::find("HEAD", "/healthz"), Ok(Route::Health));
        assert_eq!(Route::find("GET", "/healthz/intake"), Ok(Route::Intake));
        assert_eq!(Route::find("HEAD", "/act"), Ok(Route::ShowAct));
        assert_eq!(Route::find("POST", "/act"), Ok(Route::DoAct));
        let status = Route::Api(Endpoint::Status);
        assert_eq!(Route::find("GET", "/v1/status"), Ok(status));
    }

    #[test]
    fn an_id_in_a_path_is_percent_decoded() {
        for (segment, id) in [
            ("36123", "36123"),
            ("a%2Fb", "a/b"),
            ("a%20b", "a b"),
            ("%F0%9F%A6%89", "🦉"),
            ("a+b", "a+b"),
        ] {
            let id = OriginId::try_from(id.to_owned()).unwrap();
            let found = Route::find("PUT", &format!("/v1/customers/{segment}/mute"));
            assert_eq!(found, Ok(Route::Api(Endpoint::Mute(id))), "{segment}");
        }
        for segment in ["", "%FF", &"x".repeat(600)] {
            let found = Route::find("PUT", &format!("/v1/customers/{segment}/mute"));
            assert_eq!(found, Err(RouteError::Id), "{segment}");
        }
    }

    #[test]
    fn another_method_gets_the_supported_ones() {
        for (method, path, allow) in [
            ("GET", "/webhooks/kombo", "POST"),
            ("GET", "/webhooks/kombo/", "POST"),
            ("POST", "/healthz", "GET, HEAD"),
            ("PUT", "/act", "GET, HEAD, POST"),
            ("POST", "/act/style.css", "GET, HEAD"),
            ("GET", "/v1/customers/42/mute", "PUT, DELETE"),
        ] {
            let found = Route::find(method, path);
            assert_eq!(found, Err(RouteError::Method(allow)), "{path}");
        }
    }

    #[test]
    fn a_path_must_match_as_a_whole() {
        for path in [
            "/",
            "/webhooks/kombo//",
            "/webhooks/kombo/x",
            "//webhooks/kombo",
            "/webhooks",
            "/Healthz",
            "/healthz/intake/x",
            "/act/",
            "/act/style",
            "/v1/status/",
            "/v1/customers/a/b/mute",
        ] {
            assert_eq!(Route::find("GET", path), Err(RouteError::Unknown), "{path}");
        }
    }
}
