//! Events in quarantine, as engineers see them: reported, counted, and written to Workers
//! KV. What a human does with them is in `quarantine_retry`.

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::notifier::Message;
use kombo_edge::domain::audience::Audience;
use kombo_edge::edge::answer::DeliveryOutcome;
use kombo_edge::machine::EffectError;
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::failed;
use crate::quarantine_retry::rows_left;
use crate::queue::health;
use crate::world::{Crash, World};

const MAIN: Address = Address::Notifier(Audience::Team);
const OPS: Address = Address::Notifier(Audience::Engineers);
const DAY: u64 = 24 * 3_600;

/// Delivers an event that cannot be parsed.
fn broken(world: &mut World, id: &str) -> DeliveryOutcome {
    world.deliver(&json!({ "id": id, "type": "integration-created" }))
}

/// A world in which Workers KV rejects everything.
fn without_kv() -> World {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 1_000];
    world
}

fn unwritten(world: &mut World) -> Value {
    world.get("/v1/status").1["watch"]["quarantine_unwritten"].clone()
}

#[test]
fn the_alert_names_the_event() {
    let mut world = World::new();
    broken(&mut world, "event-9");
    world.settle();
    let message = world.slack[0].1.to_string();
    assert!(message.contains("Event event-9"), "{message}");
}

#[test]
fn without_the_engineers_webhook_the_log_says_that_the_alert_was_handed_over() {
    for (hook, expected) in [
        ("", vec!["handed_over", "delivered"]),
        (
            "https://hooks.slack.com/services/T/B/ops",
            vec!["delivered"],
        ),
    ] {
        let mut world = World::with(&[("SLACK_OPS_URL", hook)]);
        broken(&mut world, "q1");
        world.settle();
        let log = world.log.iter().map(|line| line.parse().unwrap());
        let alerts = log.filter(|line: &Value| line["event"] == "alert");
        let outcomes: Vec<Value> = alerts.map(|line| line["outcome"].clone()).collect();
        assert_eq!(outcomes, expected);
    }
}

#[test]
fn status_counts_each_event_that_kv_does_not_have_yet_once() {
    let mut world = without_kv();
    for number in 0..8 {
        broken(&mut world, &format!("q{number}"));
    }
    world.pass(after(60));
    assert_eq!(unwritten(&mut world), 8);
    // All are to be written again, including those that never were.
    world.call(&OPS, &Envelope::encode(Message::Rebuild));
    world.pass(after(60));
    assert_eq!(unwritten(&mut world), 8);
    world.kv_answers.clear();
    world.settle();
    assert_eq!(unwritten(&mut world), 0);
}

#[test]
fn a_wrong_count_is_corrected_once_all_are_written() {
    let mut world = without_kv();
    broken(&mut world, "q1");
    world.pass(after(5));
    world.rewrite(&OPS, "quarantine", |row| row["unwritten"] = json!(5));
    world.kv_answers.clear();
    world.settle();
    assert_eq!(unwritten(&mut world), 0);
    assert!(!health(&mut world).kv_late);
}

#[test]
fn an_event_that_comes_again_after_it_was_forgotten_counts_once() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off"), ("SILENCE_DAYS", "0")]);
    let ids: Vec<String> = (1..=36).map(|number| format!("q{number}")).collect();
    for (number, id) in ids.iter().enumerate() {
        broken(&mut world, id);
        // The latest 32 are known without a row; of the others, those of two months.
        world.pass(after(if number < 32 { 1 } else { 31 * DAY }));
    }
    assert_eq!(
        broken(&mut world, "q1"),
        DeliveryOutcome::Quarantined,
        "no duplicate"
    );
    world.settle();
    for id in &ids {
        let path = format!("/v1/quarantine/{id}");
        assert_eq!(world.ask("DELETE", &path, &Value::Null).status, 204);
    }
    world.settle();
    assert_eq!(rows_left(&world), 0);
}

#[test]
fn each_document_is_rewritten_about_weekly() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off"), ("SILENCE_DAYS", "0")]);
    broken(&mut world, "q1");
    world.settle();
    // Someone emptied Workers KV.
    world.kv.clear();
    world.pass(after(4 * DAY));
    assert_eq!(world.document("quarantine:q1"), None, "once would be daily");
    world.pass(after(5 * DAY + 600));
    assert!(world.document("quarantine:q1").is_some());
}

#[test]
fn a_notifier_creates_no_row_that_it_does_not_need() {
    let mut world = World::new();
    world.deliver(&failed("e1", "hibob", Some("42")));
    broken(&mut world, "q1");
    world.settle();
    for (notifier, row) in [
        (&OPS, "summary"),
        (&OPS, "release"),
        (&MAIN, "release"),
        (&MAIN, "quarantine"),
    ] {
        assert_eq!(world.rows_of(notifier, row), [], "{row}");
    }
}

