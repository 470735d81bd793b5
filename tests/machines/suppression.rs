//! Alerts that are not sent: test customers and mutes.

use kombo_edge::contracts::objects::address::{Address, CustomerKey};
use kombo_edge::contracts::objects::customer::{Message, Mute};
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::id::{OriginId, Tool};
use serde_json::json;

use crate::clock::after;
use crate::events::incidents;
use crate::kombo::{created, failed, issue, state};
use crate::queue::health;
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const HOUR: u64 = 3_600;

/// Mutes customer 42, or one of its tools, for this long; or ends the mute.
fn mute(world: &mut World, tool: Option<&str>, hours: Option<u64>) -> Vec<Mute> {
    let id = OriginId::try_from("42".to_owned()).unwrap();
    let customer = CustomerKey::Customer(id);
    let tool = tool.map(|tool| Tool::try_from(tool.to_owned()).unwrap());
    let message = Envelope::encode(Message::Mute {
        customer: customer.clone(),
        tool,
        until: hours.map(|hours| world.now.plus(after(hours * HOUR))),
    });
    match world.call(&Address::Customer(customer), &message) {
        Reply::Muted(mutes) => mutes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn test_customers_are_mapped_but_send_no_alerts() {
    let mut world = World::with(&[
        ("TEST_CUSTOMERS", "42 demo-*"),
        ("SLACK_MENTION", "@here"),
        ("ANNOUNCE", "connected disconnected"),
    ]);
    for customer in ["42", "demo-7"] {
        let id = format!("hibob:{customer}");
        for number in 0..5 {
            let event = format!("{customer}-{number}");
            world.deliver(&failed(&event, "personio", Some(customer)));
            world.pass(after(600));
        }
        world.deliver(&created(&format!("{customer}-c"), &id, Some(customer)));
        world.deliver(&state(
            &format!("{customer}-s"),
            &id,
            Some(customer),
            "INVALID",
            1,
        ));
    }
    // Even a summary that is due leaves them out.
    world.pass(after(48 * HOUR));
    assert!(world.slack.is_empty(), "{:?}", world.texts());
    assert!(world.document("customer:42").is_some());
    assert!(world.document("customer:demo-7").is_some());
    world.deliver(&failed("other", "hibob", Some("43")));
    world.pass(after(5));
    assert_eq!(world.slack.len(), 1);
}

#[test]
fn a_muted_customer_sends_nothing_and_its_incident_says_until_when() {
    let mut world = World::new();
    let mutes = mute(&mut world, None, Some(24));
    assert_eq!(mutes.len(), 1);
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(HOUR));
    assert!(world.slack.is_empty());
    let key = format!("incident:{}", incidents(&world)[0]);
    let until = world.document(&key).unwrap()["muted_until"].clone();
    assert_eq!(until, mutes[0].until.to_rfc3339());
}

#[test]
fn when_a_mute_ends_one_message_lists_what_is_open() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    mute(&mut world, None, Some(24));
    for number in 0..3 {
        world.deliver(&failed(&format!("a{number}"), "hibob", Some("42")));
        world.pass(after(HOUR));
    }
    world.deliver(&failed("b", "lever", Some("42")));
    world.deliver(&state("s", "personio:One", Some("42"), "INVALID", 1));
    world.pass(after(30 * HOUR));
    let [text] = world.texts()[..] else {
        panic!("{:?}", world.texts())
    };
    assert!(
        text.starts_with("Customer 42: 3 problems are still open"),
        "{text}"
    );
    let message = world.slack[0].1.to_string();
    for part in [
        "HiBob (HRIS): 3 failed attempts, the first 24 h ago",
        "Lever (HRIS): 1 failed attempt",
        "Personio (HRIS): not working for",
    ] {
        assert!(message.contains(part), "{part} is missing in {message}");
    }
    let key = format!("incident:{}", incidents(&world)[0]);
    assert!(world.document(&key).unwrap()["muted_until"].is_null());
}

#[test]
fn when_a_mute_ends_team_and_engineers_each_get_their_own_open_incidents() {
    let hook = ("SLACK_OPS_URL", "https://hooks.slack.com/services/T/B/ops");
    let mut failing = issue("e1", "i1", Some((HIBOB, Some("42"))), 1, None);
    failing["data"]["issue"]["type"] = json!("integration.action_failing");
    for (event, audience) in [
        (failed("e1", "hibob", Some("42")), Audience::Team),
        (failing, Audience::Engineers),
    ] {
        let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off"), hook]);
        mute(&mut world, None, Some(24));
        world.deliver(&event);
        world.pass(after(30 * HOUR));
        let sent: Vec<Audience> = world.slack.iter().map(|(to, _)| *to).collect();
        assert_eq!(sent, [audience], "{:?}", world.texts());
    }
}

#[test]
fn when_a_mute_ends_and_nothing_is_open_nothing_is_sent() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    mute(&mut world, None, Some(24));
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(HOUR));
    world.deliver(&created("e2", HIBOB, Some("42")));
    world.pass(after(30 * HOUR));
    assert!(world.slack.is_empty(), "{:?}", world.texts());
}

#[test]
fn a_mute_of_one_tool_does_not_affect_others() {
    let mut world = World::new();
    mute(&mut world, Some("hibob"), Some(24));
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.deliver(&failed("e2", "personio", Some("42")));
    world.pass(after(5));
    assert_eq!(world.texts(), ["Customer 42 could not connect Personio"]);
}

#[test]
fn an_incident_that_was_reported_before_continues_after_the_mute() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(60));
    mute(&mut world, None, Some(2));
    world.deliver(&failed("e2", "hibob", Some("42")));
    world.pass(after(HOUR));
    assert_eq!(world.slack.len(), 1);
    world.pass(after(2 * HOUR));
    assert_eq!(world.slack.len(), 2);
    assert!(
        world.texts()[1].contains("HiBob (HRIS) is still not connected"),
        "{:?}",
        world.texts()
    );
    world.deliver(&created("e3", HIBOB, Some("42")));
    world.pass(after(5));
    assert_eq!(world.slack.len(), 3, "its end is sent");
}

#[test]
fn a_mute_can_be_ended_by_hand() {
    let mut world = World::new();
    mute(&mut world, None, Some(24));
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(HOUR));
    assert!(mute(&mut world, None, None).is_empty());
    world.pass(after(5));
    assert_eq!(world.slack.len(), 1);
}

#[test]
fn muting_again_replaces_the_mute() {
    let mut world = World::new();
    mute(&mut world, Some("hibob"), Some(1));
    let mutes = mute(&mut world, Some("hibob"), Some(48));
    assert_eq!(mutes.len(), 1);
    assert_eq!(mutes[0].until, world.now.plus(after(48 * HOUR)));
    assert_eq!(mute(&mut world, None, Some(1)).len(), 2);
}

#[test]
fn muted_customers_have_their_own_section_in_the_summary() {
    let mut world = World::new();
    // As with every event on the platform, an isolate reports it to the engineers' Notifier.
    health(&mut world);
    mute(&mut world, None, Some(48));
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(24 * HOUR));
    let message = world.slack[0].1.to_string();
    assert!(message.contains("Daily summary: 1 muted"), "{message}");
    assert!(message.contains("Customer 42 (42): HiBob"), "{message}");
}
