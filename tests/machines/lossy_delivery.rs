//! Messages between objects that are lost, late, or arrive without an acknowledgement.

use core::time::Duration;

use kombo_edge::machine::EffectError;
use serde_json::json;

use crate::kombo::{created, failed, state};
use crate::messages_in_flight::Fate;
use crate::queue::health;
use crate::world::{Crash, World};

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

#[test]
fn an_alert_that_is_lost_on_the_way_to_the_notifier_is_sent_again() {
    let mut world = World::new();
    world.fates = vec![Fate::Lost, Fate::Lost];
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.settle();
    assert_eq!(world.slack.len(), 1);
}

#[test]
fn an_alert_whose_acknowledgement_is_lost_is_posted_once() {
    let mut world = World::new();
    world.fates = vec![Fate::Unanswered, Fate::Late];
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.settle();
    world.deliver_late();
    world.settle();
    assert_eq!(world.slack.len(), 1);
}

#[test]
fn a_customer_that_missed_an_update_gets_it_again() {
    for post in [Fate::Lost, Fate::Unanswered, Fate::Late] {
        let mut world = World::new();
        world.fates = vec![post; 3];
        world.deliver(&created("e1", HIBOB, Some("42")));
        world.settle();
        let customer = world.document("customer:42");
        assert!(customer.is_some(), "{post:?}");
    }
}

#[test]
fn a_late_update_does_not_undo_a_newer_one() {
    let mut world = World::new();
    world.fates = vec![Fate::Late];
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    let (_, integration) = world.due()[0].clone();
    world.alarm(&integration, Crash::No);
    world.deliver(&state("e2", HIBOB, Some("42"), "ACTIVE", 2));
    world.settle();
    world.deliver_late();
    world.settle();
    let held = &world.document("customer:42").unwrap()["integrations"][0];
    assert_eq!(held["state"], "ACTIVE");
    assert_eq!(world.slack.len(), 0, "{:?}", world.texts());
}

#[test]
fn the_old_holder_releases_before_the_new_one_holds() {
    let mut world = World::new();
    world.deliver(&created("e1", HIBOB, None));
    world.deliver(&state("e2", HIBOB, None, "INVALID", 1));
    world.settle();
    let incidents = |world: &World, of: &str| {
        let begins = format!("incident:{of}/");
        world
            .kv
            .keys()
            .filter(|key| key.starts_with(&begins))
            .count()
    };
    assert_eq!(incidents(&world, "organization"), 1);
    world.fates = vec![Fate::Lost; 4];
    world.deliver(&state("e3", HIBOB, Some("42"), "INVALID", 2));
    world.pass(Duration::from_secs(1));
    assert!(
        world.document("customer:42").is_none(),
        "the old holder has not released it yet"
    );
    world.settle();
    assert!(world.document("customer:42").is_some());
    assert_eq!(incidents(&world, "organization"), 0);
    assert_eq!(incidents(&world, "customer"), 1);
}

#[test]
fn a_lag_report_that_got_no_answer_is_still_withdrawn() {
    let mut world = World::new();
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 40];
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.pass(Duration::from_secs(9 * 60));
    world.fates = vec![Fate::Unanswered, Fate::Late, Fate::Unanswered];
    world.pass(Duration::from_secs(3 * 60));
    world.kv_answers.clear();
    world.settle();
    world.deliver_late();
    world.pass(Duration::from_secs(31 * 60));
    assert!(!health(&mut world).kv_late);
}

#[test]
fn the_end_of_a_lag_is_reported_until_it_is_acknowledged() {
    let mut world = World::new();
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 40];
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.pass(Duration::from_secs(12 * 60));
    world.kv_answers.clear();
    world.fates = vec![Fate::Lost; 4];
    world.settle_within(Duration::from_secs(5 * 60));
    assert!(!health(&mut world).kv_late);
    assert!(world.fates.is_empty());
}

#[test]
fn quarantined_events_that_workers_kv_rejects_turn_health_red_until_it_accepts_them() {
    let mut world = World::new();
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 200];
    for number in 0..8 {
        world.deliver(&json!({ "id": format!("e{number}"), "type": "integration-created" }));
    }
    world.pass(Duration::from_secs(11 * 60));
    let tries = world
        .kv_tries
        .iter()
        .filter(|(_, key)| key.ends_with(":e0"));
    let times: Vec<_> = tries.map(|(at, _)| *at).collect();
    assert!(times.len() > 5);
    for pair in times.windows(2) {
        assert!(
            pair[1].since(pair[0]) >= Duration::from_secs(1),
            "a key takes one a second"
        );
    }
    assert!(health(&mut world).kv_late);
    world.kv_answers.clear();
    world.settle();
    assert!(!health(&mut world).kv_late);
    let kept = world.kv.keys().filter(|key| key.starts_with("quarantine:"));
    assert_eq!(kept.count(), 8);
}
