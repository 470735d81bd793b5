//! Out of quarantine: what a human retries or dismisses.

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::notifier::Message;
use kombo_edge::domain::audience::Audience;
use kombo_edge::edge::answer::DeliveryOutcome;
use kombo_edge::machine::EffectError;
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, failed, issue, state};
use crate::messages_in_flight::Fate;
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

/// An event that an older version could not parse although it is valid: it is in
/// quarantine as that version put it there.
pub(crate) fn quarantined(world: &mut World, event: &Value) {
    let id = event["id"].as_str().unwrap().to_owned();
    let mut broken = event.clone();
    broken["data"] = json!(null);
    assert_eq!(world.deliver(&broken), DeliveryOutcome::Quarantined);
    world.settle();
    let kind = event["type"].as_str().unwrap();
    let body = event.to_string();
    world.rewrite_text(&ops(), &format!("body/{kind}/{id}"), &body);
}

fn ops() -> Address {
    Address::Notifier(Audience::Engineers)
}

fn in_quarantine(world: &World) -> usize {
    let keys = world.kv.keys();
    keys.filter(|key| key.starts_with("quarantine:")).count()
}

pub(crate) fn rows_left(world: &World) -> usize {
    let kinds = [
        "quarantined/",
        "body/",
        "unwritten/",
        "released/",
        "quarantine-kind/",
        "quarantine-namesake/",
    ];
    kinds
        .map(|prefix| world.rows_of(&ops(), prefix).len())
        .iter()
        .sum()
}

#[test]
fn an_event_that_can_be_parsed_now_is_applied_and_leaves_the_quarantine() {
    let mut world = World::new();
    quarantined(&mut world, &created("e1", HIBOB, Some("42")));
    assert_eq!(in_quarantine(&world), 1);
    let answer = world.ask("POST", "/v1/quarantine/e1", &Value::Null);
    assert_eq!(answer.status, 202, "{}", answer.body);
    world.settle();
    assert!(world.document("customer:42").is_some());
    assert_eq!(in_quarantine(&world), 0);
    assert_eq!(rows_left(&world), 0);
}

#[test]
fn an_event_that_still_lacks_what_is_needed_stays() {
    let mut world = World::new();
    let mut event = created("e1", HIBOB, Some("42"));
    event["data"]["id"] = json!(null);
    assert_eq!(world.deliver(&event), DeliveryOutcome::Quarantined);
    world.settle();
    let answer = world.ask("POST", "/v1/quarantine/e1", &Value::Null);
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"outcome":"quarantined"}"#)
    );
    assert_eq!(
        world
            .ask("POST", "/v1/quarantine/retry", &Value::Null)
            .status,
        202
    );
    world.settle();
    assert_eq!(in_quarantine(&world), 1);
    assert_eq!(
        world.ask("POST", "/v1/quarantine/e2", &Value::Null).status,
        404
    );
}

#[test]
fn all_events_that_can_be_parsed_now_are_released_however_many_there_are() {
    let mut world = World::new();
    for number in 0..20 {
        let customer = format!("c{number}");
        let event = created(
            &format!("e{number}"),
            &format!("hibob:{number}"),
            Some(&customer),
        );
        quarantined(&mut world, &event);
    }
    let mut hopeless = failed("e-hopeless", "hibob", Some("42"));
    hopeless["data"] = json!(7);
    world.deliver(&hopeless);
    world.settle();
    assert_eq!(in_quarantine(&world), 21);
    assert_eq!(
        world
            .ask("POST", "/v1/quarantine/retry", &Value::Null)
            .status,
        202
    );
    world.settle();
    assert_eq!(in_quarantine(&world), 1);
    for number in 0..20 {
        assert!(world.document(&format!("customer:c{number}")).is_some());
    }
    assert_eq!(world.rows_of(&ops(), "quarantine-kind/").len(), 1);
}

#[test]
fn a_released_event_reaches_its_object_although_messages_are_lost() {
    for post in [Fate::Lost, Fate::Unanswered] {
        let mut world = World::new();
        quarantined(&mut world, &failed("e1", "hibob", Some("42")));
        let sent = world.slack.len();
        world.fates = vec![post, post, post];
        world.ask("POST", "/v1/quarantine/e1", &Value::Null);
        world.settle();
        assert_eq!(in_quarantine(&world), 0);
        let messages = world.texts();
        assert_eq!(messages.len(), sent + 1, "once: {messages:?}");
        assert!(messages[sent].contains("could not connect"), "{messages:?}");
    }
}

#[test]
fn an_event_that_is_released_while_its_document_is_written_leaves_none() {
    let mut world = World::new();
    quarantined(&mut world, &created("e1", HIBOB, Some("42")));
    // Its document is due to be rewritten in the same run in which it is handed over.
    world.call(&ops(), &Envelope::encode(Message::Rebuild));
    world.ask("POST", "/v1/quarantine/retry", &Value::Null);
    world.settle();
    assert!(world.document("customer:42").is_some());
    assert_eq!((in_quarantine(&world), rows_left(&world)), (0, 0));
}

