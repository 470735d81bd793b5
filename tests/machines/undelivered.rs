//! Undelivered alerts: listed, sent again, dropped.

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::domain::audience::Audience;
use kombo_edge::machine::Table;
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, failed};
use crate::world::World;

/// A world in which Slack rejected the alerts about these customers.
fn refused(customers: &[&str]) -> World {
    let mut world = World::new();
    for customer in customers {
        world.refuse = Some((*customer).to_owned());
        world.deliver(&failed(&format!("e-{customer}"), "hibob", Some(customer)));
        world.pass(after(10));
        // Slack accepts others meanwhile, so the webhook is not at fault.
        world.ask("POST", "/v1/test-alert", &Value::Null);
        world.pass(after(10));
    }
    world.refuse = None;
    world.slack.clear();
    world
}

fn listed(world: &mut World, query: &str) -> (Vec<Value>, Value) {
    let (status, body) = world.get(&format!("/v1/undelivered{query}"));
    assert_eq!(status, 200, "{body}");
    (
        body["undelivered"].as_array().unwrap().clone(),
        body["cursor"].clone(),
    )
}

#[test]
fn are_listed_with_their_text_and_slacks_reason() {
    let mut world = refused(&["first-customer"]);
    let (all, cursor) = listed(&mut world, "");
    assert_eq!((all.len(), cursor), (1, json!(null)));
    assert_eq!(all[0]["origin_id"], "first-customer");
    assert_eq!(all[0]["reason"], "Slack answered 400: invalid_blocks");
    assert_eq!(all[0]["channel"], "main");
    let title = all[0]["title"].as_str().unwrap();
    assert!(title.contains("could not connect HiBob"), "{title}");
}

