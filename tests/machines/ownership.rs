//! What engineers learn about the holder of an integration: none, disputed, or changed.

use serde_json::json;

use crate::kombo::created;
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

fn assign(world: &mut World, body: &serde_json::Value) {
    let path = format!("/v1/integrations/{HIBOB}/customer");
    let answer = world.ask("PUT", &path, body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    world.settle();
}

#[test]
fn each_unassigned_integration_is_reported_with_its_tool_and_event() {
    let mut world = World::new();
    world.deliver(&created("e1", "hibob:One", None));
    world.deliver(&created("e2", "personio:Two", None));
    world.settle();
    let sent: Vec<String> = world.slack.iter().map(|(_, it)| it.to_string()).collect();
    assert_eq!(sent.len(), 2, "{:?}", world.texts());
    for (tool, event) in [
        ("HiBob (HRIS)", "Event e1"),
        ("Personio (HRIS)", "Event e2"),
    ] {
        let title = format!("Nameless GmbH connected {tool} without a customer id");
        let message = sent.iter().find(|message| message.contains(&title));
        assert!(message.unwrap().contains(event), "{title}: {sent:?}");
    }
}

#[test]
fn a_dispute_and_a_change_are_reported_unless_both_are_test_customers() {
    for (tests, sent) in [("41", 1), ("42", 1), ("43", 1), ("42 43", 0)] {
        let settings = [("TEST_CUSTOMERS", tests)];
        let mut disputed = World::with(&settings);
        disputed.deliver(&created("e1", HIBOB, Some("42")));
        disputed.deliver(&created("e2", HIBOB, Some("43")));
        disputed.settle();
        assert_eq!(
            disputed.slack.len(),
            sent,
            "{tests}: {:?}",
            disputed.texts()
        );
        let mut given = World::with(&settings);
        given.deliver(&created("e1", HIBOB, Some("42")));
        assign(&mut given, &json!({ "origin_id": "43" }));
        assert_eq!(given.slack.len(), sent, "{tests}: {:?}", given.texts());
    }
}

#[test]
fn details_that_a_human_adds_do_not_count_as_a_change_of_customer() {
    let mut world = World::new();
    world.deliver(&created("e1", HIBOB, Some("42")));
    let known = json!({ "origin_id": "42", "connected_at": "2024-05-01T12:00:00Z" });
    assign(&mut world, &known);
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["connected_at"], "2024-05-01T12:00:00.000Z");
    assert!(world.slack.is_empty(), "{:?}", world.texts());
}
