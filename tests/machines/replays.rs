//! What someone can do who captured a delivery of Kombo and sends it again: it is
//! valid forever, since Kombo does not sign a time. See `docs/security.md`.

use kombo_edge::edge::answer::DeliveryOutcome;
use serde_json::{Value, json};

use crate::clock::after as seconds;
use crate::events::{after, incidents};
use crate::kombo::{created, deleted, failed, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const ABOUT: Option<(&str, Option<&str>)> = Some((HIBOB, Some("42")));
const MONTH: u64 = 31 * 24 * 3_600;

/// As many of the latest events as an object knows without a row for each.
const RECENT: u32 = 32;

/// Lets enough time pass, with enough deliveries to the same objects, for the first events to be
/// forgotten.
fn forget(world: &mut World) {
    for number in 0..RECENT {
        deliver_others(world, &format!("other-{number}"));
    }
    for month in 0..3 {
        world.pass(seconds(MONTH));
        deliver_others(world, &format!("later-{month}"));
    }
    world.pass(seconds(MONTH));
}

fn deliver_others(world: &mut World, id: &str) {
    world.deliver(&state(id, HIBOB, Some("42"), "ACTIVE", 0));
    world.deliver(&failed(id, "lever", Some("42")));
    world.settle();
}

fn documents(world: &World) -> Value {
    json!(
        [
            "customer:42",
            "customer:43",
            &format!("integration:{HIBOB}")
        ]
        .map(|key| world.document(key))
    )
}

#[test]
fn a_delivery_that_is_replayed_within_thirty_days_does_nothing() {
    let events = [
        failed("e1", "hibob", Some("42")),
        created("e2", HIBOB, Some("42")),
        state("e3", HIBOB, Some("42"), "INVALID", 1),
        issue("e4", "i1", ABOUT, 1, None),
        deleted("e5", HIBOB),
    ];
    let mut world = after(&events);
    let broken = json!({ "id": "e6", "type": "integration-created" });
    assert_eq!(world.deliver(&broken), DeliveryOutcome::Quarantined);
    world.pass(seconds(29 * 24 * 3_600));
    let (kv, messages) = (world.kv.clone(), world.slack.len());
    for event in events.iter().chain([&broken]) {
        assert_eq!(world.deliver(event), DeliveryOutcome::Duplicate, "{event}");
    }
    world.settle();
    assert_eq!(world.kv, kv);
    assert_eq!(world.slack.len(), messages);
}

#[test]
fn a_forgotten_delivery_revives_no_integration() {
    let mut world = after(&[created("e1", HIBOB, Some("42")), deleted("e2", HIBOB)]);
    forget(&mut world);
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.settle();
    assert_eq!(documents(&world), json!([null, null, null]));
}

#[test]
fn a_forgotten_delivery_moves_no_integration_to_another_customer() {
    let mut world = after(&[
        created("e1", HIBOB, Some("42")),
        created("e2", HIBOB, Some("43")),
    ]);
    let path = format!("/v1/integrations/{HIBOB}/customer");
    world.ask("PUT", &path, &json!({ "origin_id": "43" }));
    world.settle();
    forget(&mut world);
    let before = documents(&world);
    assert_eq!(before[2]["origin_id"], "43");
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.settle();
    assert_eq!(documents(&world), before);
}

#[test]
fn a_forgotten_delivery_reverts_no_state_and_no_issue() {
    let mut world = after(&[
        created("e1", HIBOB, Some("42")),
        state("e2", HIBOB, Some("42"), "INVALID", 1),
        issue("e3", "i1", ABOUT, 1, None),
        state("e4", HIBOB, Some("42"), "ACTIVE", 2),
        issue("e5", "i1", ABOUT, 1, Some(2)),
    ]);
    forget(&mut world);
    let (before, messages) = (documents(&world), world.slack.len());
    for replayed in [
        state("e2", HIBOB, Some("42"), "INVALID", 1),
        issue("e3", "i1", ABOUT, 1, None),
    ] {
        assert_eq!(
            world.deliver(&replayed),
            DeliveryOutcome::Accepted,
            "it is forgotten"
        );
    }
    world.settle();
    assert_eq!(documents(&world), before);
    assert_eq!(world.slack.len(), messages);
}

#[test]
fn a_forgotten_failure_is_sent_once_more_at_most() {
    let about_a_flow = failed("e1", "hibob", Some("42"));
    let mut without_page = about_a_flow.clone();
    without_page["data"]["log_url"] = json!(null);
    // A flow that was counted is still known.
    for (event, more) in [(without_page, 1), (about_a_flow, 0)] {
        let mut world = after(core::slice::from_ref(&event));
        forget(&mut world);
        let messages = world.slack.len();
        assert_eq!(world.deliver(&event), DeliveryOutcome::Accepted);
        for _ in 0..10 {
            assert_eq!(world.deliver(&event), DeliveryOutcome::Duplicate);
        }
        world.settle();
        assert_eq!(world.slack.len(), messages + more);
        let open = incidents(&world);
        assert_eq!(open.iter().any(|key| key.contains("hibob")), more == 1);
    }
}

#[test]
fn a_forgotten_creation_closes_an_incident_and_restores_an_old_name() {
    let mut old = created("e1", HIBOB, Some("42"));
    old["data"]["end_user"]["organization_name"] = json!("Old name");
    let mut world = after(&[old.clone()]);
    forget(&mut world);
    world.deliver(&failed("e2", "hibob", Some("42")));
    world.settle();
    let is_open = |world: &World| incidents(world).iter().any(|key| key.contains("hibob"));
    assert!(is_open(&world));
    assert_eq!(documents(&world)[0]["organization_name"], "Customer 42");
    assert_eq!(world.deliver(&old), DeliveryOutcome::Accepted);
    world.settle();
    assert!(!is_open(&world));
    assert_eq!(documents(&world)[0]["organization_name"], "Old name");
}

#[test]
fn a_delivery_about_an_erased_customer_is_still_known_for_thirty_days() {
    let events = [
        created("e1", HIBOB, Some("42")),
        failed("e2", "lever", Some("42")),
    ];
    let mut world = after(&events);
    world.ask("DELETE", "/v1/customers/42", &Value::Null);
    world.settle();
    for event in &events {
        assert_eq!(world.deliver(event), DeliveryOutcome::Duplicate, "{event}");
    }
    world.settle();
    assert_eq!(documents(&world), json!([null, null, null]));
    assert_eq!(
        world.rows_with(|text| text.contains("hr@example.com")),
        Vec::<String>::new()
    );
}
