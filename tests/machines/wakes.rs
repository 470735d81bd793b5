//! Objects that would sleep too long: because a clock was ahead, or because the platform lost an alarm.

use core::time::Duration;

use kombo_edge::contracts::objects::address::{Address, CustomerKey};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::id::OriginId;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::EffectError;
use serde_json::Value;

use crate::clock::after;
use crate::kombo::{created, failed, state};
use crate::outside::answered;
use crate::queue::{failures, health};
use crate::world::World;

const MAIN: Address = Address::Notifier(Audience::Team);
const OPS: Address = Address::Notifier(Audience::Engineers);
const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const MINUTE: u64 = 60;
const DAY: u64 = 24 * 3_600;

/// What a clock does that is ahead: everything that happens in `meanwhile` happens a year later.
fn a_year_ahead(world: &mut World, meanwhile: impl FnOnce(&mut World)) {
    let now = world.now;
    world.now = now.plus(after(365 * DAY));
    meanwhile(world);
    world.now = now.plus(after(MINUTE));
}

fn refuse_kv(world: &mut World) {
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 99];
}

fn quiet() -> World {
    World::with(&[("DAILY_SUMMARY_UTC", "off"), ("SILENCE_DAYS", "0")])
}

/// The platform loses the alarm of an object.
fn lose_alarm(world: &mut World, of: &Address) {
    world.objects.get_mut(&of.name()).unwrap().1.alarm = None;
    world.crash(&of.name());
}

fn alarm(world: &World, of: &Address) -> Option<Timestamp> {
    world.objects[&of.name()].1.alarm
}

fn customer(id: &str) -> Address {
    Address::Customer(CustomerKey::Customer(
        OriginId::try_from(id.to_owned()).unwrap(),
    ))
}

/// The state in the documents of a customer and of its integration.
fn states(world: &World) -> [Value; 2] {
    let customer = &world.document("customer:42").unwrap()["integrations"][0]["state"];
    let integration = &world.document(&format!("integration:{HIBOB}")).unwrap()["state"];
    [customer.clone(), integration.clone()]
}

#[test]
fn a_wait_that_a_clock_made_too_long_is_over_at_the_next_event() {
    let mut world = quiet();
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.settle();
    a_year_ahead(&mut world, |world| {
        refuse_kv(world);
        world.deliver(&state("e2", HIBOB, Some("42"), "INACTIVE", 1));
        world.pass(after(5 * MINUTE));
    });
    world.kv_answers.clear();
    world.deliver(&state("e3", HIBOB, Some("42"), "ACTIVE", 2));
    world.pass(after(5 * MINUTE));
    assert_eq!(states(&world), ["ACTIVE", "ACTIVE"]);
}

#[test]
fn a_wait_that_a_clock_made_too_long_is_over_within_a_day_without_an_event() {
    let mut world = quiet();
    world.deliver(&created("e1", HIBOB, Some("42")));
    health(&mut world);
    world.settle();
    a_year_ahead(&mut world, |world| {
        refuse_kv(world);
        world.deliver(&state("e2", HIBOB, Some("42"), "INACTIVE", 1));
        world.pass(after(5 * MINUTE));
    });
    world.kv_answers.clear();
    health(&mut world);
    world.pass(after(DAY));
    assert_eq!(states(&world), ["INACTIVE", "INACTIVE"]);
}

#[test]
fn an_alert_that_waits_because_of_a_clock_is_sent_when_someone_asks_for_the_health() {
    let mut world = quiet();
    a_year_ahead(&mut world, |world| {
        world.slack_answers = vec![answered(503, ""); 20];
        failures(world, 1);
        world.pass(after(5 * MINUTE));
    });
    world.slack_answers.clear();
    health(&mut world);
    world.pass(after(5));
    assert_eq!(world.slack.len(), 1, "{:?}", world.texts());
}

#[test]
fn an_alert_in_the_outbox_is_handed_over_though_a_clock_was_ahead() {
    let mut world = quiet();
    world.deliver(&created("e1", "hibob:One", Some("42")));
    health(&mut world);
    world.settle();
    a_year_ahead(&mut world, |world| {
        world.fates = vec![crate::messages_in_flight::Fate::Lost; 9];
        world.deliver(&failed("e2", "personio", Some("42")));
        world.pass(after(3));
    });
    world.fates.clear();
    assert!(world.slack.is_empty());
    health(&mut world);
    world.pass(after(DAY));
    assert_eq!(world.slack.len(), 1, "{:?}", world.texts());
}

#[test]
fn health_is_red_when_something_waits_and_nothing_moves_for_ten_minutes() {
    let mut world = quiet();
    world.deliver(&failed("e1", "hibob", Some("42")));
    let (_, customer) = world.due()[0].clone();
    world.alarm(&customer, crate::world::Crash::No);
    lose_alarm(&mut world, &MAIN);
    // No alarm, no failure, and no one who asks.
    world.now = world.now.plus(after(9 * MINUTE));
    let mut earlier = world.objects.clone();
    assert!(!health(&mut world).slack_failing);
    core::mem::swap(&mut world.objects, &mut earlier);
    world.forget_everything();
    world.now = world.now.plus(after(2 * MINUTE));
    let mut untouched = world.objects.clone();
    assert!(health(&mut world).slack_failing);
    core::mem::swap(&mut world.objects, &mut untouched);
    world.forget_everything();
    let status = world.get("/v1/status").1["team"]["slack"].clone();
    assert_eq!(status["failing"], true);
    assert!(status["failing_since"].is_string());
    // Being asked woke it.
    world.pass(Duration::from_secs(5));
    assert_eq!(world.slack.len(), 1);
    assert!(!health(&mut world).slack_failing);
}

#[test]
fn a_lost_alarm_of_an_idle_object_is_noticed_within_a_day_without_an_event() {
    let mut world = quiet();
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.deliver(&failed("e2", "personio", Some("43")));
    let mut nameless = failed("e3", "personio", None);
    nameless["data"]["end_user"]["organization_name"] = "Acme".into();
    world.deliver(&nameless);
    health(&mut world);
    world.settle();
    let integration = Address::Integration(
        kombo_edge::domain::id::IntegrationId::try_from(HIBOB.to_owned()).unwrap(),
    );
    let organization = Address::Customer(CustomerKey::Organization("Acme".to_owned()));
    let all = [
        integration,
        customer("42"),
        customer("43"),
        organization,
        MAIN,
    ];
    for of in &all {
        assert!(alarm(&world, of).is_some(), "{of:?}");
        lose_alarm(&mut world, of);
    }
    world.pass(after(DAY));
    for of in &all {
        assert!(alarm(&world, of).is_some(), "{of:?}");
    }
    // The team's Notifier looks after the engineers' one.
    lose_alarm(&mut world, &OPS);
    world.pass(after(DAY));
    assert!(alarm(&world, &OPS).is_some());
}

#[test]
fn the_rounds_write_nothing_in_an_object_that_is_well() {
    let mut world = quiet();
    world.deliver(&created("e1", HIBOB, Some("42")));
    health(&mut world);
    world.settle();
    world.take_costs(&customer("42").name());
    world.pass(after(DAY));
    let (_, written) = world.take_costs(&customer("42").name());
    assert_eq!(written, 0);
    assert!(world.kv_lists >= 3, "{}", world.kv_lists);
}
