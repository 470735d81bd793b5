//! The documents of Workers KV, field by field: the contract with the backend.

use serde_json::{Value, json};

use crate::kombo::{created, deleted, failed, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

fn world(events: &[Value]) -> World {
    let mut world = World::new();
    for event in events {
        world.deliver(event);
        world.settle();
    }
    world
}

#[test]
fn the_documents_have_exactly_the_fields_of_the_contract() {
    let world = world(&[
        created("e1", HIBOB, Some("36123")),
        state("e2", HIBOB, Some("36123"), "ACTIVE", 1),
    ]);
    let customer = world.document("customer:36123").unwrap();
    let held = &customer["integrations"][0];
    assert_eq!(
        *customer,
        json!({
            "schema": 1,
            "environment": "production",
            "origin_id": "36123",
            "organization_name": "Customer 36123",
            "integrations": [{
                "id": HIBOB, "tool": "hibob", "category": "HRIS", "state": "ACTIVE",
                "setup_status": "COMPLETED", "qa_status": "PASSED", "usable": true,
                "connected_at": "2026-11-23T08:00:00.000Z",
                "state_changed_at": "2026-11-22T03:01:00.000Z",
            }],
            "current": { "HRIS": HIBOB },
            "revision": 2,
            "updated_at": customer["updated_at"],
        }),
        "{held}"
    );
    let integration = world.document(&format!("integration:{HIBOB}")).unwrap();
    assert_eq!(
        *integration,
        json!({
            "schema": 1, "environment": "production", "integration_id": HIBOB,
            "origin_id": "36123", "tool": "hibob", "category": "HRIS", "state": "ACTIVE",
            "usable": true, "revision": 2, "updated_at": integration["updated_at"],
        })
    );
}

#[test]
fn revisions_never_decrease_across_deletion_and_return() {
    let mut world = world(&[
        created("e1", HIBOB, Some("42")),
        created("e2", "personio:Two", Some("42")),
        deleted("e3", HIBOB),
    ]);
    let before = world.document("customer:42").unwrap()["revision"].as_u64();
    world.deliver(&deleted("e4", "personio:Two"));
    world.settle();
    assert!(world.document("customer:42").is_none());
    world.deliver(&created("e5", "bamboohr:Three", Some("42")));
    world.settle();
    let after = world.document("customer:42").unwrap()["revision"].as_u64();
    assert!(after > before, "{after:?} {before:?}");
}

#[test]
fn current_is_the_latest_usable_one_or_otherwise_the_latest() {
    let mut world = world(&[
        created("e1", "hibob:One", Some("42")),
        created("e2", "personio:Two", Some("42")),
    ]);
    let current = |world: &World| world.document("customer:42").unwrap()["current"]["HRIS"].clone();
    assert_eq!(current(&world), "personio:Two");
    world.deliver(&state("e3", "personio:Two", Some("42"), "INVALID", 1));
    world.settle();
    assert_eq!(current(&world), "hibob:One");
    world.deliver(&state("e4", "hibob:One", Some("42"), "INACTIVE", 1));
    world.settle();
    assert_eq!(current(&world), "personio:Two");
}

#[test]
fn an_integration_that_is_not_set_up_is_not_usable() {
    let mut event = state("e1", HIBOB, Some("42"), "ACTIVE", 1);
    event["data"]["setup_status"] = json!("INCOMPLETE");
    let world = world(&[event]);
    let customer = world.document("customer:42").unwrap();
    assert_eq!(customer["integrations"][0]["usable"], false);
    let integration = world.document(&format!("integration:{HIBOB}")).unwrap();
    assert_eq!(integration["usable"], false);
}

#[test]
fn the_summary_of_a_customer_fits_the_metadata_of_its_key() {
    let mut world = World::new();
    for number in 0..60 {
        let mut event = created(
            &format!("e{number}"),
            &format!("tool-of-some-length-{number}:One"),
            Some("42"),
        );
        event["data"]["end_user"]["organization_name"] = json!("Ünïcödé \"GmbH\" ".repeat(40));
        world.deliver(&event);
        world.settle();
        let (_, metadata) = &world.kv["customer:42"];
        let metadata = metadata.as_deref().unwrap();
        assert!(metadata.len() <= 1024, "{} bytes", metadata.len());
        let summary: Value = serde_json::from_str(metadata).unwrap();
        assert_eq!(summary["integrations_total"], number + 1);
        assert!(!summary["integrations"].as_array().unwrap().is_empty());
    }
}

#[test]
fn ids_are_verbatim_in_keys_and_documents() {
    let odd = " a/b:c\u{1f600}%20\n";
    let world = world(&[created("e1", "hibob:ä/?#", Some(odd))]);
    let customer = world.document(&format!("customer:{odd}")).unwrap();
    assert_eq!(customer["origin_id"], odd);
    assert!(world.document("integration:hibob:ä/?#").is_some());
}

#[test]
fn the_parts_of_an_incident_key_cannot_collide() {
    let failures = [("a:b", "c"), ("a", "b:c"), ("a%3Ab", "c")];
    let mut world = World::new();
    for (number, (tool, category)) in failures.iter().enumerate() {
        let mut event = failed(&format!("e{number}"), tool, Some("42"));
        event["data"]["integration_category"] = json!(category);
        world.deliver(&event);
    }
    world.settle();
    assert_eq!(world.kv.len(), 3, "{:?}", world.kv.keys());
}

#[test]
fn an_incident_names_its_customer_and_its_times() {
    let world = world(&[failed("e1", "hibob", Some("42"))]);
    let (key, (incident, _)) = world.kv.iter().next().unwrap();
    assert!(key.starts_with("incident:customer/"), "{key}");
    assert!(key.ends_with(":connection:hibob:HRIS"), "{key}");
    assert_eq!(
        *incident,
        json!({
            "schema": 1, "environment": "production", "kind": "connection", "origin_id": "42",
            "organization_name": "Customer 42", "tool": "hibob", "category": "HRIS",
            "attempts": 1, "causes": [], "first_at": "2026-11-23T08:00:00.000Z",
            "last_at": "2026-11-23T08:00:00.000Z", "muted_until": null, "assignee": null,
            "acts": [], "revision": 1,
        })
    );
}

#[test]
fn every_document_names_the_environment() {
    let mut world = World::with(&[("ENVIRONMENT", "staging")]);
    world.deliver(&created("e1", HIBOB, None));
    world.deliver(&state("e2", "personio:Two", Some("42"), "INVALID", 1));
    world.deliver(&json!({ "id": "e3", "type": "integration-created" }));
    world.settle();
    assert!(world.kv.len() >= 5, "{:?}", world.kv.keys());
    for (key, (document, _)) in &world.kv {
        assert_eq!(document["environment"], "staging", "{key}");
    }
    for (_, message) in &world.slack {
        assert!(message.to_string().contains("staging"), "{message}");
    }
}

#[test]
fn the_api_returns_the_documents_that_workers_kv_has() {
    let mut world = world(&[
        created("e1", HIBOB, Some("36123")),
        state("e2", HIBOB, Some("36123"), "ACTIVE", 1),
    ]);
    for (kind, id) in [("customer", "36123"), ("integration", HIBOB)] {
        let document = world.document(&format!("{kind}:{id}")).cloned();
        let answer = world.get(&format!("/v1/{kind}s/{id}"));
        assert_eq!(answer, (200, document.unwrap()));
    }
}

#[test]
fn an_integration_whose_tool_was_renamed_reads_the_same_in_either_order() {
    let first = created("e1", HIBOB, Some("36123"));
    let mut renamed = created("e2", HIBOB, Some("36123"));
    renamed["data"]["tool"] = json!("bob");
    renamed["data"]["category"] = json!("ATS");
    for events in [[first.clone(), renamed.clone()], [renamed, first]] {
        let world = world(&events);
        let document = world.document(&format!("integration:{HIBOB}")).unwrap();
        assert_eq!(document["tool"], "bob");
        assert_eq!(document["category"], "ATS");
    }
}
