//! What a Notifier does on Slack's answers, and as time passes. What a new webhook
//! changes is in `webhooks`.

use core::time::Duration;

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::notifier::Message;
use kombo_edge::contracts::objects::reply::{Health, Reply};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::http::Answered;
use kombo_edge::domain::json::Json;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::{Driver, EffectError};

use crate::kombo::{created, failed, state};
use crate::object::{ObjectHost, machine};
use crate::outside::answered;
use crate::world::{Crash, World};

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const MAIN: Address = Address::Notifier(Audience::Team);

/// A world in which this many customers failed to connect, and the alerts are about to be sent.
pub(crate) fn failures(world: &mut World, customers: usize) {
    for number in 0..customers {
        let customer = format!("c{number}");
        world.deliver(&failed(&format!("e{number}"), "hibob", Some(&customer)));
        world.pass(Duration::from_millis(5));
    }
}

/// The status of both Notifiers.
pub(crate) fn health(world: &mut World) -> Health {
    let mut all = Health::default();
    for audience in [Audience::Team, Audience::Engineers] {
        let message = Envelope::encode(Message::Health { audience });
        match world.call(&Address::Notifier(audience), &message) {
            Reply::Health(health) => all = all.and(health),
            other => panic!("{other:?}"),
        }
    }
    all
}

/// How many rows a request changes.
fn rows_written(world: &World, of: &Address, question: Message) -> usize {
    let (class, mut object) = world.objects[&of.name()].clone();
    let host = ObjectHost::new(&mut object, &world.config.settings, world.now);
    let mut driver = Driver::new(machine(class));
    let reply = driver.handle(&host, &Envelope::encode(question));
    assert!(reply.unwrap().is_some());
    host.rows_written.get()
}

/// The time from each post to the next.
pub(crate) fn gaps(world: &World) -> Vec<Duration> {
    let posts = world.posts.windows(2);
    posts.map(|pair| pair[1].0.since(pair[0].0)).collect()
}

#[test]
fn a_post_whose_answer_a_crash_lost_is_repeated_after_a_second_at_the_earliest() {
    let mut world = World::new();
    world.deliver(&failed("e1", "hibob", Some("42")));
    let (_, customer) = world.due()[0].clone();
    world.alarm(&customer, Crash::No);
    world.alarm(&MAIN.name(), Crash::BeforeFinish);
    world.settle();
    assert_eq!(world.posts.len(), 2);
    assert!(
        gaps(&world)[0] >= Duration::from_secs(1),
        "{:?}",
        gaps(&world)
    );
}

#[test]
fn alerts_of_one_incident_keep_their_order_although_the_clock_is_set_back() {
    let mut world = World::new();
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    let (_, integration) = world.due()[0].clone();
    world.alarm(&integration, Crash::No);
    world.now = Timestamp::from_millis(world.now.as_millis() - 5_000);
    world.deliver(&state("e2", HIBOB, Some("42"), "ACTIVE", 2));
    world.alarm(&integration, Crash::No);
    world.settle();
    let last = world.texts().last().map(|text| (*text).to_owned());
    let last = last.unwrap_or_default();
    assert!(last.contains("works again"), "{:?}", world.texts());
}

#[test]
fn alerts_are_sent_one_a_second_in_the_order_in_which_they_came() {
    let mut world = World::new();
    failures(&mut world, 4);
    world.settle();
    assert_eq!(world.slack.len(), 4);
    let order: Vec<bool> = (0..4)
        .map(|number| world.texts()[number].contains(&format!("Customer c{number}")))
        .collect();
    assert_eq!(order, [true; 4], "{:?}", world.texts());
    for gap in gaps(&world) {
        assert!(gap >= Duration::from_secs(1), "{gap:?}");
        assert!(gap < Duration::from_secs(2), "{gap:?}");
    }
}

#[test]
fn a_429_pauses_the_queue_for_as_long_as_slack_asks() {
    let mut world = World::new();
    let limited = Answered {
        status: 429,
        retry_after: Some("7".to_owned()),
        ..Answered::default()
    };
    world.slack_answers = vec![Ok(limited)];
    failures(&mut world, 1);
    world.settle();
    assert_eq!(world.slack.len(), 1);
    let [gap] = gaps(&world)[..] else { panic!() };
    assert!(
        gap >= Duration::from_secs(7) && gap < Duration::from_secs(8),
        "{gap:?}"
    );
}

#[test]
fn a_failing_slack_is_retried_with_growing_pauses_and_nothing_is_lost() {
    let mut world = World::new();
    let mut answers = vec![answered(500, "oops"); 10];
    answers.extend(vec![Err(EffectError::Unknown("no answer".to_owned())); 10]);
    world.slack_answers = answers;
    failures(&mut world, 2);
    world.settle_within(Duration::from_secs(3600));
    assert_eq!(world.slack.len(), 3);
    assert!(
        world.texts()[0].starts_with("Slack was unavailable for"),
        "{:?}",
        world.texts()
    );
    assert_eq!(world.posts.len(), 23);
    let gaps = gaps(&world);
    assert!(gaps[0] >= Duration::from_secs(1));
    assert!(gaps[8] > gaps[0] * 50, "{gaps:?}");
    let longest = gaps.iter().max().unwrap();
    assert!(*longest <= Duration::from_secs(15 * 60 + 1), "{longest:?}");
}

