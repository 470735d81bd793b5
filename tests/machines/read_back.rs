//! Workers KV is a projection: it can be emptied and written again, at a human's
//! request, and automatically within days.

use kombo_edge::contracts::objects::address::{Address, Class};
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::notifier::Message;
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::contracts::objects::{customer, integration};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::id::IntegrationId;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, failed, state};
use crate::world::World;

const DAY: u64 = 24 * 3_600;

/// A world with a document of each kind, at rest.
fn lived_in() -> World {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    world.deliver(&created("e1", "hibob:One", Some("42")));
    world.deliver(&created("e2", "lever:Two", Some("42")));
    world.deliver(&created("e3", "hibob:Three", None));
    world.deliver(&state("e4", "lever:Two", Some("42"), "INVALID", 1));
    for number in 0..120 {
        let mut broken = failed(&format!("q{number:03}"), "hibob", Some("42"));
        broken["data"] = json!(number);
        world.deliver(&broken);
    }
    world.settle();
    world
}

fn documents(world: &World) -> BTreeMap<String, Value> {
    let documents = world.kv.iter();
    documents
        .map(|(key, (document, _))| (key.clone(), document.clone()))
        .collect()
}

/// The message that makes an object of a class write its keys again.
fn rebuild(class: Class) -> String {
    match class {
        Class::Integration => Envelope::encode(integration::Message::Rebuild),
        Class::Customer => Envelope::encode(customer::Message::Rebuild),
        Class::Notifier => Envelope::encode(Message::Rebuild),
    }
}

#[test]
fn a_rebuild_of_every_object_writes_every_document_as_it_was() {
    let mut world = lived_in();
    let before = documents(&world);
    let kinds = [
        "customer:",
        "integration:",
        "unassigned:",
        "incident:",
        "quarantine:",
    ];
    for kind in kinds {
        assert!(before.keys().any(|key| key.starts_with(kind)), "{kind}");
    }
    world.kv.clear();
    world.kv.insert("customer:42".to_owned(), (json!({}), None));
    for (name, class) in world.all_objects() {
        assert_eq!(
            world.call_named(&name, &rebuild(class)),
            Reply::Acknowledged,
            "{name}"
        );
    }
    world.settle();
    assert_eq!(documents(&world), before);
}

#[test]
fn a_rebuild_after_a_rollback_updates_the_holder_again() {
    let mut world = World::new();
    world.deliver(&created("e1", "hibob:One", Some("42")));
    world.settle();
    // An older version stored the decision and did not act on it.
    let id = IntegrationId::try_from("hibob:One".to_owned()).unwrap();
    let integration = Address::Integration(id);
    world.rewrite(&integration, "head", |row| {
        row["facts"]["assigned"] = json!("43");
    });
    assert_eq!(
        world.call(&integration, &rebuild(Class::Integration)),
        Reply::Acknowledged
    );
    world.settle();
    assert!(world.document("customer:43").is_some() && world.document("customer:42").is_none());
}

#[test]
fn an_empty_object_has_nothing_to_write() {
    let mut world = World::new();
    for class in [Class::Integration, Class::Customer, Class::Notifier] {
        let to = match class {
            Class::Notifier => Address::Notifier(Audience::Engineers),
            _ => Address::Object(class, "0".repeat(64).try_into().unwrap()),
        };
        assert_eq!(world.call(&to, &rebuild(class)), Reply::Document(None));
    }
    assert!(world.due().is_empty());
}

#[test]
fn what_kv_lost_or_corrupted_is_restored_within_days_and_logged() {
    let mut world = lived_in();
    let before = documents(&world);
    world.kv.retain(|key, _| key.starts_with("integration:"));
    for (document, _) in world.kv.values_mut() {
        document["origin_id"] = json!("someone else");
    }
    world.pass(after(10 * DAY));
    assert_eq!(documents(&world), before);
    let differed = world.log.iter().filter(|line| line.contains("differed"));
    assert_eq!(
        differed.count(),
        before.len() - 120,
        "each but those in quarantine"
    );
}

#[test]
fn reading_back_writes_nothing_while_kv_is_right() {
    let mut world = lived_in();
    let writes = world.kv_writes;
    world.pass(after(30 * DAY));
    let looks = world
        .kv_looks
        .iter()
        .filter(|key| *key == "customer:42")
        .count();
    assert!((3..=6).contains(&looks), "{looks} looks in 30 days");
    let again = world.kv_tries.iter().skip(writes);
    let again: Vec<&String> = again.map(|(_, key)| key).collect();
    assert!(
        again.iter().all(|key| key.starts_with("quarantine:")),
        "those are written without a look: {again:?}"
    );
}

#[test]
fn removed_documents_are_not_read_back() {
    let mut world = World::new();
    world.deliver(&created("e1", "hibob:One", Some("42")));
    world.settle();
    world.deliver(&crate::kombo::deleted("e2", "hibob:One"));
    world.settle();
    world.pass(after(30 * DAY));
    assert!(world.kv_looks.is_empty(), "{:?}", world.kv_looks);
    let resting = world.due().into_iter().map(|(_, name)| name);
    let resting: Vec<String> = resting
        .filter(|name| !name.starts_with("notifier/"))
        .collect();
    assert!(resting.is_empty(), "{resting:?}");
}
