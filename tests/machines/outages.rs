//! What waits while Slack is unavailable, and how it is sent afterwards.

use kombo_edge::domain::audience::Audience;
use kombo_edge::machine::EffectError;

use crate::clock::after;
use crate::kombo::{created, failed};
use crate::outside::answered;
use crate::queue::{failures, health};
use crate::world::World;

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// Slack accepts nothing for this long.
fn down(world: &mut World, minutes: u64) {
    world.slack_answers = vec![answered(503, ""); 10_000];
    world.pass(after(minutes * MINUTE));
    world.slack_answers.clear();
}

#[test]
fn the_daily_summary_is_a_separate_message_after_all_others() {
    let mut world = World::new();
    health(&mut world);
    world.pass(after(22 * HOUR + 45 * MINUTE));
    for number in 0..6 {
        let customer = format!("c{number}");
        world.deliver(&failed(&customer, "hibob", Some(&customer)));
    }
    down(&mut world, 20);
    world.pass(after(20 * MINUTE));
    assert_eq!(
        world.texts(),
        [
            "HiBob: 6 customers could not connect",
            "Daily summary: 6 not connected yet"
        ]
    );
}

#[test]
fn an_outage_counts_from_the_first_waiting_alert() {
    let mut world = World::new();
    world.slack_answers = vec![answered(503, ""); 10_000];
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.pass(after(50 * MINUTE));
    world.deliver(&failed("e2", "hibob", Some("43")));
    down(&mut world, 20);
    world.pass(after(20 * MINUTE));
    let first = world.texts()[0];
    assert!(
        first.starts_with("Slack was unavailable for 1 h"),
        "{first}"
    );
}

#[test]
fn a_rejected_digest_grows_again_step_by_step() {
    let mut world = World::new();
    world.slack_answers = vec![answered(429, "")];
    failures(&mut world, 16);
    world.refuse = Some("Customer c5 ".to_owned());
    world.pass(after(5 * MINUTE));
    let posts = world.posts.iter().skip(1);
    let sizes: Vec<usize> = posts
        .map(|(_, post)| {
            let mut words = post["text"].as_str().unwrap().split(' ');
            words.find_map(|word| word.parse().ok()).unwrap_or(1)
        })
        .collect();
    // The cause is isolated; each message that Slack accepts doubles the size of the next one.
    assert_eq!(sizes, [16, 8, 4, 8, 4, 2, 1, 2, 1, 1, 1, 2, 4, 1, 1, 1]);
}

#[test]
fn engineers_are_notified_once_of_the_end_of_an_outage_that_was_never_reported() {
    let mut world = World::with(&[("SLACK_OPS_URL", "https://hooks.slack.com/services/T/B/ops")]);
    world.slack_answers_on_main = Some(answered(404, "no_service"));
    world.slack_answers = vec![answered(503, ""); 10_000];
    world.kv_answers = vec![EffectError::Failed("Workers KV answered 429".to_owned()); 1_000];
    world.deliver(&created("e1", "hibob:One", Some("42")));
    failures(&mut world, 1);
    world.pass(after(13 * MINUTE));
    assert!(health(&mut world).kv_late && health(&mut world).slack_failing);
    world.kv_answers.clear();
    world.slack_answers_on_main = Some(answered(200, "ok"));
    world.pass(after(17 * MINUTE));
    world.slack_answers.clear();
    world.pass(after(20 * MINUTE));
    let sent = world.slack.iter().zip(world.texts());
    let sent = sent.filter(|((audience, _), _)| *audience == Audience::Engineers);
    let sent: Vec<&str> = sent.map(|(_, text)| text).collect();
    let [slack, kv] = sent[..] else {
        panic!("{sent:?}")
    };
    assert!(slack.starts_with("Slack accepts the team's alerts again"));
    assert!(kv.starts_with("Workers KV is up to date again"));
}
