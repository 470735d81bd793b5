//! Requests: whatever the method, the path, the query and the body are, the route found
//! gives the same path when it is written again, and every id is valid.

use arbitrary::Arbitrary;
use kombo_edge::contracts::objects::address::{Address, Class, CustomerKey, ObjectId};
use kombo_edge::domain::id::{EventId, IntegrationId, OriginId};
use kombo_edge::domain::time::Timestamp;
use kombo_edge::edge::answer::Refusal;
use kombo_edge::edge::api::{ApiRequest, Plan, RequestParts};
use kombo_edge::edge::route::{ActFile, Endpoint, Listing, Route, RouteError};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::object::machine;

const NOW: Timestamp = Timestamp::from_millis(1_795_420_800_000);

/// Paths with one id, with the longest id that each accepts.
const WITH_AN_ID: [(&str, &str, &str, usize); 8] = [
    ("GET", "/v1/customers/", "", 503),
    ("DELETE", "/v1/customers/", "", 503),
    ("PUT", "/v1/customers/", "/mute", 503),
    ("DELETE", "/v1/customers/", "/mute", 503),
    ("GET", "/v1/integrations/", "", 500),
    ("PUT", "/v1/integrations/", "/customer", 500),
    ("DELETE", "/v1/integrations/", "/customer", 500),
    ("DELETE", "/v1/quarantine/", "", 256),
];

/// A request.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    target: Target<'a>,
    query: &'a str,
    body: &'a [u8],
}

/// The path of a request.
#[derive(Arbitrary, Debug)]
enum Target<'a> {
    /// Any text.
    Any { method: &'a str, path: &'a str },
    /// A known path with this id, in which some characters are encoded that
    /// need not be.
    About { path: u8, id: &'a str, encoded: u64 },
}

/// Checks the route, and the calls that it makes.
///
/// # Panics
/// If they are not what the path says.
pub fn check(input: &Input<'_>) {
    let found = match &input.target {
        Target::Any { method, path } => {
            let found = Route::find(method, path);
            match &found {
                Ok(route) => is_written_again(method, route),
                Err(RouteError::Method(allow)) => takes_only(allow, method, path),
                Err(RouteError::Unknown | RouteError::Id) => {}
            }
            found.ok()
        }
        Target::About { path, id, encoded } => about(*path, id, *encoded),
    };
    if let Some(Route::Api(endpoint)) = found {
        let parts = RequestParts {
            query: input.query,
            body: input.body,
        };
        match ApiRequest::parse(&endpoint, parts, NOW) {
            Ok(request) => is_about(&endpoint, request.plan()),
            Err(refusal) => assert!(matches!(refusal, Refusal::BadRequest(_) | Refusal::Nothing)),
        }
    }
}

/// A known path about an id leads to this id, if it is one.
fn about(path: u8, id: &str, encoded: u64) -> Option<Route> {
    let (method, start, end, most) = WITH_AN_ID[usize::from(path) % WITH_AN_ID.len()];
    let needed = |one: char| !one.is_ascii_alphanumeric();
    let chars = id.chars().enumerate().map(|(number, one)| {
        if needed(one) || encoded.rotate_right(u32::try_from(number % 64).unwrap_or(0)) & 1 == 1 {
            let mut bytes = [0; 4];
            let bytes = one.encode_utf8(&mut bytes).bytes();
            bytes.fold(String::new(), |text, byte| format!("{text}%{byte:02x}"))
        } else {
            one.to_string()
        }
    });
    let segment: String = chars.collect();
    let found = Route::find(method, &format!("{start}{segment}{end}"));
    // This word is part of a path, and not an event id.
    if start.ends_with("quarantine/") && segment == "retry" {
        return found.ok();
    }
    if !(1..=most).contains(&id.len()) {
        assert_eq!(found, Err(RouteError::Id), "{} bytes", id.len());
        return None;
    }
    let Ok(Route::Api(endpoint)) = &found else {
        panic!("{method} {start}{segment}{end}: {found:?}");
    };
    assert_eq!(named(endpoint).as_deref(), Some(id));
    found.ok()
}

/// The id in the path.
fn named(endpoint: &Endpoint) -> Option<String> {
    let event = |id: &EventId| id.as_str().to_owned();
    let origin = |id: &OriginId| id.as_str().to_owned();
    let integration = |id: &IntegrationId| id.as_str().to_owned();
    Some(match endpoint {
        Endpoint::Customer(id)
        | Endpoint::Erase(id)
        | Endpoint::Mute(id)
        | Endpoint::Unmute(id) => origin(id),
        Endpoint::Integration(id)
        | Endpoint::Remove(id)
        | Endpoint::Assign(id)
        | Endpoint::Release(id) => integration(id),
        Endpoint::Retry(Some(id)) | Endpoint::Dismiss(id) => event(id),
        Endpoint::Close(key) => format!("incident:{}:{}", key.owner().name(), key.incident()),
        _ => return None,
    })
}