#[test]
fn slack_that_fails_for_ten_minutes_turns_health_red_until_it_delivers() {
    let mut world = World::new();
    world.slack_answers = vec![answered(503, ""); 200];
    failures(&mut world, 1);
    world.pass(Duration::from_secs(60));
    assert!(!health(&mut world).slack_failing);
    world.pass(Duration::from_secs(10 * 60));
    assert!(health(&mut world).slack_failing);
    world.slack_answers.clear();
    world.settle();
    assert!(!health(&mut world).slack_failing);
}

#[test]
fn a_rejected_message_is_sent_once_more_as_plain_text_and_the_queue_continues() {
    let mut world = World::new();
    world.slack_answers = vec![answered(400, "invalid_blocks")];
    failures(&mut world, 2);
    world.settle();
    assert_eq!(world.slack.len(), 2);
    let [refused, plain, next] = &world.posts[..] else {
        panic!()
    };
    assert!(refused.1["blocks"].is_array());
    assert!(plain.1["blocks"].is_null());
    assert!(plain.1["text"].as_str().unwrap().contains("Customer c0"));
    assert!(next.1["blocks"].is_array(), "the next one is whole again");
    for gap in gaps(&world) {
        assert!(gap >= Duration::from_secs(1), "{gap:?}");
    }
}

#[test]
fn a_message_that_is_rejected_twice_is_listed_and_blocks_nothing() {
    let mut world = World::new();
    world.slack_answers = vec![answered(400, "invalid_blocks"), answered(400, "no_text")];
    failures(&mut world, 2);
    world.settle();
    assert_eq!(world.slack.len(), 1);
    let listed = world.rows_of(&MAIN, "undelivered/");
    assert_eq!(listed.len(), 1);
    assert!(
        listed[0].1.contains("Slack answered 400: no_text"),
        "{listed:?}"
    );
    assert!(world.rows_of(&MAIN, "waiting/").is_empty());
}

#[test]
fn the_message_after_a_rejected_one_has_blocks_again_even_for_the_same_incident() {
    let mut world = World::new();
    world.slack_answers = vec![answered(400, "invalid_blocks")];
    failures(&mut world, 1);
    world.settle();
    world.deliver(&created("ok", HIBOB, Some("c0")));
    world.settle();
    let [(_, plain), (_, next)] = &world.slack[..] else {
        panic!("{:?}", world.texts())
    };
    assert!(plain["blocks"].is_null() && next["blocks"].is_array());
}

#[test]
fn a_rejected_message_shows_that_slack_is_reachable() {
    let mut world = World::new();
    world.slack_answers = vec![
        answered(500, ""),
        answered(400, "invalid_blocks"),
        answered(400, "no_text"),
    ];
    failures(&mut world, 1);
    world.settle();
    world.pass(Duration::from_secs(20 * 60));
    assert!(!health(&mut world).slack_failing);
}

#[test]
fn an_alert_that_cannot_be_delivered_for_thirty_days_is_listed_as_undelivered() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    world.slack_answers = vec![answered(404, "no_service"); 10_000];
    failures(&mut world, 1);
    world.pass(Duration::from_secs(29 * 24 * 3600));
    assert!(world.rows_of(&MAIN, "undelivered/").is_empty());
    world.pass(Duration::from_secs(2 * 24 * 3600));
    let listed = world.rows_of(&MAIN, "undelivered/");
    assert_eq!(listed.len(), 1);
    assert!(listed[0].1.contains("30 days"), "{listed:?}");
}

#[test]
fn reading_the_status_writes_nothing() {
    let mut idle = World::new();
    health(&mut idle);
    let mut held = World::new();
    held.slack_answers = vec![answered(404, "no_service")];
    failures(&mut held, 1);
    for world in [idle, held] {
        let audience = Audience::Team;
        for question in [Message::Health { audience }, Message::Status { audience }] {
            assert_eq!(rows_written(&world, &MAIN, question), 0);
        }
    }
}

#[test]
fn an_alert_that_is_handed_over_twice_is_sent_once() {
    let mut world = World::new();
    let alert = Message::Alert {
        audience: Audience::Team,
        id: "a1".to_owned(),
        alert: Json::of(&serde_json::json!({ "of": "a newer version" })),
    };
    let message = Envelope::encode(alert);
    assert_eq!(world.call(&MAIN, &message), Reply::Acknowledged);
    assert_eq!(world.call(&MAIN, &message), Reply::Acknowledged);
    world.settle();
    assert_eq!(world.slack.len(), 1);
    assert!(
        world.texts()[0].contains("does not recognize"),
        "{:?}",
        world.texts()
    );
}

#[test]
fn a_lag_of_workers_kv_turns_health_red_until_it_ends() {
    let mut world = World::new();
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 40];
    world.deliver(&created("e1", "hibob:One", Some("42")));
    world.pass(Duration::from_secs(5 * 60));
    assert!(!health(&mut world).kv_late);
    world.pass(Duration::from_secs(7 * 60));
    assert!(health(&mut world).kv_late);
    world.kv_answers.clear();
    world.settle();
    assert!(world.document("customer:42").is_some());
    assert!(!health(&mut world).kv_late);
}
