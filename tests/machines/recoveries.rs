//! How a problem is over: it works again only if Kombo proves that.

use serde_json::{Value, json};

use crate::events::{after, incidents};
use crate::kombo::{created, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const ABOUT: Option<(&str, Option<&str>)> = Some((HIBOB, Some("42")));

/// A state of customer 42's integration, in a minute.
fn of(event: &str, word: &str, minute: u8) -> Value {
    state(event, HIBOB, Some("42"), word, minute)
}

fn last(world: &World) -> &str {
    world.texts().pop().unwrap()
}

#[test]
fn switching_off_is_reported_as_such_and_is_no_recovery() {
    let world = after(&[of("e1", "INVALID", 1), of("e2", "INACTIVE", 2)]);
    assert!(incidents(&world).is_empty());
    assert_eq!(
        last(&world),
        "Customer 42: HiBob (HRIS) was switched off after it stopped working"
    );
}

#[test]
fn an_unknown_state_ends_no_incident_and_begins_none_in_any_order() {
    let (invalid, unknown) = (of("e1", "INVALID", 1), of("e2", "PAUSED", 2));
    for events in [[&invalid, &unknown], [&unknown, &invalid]] {
        let mut world = after(&events.map(Clone::clone));
        assert_eq!(incidents(&world).len(), 1);
        assert_eq!(world.slack.len(), 1, "{:?}", world.texts());
        let held = &world.document("customer:42").unwrap()["integrations"][0];
        assert_eq!(held["state"], "PAUSED");
        world.deliver(&of("e3", "ACTIVE", 3));
        world.settle();
        assert!(incidents(&world).is_empty());
        assert_eq!(last(&world), "Customer 42: HiBob (HRIS) works again");
    }
}

#[test]
fn a_state_that_an_older_version_kept_still_counts() {
    let mut world = after(&[of("e1", "INVALID", 3)]);
    let id = kombo_edge::domain::id::IntegrationId::try_from(HIBOB.to_owned()).unwrap();
    let object = kombo_edge::contracts::objects::address::Address::Integration(id);
    world.rewrite(&object, "head", |row| {
        row["facts"].as_object_mut().unwrap().remove("health");
    });
    world.deliver(&of("e2", "ACTIVE", 2));
    world.settle();
    assert_eq!(incidents(&world).len(), 1, "the older state is late");
}

#[test]
fn an_active_integration_that_kombo_refuses_to_call_is_not_said_to_work() {
    let mut active = of("e2", "ACTIVE", 2);
    active["data"]["qa_status"] = json!("FAILED");
    let world = after(&[of("e1", "INVALID", 1), active]);
    assert!(incidents(&world).is_empty());
    assert_eq!(
        last(&world),
        "Customer 42: Kombo no longer reports a problem with HiBob (HRIS)"
    );
}

#[test]
fn a_resolved_issue_is_a_recovery_only_if_kombo_could_log_in() {
    for (kind, ending) in [
        (
            "integration.authentication_failed",
            "Customer 42: HiBob (HRIS) works again",
        ),
        (
            "integration.action_failing",
            "Customer 42: Kombo no longer reports a problem with HiBob (HRIS)",
        ),
    ] {
        let mut raised = issue("e2", "i1", ABOUT, 1, None);
        raised["data"]["issue"]["type"] = json!(kind);
        let world = after(&[
            created("e1", HIBOB, Some("42")),
            raised,
            issue("e3", "i1", ABOUT, 1, Some(2)),
        ]);
        assert_eq!(last(&world), ending);
    }
}
