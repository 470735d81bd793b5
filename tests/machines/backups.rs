//! Moving to another account: backups of objects, restored in another world.

use kombo_edge::contracts::objects::address::Class;
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::contracts::objects::{customer, integration};
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, deleted, failed, issue, state};
use crate::world::World;

const DAY: u64 = 24 * 3_600;

/// A backup of every object except the Notifiers, customers first.
pub(crate) fn copies(world: &mut World) -> Vec<String> {
    let customers = copies_of(
        world,
        Class::Customer,
        &Envelope::encode(customer::Message::Backup),
    );
    let integration = Envelope::encode(integration::Message::Backup);
    let integrations = copies_of(world, Class::Integration, &integration);
    customers.into_iter().chain(integrations).collect()
}

/// A backup of every object of a class, by the message that asks for one.
pub(crate) fn copies_of(world: &mut World, class: Class, message: &str) -> Vec<String> {
    let mut objects = world.all_objects();
    objects.retain(|(_, of)| *of == class);
    let copies = objects.into_iter().map(|(name, _)| {
        let Reply::Document(Some(copy)) = world.call_named(&name, message) else {
            panic!("{name} gives no copy");
        };
        copy.text().to_owned()
    });
    copies.collect()
}

/// Restores backups in a world, and returns the statuses of the answers.
pub(crate) fn restore(world: &mut World, copies: &[String]) -> Vec<u16> {
    let statuses = copies.iter().map(|copy| {
        let copy: Value = serde_json::from_str(copy).unwrap();
        world.ask("POST", "/v1/objects", &copy).status
    });
    let statuses = statuses.collect();
    world.settle();
    statuses
}

fn lived_in() -> World {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    world.deliver(&created("e1", "hibob:One", Some("42")));
    world.deliver(&created("e2", "lever:Two", Some("42")));
    world.deliver(&created("e3", "hibob:Three", None));
    world.deliver(&created("e4", "hibob:Gone", Some("43")));
    world.settle();
    world.deliver(&deleted("e5", "hibob:Gone"));
    world.deliver(&state("e6", "lever:Two", Some("42"), "INVALID", 1));
    let about = Some(("lever:Two", Some("42")));
    world.deliver(&issue("e7", "issue-1", about, 1, None));
    world.deliver(&failed("e8", "personio", Some("44")));
    world.deliver(&failed("e9", "personio", Some("44")));
    world.settle();
    let path = "/v1/integrations/hibob%3AOne/customer";
    world.ask("PUT", path, &json!({ "origin_id": "45" }));
    world.ask("DELETE", "/v1/integrations/hibob%3AThree", &Value::Null);
    world.settle();
    world
}

#[test]
fn an_empty_account_restores_everything_and_sends_nothing() {
    let mut old = lived_in();
    let copies = copies(&mut old);
    let mut new = World::with(&[
        ("DAILY_SUMMARY_UTC", "off"),
        ("ANNOUNCE", "connected disconnected"),
    ]);
    new.now = old.now;
    assert!(
        restore(&mut new, &copies)
            .iter()
            .all(|status| *status == 204)
    );
    let documents = |world: &World| {
        let documents = world.kv.iter();
        let documents = documents.map(|(key, (document, _))| (key.clone(), document.clone()));
        let mut documents: Vec<(String, Value)> = documents.collect();
        for (_, document) in &mut documents {
            document.as_object_mut().unwrap().remove("revision");
            document.as_object_mut().unwrap().remove("updated_at");
        }
        documents
    };
    assert_eq!(documents(&new), documents(&old));
    assert!(new.slack.is_empty(), "{:?}", new.texts());
    new.pass(after(3_600));
    assert!(
        !new.texts()
            .iter()
            .any(|text| text.contains("Workers KV is behind")),
        "{:?}",
        new.texts()
    );
}

