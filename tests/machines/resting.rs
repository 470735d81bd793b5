//! What is over and let go of is not read again, and what an older version did not
//! note is not overlooked.

use kombo_edge::contracts::objects::address::{Address, CustomerKey};
use kombo_edge::domain::id::OriginId;
use kombo_edge::machine::{Read, Rows, Table};

use crate::kombo::{created, deleted, state};
use crate::object::machine;
use crate::world::World;

const GONE: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const HELD: &str = "personio:CBNMt7dSNCzBdnRTx87dev4E";

fn customer() -> CustomerKey {
    CustomerKey::Customer(OriginId::try_from("42".to_owned()).unwrap())
}

/// A customer that had one integration and has another, both of which broke once.
fn world(origin_id: Option<&str>) -> World {
    let mut world = World::new();
    for (number, id) in [GONE, HELD].into_iter().enumerate() {
        world.deliver(&created(&format!("c{number}"), id, origin_id));
        world.deliver(&state(&format!("i{number}"), id, origin_id, "INVALID", 1));
        world.settle();
    }
    world.deliver(&deleted("d", GONE));
    world.settle();
    world
}

/// The rows that a step of the customer's object reads, of those that may lie at rest.
fn awake(world: &World, key: CustomerKey) -> Vec<Read> {
    let of = Address::Customer(key);
    let mut rows = Rows::default();
    for (key, text) in world.rows_of(&of, "head") {
        rows.insert(Table::State, key.to_owned(), text.to_owned());
    }
    machine(of.class()).awake(&rows).unwrap()
}

/// Every row that may lie at rest.
fn all() -> Vec<Read> {
    let all = ["holding/", "incident/integration:"];
    all.map(|prefix| Read::First {
        table: Table::State,
        prefix: prefix.to_owned(),
        limit: u32::MAX,
    })
    .into()
}

#[test]
fn what_a_customer_let_go_of_stays_and_is_not_read_again() {
    let world = world(Some("42"));
    let of = Address::Customer(customer());
    assert_eq!(world.rows_of(&of, "holding/").len(), 2);
    assert_eq!(world.rows_of(&of, "incident/integration:").len(), 2);
    let read: Vec<&str> = world
        .rows_of(&of, "")
        .into_iter()
        .filter(|(_, text)| text.contains(HELD) && !text.contains(GONE))
        .map(|(key, _)| key)
        .filter(|key| *key != "head")
        .collect();
    let one = |key: &&str| Read::One(Table::State, (*key).to_owned());
    assert_eq!(
        awake(&world, customer()),
        read.iter().map(one).collect::<Vec<_>>()
    );
}

#[test]
fn only_rows_about_integrations_may_lie_at_rest() {
    let world = world(Some("42"));
    let of = Address::Customer(customer());
    let resting = machine(of.class()).resting();
    let (may_rest, others): (Vec<_>, Vec<_>) = world
        .rows_of(&of, "")
        .into_iter()
        .map(|(key, _)| key)
        .partition(|key| resting.iter().any(|prefix| key.starts_with(prefix)));
    assert_eq!(may_rest.len(), 4, "two of each integration: {may_rest:?}");
    assert!(others.contains(&"head"), "{others:?}");
    assert!(resting.is_sorted(), "the rows between are read by ranges");
}

#[test]
fn a_list_that_is_older_than_the_document_is_not_trusted() {
    let mut world = world(Some("42"));
    // An older version keeps the list as it was, and counts up the revision.
    world.rewrite(&Address::Customer(customer()), "head", |head| {
        head["document_revision"] = (head["document_revision"].as_u64().unwrap() + 1).into();
    });
    assert_eq!(awake(&world, customer()), all());
}

#[test]
fn a_head_without_a_list_has_all_rows_read() {
    let mut world = world(Some("42"));
    world.rewrite(&Address::Customer(customer()), "head", |head| {
        head.as_object_mut().unwrap().remove("awake");
    });
    assert_eq!(awake(&world, customer()), all());
}

#[test]
fn whoever_has_no_document_is_read_whole() {
    let world = world(None);
    let organization = CustomerKey::Organization("Nameless GmbH".to_owned());
    assert_eq!(awake(&world, organization), all());
}