/// The path of a route leads to the same route; its ids are within their limits.
fn is_written_again(method: &str, route: &Route) {
    let path = path(route);
    assert_eq!(Route::find(method, &path).as_ref(), Ok(route), "{path}");
    let Route::Api(endpoint) = route else { return };
    let (id, most) = match endpoint {
        Endpoint::Retry(Some(_)) | Endpoint::Dismiss(_) => (named(endpoint), 256),
        Endpoint::Close(_) => (named(endpoint), 512),
        Endpoint::Customer(_) | Endpoint::Erase(_) | Endpoint::Mute(_) | Endpoint::Unmute(_) => {
            (named(endpoint), 503)
        }
        _ => (named(endpoint), 500),
    };
    let fits = |id: String| (1..=most).contains(&id.len());
    assert!(id.is_none_or(fits), "{path}");
}

fn path(route: &Route) -> String {
    let endpoint = match route {
        Route::Webhook => return "/webhooks/kombo".to_owned(),
        Route::ShowAct | Route::DoAct => return "/act".to_owned(),
        Route::ActFile(ActFile::Style) => return "/act/style.css".to_owned(),
        Route::ActFile(ActFile::Script) => return "/act/copy.js".to_owned(),
        Route::Health => return "/healthz".to_owned(),
        Route::Intake => return "/healthz/intake".to_owned(),
        Route::Api(endpoint) => endpoint,
    };
    let id = named(endpoint).unwrap_or_default();
    let id = utf8_percent_encode(&id, NON_ALPHANUMERIC);
    let below = match endpoint {
        Endpoint::Status => "status".to_owned(),
        Endpoint::List(Listing::Customers) => "customers".to_owned(),
        Endpoint::List(Listing::Incidents) => "incidents".to_owned(),
        Endpoint::List(Listing::Unassigned) => "unassigned".to_owned(),
        Endpoint::List(Listing::Quarantine) => "quarantine".to_owned(),
        Endpoint::Close(_) => format!("incidents/{id}"),
        Endpoint::Customer(_) | Endpoint::Erase(_) => format!("customers/{id}"),
        Endpoint::Mute(_) | Endpoint::Unmute(_) => format!("customers/{id}/mute"),
        Endpoint::Integration(_) | Endpoint::Remove(_) => format!("integrations/{id}"),
        Endpoint::Assign(_) | Endpoint::Release(_) => format!("integrations/{id}/customer"),
        Endpoint::Retry(None) => "quarantine/retry".to_owned(),
        Endpoint::Retry(Some(_)) | Endpoint::Dismiss(_) => format!("quarantine/{id}"),
        Endpoint::Undelivered => "undelivered".to_owned(),
        Endpoint::Resend(None) => "undelivered/retry".to_owned(),
        Endpoint::Resend(Some(id)) | Endpoint::Drop(id) => {
            format!("undelivered/{}-{}", id.audience.as_str(), id.number)
        }
        Endpoint::TestAlert => "test-alert".to_owned(),
        Endpoint::Rebuild(class, id) => format!("objects/{}/rebuild", of(*class, id)),
        Endpoint::Backup(class, id) => format!("objects/{}", of(*class, id)),
        Endpoint::Restore => "objects".to_owned(),
    };
    format!("/v1/{below}")
}

fn of(class: Class, id: &ObjectId) -> String {
    let id = Address::Object(class, id.clone()).name();
    assert!(id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let class = match class {
        Class::Integration => "integration",
        Class::Customer => "customer",
        Class::Notifier => "notifier",
    };
    format!("{class}/{id}")
}

/// The methods of `Allow` are those that the path accepts, and this one is not among them.
fn takes_only(allow: &str, method: &str, path: &str) {
    for one in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let refused = matches!(Route::find(one, path), Err(RouteError::Method(_)));
        let named = allow.split(", ").any(|it| it == one);
        assert_eq!(refused, !named, "{one} {path}: {allow}");
    }
    assert!(allow.split(", ").all(|it| it != method), "{method} {path}");
}

/// The call goes to the object that the path names, or to a listing within its limits.
fn is_about(endpoint: &Endpoint, plan: &Plan) {
    let calls = match plan {
        Plan::Keys(list) => return assert!((1..=1_000).contains(&list.limit)),
        Plan::Objects(calls) => calls,
    };
    assert_ne!(calls.len(), 0, "no call is made");
    for (to, message) in calls {
        let decoded = machine(to.class()).decode(message);
        assert!(decoded.is_some(), "{to:?} cannot decode {message}");
        let name = match to {
            Address::Customer(CustomerKey::Customer(id)) => id.as_str(),
            Address::Integration(id) => id.as_str(),
            Address::Customer(_)
            | Address::Notifier(_)
            | Address::Named(..)
            | Address::Object(..) => continue,
        };
        // A backup names its object itself.
        assert!(*endpoint == Endpoint::Restore || named(endpoint).as_deref() == Some(name));
    }
}
