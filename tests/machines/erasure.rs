//! Erasing a customer.

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::notifier::Message;
use kombo_edge::domain::audience::Audience;
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, failed, issue, state};
use crate::messages_in_flight::Fate;
use crate::outside::answered;
use crate::world::World;

/// Everything that is known of the customer.
pub(crate) const CANARIES: [&str; 3] = ["canary-name", "canary@example.com", "canary-log"];

/// An event about the customer with a name, a contact and a log that can be searched for.
pub(crate) fn marked(mut event: Value) -> Value {
    let fields = event["data"].as_object_mut().unwrap();
    let end_user = json!({
        "organization_name": "canary-name",
        "creator_email": "canary@example.com",
        "origin_id": "first-customer",
    });
    match fields.get_mut("integration") {
        Some(Value::Object(integration)) => drop(integration.insert("end_user".into(), end_user)),
        _ => drop(fields.insert("end_user".into(), end_user)),
    }
    if fields.contains_key("log_url") {
        fields.insert("log_url".into(), json!("https://app.kombo.dev/canary-log"));
    }
    event
}

/// A customer about whom as much as possible is known, while Slack is down.
fn known() -> World {
    let mut world = World::new();
    let customer = Some("first-customer");
    world.deliver(&marked(created("e1", "hibob:One", customer)));
    world.deliver(&marked(state("e2", "hibob:One", customer, "INVALID", 1)));
    let about = Some(("hibob:One", customer));
    world.deliver(&marked(issue("e3", "issue-1", about, 1, None)));
    world.refuse = Some("canary".to_owned());
    world.deliver(&marked(failed("e4", "personio", customer)));
    world.pass(after(60));
    world.refuse = None;
    world.slack_answers_on_main = Some(answered(503, ""));
    world.deliver(&marked(failed("e5", "lever", customer)));
    let mut broken = marked(failed("e6", "lever", customer));
    broken["data"]["integration_tool"] = json!(null);
    world.deliver(&broken);
    world.deliver(&failed("e7", "personio", Some("other-customer")));
    world.pass(after(60));
    world
}

/// Where a canary was found: rows of objects, and documents.
fn found(world: &World) -> Vec<String> {
    let is_marked = |text: &str| CANARIES.iter().any(|canary| text.contains(canary));
    let mut found = world.rows_with(is_marked);
    let documents = world.kv.iter();
    let documents = documents.filter(|(_, (document, metadata))| {
        is_marked(&document.to_string()) || metadata.as_deref().is_some_and(is_marked)
    });
    found.extend(documents.map(|(key, _)| key.clone()));
    found
}

