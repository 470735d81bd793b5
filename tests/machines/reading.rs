//! Which of Kombo's payloads are accepted, ignored, quarantined for a human,
//! or rejected.

use kombo_edge::contracts::kombo::signature::Signature;
use kombo_edge::contracts::kombo::{KINDS, NotJson};
use kombo_edge::contracts::objects::address::Address;
use kombo_edge::domain::audience::Audience;
use kombo_edge::edge::answer::{DeliveryOutcome, Refusal};
use kombo_edge::edge::delivery::{self, Received};
use serde_json::{Map, Value, json};

use crate::kombo::{created, failed, issue, state};
use crate::outside::sign;
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

fn fixtures() -> Map<String, Value> {
    serde_json::from_str(include_str!("../fixtures/kombo-events.json")).unwrap()
}

/// The outcome of one event in a new world.
fn outcome(event: &Value) -> DeliveryOutcome {
    World::new().deliver(event)
}

fn without(mut event: Value, path: &[&str]) -> Value {
    let (last, way) = path.split_last().unwrap();
    let parent = way.iter().fold(&mut event, |part, key| &mut part[key]);
    parent.as_object_mut().unwrap().remove(*last);
    event
}

fn with(mut event: Value, path: &[&str], value: Value) -> Value {
    let place = path.iter().fold(&mut event, |part, key| &mut part[key]);
    *place = value;
    event
}

#[test]
fn every_fixture_is_accepted_or_ignored_by_its_type() {
    for (name, event) in fixtures() {
        let known = KINDS.contains(&event["type"].as_str().unwrap());
        let expected = if known {
            DeliveryOutcome::Accepted
        } else {
            DeliveryOutcome::Ignored
        };
        assert_eq!(outcome(&event), expected, "{name}");
    }
}

#[test]
fn every_known_type_has_a_fixture() {
    for kind in KINDS {
        let mut fixtures = fixtures().into_iter();
        assert!(fixtures.any(|(_, event)| event["type"] == kind), "{kind}");
    }
}

#[test]
fn unknown_fields_are_ignored_everywhere() {
    for (name, mut event) in fixtures() {
        if !KINDS.contains(&event["type"].as_str().unwrap()) {
            continue;
        }
        event["tomorrow"] = json!({ "a": [1, 2.5e300, null] });
        event["data"]["tomorrow"] = json!("x");
        if event["data"]["end_user"].is_object() {
            event["data"]["end_user"]["tomorrow"] = json!([[[]]]);
        }
        assert_eq!(outcome(&event), DeliveryOutcome::Accepted, "{name}");
    }
}

#[test]
fn a_state_needs_no_state_setup_status_qa_status_or_known_values() {
    let event = state("e1", HIBOB, Some("42"), "HIBERNATING", 1);
    assert_eq!(outcome(&event), DeliveryOutcome::Accepted);
    for field in ["state", "setup_status", "qa_status", "end_user"] {
        assert_eq!(
            outcome(&without(event.clone(), &["data", field])),
            DeliveryOutcome::Accepted
        );
        let null = with(event.clone(), &["data", field], Value::Null);
        assert_eq!(outcome(&null), DeliveryOutcome::Accepted, "{field}");
    }
    let mut world = World::new();
    world.deliver(&event);
    world.settle();
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(
        held["state"], "HIBERNATING",
        "unknown values are kept as text"
    );
    assert_eq!(held["usable"], false);
}

#[test]
fn an_issue_of_an_unknown_type_and_change_is_accepted() {
    let event = issue("e1", "i1", Some((HIBOB, Some("42"))), 1, None);
    let event = with(
        event,
        &["data", "issue", "type"],
        json!("integration.tired"),
    );
    assert_eq!(outcome(&event), DeliveryOutcome::Accepted);
    let event = with(event, &["data", "change"], json!("snoozed"));
    let mut world = World::new();
    assert_eq!(world.deliver(&event), DeliveryOutcome::Accepted);
    world.settle();
    assert!(world.slack.is_empty(), "neither raised nor resolved");
}

