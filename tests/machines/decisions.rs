//! Human decisions about an integration: to which customer it belongs, and that it is removed.

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest, sample};
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, deleted, failed, state};
use crate::messages_in_flight::Fate;
use crate::world::{Crash, World};

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

fn assign(world: &mut World, customer: &str) -> u16 {
    let path = format!("/v1/integrations/{HIBOB}/customer");
    let status = world
        .ask("PUT", &path, &json!({ "origin_id": customer }))
        .status;
    world.settle();
    status
}

fn import(world: &mut World, body: &Value) -> u16 {
    let mut body = body.clone();
    body["import"] = json!(true);
    let path = format!("/v1/integrations/{HIBOB}/customer");
    let status = world.ask("PUT", &path, &body).status;
    world.settle();
    status
}

fn release(world: &mut World) -> u16 {
    let path = format!("/v1/integrations/{HIBOB}/customer");
    let status = world.ask("DELETE", &path, &Value::Null).status;
    world.settle();
    status
}

fn remove(world: &mut World) -> u16 {
    let path = format!("/v1/integrations/{HIBOB}");
    let status = world.ask("DELETE", &path, &Value::Null).status;
    world.settle();
    status
}

fn deliver(world: &mut World, event: &Value) {
    world.deliver(event);
    world.settle();
}

/// The customers whose document holds the integration.
fn holders(world: &World) -> Vec<&str> {
    let documents = world.kv.iter().filter_map(|(key, (document, _))| {
        let customer = key.strip_prefix("customer:")?;
        let held = document["integrations"].as_array().unwrap();
        held.iter()
            .any(|one| one["id"] == HIBOB)
            .then_some(customer)
    });
    documents.collect()
}

#[test]
fn an_unassigned_integration_is_assigned_and_engineers_are_notified() {
    let mut world = World::new();
    deliver(&mut world, &created("e1", HIBOB, None));
    assert!(world.document(&format!("unassigned:{HIBOB}")).is_some());
    assert_eq!(assign(&mut world, "42"), 200);
    assert_eq!(holders(&world), ["42"]);
    assert!(world.document(&format!("unassigned:{HIBOB}")).is_none());
    let (_, sent) = world.slack.last().unwrap();
    let sent = sent.to_string();
    for fact in ["For engineers", "Previous: no customer", "Now: customer 42"] {
        assert!(sent.contains(fact), "{fact}: {sent}");
    }
}

#[test]
fn an_assignment_outranks_events_before_and_after_it() {
    let mut world = World::new();
    deliver(&mut world, &created("e1", HIBOB, Some("42")));
    assert_eq!(assign(&mut world, "43"), 200);
    assert_eq!(holders(&world), ["43"]);
    let sent = world.slack.len();
    deliver(&mut world, &created("e1", HIBOB, Some("42")));
    deliver(&mut world, &created("e2", HIBOB, Some("42")));
    deliver(&mut world, &state("e3", HIBOB, Some("42"), "INACTIVE", 1));
    assert_eq!(holders(&world), ["43"]);
    assert_eq!(world.slack.len(), sent, "{:?}", world.texts());
    let document = world.document("customer:43").unwrap();
    assert_eq!(
        document["integrations"][0]["state"], "INACTIVE",
        "events go on"
    );
}

#[test]
fn each_change_names_both_customers_and_repeating_it_changes_nothing() {
    let mut world = World::new();
    deliver(&mut world, &created("e1", HIBOB, Some("42")));
    for customer in ["43", "43", "42", "43"] {
        assert_eq!(assign(&mut world, customer), 200);
        world.pass(after(60));
    }
    let sent: Vec<String> = world.slack.iter().map(|(_, it)| it.to_string()).collect();
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert!(sent[0].contains("Previous: customer 42"), "{}", sent[0]);
    assert!(sent[0].contains("Now: customer 43"), "{}", sent[0]);
    assert!(sent[1].contains("Now: customer 42"), "{}", sent[1]);
}

