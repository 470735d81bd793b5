//! Erasing a customer: in which order the other objects do their part, how often they are
//! asked to, and what is reported about the customer afterwards.

use core::time::Duration;

use kombo_edge::contracts::objects::address::{Address, Class, CustomerKey};
use kombo_edge::domain::id::{IntegrationId, OriginId};
use serde_json::Value;

use crate::clock::after;
use crate::kombo::created;
use crate::messages_in_flight::Fate;
use crate::world::{Crash, World};

const HIBOB: &str = "/v1/integrations/hibob%3AOne";

fn erase(world: &mut World) {
    let answer = world.ask("DELETE", "/v1/customers/42", &Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Whether any Notifier received anything.
fn notified(world: &World) -> bool {
    let objects = world.all_objects();
    objects.iter().any(|(_, class)| *class == Class::Notifier)
}

/// A world in which customer 42 has one integration, that no Notifier knows about.
fn quiet() -> World {
    let mut world = World::new();
    world.deliver(&created("e1", "hibob:One", Some("42")));
    world.settle();
    // Workers KV accepts another write of each key by then, so no object wakes for that.
    world.pass(after(60));
    assert!(!notified(&world));
    world
}

#[test]
fn notifiers_erase_as_soon_as_the_integrations_have_forgotten_the_customer() {
    let mut world = quiet();
    world.fates = vec![Fate::Lost];
    erase(&mut world);
    let alarms = world.alarms;
    while world.get(HIBOB).0 == 200 {
        assert!(!notified(&world));
        world.pass(Duration::from_millis(50));
    }
    world.pass(after(5));
    assert!(notified(&world));
    let alarms = world.alarms - alarms;
    assert!(alarms < 30, "{alarms} alarms, although nothing is due");
}

#[test]
fn an_alarm_for_something_else_repeats_no_erasure_request() {
    let mut world = quiet();
    world.fates = vec![Fate::Lost; 10];
    erase(&mut world);
    let id = OriginId::try_from("42".to_owned()).unwrap();
    let customer = Address::Customer(CustomerKey::Customer(id)).name();
    for _ in 0..5 {
        world.alarm(&customer, Crash::No);
        assert_eq!(world.fates.len(), 9, "its time has not come");
    }
}

#[test]
fn updates_within_an_hour_of_the_erasure_are_dropped_and_later_ones_count() {
    for (seconds, counts) in [(3_599, false), (3_600, true)] {
        let mut world = World::new();
        world.deliver(&created("e1", "hibob:One", Some("42")));
        let id = IntegrationId::try_from("hibob:One".to_owned()).unwrap();
        world.fates = vec![Fate::Late];
        world.alarm(&Address::Integration(id).name(), Crash::No);
        let erased_at = world.now;
        erase(&mut world);
        world.fates = vec![Fate::Lost; 1_000];
        world.pass(after(seconds - 1));
        world.fates.clear();
        world.now = erased_at.plus(after(seconds));
        world.deliver_late();
        world.settle();
        let document = world.document("customer:42");
        assert_eq!(document.is_some(), counts, "after {seconds} s");
    }
}
