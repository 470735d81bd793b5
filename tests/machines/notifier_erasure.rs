//! What the Notifiers remove of an erased customer, and what they keep of others.

use kombo_edge::contracts::objects::address::{Address, CustomerKey};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::id::OriginId;
use serde_json::Value;

use crate::clock::after;
use crate::erasure::{CANARIES, marked};
use crate::kombo::{failed, state};
use crate::on_time::on_time;
use crate::outside::answered;
use crate::queue::health;
use crate::world::{Crash, World};

const MAIN: Address = Address::Notifier(Audience::Team);
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

fn erase(world: &mut World, customer: &str) {
    let path = format!("/v1/customers/{customer}");
    assert_eq!(world.ask("DELETE", &path, &Value::Null).status, 200);
}

fn waiting(world: &mut World) -> Value {
    world.get("/v1/status").1["team"]["waiting"].clone()
}

/// The summaries among the messages that Slack accepted.
fn summaries(world: &World) -> Vec<String> {
    let sent = world.slack.iter().map(|(_, message)| message);
    let sent = sent.filter(|it| it["text"].as_str().unwrap().contains("Daily summary"));
    sent.map(Value::to_string).collect()
}

fn is_marked(text: &str) -> bool {
    CANARIES.iter().any(|canary| text.contains(canary))
}

#[test]
fn undelivered_alerts_about_others_stay_listed() {
    let mut world = World::new();
    world.refuse = Some("could not connect".to_owned());
    for customer in ["first-customer", "other-customer"] {
        world.deliver(&failed(customer, "hibob", Some(customer)));
        world.pass(after(10));
    }
    erase(&mut world, "first-customer");
    world.pass(after(600));
    let (_, listed) = world.get("/v1/undelivered");
    let listed = listed["undelivered"].as_array().unwrap();
    let customers: Vec<&Value> = listed.iter().map(|it| &it["origin_id"]).collect();
    assert_eq!(customers, ["other-customer"]);
    assert_eq!(world.get("/v1/status").1["team"]["undelivered"], 1);
}

#[test]
fn a_waiting_dispute_is_erased_with_either_customer() {
    for customer in ["first-customer", "other-customer"] {
        let mut world = World::new();
        world.slack_answers_on_main = Some(answered(503, ""));
        for named in ["first-customer", "other-customer"] {
            world.deliver(&state(named, "hibob:One", Some(named), "ACTIVE", 1));
            world.pass(after(10));
        }
        assert_eq!(waiting(&mut world), 1);
        erase(&mut world, customer);
        world.pass(after(600));
        assert_eq!(waiting(&mut world), 0, "{customer}");
    }
}

#[test]
fn the_next_summary_counts_others_that_gave_up_without_the_erased_customer() {
    let mut world = World::new();
    for customer in ["first-customer", "other-customer"] {
        world.deliver(&failed(customer, "hibob", Some(customer)));
    }
    world.pass(after(7 * DAY + 4 * HOUR));
    world.slack.clear();
    erase(&mut world, "first-customer");
    world.pass(after(DAY));
    let summaries = summaries(&world);
    let [summary] = &summaries[..] else {
        panic!("{summaries:?}")
    };
    assert!(
        summary.contains("Daily summary: 1 not tried again"),
        "{summary}"
    );
    assert!(summary.contains("other-customer") && !summary.contains("first-customer"));
}

#[test]
fn a_waiting_summary_that_names_the_customer_is_erased() {
    let mut world = World::new();
    health(&mut world);
    world.deliver(&marked(failed("e1", "hibob", Some("first-customer"))));
    world.pass(after(22 * HOUR));
    world.slack_answers_on_main = Some(answered(503, ""));
    world.pass(after(2 * HOUR));
    assert_eq!(waiting(&mut world), 1);
    erase(&mut world, "first-customer");
    world.pass(after(600));
    assert_eq!(world.rows_with(is_marked), Vec::<String>::new());
    assert_eq!(waiting(&mut world), 0);
}

#[test]
fn a_summary_in_preparation_is_prepared_again_without_the_customer() {
    let mut world = World::new();
    for number in 0..7 {
        let customer = format!("c{number}");
        world.deliver(&failed(&customer, "hibob", Some(&customer)));
    }
    world.deliver(&marked(failed("e1", "hibob", Some("first-customer"))));
    world.pass(after(22 * HOUR + 59 * 60));
    world.slack.clear();
    let gathered = |world: &World| is_marked(world.rows_of(&MAIN, "summary")[0].1);
    for _ in 0..5 {
        if !gathered(&world) {
            on_time(&mut world, &MAIN);
        }
    }
    assert!(gathered(&world));
    erase(&mut world, "first-customer");
    let id = OriginId::try_from("first-customer".to_owned()).unwrap();
    let customer = Address::Customer(CustomerKey::Customer(id));
    for _ in 0..10 {
        world.now = world.now.plus(after(1));
        world.alarm(&customer.name(), Crash::No);
    }
    world.pass(after(600));
    let summaries = summaries(&world);
    let [summary] = &summaries[..] else {
        panic!("{summaries:?}")
    };
    assert!(summary.contains("7 not connected yet"), "{summary}");
    assert!(!is_marked(summary), "{summary}");
}
