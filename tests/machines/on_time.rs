//! Alarms that ring at the exact millisecond at which something is due, and alarms that
//! ring earlier, for something else.

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::notifier::Message;
use kombo_edge::domain::audience::Audience;
use kombo_edge::machine::EffectError;
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, failed};
use crate::messages_in_flight::Fate;
use crate::quarantine_retry::quarantined;
use crate::queue::health;
use crate::world::{Crash, World};

const MAIN: Address = Address::Notifier(Audience::Team);
const OPS: Address = Address::Notifier(Audience::Engineers);
const HOUR: u64 = 3_600;

/// Runs the alarm of an object at its exact millisecond.
pub(crate) fn on_time(world: &mut World, of: &Address) {
    let due = world.due().into_iter().find(|(_, name)| *name == of.name());
    let (at, name) = due.expect("something is due some day");
    world.now = world.now.max(at);
    world.alarm(&name, Crash::No);
}

/// The attempts made by an alarm that rang too early, and then by one on time.
fn tries(world: &mut World, of: &Address, made: impl Fn(&World) -> usize) -> [usize; 2] {
    let before = made(world);
    world.alarm(&of.name(), Crash::No);
    let early = made(world);
    on_time(world, of);
    [early - before, made(world) - early]
}

#[test]
fn a_failed_document_write_is_retried_on_time() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 50];
    world.deliver(&json!({ "id": "q1", "type": "integration-created" }));
    world.pass(after(10));
    let tries = tries(&mut world, &OPS, |world| world.kv_tries.len());
    assert_eq!(tries, [0, 1]);
}

#[test]
fn a_failed_key_listing_for_a_summary_is_retried_on_time() {
    let mut world = World::new();
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(22 * HOUR + 59 * 60));
    world.kv_answers = vec![EffectError::Unknown("no answer".to_owned()); 50];
    world.pass(after(120));
    let tries = tries(&mut world, &MAIN, |world| world.kv_lists);
    assert_eq!(tries, [0, 1]);
}

#[test]
fn an_event_that_its_object_did_not_accept_is_sent_again_on_time() {
    let mut world = World::new();
    quarantined(&mut world, &created("e1", "hibob:One", Some("42")));
    world.fates = vec![Fate::Lost; 50];
    world.ask("POST", "/v1/quarantine/e1", &Value::Null);
    world.pass(after(10));
    let tries = tries(&mut world, &OPS, |world| 50 - world.fates.len());
    assert_eq!(tries, [0, 1]);
}

#[test]
fn the_teams_notifier_is_called_until_it_answers_and_then_never_again() {
    let mut world = World::new();
    let lost = |world: &World| 50 - world.fates.len();
    world.fates = vec![Fate::Lost; 50];
    let message = Envelope::encode(Message::Health {
        audience: Audience::Engineers,
    });
    world.call(&OPS, &message);
    world.pass(after(10));
    assert_eq!(tries(&mut world, &OPS, lost), [0, 1]);
    world.fates.clear();
    world.pass(after(60));
    assert!(world.objects.contains_key(&MAIN.name()));
    world.fates = vec![Fate::Lost; 50];
    world.alarm(&OPS.name(), Crash::No);
    assert_eq!(lost(&world), 0);
}

#[test]
fn a_lag_that_is_not_reported_for_half_an_hour_ends() {
    let mut world = World::new();
    let start = world.now;
    let late = Message::KvLag {
        object: "customer/x".to_owned(),
        is_stale: true,
        reason: "Workers KV answered 429".to_owned(),
    };
    world.call(&OPS, &Envelope::encode(late));
    let end = start.plus(after(HOUR / 2));
    for _ in 0..50 {
        if world.now < end {
            assert!(health(&mut world).kv_late);
            on_time(&mut world, &OPS);
        }
    }
    assert_eq!(world.now, end);
    assert!(!health(&mut world).kv_late);
}

#[test]
fn a_mute_that_ends_exactly_at_the_summary_has_ended() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "8")]);
    let end = world.now.plus(after(24 * HOUR));
    let mute = json!({ "tool": null, "until": end.to_rfc3339() });
    world.ask("PUT", "/v1/customers/42/mute", &mute);
    health(&mut world);
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(24 * HOUR - 60));
    for _ in 0..10 {
        if world.slack.is_empty() {
            on_time(&mut world, &MAIN);
        }
    }
    assert!(world.now.since(end) < after(1), "{:?}", world.now);
    assert_eq!(world.texts(), ["Daily summary: 1 not connected yet"]);
}
