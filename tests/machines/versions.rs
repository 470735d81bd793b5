//! What another version wrote: fields that are unknown stay, fields that are
//! missing count as their default, and what only a newer version knows stops nothing.

use std::collections::{BTreeMap, BTreeSet};

use kombo_edge::contracts::objects::address::{Address, CustomerKey};
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::notifier::Message;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::id::{IntegrationId, OriginId};
use kombo_edge::domain::time::Timestamp;
use kombo_edge::edge::answer::DeliveryOutcome;
use kombo_edge::machine::{Driver, EffectError, Table};
use kombo_edge::objects::customer::Customer;
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, failed, state};
use crate::messages_in_flight::Fate;
use crate::object::{Object, ObjectHost};
use crate::outside::{answered, config};
use crate::world::World;

const MAIN: Address = Address::Notifier(Audience::Team);
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
    for row in ["head", "rounds", "summary"] {
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

/// Rows that wait for something, and are rewritten while they wait.
const WAITING: [&str; 6] = [
    "alert/",
    "erasing/",
    "late",
    "quarantine-kind/",
    "vigil",
    "waiting/",
];

/// A world with one of each.
fn waiting() -> World {
    let mut world = World::new();
    world.slack_answers_on_main = Some(answered(404, "no_service"));
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 500];
    world.deliver(&failed("e1", "personio", Some("42")));
    world.deliver(&json!({ "id": "q1", "type": "integration-created" }));
    world.pass(after(30 * 60));
    world.fates = vec![Fate::Lost; 20];
    world.deliver(&failed("e2", "bamboohr", Some("43")));
    world.ask("DELETE", "/v1/customers/44", &Value::Null);
    world
}

/// The waiting rows of all objects, by object and key.
fn waiting_rows(world: &mut World) -> Vec<(String, &mut String)> {
    let objects = world.objects.iter_mut();
    let rows = objects.flat_map(|(name, (_, object))| {
        let rows = object.rows.iter_mut();
        let rows = rows.filter(|((_, key), (text, _))| {
            WAITING.iter().any(|kind| key.starts_with(kind)) && text.starts_with('{')
        });
        rows.map(move |((_, key), (text, _))| (format!("{name} {key}"), text))
    });
    rows.collect()
}

#[test]
fn a_waiting_row_keeps_what_only_a_newer_version_knows() {
    let mut world = waiting();
    let mut marked = BTreeMap::new();
    for (name, text) in waiting_rows(&mut world) {
        let mut row: Value = serde_json::from_str(text).unwrap();
        row["tomorrow"] = json!({ "a": 1 });
        *text = row.to_string();
        marked.insert(name, text.clone());
    }
    world.forget_everything();
    world.deliver(&json!({ "id": "q2", "type": "integration-created" }));
    world.deliver(&failed("e3", "personio", Some("42")));
    let mut written: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..600 {
        world.pass(after(2));
        for (name, text) in waiting_rows(&mut world) {
            let Some(before) = marked.get(&name) else {
                continue;
            };
            let row: Value = serde_json::from_str(text).unwrap();
            assert_eq!(row["tomorrow"], json!({ "a": 1 }), "{name}");
            let kind = WAITING.iter().find(|kind| name.contains(*kind));
            written.extend(kind.filter(|_| before != text).copied());
        }
    }
    assert_eq!(Vec::from_iter(written), WAITING, "each was written again");
}