fn erase(world: &mut World) -> Value {
    let answer = world.ask("DELETE", "/v1/customers/first-customer", &Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn only_tombstones_are_left_of_an_erased_customer() {
    let mut world = known();
    let before = found(&world);
    for place in [
        "head",
        "holding/",
        "incident/",
        "waiting/",
        "undelivered/",
        "body/",
        "customer:",
    ] {
        assert!(
            before.iter().any(|key| key.contains(place)),
            "{place}: {before:?}"
        );
    }
    let answer = erase(&mut world);
    assert_eq!(answer["integrations"], json!(["hibob:One"]));
    assert!(answer["elsewhere"].as_array().unwrap().len() > 2);
    world.pass(after(600));
    assert_eq!(found(&world), Vec::<String>::new());
    assert!(world.document("customer:first-customer").is_none());
    assert!(world.document("integration:hibob:One").is_none());
    // Alerts about others are still there, and are sent when Slack is back.
    world.slack_answers_on_main = None;
    world.slack.clear();
    world.pass(after(3_600));
    let sent: Vec<String> = world.slack.iter().map(|(_, it)| it.to_string()).collect();
    assert_eq!(
        sent.iter()
            .filter(|it| it.contains("other-customer"))
            .count(),
        1,
        "{sent:?}"
    );
    assert!(
        sent.iter().all(|it| !it.contains("first-customer")),
        "{sent:?}"
    );
    let status = world.get("/v1/status").1;
    assert_eq!(
        (&status["team"]["waiting"], &status["team"]["undelivered"]),
        (&json!(0), &json!(0))
    );
}

#[test]
fn an_erasure_completes_although_messages_are_lost() {
    for post in [Fate::Lost, Fate::Unanswered] {
        let mut world = known();
        world.fates = vec![post; 4];
        erase(&mut world);
        world.pass(after(3_600));
        assert_eq!(found(&world), Vec::<String>::new(), "{post:?}");
    }
}

#[test]
fn notifiers_that_do_not_answer_are_asked_with_growing_pauses() {
    let mut world = World::new();
    world.fates = vec![Fate::Lost; 1_000];
    world.ask("DELETE", "/v1/customers/42", &Value::Null);
    world.pass(after(10 * 60));
    let tries = 1_000 - world.fates.len();
    assert!((20..60).contains(&tries), "{tries} for two Notifiers");
}

#[test]
fn an_erased_integration_stays_removed_and_a_new_one_starts_afresh() {
    let mut world = known();
    erase(&mut world);
    world.pass(after(600));
    world.deliver(&marked(state(
        "e8",
        "hibob:One",
        Some("first-customer"),
        "ACTIVE",
        9,
    )));
    world.pass(after(600));
    assert_eq!(found(&world), Vec::<String>::new());
    world.deliver(&marked(created("e9", "hibob:Two", Some("first-customer"))));
    world.pass(after(600));
    let document = world.document("customer:first-customer").unwrap();
    assert_eq!(document["integrations"].as_array().unwrap().len(), 1);
    assert!(
        document["revision"].as_u64().unwrap() > 2,
        "a reader sees no step back"
    );
}

#[test]
fn an_alert_that_names_the_customer_only_as_the_former_one_is_erased_too() {
    let mut world = World::new();
    world.deliver(&created("e1", "hibob:One", Some("first-customer")));
    world.settle();
    world.slack_answers_on_main = Some(answered(503, ""));
    let path = "/v1/integrations/hibob%3AOne/customer";
    world.ask("PUT", path, &json!({ "origin_id": "other-customer" }));
    world.pass(after(60));
    assert_eq!(world.get("/v1/status").1["team"]["waiting"], 1);
    erase(&mut world);
    world.pass(after(600));
    assert_eq!(world.get("/v1/status").1["team"]["waiting"], 0);
    assert!(
        world.document("customer:other-customer").is_some(),
        "it is theirs now"
    );
}

#[test]
fn an_erasure_while_all_documents_are_written_again_leaves_no_count_behind() {
    let mut world = World::new();
    for number in 0..8 {
        let mut broken = marked(failed(
            &format!("q{number}"),
            "lever",
            Some("first-customer"),
        ));
        broken["data"]["integration_tool"] = json!(null);
        world.deliver(&broken);
    }
    world.settle();
    world.call(
        &Address::Notifier(Audience::Engineers),
        &Envelope::encode(Message::Rebuild),
    );
    erase(&mut world);
    world.pass(after(3_600));
    assert_eq!(found(&world), Vec::<String>::new());
    let status = world.get("/v1/status").1;
    assert_eq!(status["watch"]["quarantine_unwritten"], 0);
}

#[test]
fn an_integration_that_a_human_removed_is_erased_too() {
    let mut world = known();
    world.ask("DELETE", "/v1/integrations/hibob%3AOne", &Value::Null);
    world.pass(after(60));
    erase(&mut world);
    world.pass(after(600));
    assert_eq!(found(&world), Vec::<String>::new());
}

#[test]
fn updates_in_flight_during_an_erasure_are_erased_too() {
    let mut world = World::new();
    // Stored by its integration, and not sent to the customer yet.
    world.deliver(&marked(created("e1", "hibob:One", Some("first-customer"))));
    let answer = erase(&mut world);
    assert_eq!(answer["integrations"], json!([]));
    world.pass(after(600));
    assert_eq!(found(&world), Vec::<String>::new());
    assert!(world.document("customer:first-customer").is_none());
}

#[test]
fn alerts_that_the_customer_had_pending_are_not_sent() {
    let mut world = World::new();
    world.deliver(&marked(failed("e1", "lever", Some("first-customer"))));
    // Its object dies before the alert leaves.
    world.forget_everything();
    erase(&mut world);
    world.pass(after(3_600));
    assert!(world.slack.is_empty(), "{:?}", world.texts());
    assert_eq!(found(&world), Vec::<String>::new());
}

#[test]
fn many_integrations_are_erased_with_a_few_rows_each() {
    let mut world = World::new();
    for number in 0..30 {
        let id = format!("hibob:{number}");
        world.deliver(&marked(created(
            &format!("e{number}"),
            &id,
            Some("first-customer"),
        )));
    }
    world.settle();
    assert_eq!(
        erase(&mut world)["integrations"].as_array().unwrap().len(),
        30
    );
    let alarms = world.alarms;
    world.pass(after(600));
    assert_eq!(found(&world), Vec::<String>::new());
    let of_the_customer = world.alarms - alarms;
    assert!(
        of_the_customer < 200,
        "{of_the_customer} alarms of all objects"
    );
}

#[test]
fn an_event_that_names_its_customer_by_a_number_is_erased_too() {
    let mut world = World::new();
    let mut event = marked(failed("e1", "lever", Some("42")));
    event["data"]["end_user"]["origin_id"] = json!(42);
    world.deliver(&event);
    world.settle();
    assert!(!found(&world).is_empty());
    world.ask("DELETE", "/v1/customers/42", &Value::Null);
    world.pass(after(600));
    assert_eq!(found(&world), Vec::<String>::new());
}

#[test]
fn a_customer_without_integrations_is_erased_completely() {
    let mut world = World::new();
    let answer = erase(&mut world);
    assert_eq!(answer["integrations"], json!([]));
    world.pass(after(600));
    let main = Address::Notifier(Audience::Team);
    assert!(
        world.rows_of(&main, "forgetting")[0]
            .1
            .contains("\"customers\":[]")
    );
}
