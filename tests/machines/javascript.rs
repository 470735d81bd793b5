//! What only JavaScript writes, and Rust cannot represent: an escaped half of a surrogate pair.
//! It is found where a text was cut between the two halves, and no event is lost to it.

use kombo_edge::contracts::kombo::{RecheckAnswer, recheck_answer};
use kombo_edge::contracts::objects::address::Address;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::http::Answered;
use kombo_edge::domain::id::IntegrationId;
use kombo_edge::edge::answer::DeliveryOutcome;
use kombo_edge::edge::api::{ApiRequest, Plan, RequestParts};
use kombo_edge::edge::route::Route;
use serde_json::{Value, json};

use crate::kombo::{created, failed, issue};
use crate::quarantine_retry::quarantined;
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
/// The placeholder for half a surrogate pair.
const CUT: &str = "CUT";
const HALF: &str = r"\ud83d";

/// A text with half a surrogate pair at each placeholder.
fn halved(value: &Value) -> String {
    value.to_string().replace(CUT, HALF)
}

#[test]
fn half_a_surrogate_pair_in_a_name_costs_neither_the_customer_nor_the_name() {
    let mut world = World::new();
    for (id, customer) in [("e1", None), ("e2", Some("42"))] {
        let mut event = failed(id, "hibob", customer);
        event["data"]["end_user"]["organization_name"] = json!("Acme CUT");
        let outcome = world.post(halved(&event).as_bytes());
        assert_eq!(outcome, Ok(DeliveryOutcome::Accepted), "{customer:?}");
    }
    world.settle();
    assert_eq!(world.texts(), ["Acme \u{fffd} could not connect HiBob"; 2]);
}

#[test]
fn half_a_surrogate_pair_in_the_texts_of_an_issue_becomes_the_replacement_character() {
    let mut event = issue("e1", "i1", Some((HIBOB, Some("42"))), 1, None);
    event["data"]["issue"]["title"] = json!("Key CUT expired");
    event["data"]["issue"]["markdown_message"] = json!("Renew **it** CUT");
    event["data"]["issue"]["type"] = json!("integration.CUT");
    let mut world = World::new();
    let outcome = world.post(halved(&event).as_bytes());
    assert_eq!(outcome, Ok(DeliveryOutcome::Accepted));
    world.settle();
    let message = world.slack[0].1.to_string();
    assert!(message.contains("Key \u{fffd} expired"), "{message}");
}

#[test]
fn no_event_is_lost_to_half_a_surrogate_pair() {
    for (place, value) in [
        ("/data/end_user/origin_id", json!("CUT42")),
        ("/data/end_user/creator_email", json!("CUT")),
        ("/data/unread", json!(["CUT", { "CUT": 1 }])),
        ("/data/CUT", json!(1)),
        ("/data/end_user/CUT", json!({ "CUT": ["CUT"] })),
        ("/CUT", json!("CUT")),
        ("/id", json!("CUT")),
    ] {
        let mut event = created("e1", HIBOB, Some("42"));
        let (parent, name) = place.rsplit_once('/').unwrap();
        event.pointer_mut(parent).unwrap()[name] = value;
        let outcome = World::new().post(halved(&event).as_bytes());
        assert_eq!(outcome, Ok(DeliveryOutcome::Accepted), "{place}");
    }
}

#[test]
fn a_body_that_cannot_be_parsed_is_kept_as_it_was_signed() {
    let mut event = created("e1", HIBOB, Some("42"));
    event["data"]["end_user"]["organization_name"] = json!("Acme CUT");
    event["data"]["id"] = json!(7);
    let mut world = World::new();
    let outcome = world.post(halved(&event).as_bytes());
    assert_eq!(outcome, Ok(DeliveryOutcome::Quarantined));
    world.settle();
    let document = world.document("quarantine:e1").unwrap();
    assert_eq!(document["body"], halved(&event));
    assert_eq!(document["reason"], "`data.id` is missing or not a string");
}

#[test]
fn an_event_with_half_a_surrogate_pair_leaves_the_quarantine() {
    let mut event = created("e1", HIBOB, Some("42"));
    event["data"]["CUT"] = json!("CUT");
    let mut world = World::new();
    quarantined(&mut world, &event);
    let ops = Address::Notifier(Audience::Engineers);
    world.rewrite_text(&ops, "body/integration-created/e1", &halved(&event));
    let answer = world.ask("POST", "/v1/quarantine/e1", &Value::Null);
    assert_eq!(answer.status, 202, "{}", answer.body);
    world.settle();
    assert!(world.document("customer:42").is_some());
    assert!(world.document("quarantine:e1").is_none());
}

#[test]
fn an_answer_of_kombos_api_may_contain_half_a_surrogate_pair() {
    let body = json!({ "data": {
        "id": HIBOB, "tool": { "id": "hibob", "CUT": 1 }, "category": "HRIS", "status": "ACTIVE",
        "end_user": { "organization_name": "CUT", "origin_id": "42" },
    }});
    let answer = Answered {
        status: 200,
        body: halved(&body),
        retry_after: None,
    };
    let id = IntegrationId::try_from(HIBOB.to_owned()).unwrap();
    let RecheckAnswer::Known(standing) = recheck_answer(&id, &answer) else {
        panic!("it is known")
    };
    let name = standing.subject.end_user.organization_name;
    assert_eq!(name.as_deref(), Some("\u{fffd}"));
}

#[test]
fn a_request_body_may_contain_half_a_surrogate_pair() {
    let path = format!("/v1/integrations/{HIBOB}/customer");
    let Ok(Route::Api(endpoint)) = Route::find("PUT", &path) else {
        panic!("{path} is a path of the API")
    };
    let body = halved(&json!({ "origin_id": "42", "organization_name": "CUT", "CUT": 1 }));
    let parts = RequestParts {
        query: "",
        body: body.as_bytes(),
    };
    let request = ApiRequest::parse(&endpoint, parts, World::new().now);
    let Ok(Plan::Objects(calls)) = request.as_ref().map(ApiRequest::plan) else {
        panic!("the body can be understood")
    };
    assert!(calls[0].1.contains('\u{fffd}'), "{}", calls[0].1);
}