#[test]
fn a_write_whose_answer_was_lost_brings_no_dismissed_event_back() {
    let mut world = World::new();
    let mut event = created("e1", HIBOB, Some("42"));
    event["data"]["id"] = json!(null);
    world.kv_answers = vec![EffectError::Unknown("no answer".to_owned())];
    world.deliver(&event);
    world.pass(after(1));
    assert_eq!(
        world
            .ask("DELETE", "/v1/quarantine/e1", &Value::Null)
            .status,
        204
    );
    world.pass(after(5));
    let late = (json!({}), None);
    world.kv.insert("quarantine:e1".to_owned(), late);
    world.pass(after(180));
    assert_eq!((in_quarantine(&world), rows_left(&world)), (0, 0));
    let tries: Vec<_> = world.kv_tries.iter().map(|(at, _)| *at).collect();
    let [_, removed, again] = tries[..] else {
        panic!("{tries:?}")
    };
    assert!(again.since(removed) >= after(60), "{tries:?}");
}

#[test]
fn an_event_that_its_object_does_not_accept_does_not_block_others() {
    let mut world = World::new();
    quarantined(&mut world, &created("e1", HIBOB, Some("42")));
    quarantined(&mut world, &created("e2", "lever:Two", Some("43")));
    world.fates = vec![Fate::Late, Fate::Late];
    world.ask("POST", "/v1/quarantine/retry", &Value::Null);
    world.pass(after(10));
    let tried: Vec<String> = world.late.iter().map(|(to, _)| to.name()).collect();
    assert_eq!(tried.len(), 2);
    assert_ne!(tried[0], tried[1], "the other one comes next");
    world.deliver_late();
    world.settle();
    assert!(world.document("customer:42").is_some() && world.document("customer:43").is_some());
    assert_eq!((in_quarantine(&world), rows_left(&world)), (0, 0));
}

#[test]
fn an_event_that_only_a_newer_version_can_parse_blocks_nothing() {
    let mut world = World::new();
    quarantined(&mut world, &created("e1", HIBOB, Some("42")));
    world.ask("POST", "/v1/quarantine/retry", &Value::Null);
    let body = "body/integration-created/e1";
    world.rewrite_text(
        &ops(),
        body,
        r#"{"id":"e1","type":"integration-created","data":7}"#,
    );
    world.settle();
    assert_eq!(in_quarantine(&world), 1);
    assert_eq!(world.rows_of(&ops(), "released/").len(), 0);
}

#[test]
fn a_dismissed_event_is_removed_and_the_next_of_its_kind_sends_a_new_alert() {
    let mut world = World::new();
    let mut event = created("e1", HIBOB, Some("42"));
    event["data"]["id"] = json!(null);
    world.deliver(&event);
    world.settle();
    assert_eq!(world.slack.len(), 1);
    assert_eq!(
        world
            .ask("DELETE", "/v1/quarantine/e1", &Value::Null)
            .status,
        204
    );
    world.settle();
    assert_eq!((in_quarantine(&world), rows_left(&world)), (0, 0));
    assert_eq!(
        world
            .ask("DELETE", "/v1/quarantine/e1", &Value::Null)
            .status,
        404
    );
    event["id"] = json!("e2");
    world.deliver(&event);
    world.pass(after(60));
    assert_eq!(world.slack.len(), 2, "{:?}", world.texts());
}

#[test]
fn an_event_dismissed_while_its_document_is_written_leaves_none() {
    let mut world = World::new();
    let mut event = created("e1", HIBOB, Some("42"));
    event["data"]["id"] = json!(null);
    world.deliver(&event);
    world.now = world.now.plus(after(1));
    world.alarm_with(&ops().name(), |world| {
        assert_eq!(
            world
                .ask("DELETE", "/v1/quarantine/e1", &Value::Null)
                .status,
            204
        );
    });
    world.settle();
    assert_eq!((in_quarantine(&world), rows_left(&world)), (0, 0));
}

#[test]
fn an_event_leaves_the_quarantine_although_others_arrive_meanwhile() {
    let mut world = World::new();
    let retry = |world: &mut World| world.ask("POST", "/v1/quarantine/retry", &Value::Null);
    world.deliver(&json!({ "id": "b", "type": "integration-created", "data": null }));
    quarantined(&mut world, &state("s1", HIBOB, Some("42"), "ACTIVE", 1));
    world.fates = vec![Fate::Lost];
    retry(&mut world);
    world.settle();
    // These are before the one that failed once, and the last is after it.
    quarantined(&mut world, &failed("f1", "hibob", Some("42")));
    quarantined(&mut world, &failed("f2", "hibob", Some("43")));
    quarantined(&mut world, &issue("i1", "environment", None, 1, None));
    retry(&mut world);
    world.settle();
    assert_eq!(in_quarantine(&world), 1);
}
