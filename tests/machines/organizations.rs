//! Failures of a connection link without a customer id, and the success of the next link.

use serde_json::{Value, json};

use crate::events::{after, incidents};
use crate::kombo::{created, failed, state};
use crate::messages_in_flight::Fate;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

/// A failure without customer id, of the organization that customer 42 is.
fn nameless() -> Value {
    let mut event = failed("e1", "hibob", None);
    event["data"]["end_user"]["organization_name"] = json!("Customer 42");
    event
}

#[test]
fn success_with_a_customer_id_ends_the_incident_of_the_same_organization_and_contact() {
    let world = after(&[nameless(), created("e2", HIBOB, Some("42"))]);
    assert!(incidents(&world).is_empty(), "{:?}", incidents(&world));
    assert_eq!(
        world.texts().last().unwrap(),
        &"Customer 42 connected HiBob (HRIS) after 1 failed attempt"
    );
    let message = world.slack.last().unwrap().1.to_string();
    assert!(message.contains("Customer id: 42"), "{message}");
}

#[test]
fn success_that_is_known_only_by_a_state_ends_it_too() {
    let world = after(&[nameless(), state("e2", HIBOB, Some("42"), "ACTIVE", 1)]);
    assert!(incidents(&world).is_empty(), "{:?}", incidents(&world));
}

#[test]
fn another_contact_organization_or_category_ends_nothing() {
    let success = created("e2", HIBOB, Some("42"));
    let [mut contact, mut organization, mut category, mut nobody] =
        [(); 4].map(|()| success.clone());
    contact["data"]["end_user"]["creator_email"] = json!("it@example.com");
    organization["data"]["end_user"]["organization_name"] = json!("Customer 42 AG");
    category["data"]["category"] = json!("ATS");
    nobody["data"]["end_user"]["creator_email"] = json!(null);
    for event in [contact, organization, category, nobody] {
        let world = after(&[nameless(), event.clone()]);
        assert_eq!(incidents(&world).len(), 1, "{event}");
    }
}

#[test]
fn a_lost_report_of_the_success_is_repeated_and_an_old_success_is_not_reported_again() {
    let mut world = after(&[nameless()]);
    world.fates = vec![Fate::Lost; 4];
    world.deliver(&created("e2", HIBOB, Some("42")));
    world.settle();
    assert!(incidents(&world).is_empty(), "{:?}", incidents(&world));
    world.pass(crate::clock::after(48 * 3_600));
    let mut later = nameless();
    later["id"] = json!("e3");
    later["data"]["log_url"] = json!(null);
    world.deliver(&later);
    world.deliver(&state("e4", HIBOB, Some("42"), "ACTIVE", 1));
    world.settle();
    assert_eq!(incidents(&world).len(), 1, "it is a new attempt");
}

#[test]
fn an_organization_that_never_failed_keeps_nothing() {
    let world = after(&[created("e1", HIBOB, Some("42"))]);
    let rows = world.rows_with(|_| true);
    assert!(
        rows.iter().all(|row| !row.starts_with("organization/")),
        "{rows:?}"
    );
}

#[test]
fn a_failure_that_arrives_after_the_success_of_the_same_person_opens_nothing_for_a_day() {
    let mut world = after(&[nameless(), created("e2", HIBOB, Some("42"))]);
    let sent = world.texts().len();
    let mut late = nameless();
    late["id"] = json!("e3");
    late["data"]["log_url"] = json!("https://app.kombo.dev/logs?flowId=late");
    world.deliver(&late);
    world.settle();
    assert!(incidents(&world).is_empty(), "{:?}", incidents(&world));
    assert_eq!(world.texts().len(), sent);
    let mut of_someone_else = late.clone();
    of_someone_else["id"] = json!("e4");
    of_someone_else["data"]["end_user"]["creator_email"] = json!("it@example.com");
    of_someone_else["data"]["log_url"] = json!("https://app.kombo.dev/logs?flowId=other");
    world.deliver(&of_someone_else);
    world.settle();
    assert_eq!(incidents(&world).len(), 1);
}