#[test]
fn a_failed_flow_may_lack_log_and_contact() {
    let event = failed("e1", "hibob", Some("42"));
    for path in [
        &["data", "log_url"][..],
        &["data", "end_user", "creator_email"],
    ] {
        assert_eq!(
            outcome(&without(event.clone(), path)),
            DeliveryOutcome::Accepted
        );
        assert_eq!(
            outcome(&with(event.clone(), path, Value::Null)),
            DeliveryOutcome::Accepted
        );
    }
}

#[test]
fn an_event_that_lacks_a_required_field_is_quarantined() {
    let about = Some((HIBOB, Some("42")));
    let cases: [(Value, &[&str]); 12] = [
        (created("e", HIBOB, Some("42")), &["data"]),
        (created("e", HIBOB, Some("42")), &["data", "id"]),
        (created("e", HIBOB, Some("42")), &["data", "tool"]),
        (created("e", HIBOB, Some("42")), &["data", "category"]),
        (
            state("e", HIBOB, Some("42"), "ACTIVE", 1),
            &["data", "integration_id"],
        ),
        (
            state("e", HIBOB, Some("42"), "ACTIVE", 1),
            &["data", "updated_at"],
        ),
        (issue("e", "i", about, 1, None), &["data", "issue"]),
        (issue("e", "i", about, 1, None), &["data", "change"]),
        (issue("e", "i", about, 1, None), &["data", "issue", "id"]),
        (
            issue("e", "i", about, 1, None),
            &["data", "issue", "first_observed_at"],
        ),
        (
            failed("e", "hibob", Some("42")),
            &["data", "integration_tool"],
        ),
        (failed("e", "hibob", Some("42")), &["data", "end_user"]),
    ];
    for (event, path) in cases {
        assert_eq!(outcome(&event), DeliveryOutcome::Accepted, "{event}");
        let lacking = without(event.clone(), path);
        assert_eq!(outcome(&lacking), DeliveryOutcome::Quarantined, "{lacking}");
        let changed = with(event, path, json!([7]));
        assert_eq!(outcome(&changed), DeliveryOutcome::Quarantined, "{changed}");
    }
}

#[test]
fn an_array_of_the_right_texts_is_not_an_object() {
    let made = |data: Value| json!({ "id": "e1", "type": "integration-created", "data": data });
    let texts = json!([HIBOB, "hibob", "HRIS"]);
    assert_eq!(outcome(&made(texts)), DeliveryOutcome::Quarantined);
    let end_user = json!(["42", "Acme", "hr@acme.example"]);
    let data = json!({ "id": HIBOB, "tool": "hibob", "category": "HRIS", "end_user": end_user });
    assert_eq!(outcome(&made(data)), DeliveryOutcome::Quarantined);
}

#[test]
fn an_id_that_is_too_long_for_a_key_is_quarantined_and_never_cut() {
    let long = |bytes: usize| "x".repeat(bytes);
    let long_id = |bytes: usize| "i".repeat(bytes);
    let fits = created("e", &long_id(500), Some(&long(503)));
    let fits = with(fits, &["data", "tool"], json!("tool"));
    assert_eq!(outcome(&fits), DeliveryOutcome::Accepted);
    let id = with(fits.clone(), &["data", "id"], json!(long_id(501)));
    assert_eq!(outcome(&id), DeliveryOutcome::Quarantined);
    let origin = with(
        fits.clone(),
        &["data", "end_user", "origin_id"],
        json!(long(504)),
    );
    assert_eq!(outcome(&origin), DeliveryOutcome::Quarantined);
    let number = with(fits, &["data", "end_user", "origin_id"], json!(42));
    assert_eq!(
        outcome(&number),
        DeliveryOutcome::Quarantined,
        "a number is not text"
    );
}

