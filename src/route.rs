//! The table of URLs as a type.
//!
//! Names what is asked for and which methods it takes. Who may ask, and the
//! answer, are the edge's.

use thiserror::Error;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `POST /webhooks/kombo`
    Webhook,
    /// `GET /healthz`: is everything as it should be?
    Health,
    /// `GET /healthz/intake`: can events be stored?
    Intake,
}

/// Why there is no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RouteError {
    /// No such path.
    #[error("no such path")]
    Unknown,
    /// The path takes other methods: the value of `Allow`.
    #[error("the path takes {0}")]
    Method(&'static str),
}

/// The methods that a path takes.
enum Methods {
    Post,
    /// `HEAD` works wherever `GET` does.
    Get,
}

impl Methods {
    fn allow(&self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET, HEAD",
        }
    }

    fn takes(&self, method: &str) -> bool {
        self.allow().split(", ").any(|allowed| allowed == method)
    }
}

impl Route {
    /// Finds what `method` and `path` ask for.
    ///
    /// # Errors
    /// [`RouteError`] when nothing stands there, or not for this method.
    pub fn find(method: &str, path: &str) -> Result<Self, RouteError> {
        let (route, methods) = match path {
            "/webhooks/kombo" => (Self::Webhook, Methods::Post),
            "/healthz" => (Self::Health, Methods::Get),
            "/healthz/intake" => (Self::Intake, Methods::Get),
            _ => return Err(RouteError::Unknown),
        };
        if methods.takes(method) {
            Ok(route)
        } else {
            Err(RouteError::Method(methods.allow()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_route_by_its_method_and_path() {
        assert_eq!(Route::find("POST", "/webhooks/kombo"), Ok(Route::Webhook));
        assert_eq!(Route::find("GET", "/healthz"), Ok(Route::Health));
        assert_eq!(Route::find("HEAD", "/healthz"), Ok(Route::Health));
        assert_eq!(Route::find("GET", "/healthz/intake"), Ok(Route::Intake));
    }

    #[test]
    fn another_method_is_told_which_ones_are_taken() {
        assert_eq!(
            Route::find("GET", "/webhooks/kombo"),
            Err(RouteError::Method("POST"))
        );
        assert_eq!(
            Route::find("POST", "/healthz"),
            Err(RouteError::Method("GET, HEAD"))
        );
    }

    #[test]
    fn a_path_is_taken_whole() {
        for path in [
            "/",
            "/webhooks/kombo/",
            "/webhooks",
            "/Healthz",
            "/healthz/intake/x",
        ] {
            assert_eq!(Route::find("GET", path), Err(RouteError::Unknown), "{path}");
        }
    }
}