#[test]
fn earlier_events_count_in_the_new_account() {
    let mut old = lived_in();
    let copies = copies(&mut old);
    let mut new = World::new();
    new.now = old.now;
    restore(&mut new, &copies);
    // A tombstone, a removal and an assignment stay.
    new.deliver(&created("f1", "hibob:Gone", Some("43")));
    new.deliver(&created("f2", "hibob:Three", Some("43")));
    new.deliver(&state("f3", "hibob:One", Some("42"), "INACTIVE", 9));
    new.settle();
    assert!(new.document("customer:43").is_none());
    let held = &new.document("customer:45").unwrap()["integrations"][0];
    assert_eq!(
        (&held["id"], &held["state"]),
        (&json!("hibob:One"), &json!("INACTIVE"))
    );
    // Incidents close in the audience in which they opened.
    new.deliver(&created("f4", "personio:New", Some("44")));
    new.deliver(&state("f5", "lever:Two", Some("42"), "ACTIVE", 9));
    new.deliver(&issue(
        "f6",
        "issue-1",
        Some(("lever:Two", Some("42"))),
        1,
        Some(2),
    ));
    new.pass(after(60));
    let sent = new.texts().join("\n");
    assert!(
        sent.contains("connected Personio (HRIS) after 2 failed attempts"),
        "{sent}"
    );
    assert!(sent.contains("works again"), "{sent}");
    // And a revision never decreases.
    let revision = |world: &World| world.document("customer:42").unwrap()["revision"].clone();
    assert!(revision(&new).as_u64() > revision(&old).as_u64());
}

#[test]
fn a_repeated_restore_changes_nothing() {
    let mut old = lived_in();
    let copies = copies(&mut old);
    let mut new = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    new.now = old.now;
    restore(&mut new, &copies);
    let (before, sent) = (new.kv.clone(), new.slack.len());
    assert!(
        restore(&mut new, &copies)
            .iter()
            .all(|status| *status == 204)
    );
    assert_eq!(new.kv, before);
    assert_eq!(new.slack.len(), sent);
}

#[test]
fn what_the_new_account_received_meanwhile_is_merged() {
    let mut old = lived_in();
    let copies = copies(&mut old);
    let mut new = World::new();
    new.now = old.now.plus(after(60));
    // Kombo delivers here already: a newer state, a deletion, and another customer's claim.
    new.deliver(&state("f1", "lever:Two", Some("42"), "ACTIVE", 9));
    new.deliver(&deleted("f2", "hibob:One"));
    new.deliver(&created("f3", "hibob:Gone", Some("43")));
    new.settle();
    assert!(
        restore(&mut new, &copies)
            .iter()
            .all(|status| *status == 204)
    );
    let held = new.document("customer:42").unwrap()["integrations"].clone();
    assert_eq!(held.as_array().unwrap().len(), 1, "{held}");
    assert_eq!(
        (&held[0]["id"], &held[0]["state"]),
        (&json!("lever:Two"), &json!("ACTIVE"))
    );
    assert!(
        new.document("customer:43").is_none(),
        "a tombstone of either account is one"
    );
    assert!(new.document("customer:45").is_none());
}

#[test]
fn an_integration_of_another_customer_is_not_moved() {
    let mut old = World::new();
    old.deliver(&created("e1", "hibob:One", Some("42")));
    old.settle();
    let copies = copies(&mut old);
    let mut new = World::new();
    new.deliver(&created("f1", "hibob:One", Some("43")));
    new.settle();
    assert_eq!(restore(&mut new, &copies), [204, 409]);
    assert!(new.document("customer:43").is_some());
    assert!(new.document("customer:42").is_none());
}

#[test]
fn anything_but_a_backup_is_rejected() {
    let mut world = World::new();
    for body in [
        json!([]),
        json!({}),
        json!({ "class": "customer", "rows": {} }),
        json!({ "class": "notifier", "rows": { "head": {} } }),
        json!({ "class": "integration", "rows": { "head": { "facts": { "id": "x" } } } }),
        json!({ "class": "customer", "rows": { "head": { "key": { "customer": "42" } } } }),
    ] {
        assert_eq!(
            world.ask("POST", "/v1/objects", &body).status,
            400,
            "{body}"
        );
    }
    world.pass(after(DAY));
    assert!(world.kv.is_empty());
}
