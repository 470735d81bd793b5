//! What engineers are told of whose an integration is: nobody's, disputed, or another's now.

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
fn each_integration_without_a_customer_is_told_by_its_tool_and_its_event() {
    let mut world = World::new();
    world.deliver(&created("e1", "hibob:One", None));
    world.deliver(&created("e2", "personio:Two", None));
    world.settle();
    let told: Vec<String> = world.slack.iter().map(|(_, it)| it.to_string()).collect();
    assert_eq!(told.len(), 2, "{:?}", world.texts());
    for (tool, event) in [
        ("HiBob (HRIS)", "Event e1"),
        ("Personio (HRIS)", "Event e2"),
    ] {
        let title = format!("Nameless GmbH connected {tool} without a customer id");
        let message = told.iter().find(|message| message.contains(&title));
        assert!(message.unwrap().contains(event), "{title}: {told:?}");
    }
}

#[test]
fn a_dispute_and_a_change_are_told_unless_both_customers_are_there_for_tests() {
    for (tests, told) in [("41", 1), ("42", 1), ("43", 1), ("42 43", 0)] {
        let settings = [("TEST_CUSTOMERS", tests)];
        let mut disputed = World::with(&settings);
        disputed.deliver(&created("e1", HIBOB, Some("42")));
        disputed.deliver(&created("e2", HIBOB, Some("43")));
        disputed.settle();
        assert_eq!(
            disputed.slack.len(),
            told,
            "{tests}: {:?}",
            disputed.texts()
        );
        let mut given = World::with(&settings);
        given.deliver(&created("e1", HIBOB, Some("42")));
        assign(&mut given, &json!({ "origin_id": "43" }));
        assert_eq!(given.slack.len(), told, "{tests}: {:?}", given.texts());
    }
}

#[test]
fn that_a_human_knows_more_of_an_integration_is_no_change_of_its_customer() {
    let mut world = World::new();
    world.deliver(&created("e1", HIBOB, Some("42")));
    let known = json!({ "origin_id": "42", "connected_at": "2024-05-01T12:00:00Z" });
    assign(&mut world, &known);
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["connected_at"], "2024-05-01T12:00:00.000Z");
    assert!(world.slack.is_empty(), "{:?}", world.texts());
}