#[test]
fn a_release_returns_it_to_the_customer_that_kombo_named() {
    let mut world = World::new();
    deliver(&mut world, &created("e1", HIBOB, Some("42")));
    assign(&mut world, "43");
    assert_eq!(release(&mut world), 200);
    assert_eq!(holders(&world), ["42"]);
    deliver(&mut world, &deleted("e2", HIBOB));
    assert_eq!(release(&mut world), 410);
    assert!(holders(&world).is_empty());
}

#[test]
fn an_unknown_integration_cannot_be_released_but_may_be_assigned() {
    let mut world = World::new();
    assert_eq!(release(&mut world), 404);
    assert_eq!(world.get(&format!("/v1/integrations/{HIBOB}")).0, 404);
    assert_eq!(assign(&mut world, "42"), 200);
    assert_eq!(holders(&world), ["42"]);
    deliver(&mut world, &created("e1", HIBOB, Some("42")));
    let document = world.document("customer:42").unwrap();
    assert_eq!(
        document["integrations"][0]["tool"], "hibob",
        "the event completes it"
    );
}

#[test]
fn a_removed_integration_stays_removed_until_a_human_assigns_it() {
    let mut world = World::new();
    deliver(&mut world, &created("e1", HIBOB, Some("42")));
    assert_eq!(remove(&mut world), 204);
    assert!(world.kv.is_empty(), "{:?}", world.kv);
    deliver(&mut world, &created("e2", HIBOB, Some("42")));
    deliver(&mut world, &state("e3", HIBOB, Some("42"), "INVALID", 1));
    assert!(world.kv.is_empty(), "{:?}", world.kv);
    assert_eq!(remove(&mut world), 204, "repeating it is harmless");
    assert_eq!(assign(&mut world, "42"), 200);
    let document = world.document("customer:42").unwrap();
    assert_eq!(document["integrations"][0]["tool"], "hibob");
    assert_eq!(
        document["integrations"][0]["state"], "INVALID",
        "what came meanwhile counts"
    );
}

#[test]
fn the_webhook_that_follows_a_removal_sends_no_second_message() {
    let mut world = World::with(&[("ANNOUNCE", "connected disconnected")]);
    deliver(&mut world, &created("e1", HIBOB, Some("42")));
    deliver(&mut world, &state("e2", HIBOB, Some("42"), "INVALID", 1));
    remove(&mut world);
    let sent = world.texts().len();
    assert_eq!(sent, 3, "{:?}", world.texts());
    deliver(&mut world, &deleted("e3", HIBOB));
    world.pass(after(7_200));
    assert_eq!(world.texts().len(), sent, "{:?}", world.texts());
    assert_eq!(
        assign(&mut world, "42"),
        410,
        "Kombo's deletion is for good"
    );
    assert_eq!(remove(&mut world), 204);
    assert!(world.kv.is_empty());
}

#[test]
fn an_import_moves_nothing_revives_nothing_and_sends_nothing() {
    let mut world = World::with(&[("ANNOUNCE", "connected disconnected")]);
    let row = json!({
        "origin_id": "42",
        "tool": "bamboohr",
        "category": "HRIS",
        "organization_name": "Acme",
        "connected_at": "2024-05-01T12:00:00Z",
    });
    for _ in 0..2 {
        assert_eq!(import(&mut world, &row), 200);
    }
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["tool"], "bamboohr");
    assert_eq!(held["connected_at"], "2024-05-01T12:00:00.000Z");
    assert_eq!(import(&mut world, &json!({ "origin_id": "43" })), 409);
    assert_eq!(holders(&world), ["42"]);
    assert!(world.slack.is_empty(), "{:?}", world.texts());
    // Kombo's word is preferred.
    deliver(&mut world, &created("e1", HIBOB, Some("42")));
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["tool"], "hibob");
    assert_eq!(held["connected_at"], "2024-05-01T12:00:00.000Z");
    remove(&mut world);
    assert_eq!(import(&mut world, &row), 410);
    assert!(holders(&world).is_empty());
}