#[test]
fn what_only_a_newer_version_knows_survives_the_end_of_an_outage_and_an_erasure() {
    let mut world = World::new();
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 500];
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.pass(after(15 * 60));
    let (ops, audience) = (Address::Notifier(Audience::Engineers), Audience::Engineers);
    let customer = OriginId::try_from("43".to_owned()).unwrap();
    let forget = Message::Erase { audience, customer };
    world.call(&ops, &Envelope::encode(forget));
    for row in ["late", "forgetting"] {
        world.rewrite(&ops, row, |row| row["tomorrow"] = json!({ "a": 1 }));
    }
    world.kv_answers.clear();
    world.pass(after(3_600));
    let state: BTreeMap<String, Value> = rows(&world, &ops).into_iter().collect();
    let (outage, forgetting) = (&state["late"], &state["forgetting"]);
    assert_eq!(
        (&outage["since"], &forgetting["customers"]),
        (&json!(null), &json!([]))
    );
    for row in [outage, forgetting] {
        assert_eq!(row["tomorrow"], json!({ "a": 1 }), "{row}");
    }
}

#[test]
fn a_field_that_an_older_version_did_not_write_counts_as_its_default() {
    let mut world = world();
    world.rewrite(&integration(), "head", |row| {
        let row = row.as_object_mut().unwrap();
        for later in ["lag_report", "unassigned", "tomorrow"] {
            row.remove(later);
        }
        row["document"].as_object_mut().unwrap().remove("in_flight");
        row["facts"].as_object_mut().unwrap().remove("qa_status");
    });
    world.rewrite(&customer(), "head", |row| {
        let row = row.as_object_mut().unwrap();
        for later in ["mutes", "document_check", "lag_report", "contacts_until"] {
            assert!(row.remove(later).is_some(), "{later}");
        }
    });
    let event = state("e4", HIBOB, Some("42"), "ACTIVE", 2);
    assert_eq!(world.deliver(&event), DeliveryOutcome::Accepted);
    world.settle();
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["state"], "ACTIVE");
}

#[test]
fn null_counts_as_an_absent_field() {
    let mut world = world();
    world.rewrite(&integration(), "head", |row| {
        for field in ["schema", "lag_report", "unassigned", "contact_until"] {
            row[field] = Value::Null;
        }
        row["document"]["trying"] = Value::Null;
        row["facts"]["claimants"] = Value::Null;
        row["tomorrow"] = json!("kept");
    });
    let event = state("e4", HIBOB, Some("42"), "ACTIVE", 2);
    assert_eq!(world.deliver(&event), DeliveryOutcome::Accepted);
    world.settle();
    let (_, head) = &rows(&world, &integration())[0];
    assert_eq!(head["tomorrow"], "kept");
    assert_eq!(head["facts"]["claimants"], json!([]));
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
    for (field, newer) in [
        ("subject", json!({ "webhook": { "id": "w1" } })),
        ("story", json!({ "alerts": 1, "audience": ["billing"] })),
    ] {
        let mut world = world();
        let incident = |world: &World| {
            let mut rows = rows(world, &customer()).into_iter();
            rows.find(|(key, _)| key.starts_with("incident/integration"))
                .unwrap()
        };
        let (key, _) = incident(&world);
        world.rewrite(&customer(), &key, |row| row[field] = newer.clone());
        let event = failed("e4", "bamboohr", Some("42"));
        assert_eq!(world.deliver(&event), DeliveryOutcome::Accepted);
        world.settle();
        let (_, row) = incident(&world);
        assert_eq!(row[field], newer);
    }
}

#[test]
fn an_error_about_a_corrupt_row_names_the_row_and_the_field() {
    let mut object = Object::default();
    let key = "incident/integration:x".to_owned();
    let broken = json!({ "subject": "environment", "first_at": "secret" }).to_string();
    let head = json!({ "key": "environment", "updated_at": 0 }).to_string();
    for (key, text) in [("head".to_owned(), head), (key, broken)] {
        object.rows.insert((Table::State, key), (text, None));
    }
    let config = config(&[]);
    let host = ObjectHost::new(&mut object, &config.settings, Timestamp::default());
    let rebuild = r#"{"schema":1,"message":"rebuild"}"#;
    let corrupt = Driver::new(&Customer).handle(&host, rebuild).unwrap_err();
    assert_eq!(
        corrupt.to_string(),
        "the stored row `incident` cannot be read: `first_at` is missing or has the wrong type"
    );
}