#[test]
fn a_quarantined_event_is_shown_raw_and_reported_once_for_each_type_and_reason() {
    let mut world = World::new();
    let lacking = |id: &str, field: &str| without(created(id, HIBOB, Some("42")), &["data", field]);
    for event in [
        lacking("e1", "id"),
        lacking("e2", "id"),
        lacking("e3", "tool"),
    ] {
        assert_eq!(world.deliver(&event), DeliveryOutcome::Quarantined);
    }
    assert_eq!(
        world.deliver(&lacking("e1", "id")),
        DeliveryOutcome::Duplicate
    );
    world.settle();
    let document = world.document("quarantine:e1").unwrap();
    assert_eq!(document["body"], lacking("e1", "id").to_string());
    assert_eq!(document["type"], "integration-created");
    assert!(document["reason"].as_str().unwrap().contains("data.id"));
    assert!(world.document("quarantine:e2").is_some());
    assert!(world.document("quarantine:e3").is_some());
    assert_eq!(world.slack.len(), 2, "{:?}", world.texts());
}

#[test]
fn a_signed_body_that_is_not_an_event_is_ignored_and_the_log_says_why() {
    let long = format!(r#"{{"id":"{}","type":"data-changed"}}"#, "x".repeat(257));
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(500), "]".repeat(500));
    for (body, reason) in [
        ("null", "the body is not a JSON object"),
        ("[]", "the body is not a JSON object"),
        (r#"["e1","data-changed"]"#, "the body is not a JSON object"),
        (r#""text""#, "the body is not a JSON object"),
        ("1e999", "the body is not a JSON object"),
        ("{}", "`id` is missing or not a string"),
        (r#"{"test":true}"#, "`id` is missing or not a string"),
        (r#"{"type":"ping"}"#, "`id` is missing or not a string"),
        (
            r#"{"id":7,"type":"ping"}"#,
            "`id` is missing or not a string",
        ),
        (
            r#"{"id":1e999,"type":"ping"}"#,
            "`id` is missing or not a string",
        ),
        (&deep, "`id` is missing or not a string"),
        (r#"{"id":"e1"}"#, "`type` is missing or not a string"),
        (
            r#"{"id":"e1","type":null}"#,
            "`type` is missing or not a string",
        ),
        (r#"{"id":"","type":"ping"}"#, "the id is empty"),
        (&long, "the id is too long"),
    ] {
        let line = ignored(body.as_bytes());
        assert_eq!(line["event"], "delivery", "{body}");
        assert_eq!(line["outcome"], "ignored", "{body}");
        assert_eq!(line["reason"], format!("not an event: {reason}"), "{body}");
        assert!(line["type"].is_null(), "it may contain anything: {line}");
    }
    let line = ignored(br#"{"id":7,"type":"integration-created"}"#);
    assert_eq!(line["type"], "integration-created", "a known type is shown");
}

/// The log line of a signed body that is ignored.
fn ignored(body: &[u8]) -> Value {
    let signature = Signature::parse(Some(&sign(body))).unwrap();
    let world = World::new();
    let received = delivery::receive(&world.config, &signature, body, world.now);
    let Ok(Received::Ignored(line)) = received else {
        panic!("{}: {received:?}", String::from_utf8_lossy(body));
    };
    serde_json::to_value(line).unwrap()
}

#[test]
fn only_a_body_that_is_not_json_is_rejected() {
    let bodies: [&[u8]; 7] = [
        b"",
        b"{",
        b"ping",
        b"test=true",
        br#"{"id":"e1","type":"data-changed"} trailing"#,
        b"{\"id\":\"e1\",\"type\":\"data-changed\",\"data\":\"\xff\"}",
        b"\xff\xfe{\0}\0",
    ];
    for body in bodies {
        let refused = World::new().post(body);
        let shown = String::from_utf8_lossy(body);
        assert_eq!(refused, Err(Refusal::NotJson(NotJson)), "{shown}");
    }
}

#[test]
fn a_byte_order_mark_is_skipped_and_kept_in_quarantine() {
    let marked = |event: &Value| format!("\u{feff}{event}");
    let event = created("e1", HIBOB, Some("42"));
    let mut world = World::new();
    let outcome = world.post(marked(&event).as_bytes());
    assert_eq!(outcome, Ok(DeliveryOutcome::Accepted));
    let lacking = marked(&without(created("e2", HIBOB, Some("42")), &["data", "id"]));
    let outcome = world.post(lacking.as_bytes());
    assert_eq!(outcome, Ok(DeliveryOutcome::Quarantined));
    world.settle();
    assert!(world.document("customer:42").is_some());
    assert_eq!(world.document("quarantine:e2").unwrap()["body"], lacking);
    ignored(marked(&json!({})).as_bytes());
    let twice = format!("\u{feff}{}", marked(&event));
    let refused = world.post(twice.as_bytes());
    assert_eq!(refused, Err(Refusal::NotJson(NotJson)));
}

#[test]
fn a_body_may_have_any_white_space_and_nesting() {
    let event = created("e1", HIBOB, Some("42"));
    let pretty = serde_json::to_string_pretty(&event).unwrap();
    let spaced = format!(" \r\n\t{pretty}\n ");
    assert_eq!(
        World::new().post(spaced.as_bytes()),
        Ok(DeliveryOutcome::Accepted)
    );
    let deep = format!(
        r#"{{"id":"e1","type":"data-changed","data":{}1{}}}"#,
        "[".repeat(100),
        "]".repeat(100)
    );
    assert_eq!(
        World::new().post(deep.as_bytes()),
        Ok(DeliveryOutcome::Ignored)
    );
}

#[test]
fn of_a_repeated_field_the_last_counts() {
    let body = r#"{"id":"e0","id":"e1","type":"integration-deleted","type":"connection-flow-failed",
        "data":{},"data":{"integration_tool":"hibob","integration_category":"HRIS",
            "end_user":{"origin_id":"1"},"end_user":{"origin_id":"41","origin_id":"42"}}}"#;
    let mut world = World::new();
    assert_eq!(world.post(body.as_bytes()), Ok(DeliveryOutcome::Accepted));
    world.settle();
    assert_eq!(world.texts(), ["Customer 42 could not connect HiBob"]);
}

#[test]
fn the_object_can_parse_whatever_the_edge_accepts() {
    let body = |extra: &str| {
        let event = created("e1", HIBOB, Some("42")).to_string();
        format!("{},{extra}}}", event.strip_suffix('}').unwrap())
    };
    let deep = |depth: usize| format!(r#""x":{}1{}"#, "[".repeat(depth), "]".repeat(depth));
    let mut extras = vec![
        r#""x":1e999"#.to_owned(),
        r#""x":"\ud800""#.to_owned(),
        r#""data":{}"#.to_owned(),
        r#""id":"e2","x":1e999"#.to_owned(),
    ];
    extras.extend((115..135).map(deep));
    for extra in extras {
        let outcome = World::new().post(body(&extra).as_bytes());
        let fine = [
            Ok(DeliveryOutcome::Accepted),
            Ok(DeliveryOutcome::Quarantined),
        ];
        assert!(fine.contains(&outcome), "{outcome:?}: {extra}");
    }
}

#[test]
fn two_types_with_one_id_are_both_kept() {
    let mut world = World::new();
    for kind in ["integration-created", "integration-deleted"] {
        let event = json!({ "id": "e1", "type": kind });
        assert_eq!(world.deliver(&event), DeliveryOutcome::Quarantined);
    }
    world.settle();
    let ops = Address::Notifier(Audience::Engineers);
    assert_eq!(world.rows_of(&ops, "body/").len(), 2);
    assert!(world.rows_of(&ops, "unwritten/").is_empty());
}
