//! What happens while something else is in flight: an update, a write to Workers KV, a
//! request to Kombo.

use serde_json::json;

use crate::clock::after;
use crate::kombo::{created, deleted, failed};
use crate::rechecks::checked;
use crate::world::World;

const DAY: u64 = 24 * 3_600;

/// Runs the next alarm, and something else before its outcomes are committed.
fn next_alarm(world: &mut World, meanwhile: impl FnOnce(&mut World)) {
    let (at, name) = world.due()[0].clone();
    world.now = world.now.max(at);
    world.alarm_with(&name, meanwhile);
}

#[test]
fn a_customer_releases_what_was_assigned_to_another_while_its_own_update_was_in_flight() {
    let mut world = World::new();
    world.deliver(&created("e1", "hibob:One", Some("42")));
    next_alarm(&mut world, |world| {
        let path = "/v1/integrations/hibob%3AOne/customer";
        world.ask("PUT", path, &json!({ "origin_id": "43" }));
    });
    world.settle();
    assert!(world.document("customer:43").is_some());
    assert!(world.document("customer:42").is_none());
}

/// The number of attempts in the document of the only open incident.
fn attempts(world: &World) -> Option<u64> {
    let key = world.kv.keys().find(|key| key.starts_with("incident:"))?;
    world.document(key)?["attempts"].as_u64()
}

#[test]
fn an_attempt_that_comes_while_the_count_is_written_is_counted_too() {
    let mut world = World::new();
    for event in ["e1", "e2"] {
        world.deliver(&failed(event, "hibob", Some("42")));
        world.pass(after(60));
    }
    let mut came = false;
    while !came {
        next_alarm(&mut world, |world| {
            if attempts(world) == Some(2) {
                world.deliver(&failed("e3", "hibob", Some("42")));
                came = true;
            }
        });
    }
    world.pass(after(20 * 60));
    assert_eq!(attempts(&world), Some(3));
}

/// Delivers Kombo's webhook of a deletion while Kombo's API is asked about the same integration.
fn delete_while_kombo_is_asked(world: &mut World) {
    let asked_before = world.api().asked.len();
    let mut gone = false;
    while !gone {
        next_alarm(world, |world| {
            let mut asked = world.api().asked[asked_before..].iter();
            gone = asked.any(|path| path.ends_with("One"));
            gone.then(|| world.deliver(&deleted("e2", "hibob:One")));
        });
    }
}

#[test]
fn an_integration_deleted_during_a_recheck_stays_deleted() {
    // The first answer also shows that the key is the right one; later ones need not.
    for days in [0, 10] {
        let mut world = checked();
        world.pass(after(days * DAY));
        delete_while_kombo_is_asked(&mut world);
        world.pass(after(DAY));
        assert!(world.kv.is_empty(), "{days}: {:?}", world.kv);
    }
}