#[test]
fn an_import_conflicts_with_kombos_word_only_for_another_customer() {
    let mut world = World::new();
    deliver(&mut world, &created("e1", HIBOB, Some("42")));
    assert_eq!(import(&mut world, &json!({ "origin_id": "42" })), 200);
    assert_eq!(import(&mut world, &json!({ "origin_id": "43" })), 409);
    assert_eq!(holders(&world), ["42"]);
}

#[test]
fn an_import_closes_no_incident() {
    let mut world = World::new();
    deliver(&mut world, &failed("e1", "hibob", Some("42")));
    let row = json!({ "origin_id": "42", "tool": "hibob", "category": "HRIS" });
    assert_eq!(import(&mut world, &row), 200);
    assert_eq!(world.texts().len(), 1, "{:?}", world.texts());
}

#[test]
fn a_body_without_a_decision_is_rejected_and_changes_nothing() {
    let mut world = World::new();
    for body in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "origin_id": " " }),
        json!({ "origin_id": 42 }),
        json!({ "origin_id": "x".repeat(504) }),
        json!({ "origin_id": "42", "tool": 7 }),
        json!({ "origin_id": "42", "connected_at": "yesterday" }),
        json!({ "origin_id": "42", "import": "yes" }),
    ] {
        let path = format!("/v1/integrations/{HIBOB}/customer");
        assert_eq!(world.ask("PUT", &path, &body).status, 400, "{body}");
    }
    world.settle();
    assert!(world.kv.is_empty());
}

/// Something that happens to the integration.
#[derive(Debug, Clone, Copy)]
enum Step {
    Assign(&'static str),
    Release,
    Remove,
    Created(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let customer = || sample::select(&["42", "43", "44"][..]);
    prop_oneof![
        customer().prop_map(Step::Assign),
        sample::select(&[Step::Release, Step::Remove][..]),
        customer().prop_map(Step::Created),
    ]
}

fn take(world: &mut World, number: usize, step: Step) {
    let path = format!("/v1/integrations/{HIBOB}/customer");
    match step {
        Step::Assign(customer) => {
            world.ask("PUT", &path, &json!({ "origin_id": customer }));
        }
        Step::Release => drop(world.ask("DELETE", &path, &Value::Null)),
        Step::Remove => {
            world.ask("DELETE", &format!("/v1/integrations/{HIBOB}"), &Value::Null);
        }
        Step::Created(customer) => {
            world.deliver(&created(&format!("e{number}"), HIBOB, Some(customer)));
        }
    }
}

/// Whether, and where, an alarm is interrupted.
fn crash() -> impl Strategy<Value = Crash> {
    sample::select(&[Crash::No, Crash::No, Crash::AtOnce, Crash::BeforeFinish][..])
}

/// The customers whose objects believe that they hold it.
fn believers(world: &mut World) -> Vec<&'static str> {
    let believes = |customer: &&str| world.get(&format!("/v1/customers/{customer}")).0 == 200;
    ["42", "43", "44"].into_iter().filter(believes).collect()
}

proptest! {
    #[test]
    fn two_customers_never_hold_one_integration_whatever_is_lost_or_interrupted(
        steps in vec((step(), vec(crash(), 0..4)), 1..10),
        posts in vec(sample::select(&[Fate::Lost, Fate::Unanswered, Fate::Late][..]), 0..20),
    ) {
        let mut world = World::new();
        world.fates = posts;
        for (number, (step, alarms)) in steps.iter().enumerate() {
            take(&mut world, number, *step);
            for crash in alarms {
                let Some((at, name)) = world.due().into_iter().next() else { break };
                world.now = world.now.max(at);
                world.alarm(&name, *crash);
                let believers = believers(&mut world);
                prop_assert!(believers.len() <= 1, "{believers:?}");
            }
        }
        world.deliver_late();
        world.settle();
        world.deliver_late();
        world.settle();
        let sent = world.get(&format!("/v1/integrations/{HIBOB}"));
        let holder = sent.1["origin_id"].as_str().map(str::to_owned);
        prop_assert_eq!(holders(&world), holder.iter().collect::<Vec<_>>());
    }
}