#[test]
fn are_listed_in_complete_pages() {
    let names = ["a1", "b2", "c3", "d4", "e5"];
    let mut world = refused(&names);
    let (mut all, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let (page, cursor) = listed(&mut world, &query);
        assert!(page.len() <= 2);
        all.extend(page);
        let Some(cursor) = cursor.as_str() else { break };
        query = format!("?limit=2&cursor={cursor}");
    }
    let ids: Vec<&str> = all
        .iter()
        .map(|it| it["origin_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, names);
    assert_eq!(world.get("/v1/undelivered?cursor=nonsense").0, 400);
}

#[test]
fn one_is_sent_again_and_no_longer_listed() {
    let mut world = refused(&["first-customer", "second-customer"]);
    let (all, _) = listed(&mut world, "");
    let path = format!("/v1/undelivered/{}", all[1]["id"].as_str().unwrap());
    assert_eq!(world.ask("POST", &path, &Value::Null).status, 202);
    world.pass(after(10));
    assert_eq!(world.texts().len(), 1, "{:?}", world.texts());
    assert!(world.slack[0].1.to_string().contains("second-customer"));
    assert_eq!(listed(&mut world, "").0.len(), 1);
    assert_eq!(world.ask("POST", &path, &Value::Null).status, 404);
    assert_eq!(world.get("/v1/status").1["team"]["undelivered"], 1);
}

#[test]
fn all_are_sent_again_once_even_if_slack_still_rejects_them() {
    let names = ["a1", "b2", "c3"];
    let mut world = refused(&names);
    world.refuse = Some("b2".to_owned());
    assert_eq!(
        world
            .ask("POST", "/v1/undelivered/retry", &Value::Null)
            .status,
        202
    );
    world.pass(after(120));
    let sent = world.slack.iter().map(|(_, it)| it.to_string());
    let sent: String = sent.collect();
    assert!(sent.contains("a1") && sent.contains("c3"), "{sent}");
    let (left, _) = listed(&mut world, "");
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["origin_id"], "b2");
}

#[test]
fn one_is_dropped() {
    let mut world = refused(&["first-customer"]);
    let (all, _) = listed(&mut world, "");
    let path = format!("/v1/undelivered/{}", all[0]["id"].as_str().unwrap());
    assert_eq!(world.ask("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(listed(&mut world, "").0.len(), 0);
    assert_eq!(world.ask("DELETE", &path, &Value::Null).status, 404);
    assert_eq!(world.get("/v1/status").1["team"]["undelivered"], 0);
}

#[test]
fn a_waiting_alert_is_not_overwritten_by_an_older_one() {
    let mut world = refused(&["first-customer"]);
    let (all, _) = listed(&mut world, "");
    // The incident continues while Slack is unavailable, so that a newer alert waits.
    world.slack_answers_on_main = Some(crate::outside::answered(503, ""));
    world.deliver(&failed("e-2", "hibob", Some("first-customer")));
    world.pass(after(20 * 60));
    let path = format!("/v1/undelivered/{}", all[0]["id"].as_str().unwrap());
    world.ask("POST", &path, &Value::Null);
    world.pass(after(60));
    world.slack_answers_on_main = None;
    world.pass(after(20 * 60));
    let sent = world.slack.last().unwrap().1.to_string();
    assert!(sent.contains("2 attempts"), "{sent}");
    assert_eq!(world.slack.len(), 1, "{:?}", world.texts());
}

#[test]
fn of_two_alerts_of_one_incident_the_newer_is_sent() {
    let mut world = refused(&["first-customer"]);
    world.refuse = Some("first-customer".to_owned());
    world.deliver(&created("e-3", "hibob:One", Some("first-customer")));
    world.pass(after(10));
    world.refuse = None;
    assert_eq!(listed(&mut world, "").0.len(), 2);
    world.ask("POST", "/v1/undelivered/retry", &Value::Null);
    world.pass(after(60));
    let sent = world.slack.last().unwrap().1.to_string();
    assert!(sent.contains(" connected HiBob"), "{sent}");
    assert_eq!(listed(&mut world, "").0.len(), 0);
}

#[test]
fn one_that_is_dropped_meanwhile_blocks_no_other() {
    let mut world = refused(&["a1", "b2", "c3"]);
    let (all, _) = listed(&mut world, "");
    let path = |at: usize| format!("/v1/undelivered/{}", all[at]["id"].as_str().unwrap());
    for at in 0..3 {
        world.ask("POST", &path(at), &Value::Null);
    }
    // The first one has left.
    world.ask("DELETE", &path(1), &Value::Null);
    world.pass(after(60));
    assert_eq!(
        world.texts(),
        ["a1", "c3"].map(|customer| format!("Customer {customer} could not connect HiBob"))
    );
}

#[test]
fn they_are_sent_in_the_order_of_the_requests() {
    let mut world = refused(&["a1", "b2", "c3"]);
    let (all, _) = listed(&mut world, "");
    // The first one leaves at once.
    for at in [1, 2, 0, 2] {
        let path = format!("/v1/undelivered/{}", all[at]["id"].as_str().unwrap());
        assert_eq!(world.ask("POST", &path, &Value::Null).status, 202);
    }
    world.pass(after(60));
    assert_eq!(
        world.texts(),
        ["b2", "c3", "a1"].map(|customer| format!("Customer {customer} could not connect HiBob"))
    );
}

#[test]
fn a_hundred_can_be_retried_one_by_one_and_repeatedly() {
    let mut world = refused(&["a1"]);
    let main = Address::Notifier(Audience::Team);
    let (_, text) = world.rows_of(&main, "undelivered/")[0];
    let text = text.to_owned();
    let (_, object) = world.objects.get_mut(&main.name()).unwrap();
    for number in 101..=202 {
        let key = format!("undelivered/{number:020}");
        object
            .rows
            .insert((Table::Ledger, key), (text.clone(), None));
    }
    let mut ask = |number: u64| {
        let path = format!("/v1/undelivered/main-{number}");
        world.ask("POST", &path, &Value::Null).status
    };
    // The first one leaves at once, and the others wait.
    for number in 101..=201 {
        assert_eq!(ask(number), 202, "{number}");
    }
    assert_eq!((ask(202), ask(102)), (400, 202));
}

#[test]
fn a_test_alert_takes_the_same_path_as_any_other() {
    let mut world = World::new();
    assert_eq!(
        world.ask("POST", "/v1/test-alert", &Value::Null).status,
        202
    );
    world.pass(after(5));
    assert_eq!(world.texts(), ["This is a test: alerts reach this channel"]);
}
