//! What another version wrote: fields that are unknown stay, fields that are
//! missing count as their default, and what only a newer version knows stops nothing.

use kombo_edge::answer::Outcome;
use kombo_edge::id::{IntegrationId, OriginId};
use kombo_edge::notifier::Channel;
use kombo_edge::object::{Address, CustomerKey};
use serde_json::{Value, json};

use crate::kombo::{created, failed, state};
use crate::world::World;

const MAIN: Address = Address::Notifier(Channel::Main);
const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

fn customer() -> Address {
    let id = OriginId::try_from("42".to_owned()).unwrap();
    Address::Customer(CustomerKey::Customer(id))
}

fn integration() -> Address {
    Address::Integration(IntegrationId::try_from(HIBOB.to_owned()).unwrap())
}

fn world() -> World {
    let mut world = World::new();
    world.deliver(&failed("e1", "personio", Some("42")));
    world.deliver(&created("e2", HIBOB, Some("42")));
    world.deliver(&state("e3", HIBOB, Some("42"), "INVALID", 1));
    world.settle();
    world
}

fn rows(world: &World, of: &Address) -> Vec<(String, Value)> {
    let rows = world.rows_of(of, "").into_iter();
    rows.filter(|(key, _)| !key.starts_with("seen/"))
        .map(|(key, text)| (key.to_owned(), serde_json::from_str(text).unwrap()))
        .collect()
}

#[test]
fn a_field_that_only_a_newer_version_knows_survives_a_rollback() {
    let mut world = world();
    for object in [integration(), customer()] {
        for (key, _) in rows(&world, &object) {
            world.rewrite(&object, &key, |row| row["tomorrow"] = json!({ "a": 1 }));
        }
    }
    world.rewrite(&integration(), "head", |row| {
        row["facts"]["tomorrow"] = json!("kept");
    });
    for row in ["head", "summary"] {
        world.rewrite(&MAIN, row, |row| row["tomorrow"] = json!({ "a": 1 }));
    }
    world.deliver(&state("e4", HIBOB, Some("42"), "ACTIVE", 2));
    world.deliver(&failed("e5", "personio", Some("42")));
    world.deliver(&failed("e6", "hibob", Some("43")));
    world.settle();
    for object in [integration(), customer(), MAIN] {
        for (key, row) in rows(&world, &object) {
            assert_eq!(row["tomorrow"], json!({ "a": 1 }), "{key}");
        }
    }
    let (_, head) = &rows(&world, &integration())[0];
    assert_eq!(head["facts"]["tomorrow"], "kept");
}

#[test]
fn a_field_that_an_older_version_did_not_write_counts_as_its_default() {
    let mut world = world();
    world.rewrite(&integration(), "head", |row| {
        let row = row.as_object_mut().unwrap();
        for later in ["lateness", "unassigned", "tomorrow"] {
            row.remove(later);
        }
        row["document"].as_object_mut().unwrap().remove("trying");
        row["facts"].as_object_mut().unwrap().remove("qa_status");
    });
    let event = state("e4", HIBOB, Some("42"), "ACTIVE", 2);
    assert_eq!(world.deliver(&event), Outcome::Accepted);
    world.settle();
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["state"], "ACTIVE");
}

#[test]
fn a_cause_that_only_a_newer_version_knows_keeps_its_incident_open() {
    let mut world = world();
    let incident = rows(&world, &customer())
        .into_iter()
        .find(|(key, _)| key.starts_with("incident/integration"));
    let (key, _) = incident.unwrap();
    let newer = json!({ "tired": { "since": "yesterday" } });
    world.rewrite(&customer(), &key, |row| row["causes"] = json!([newer]));
    world.deliver(&failed("e4", "personio", Some("42")));
    world.settle();
    let incident = rows(&world, &customer())
        .into_iter()
        .find(|(of, _)| *of == key);
    let (_, row) = incident.unwrap();
    assert_eq!(row["causes"], json!([newer]));
    assert_eq!(row["open"], true);
}

#[test]
fn an_incident_of_a_kind_that_only_a_newer_version_knows_is_left_as_it_is() {
    let mut world = world();
    let incident = rows(&world, &customer())
        .into_iter()
        .find(|(key, _)| key.starts_with("incident/integration"));
    let (key, _) = incident.unwrap();
    let subject = json!({ "webhook": { "id": "w1" } });
    world.rewrite(&customer(), &key, |row| row["subject"] = subject.clone());
    let event = failed("e4", "bamboohr", Some("42"));
    assert_eq!(world.deliver(&event), Outcome::Accepted);
    world.settle();
    let incident = rows(&world, &customer())
        .into_iter()
        .find(|(of, _)| *of == key);
    let (_, row) = incident.unwrap();
    assert_eq!(row["subject"], subject);
}