#[test]
fn a_lost_answer_is_remembered_though_the_next_write_was_answered() {
    let mut world = World::new();
    world.kv_answers = vec![EffectError::Unknown("no answer".to_owned())];
    broken(&mut world, "e1");
    world.pass(after(20));
    assert!(world.kv_tries.len() > 1, "it was written again");
    world.ask("DELETE", "/v1/quarantine/e1", &Value::Null);
    world.pass(after(20));
    world
        .kv
        .insert("quarantine:e1".to_owned(), (json!({}), None));
    world.pass(after(180));
    assert!(world.document("quarantine:e1").is_none());
    assert_eq!(rows_left(&world), 0);
}

/// Two events of different types that share an id and cannot be parsed.
fn namesakes(world: &mut World) -> [Value; 2] {
    let events = ["integration-created", "connection-flow-failed"]
        .map(|kind| json!({ "id": "q1", "type": kind }));
    for event in &events {
        assert_eq!(world.deliver(event), DeliveryOutcome::Quarantined);
    }
    events
}

/// The ids and types that the API lists.
fn listed(world: &mut World) -> Vec<(String, String)> {
    let (_, body) = world.get("/v1/quarantine");
    let events = body["quarantine"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<_> = events
        .map(|event| (text(&event["event_id"]), text(&event["type"])))
        .collect();
    all.sort();
    all
}

#[test]
fn two_events_with_one_id_are_two() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off"), ("SILENCE_DAYS", "0")]);
    let events = namesakes(&mut world);
    world.settle();
    let both = [
        ("q1".to_owned(), "connection-flow-failed".to_owned()),
        ("q1".to_owned(), "integration-created".to_owned()),
    ];
    assert_eq!(listed(&mut world), both);
    for event in &events {
        let documents = world
            .kv
            .iter()
            .filter(|(key, _)| key.starts_with("quarantine:q1"));
        let mut bodies = documents.map(|(_, (document, _))| document["body"].clone());
        let signed = json!(event.to_string());
        assert!(bodies.any(|body| body == signed), "{event}");
    }
    // Both are written again, also after a rebuild, and both go.
    world.kv.clear();
    world.call(&OPS, &Envelope::encode(Message::Rebuild));
    world.settle();
    assert_eq!(listed(&mut world), both);
    assert_eq!(
        world
            .ask("DELETE", "/v1/quarantine/q1", &Value::Null)
            .status,
        204
    );
    world.settle();
    assert_eq!(listed(&mut world), []);
    assert_eq!(rows_left(&world), 0);
}

#[test]
fn one_of_two_events_with_one_id_leaves_without_the_other() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off"), ("SILENCE_DAYS", "0")]);
    namesakes(&mut world);
    world.settle();
    // A newer version understands one of them.
    let place = "body/integration-created/q1";
    let body = crate::kombo::created("q1", "hibob:One", Some("42")).to_string();
    let (_, object) = world.objects.get_mut(&OPS.name()).unwrap();
    let key = (kombo_edge::machine::Table::Ledger, place.to_owned());
    object.rows.insert(key, (body, None));
    world.forget_everything();
    world.ask("POST", "/v1/quarantine/retry", &Value::Null);
    world.settle();
    assert!(world.document("customer:42").is_some());
    let left = [("q1".to_owned(), "connection-flow-failed".to_owned())];
    assert_eq!(listed(&mut world), left);
    // Its place is free again.
    broken(&mut world, "q2");
    world.settle();
    assert_eq!(listed(&mut world).len(), 2);
}

#[test]
fn at_least_200_documents_a_second_reach_kv() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off"), ("SILENCE_DAYS", "0")]);
    for number in 0..1_000 {
        broken(&mut world, &format!("q{number}"));
    }
    // Workers KV takes time, too.
    let begin = world.now;
    while unwritten(&mut world) != 0 {
        world.pass(core::time::Duration::from_millis(100));
    }
    let took = world.now.since(begin);
    assert!(took <= after(3), "{took:?}");
    let written = world.kv.keys().filter(|key| key.starts_with("quarantine:"));
    assert_eq!(written.count(), 1_000);
}

#[test]
fn long_bodies_are_written_few_at_a_time() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off"), ("SILENCE_DAYS", "0")]);
    for number in 0..8 {
        let event = json!({ "id": format!("q{number}"), "type": "integration-created",
            "note": "x".repeat(900_000) });
        assert_eq!(world.deliver(&event), DeliveryOutcome::Quarantined);
    }
    // The first one was on its way before the others came.
    let before = world.kv_tries.len();
    for written in [1, 1, 3] {
        let (_, notifier) = world.due()[0].clone();
        world.alarm(&notifier, Crash::No);
        assert_eq!(world.kv_tries.len() - before, written);
    }
    world.settle();
    assert_eq!(unwritten(&mut world), 0);
}
