//! Work for an event is bounded, whatever came before: closed incidents cost nothing.

use std::cell::Cell;

use core::time::Duration;

use kombo_edge::contracts::objects::address::{Address, CustomerKey};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::id::{IntegrationId, OriginId};
use kombo_edge::machine::Table;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::kombo::{created, deleted, failed, state};
use crate::world::World;

const GONE: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const HELD: &str = "personio:CBNMt7dSNCzBdnRTx87dev4E";

fn customer() -> Address {
    let id = OriginId::try_from("42".to_owned()).unwrap();
    Address::Customer(CustomerKey::Customer(id))
}

/// The keys of an object's rows in a table that begin with one of `prefixes`.
fn keys(world: &World, of: &Address, table: Table, prefixes: &[&str]) -> Vec<String> {
    let (_, object) = &world.objects[&of.name()];
    let rows = object
        .rows
        .keys()
        .filter(|(in_table, _)| *in_table == table);
    rows.map(|(_, key)| key.clone())
        .filter(|key| prefixes.iter().any(|prefix| key.starts_with(prefix)))
        .collect()
}

#[test]
fn what_a_customer_no_longer_holds_is_kept_in_the_archive() {
    let mut world = World::new();
    for (number, id) in [GONE, HELD].into_iter().enumerate() {
        world.deliver(&created(&format!("c{number}"), id, Some("42")));
        world.deliver(&state(&format!("i{number}"), id, Some("42"), "INVALID", 1));
        world.settle();
    }
    world.deliver(&deleted("d", GONE));
    world.settle();
    let of_integrations = ["holding/", "incident/integration:"];
    let state = keys(&world, &customer(), Table::State, &of_integrations);
    let archive = keys(&world, &customer(), Table::Ledger, &of_integrations);
    assert_eq!(
        (state.len(), archive.len()),
        (2, 2),
        "{state:?} {archive:?}"
    );
    // It is recognized there: an older update does not bring it back.
    world.deliver(&created("late", GONE, Some("42")));
    world.settle();
    let held = &world.document("customer:42").unwrap()["integrations"];
    assert_eq!(held.as_array().unwrap().len(), 1, "{held}");
}

#[test]
fn what_returns_from_the_archive_is_in_one_table_only() {
    let mut world = World::new();
    world.deliver(&created("c", GONE, Some("42")));
    world.settle();
    let path = format!("/v1/integrations/{GONE}");
    assert_eq!(world.ask("DELETE", &path, &Value::Null).status, 204);
    world.settle();
    let archived = keys(&world, &customer(), Table::Ledger, &["holding/"]);
    assert_eq!(archived.len(), 1);
    let assigned = world.ask(
        "PUT",
        &format!("{path}/customer"),
        &json!({ "origin_id": "42" }),
    );
    assert_eq!(assigned.status, 200);
    world.settle();
    assert_eq!(
        keys(&world, &customer(), Table::State, &["holding/"]),
        archived
    );
    assert!(keys(&world, &customer(), Table::Ledger, &["holding/"]).is_empty());
}

/// The most rows that one step of an object read and wrote.
#[derive(Debug, Default)]
struct Most {
    read: Cell<usize>,
    written: Cell<usize>,
}

impl Most {
    fn note(&self, (read, written): (usize, usize)) {
        self.read.set(self.read.get().max(read));
        self.written.set(self.written.get().max(written));
    }
}

/// The cost of the most expensive step while a world handles `events` of these: nothing is
/// remembered between two steps, as if the object died after each.
fn costliest(events: impl Iterator<Item = Value>, of: &Address) -> Most {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    let most = Most::default();
    for (number, event) in events.enumerate() {
        world.deliver(&event);
        world.pass(Duration::from_secs(5));
        if number % 50 == 49 {
            world.forget_everything();
        }
        most.note(world.take_costs(&of.name()));
    }
    most
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, ..ProptestConfig::default() })]

    #[test]
    fn an_event_of_a_customer_costs_no_more_after_thousands_of_others(
        integrations in 50..150_usize,
    ) {
        let events = (0..integrations).flat_map(|number| {
            let id = format!("hibob:{number:024}");
            [
                failed(&format!("f{number}"), "hibob", Some("42")),
                created(&format!("c{number}"), &id, Some("42")),
                state(&format!("i{number}"), &id, Some("42"), "INVALID", 1),
                deleted(&format!("d{number}"), &id),
            ]
        });
        let most = costliest(events, &customer());
        prop_assert!(most.read.get() <= 20, "{most:?}");
        prop_assert!(most.written.get() <= 12, "{most:?}");
    }

    #[test]
    fn an_event_of_an_integration_costs_no_more_after_thousands_of_others(
        events in 300..1_000_usize,
    ) {
        let id = IntegrationId::try_from(HELD.to_owned()).unwrap();
        let events = (0..events).map(|number| {
            let word = if number % 2 == 0 { "INVALID" } else { "ACTIVE" };
            let mut event = state(&format!("e{number}"), HELD, Some("42"), word, 0);
            let (hours, minutes) = (number / 60 % 24, number % 60);
            let day = 1 + number / 1_440;
            event["data"]["updated_at"] =
                format!("2026-11-{day:02}T{hours:02}:{minutes:02}:00.000Z").into();
            event
        });
        let most = costliest(events, &Address::Integration(id));
        prop_assert!(most.read.get() <= 8, "{most:?}");
        prop_assert!(most.written.get() <= 8, "{most:?}");
    }

    #[test]
    fn an_alert_costs_no_more_after_thousands_of_others(customers in 100..400_usize) {
        let events = (0..customers).map(|number| {
            let customer = format!("c{number}");
            failed(&format!("f{number}"), "hibob", Some(&customer))
        });
        let most = costliest(events, &Address::Notifier(Audience::Team));
        prop_assert!(most.read.get() <= 12, "{most:?}");
        prop_assert!(most.written.get() <= 10, "{most:?}");
    }
}
