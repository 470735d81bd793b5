//! Objects in the states that they can reach, and messages of every kind: what
//! the fuzzer starts from. The tests' world makes them with the Worker's own code.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use kombo_edge::contracts::objects::address::{Address, Class};
use kombo_edge::edge::api::{ApiRequest, Plan, RequestParts};
use kombo_edge::edge::route::Route;
use kombo_edge::machine::EffectError;
use serde_json::{Value, json};

use crate::driven::Snapshot;
use crate::kombo::{created, deleted, failed, issue, state};
use crate::messages_in_flight::Fate;
use crate::outside::answered;
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const LEVER: &str = "lever:CBNMt7dSNCzBdnRTx87dev4E";

/// Every object after every step, and every message that was in flight.
pub(crate) struct Base {
    pub(crate) objects: Vec<Snapshot>,
    messages: Vec<(Address, Value)>,
}

pub(crate) static BASE: LazyLock<Base> = LazyLock::new(Base::new);

impl Base {
    /// The messages that an object may get: those for it, and those for any of its class.
    pub(crate) fn messages(&self, to: &Snapshot) -> Vec<&Value> {
        let messages = self.messages.iter();
        let messages = messages.filter(|(address, _)| match address {
            Address::Object(class, _) => *class == to.class,
            address => address.name() == to.name,
        });
        messages.map(|(_, message)| message).collect()
    }

    fn new() -> Self {
        let mut world = World::new();
        let mut messages = Vec::new();
        let mut objects = Vec::new();
        for event in events() {
            world.fates = vec![Fate::Late; 6];
            let body = event.to_string();
            messages.extend(of_the_edge(&world, &body));
            world.post(body.as_bytes()).expect("it is an event");
            // What is due now.
            objects.extend(standing(&world));
            world.settle();
            messages.extend(world.late.clone());
            world.deliver_late();
            world.settle();
            objects.extend(standing(&world));
        }
        objects.extend(after_refusals(&mut world, &mut messages));
        for (method, path, body) in requests(&mut world) {
            let calls = calls(&world, method, &path, &body);
            let known = calls.iter();
            for (to, message) in known.filter(|(to, _)| !matches!(to, Address::Object(..))) {
                world.call(to, message);
            }
            messages.extend(calls);
            objects.extend(standing(&world));
            world.settle();
        }
        objects.dedup_by(|one, other| one.object.rows == other.object.rows);
        Self {
            objects,
            messages: of_each_kind(messages),
        }
    }
}

fn events() -> Vec<Value> {
    let about = |customer| Some((HIBOB, Some(customer)));
    let lacking = json!({ "id": "q1", "type": "integration-created", "data": {
        "tool": "hibob", "end_user": { "origin_id": "42" },
    }});
    vec![
        failed("e1", "personio", Some("42")),
        failed("e2", "personio", Some("42")),
        created("e3", HIBOB, Some("42")),
        state("e4", HIBOB, Some("42"), "INVALID", 1),
        issue("e5", "i1", about("42"), 1, None),
        created("e6", HIBOB, Some("43")),
        created("e7", LEVER, None),
        failed("e8", "lever", None),
        issue("e9", "i2", None, 1, None),
        lacking,
        state("e10", HIBOB, Some("42"), "ACTIVE", 2),
        issue("e11", "i1", about("42"), 1, Some(2)),
        created("e12", "personio:one", Some("42")),
        deleted("e13", HIBOB),
    ]
}

/// Slack rejects a message for good, and then the webhook, so that much waits.
fn after_refusals(world: &mut World, messages: &mut Vec<(Address, String)>) -> Vec<Snapshot> {
    let mut objects = Vec::new();
    let refused = || answered(400, "invalid_blocks");
    world.slack_answers = vec![refused(), refused(), refused()];
    world.deliver(&failed("e20", "greenhouse", Some("44")));
    world.deliver(&failed("e21", "greenhouse", Some("45")));
    world.settle();
    objects.extend(standing(world));
    world.slack_answers_on_main = Some(answered(404, "no_service"));
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 12];
    for number in 0..8 {
        let (event, customer) = (format!("e3{number}"), format!("c{number}"));
        world.fates = vec![Fate::Late; 1];
        world.deliver(&failed(&event, "bamboohr", Some(&customer)));
        world.pass(Duration::from_secs(5));
        messages.extend(world.late.clone());
        world.deliver_late();
    }
    objects.extend(standing(world));
    world.pass(Duration::from_secs(3_600));
    objects.extend(standing(world));
    world.slack_answers_on_main = None;
    world.settle();
    objects
}

