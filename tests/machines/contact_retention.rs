//! Contacts are removed when they are no longer needed.

use serde_json::Value;

use crate::clock::after;
use crate::erasure::{CANARIES, marked};
use crate::kombo::{created, failed, state};
use crate::world::World;

const DAY: u64 = 24 * 3_600;

#[test]
fn a_contact_is_removed_thirty_days_after_the_last_incident_closed() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    let customer = Some("first-customer");
    world.deliver(&marked(created("e1", "hibob:One", customer)));
    world.deliver(&marked(state("e2", "hibob:One", customer, "INVALID", 1)));
    world.pass(after(60 * DAY));
    let contacts = |world: &World| world.rows_with(|text| text.contains("canary@"));
    let at = |world: &World| {
        let rows = contacts(world);
        ["customer/", "integration/"]
            .map(|object| rows.iter().filter(|row| row.starts_with(object)).count())
    };
    assert_eq!(
        at(&world),
        [2, 1],
        "it is of use while the incident is open"
    );
    world.deliver(&marked(state("e3", "hibob:One", customer, "ACTIVE", 2)));
    world.pass(after(29 * DAY));
    assert_eq!(at(&world), [2, 1], "it may be of use again");
    world.pass(after(3 * DAY));
    assert_eq!(contacts(&world), Vec::<String>::new());
    assert!(world.document("customer:first-customer").is_some());
    // The next event that names it stores it again, for an alert that needs it.
    world.deliver(&marked(state("e4", "hibob:One", customer, "INVALID", 3)));
    world.pass(after(60));
    assert!(
        world
            .slack
            .last()
            .unwrap()
            .1
            .to_string()
            .contains("canary@example.com")
    );
}

#[test]
fn a_contact_is_removed_even_if_the_customer_only_connected_or_only_failed() {
    let connected = marked(created("e1", "hibob:One", Some("first-customer")));
    let failed = marked(failed("e2", "personio", Some("first-customer")));
    // An incident without an attempt closes after seven days.
    for (event, kept, forgotten) in [(connected, 29, 31), (failed, 36, 38)] {
        let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
        world.deliver(&event);
        world.pass(after(kept * DAY));
        let contacts = |world: &World| {
            let rows = world.rows_with(|text| CANARIES[1..].iter().any(|it| text.contains(it)));
            rows.into_iter()
                .filter(|row| row.starts_with("customer/"))
                .count()
        };
        assert_eq!(contacts(&world), 1, "{event}");
        world.pass(after((forgotten - kept) * DAY));
        assert_eq!(contacts(&world), 0, "{event}");
    }
}

#[test]
fn a_contact_without_a_log_and_a_log_without_a_contact_are_removed_too() {
    let marked = || marked(failed("e1", "personio", Some("first-customer")));
    let (mut no_log, mut no_contact) = (marked(), marked());
    no_log["data"]["log_url"] = Value::Null;
    no_contact["data"]["end_user"]["creator_email"] = Value::Null;
    for (event, canary) in [(no_log, CANARIES[1]), (no_contact, CANARIES[2])] {
        let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
        world.deliver(&event);
        world.pass(after(36 * DAY));
        let is_kept = |world: &World| !world.rows_with(|text| text.contains(canary)).is_empty();
        assert!(is_kept(&world), "{event}");
        world.pass(after(2 * DAY));
        assert!(!is_kept(&world), "{event}");
    }
}
