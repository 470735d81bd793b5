//! What a recheck costs that finds no change: no further request, and no update.

use kombo_edge::contracts::objects::address::{Address, CustomerKey};
use kombo_edge::domain::id::OriginId;
use serde_json::Value;

use crate::clock::after;
use crate::rechecks::checked;
use crate::world::World;

const DAY: u64 = 24 * 3_600;

/// The version of the integration that was last sent to customer 42.
fn sent(world: &World) -> Value {
    let id = OriginId::try_from("42".to_owned()).unwrap();
    let customer = Address::Customer(CustomerKey::Customer(id));
    let (_, text) = world.rows_of(&customer, "holding/")[0];
    serde_json::from_str::<Value>(text).unwrap()["version"].clone()
}

#[test]
fn after_a_good_recheck_the_object_sleeps_for_days() {
    let mut world = checked();
    while world.api().asked.len() < 2 {
        world.pass(after(3_600));
    }
    world.pass(after(3 * DAY));
    assert_eq!(world.api().asked.len(), 2, "the key, and the integration");
    let failed = world.log.iter().find(|line| line.contains("failed"));
    assert_eq!(failed, None);
}

#[test]
fn what_kombo_repeats_is_not_reported_again() {
    let mut world = checked();
    world.pass(after(10 * DAY));
    let (before, asked) = (sent(&world), world.api().asked.len());
    world.pass(after(20 * DAY));
    assert!(world.api().asked.len() > asked);
    assert_eq!(sent(&world), before);
}