/// Requests to the API, of every kind that reaches an object.
fn requests(world: &mut World) -> Vec<(&'static str, String, Value)> {
    let hibob = format!("/v1/integrations/{HIBOB}");
    let lever = format!("/v1/integrations/{LEVER}");
    let customer = |id: &str| format!("/v1/customers/{id}");
    let until = world.now.plus(Duration::from_hours(24));
    let mute = json!({ "tool": "personio", "until": until.to_rfc3339() });
    let class = |class: &str, hint: &str| {
        let id = "0".repeat(64);
        format!("/v1/objects/{class}/{id}{hint}")
    };
    let none = || Value::Null;
    let import = json!({ "origin_id": "46", "import": true, "tool": "lever" });
    let mut requests = vec![
        ("GET", customer("42"), none()),
        ("GET", lever.clone(), none()),
        ("PUT", format!("{}/mute", customer("42")), mute),
        ("PUT", format!("{lever}/customer"), import),
        (
            "PUT",
            format!("{hibob}/customer"),
            json!({ "origin_id": "42" }),
        ),
        ("DELETE", format!("{lever}/customer"), none()),
        ("GET", "/v1/status".to_owned(), none()),
        ("GET", "/v1/undelivered".to_owned(), none()),
        ("POST", "/v1/undelivered/main-1".to_owned(), none()),
        ("POST", "/v1/undelivered/retry".to_owned(), none()),
        ("DELETE", "/v1/undelivered/main-2".to_owned(), none()),
        ("POST", "/v1/quarantine/retry".to_owned(), none()),
        ("POST", "/v1/quarantine/q1".to_owned(), none()),
        ("POST", "/v1/test-alert".to_owned(), none()),
        ("DELETE", format!("{}/mute", customer("42")), none()),
        ("DELETE", lever, none()),
        ("DELETE", customer("44"), none()),
        ("DELETE", "/v1/quarantine/q1".to_owned(), none()),
    ];
    for of in ["integration", "customer", "notifier"] {
        requests.push(("POST", class(of, "/rebuild"), none()));
    }
    for of in ["integration", "customer"] {
        requests.push(("GET", class(of, ""), none()));
    }
    let backups = backups(world).into_iter();
    requests.extend(backups.map(|backup| ("POST", "/v1/objects".to_owned(), backup)));
    requests
}

/// A backup of each object that can be copied.
fn backups(world: &mut World) -> Vec<Value> {
    let mut backups = Vec::new();
    for (name, class) in world.all_objects() {
        if class != Class::Notifier {
            let backup = json!({ "schema": 1, "message": "backup" }).to_string();
            let reply = world.call_named(&name, &backup);
            let reply = serde_json::to_value(&reply).expect("a reply is JSON");
            backups.push(reply["document"].clone());
        }
    }
    backups
}

/// The messages that a request to the API sends.
fn calls(world: &World, method: &str, path: &str, body: &Value) -> Vec<(Address, String)> {
    let Ok(Route::Api(endpoint)) = Route::find(method, path) else {
        panic!("{method} {path} is not a request of the API");
    };
    let body = body.to_string();
    let parts = RequestParts {
        query: "",
        body: body.as_bytes(),
    };
    let request = ApiRequest::parse(&endpoint, parts, world.now);
    match request.as_ref().map(ApiRequest::plan) {
        Ok(Plan::Objects(calls)) => calls.clone(),
        other => panic!("{method} {path} asks no object: {other:?}"),
    }
}

/// The message that a delivery becomes.
fn of_the_edge(world: &World, body: &str) -> Option<(Address, String)> {
    use kombo_edge::edge::delivery::{Received, receive};

    let signature = crate::signing::signed(body.as_bytes());
    match receive(&world.config, &signature, body.as_bytes(), world.now) {
        Ok(Received::For {
            address, message, ..
        }) => Some((address, message)),
        _ => None,
    }
}

/// Every object in its present state.
fn standing(world: &World) -> Vec<Snapshot> {
    let objects = world.objects.iter();
    objects
        .map(|(name, (class, object))| Snapshot {
            name: name.clone(),
            class: *class,
            object: object.clone(),
            now: world.now,
        })
        .collect()
}

/// Messages as JSON, each once.
fn of_each_kind(messages: Vec<(Address, String)>) -> Vec<(Address, Value)> {
    let mut known = BTreeSet::new();
    let name = |to: &Address| format!("{:?} {}", to.class(), to.name());
    let new = messages
        .into_iter()
        .filter(|(to, message)| known.insert((name(to), message.clone())));
    new.map(|(to, message)| {
        let message = serde_json::from_str(&message).expect("a message is JSON");
        (to, message)
    })
    .collect()
}
