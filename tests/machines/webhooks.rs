//! Slack's webhooks: rejected, changed, missing, one for the team and one for engineers.

use core::time::Duration;

use kombo_edge::domain::audience::Audience;

use crate::kombo::created;
use crate::outside::answered;
use crate::queue::{failures, gaps, health};
use crate::world::World;

#[test]
fn a_rejected_webhook_holds_the_queue_turns_health_red_and_is_retried_every_15_minutes() {
    let mut world = World::new();
    world.slack_answers = vec![answered(404, "no_service"); 3];
    failures(&mut world, 2);
    world.pass(Duration::from_secs(60));
    assert_eq!(world.posts.len(), 1);
    assert!(health(&mut world).slack_failing);
    let line = world.log.last().unwrap();
    assert!(
        line.contains("no_service") && line.contains("create a new one"),
        "{line}"
    );
    world.settle_within(Duration::from_secs(3600));
    assert_eq!(world.slack.len(), 2);
    assert!(gaps(&world)[0] >= Duration::from_secs(15 * 60));
    assert!(!health(&mut world).slack_failing);
}

#[test]
fn a_new_webhook_releases_the_queue_at_the_next_message() {
    let mut world = World::new();
    world.slack_answers = vec![answered(403, "invalid_token")];
    failures(&mut world, 1);
    world.pass(Duration::from_secs(60));
    assert!(world.slack.is_empty());
    world.configure(&[(
        "SLACK_WEBHOOK_URL",
        "https://hooks.slack.com/services/T/B/new",
    )]);
    assert!(
        !health(&mut world).slack_failing,
        "the new webhook rejected nothing"
    );
    world.pass(Duration::from_secs(1));
    assert_eq!(world.slack.len(), 1);
}

#[test]
fn without_a_webhook_alerts_wait_until_there_is_one() {
    let mut world = World::with(&[("SLACK_WEBHOOK_URL", "")]);
    failures(&mut world, 2);
    world.pass(Duration::from_secs(3600));
    assert!(world.posts.is_empty());
    world.configure(&[]);
    assert!(!health(&mut world).slack_failing);
    world.pass(Duration::from_secs(5));
    assert_eq!(world.slack.len(), 3, "the first touch frees them");
    assert!(world.texts()[0].starts_with("Slack was unavailable"));
}

#[test]
fn a_new_webhook_gets_as_much_time_as_the_first() {
    for (status, rest) in [(429, 30), (400, 1)] {
        let mut world = World::new();
        world.slack_answers = vec![answered(403, "invalid_token"), answered(status, "")];
        failures(&mut world, 1);
        world.pass(Duration::from_secs(60));
        world.configure(&[(
            "SLACK_WEBHOOK_URL",
            "https://hooks.slack.com/services/T/B/new",
        )]);
        health(&mut world);
        world.settle();
        assert_eq!(world.posts.len(), 3, "{status}");
        assert!(
            gaps(&world)[1] >= Duration::from_secs(rest),
            "{status}: {:?}",
            gaps(&world)
        );
    }
}

#[test]
fn the_failures_of_one_webhook_do_not_count_against_the_next() {
    let mut world = World::new();
    world.slack_answers = vec![answered(403, "invalid_token"); 3];
    failures(&mut world, 1);
    world.pass(Duration::from_secs(31 * 60));
    world.configure(&[(
        "SLACK_WEBHOOK_URL",
        "https://hooks.slack.com/services/T/B/new",
    )]);
    world.slack_answers = vec![answered(503, ""); 3];
    health(&mut world);
    world.pass(Duration::from_secs(2));
    assert!(world.posts.len() > 3);
    assert!(!health(&mut world).slack_failing, "it may still be well");
}

#[test]
fn engineers_have_their_own_channel_if_there_is_a_webhook_for_it() {
    let mut world = World::with(&[("SLACK_OPS_URL", "https://hooks.slack.com/services/T/B/ops")]);
    world.deliver(&created("e1", "hibob:One", None));
    failures(&mut world, 1);
    world.settle();
    let mut channels: Vec<&str> = world.slack.iter().map(|(to, _)| to.as_str()).collect();
    channels.sort_unstable();
    assert_eq!(channels, ["main", "ops"]);
}

#[test]
fn without_their_own_webhook_engineers_get_messages_in_the_team_channel_under_a_heading() {
    let mut world = World::new();
    world.deliver(&created("e1", "hibob:One", None));
    world.settle();
    let [(audience, message)] = &world.slack[..] else {
        panic!()
    };
    assert_eq!(*audience, Audience::Team);
    assert!(message.to_string().contains("For engineers"), "{message}");
}
