//! Slack's answers: each has one of the verdicts of the design, and follows it in the
//! queue: only a 2xx removes an alert from it.

use core::time::Duration;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::operator::settings::Config;
use kombo_edge::contracts::slack::{Refusal, Verdict, judge};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::http::Answered;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::machine::{Effect, EffectError, Outcome};
use serde_json::Value;

use crate::driven::{Driven, Snapshot};
use crate::effects::Fate;
use crate::kombo::failed;
use crate::outside::config;
use crate::world::World;

/// The answers to an alert, one after another.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    answers: Vec<Answer<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Answer<'a> {
    Http {
        status: Status,
        body: &'a str,
        retry_after: Wait<'a>,
    },
    Failed(&'a str),
    Unknown(&'a str),
}

#[derive(Arbitrary, Debug)]
enum Status {
    Any(u16),
    /// One of those at which another verdict begins, by its number.
    AtABorder(u8),
}

#[derive(Arbitrary, Debug)]
enum Wait<'a> {
    Absent,
    Text(&'a str),
    Seconds(u64),
}

const BORDERS: [u16; 18] = [
    0, 199, 200, 204, 299, 300, 302, 399, 400, 401, 404, 410, 412, 413, 428, 429, 499, 500,
];

impl Answer<'_> {
    fn outcome(&self) -> Outcome<Answered> {
        let (status, body, retry_after) = match self {
            Self::Failed(reason) => return Err(EffectError::Failed((*reason).to_owned())),
            Self::Unknown(reason) => return Err(EffectError::Unknown((*reason).to_owned())),
            Self::Http {
                status,
                body,
                retry_after,
            } => (status, body, retry_after),
        };
        let status = match status {
            Status::Any(status) => *status,
            Status::AtABorder(number) => BORDERS[usize::from(*number) % BORDERS.len()],
        };
        let retry_after = match retry_after {
            Wait::Absent => None,
            Wait::Text(text) => Some((*text).to_owned()),
            Wait::Seconds(seconds) => Some(seconds.to_string()),
        };
        Ok(Answered {
            status,
            body: (*body).to_owned(),
            retry_after,
        })
    }
}

static CONFIG: LazyLock<Config> = LazyLock::new(|| config(&[]));

/// The team's Notifier when one alert waits.
static WAITING: LazyLock<Snapshot> = LazyLock::new(|| {
    let mut world = World::new();
    world.deliver(&failed("e1", "personio", Some("42")));
    let main = Address::Notifier(Audience::Team);
    while !world.objects.contains_key(&main.name()) {
        let (at, name) = world.due().swap_remove(0);
        world.now = world.now.max(at).plus(Duration::from_millis(1));
        world.alarm(&name, crate::world::Crash::No);
    }
    let (class, object) = world.objects[&main.name()].clone();
    Snapshot {
        name: main.name(),
        class,
        object,
        now: world.now,
    }
});

/// Judges the answers, and gives them to the queue.
///
/// # Panics
/// If a verdict is not the design's, or the queue does not follow it.
pub fn check(input: &Input<'_>) {
    let mut notifier = WAITING.drive();
    let mut was_refused = false;
    for answer in input.answers.iter().take(4) {
        let outcome = answer.outcome();
        let verdict = verdict_on(&outcome, notifier.now);
        is_by_design(&outcome, &verdict);
        let queue = rows(&notifier, "waiting/");
        let listed = rows(&notifier, "undelivered/");
        if queue == 0 {
            return;
        }
        post(&mut notifier, &outcome);
        let is_given_up = was_refused && matches!(verdict, Verdict::RefusedMessage(_));
        let leaves = verdict == Verdict::Delivered || is_given_up;
        assert_eq!(rows(&notifier, "waiting/"), queue - usize::from(leaves));
        assert_eq!(
            rows(&notifier, "undelivered/"),
            listed + usize::from(is_given_up)
        );
        is_due(&notifier, &verdict, leaves);
        was_refused |= matches!(verdict, Verdict::RefusedMessage(_));
    }
}

/// The alarm rings when the queue is due, posts, and gets this answer.
fn post(notifier: &mut Driven, outcome: &Outcome<Answered>) {
    let alarm = notifier.object.alarm.expect("what is queued is due");
    notifier.now = notifier.now.max(alarm);
    let run = |_: &mut Driven, effects: Vec<Effect>| {
        let is_post = |it: &&Effect| matches!(it, Effect::Post(..));
        let posts = effects.iter().filter(is_post).count();
        assert_eq!(posts, 1, "{effects:?}");
        for effect in effects {
            match effect {
                Effect::Post(_, then) => then.complete(outcome.clone()),
                other => Fate::failed().meet(other),
            }
        }
    };
    let worked = notifier.alarm(&CONFIG.settings, run);
    worked.expect("its rows can be read");
}

/// The next try comes at least a second from now, and at most a quarter of an
/// hour; after a 429 exactly when Slack asked for it.
fn is_due(notifier: &Driven, verdict: &Verdict, leaves: bool) {
    let head = notifier.object.rows.iter();
    let mut head = head.filter(|((_, key), _)| key == "head");
    let (_, (text, _)) = head.next().expect("there is a head");
    let head: Value = serde_json::from_str(text).expect("it is JSON");
    let retry = head["slack"]["retry"]["at"]
        .as_i64()
        .expect("a retry has a time");
    let wait = retry - notifier.now.as_millis();
    assert!(leaves || (1_000..=900_000).contains(&wait), "{wait} ms");
    if let Verdict::Wait(asked) = verdict {
        assert_eq!(u128::try_from(wait), Ok(asked.as_millis()));
    }
}

fn rows(notifier: &Driven, prefix: &str) -> usize {
    let keys = notifier.object.rows.keys();
    keys.filter(|(_, key)| key.starts_with(prefix)).count()
}

/// Without an answer, a post is retried.
fn verdict_on(outcome: &Outcome<Answered>, now: Timestamp) -> Verdict {
    match outcome {
        Ok(answer) => judge(answer, now),
        Err(_) => Verdict::Retry(String::new()),
    }
}

fn is_by_design(outcome: &Outcome<Answered>, verdict: &Verdict) {
    let Ok(answer) = outcome else {
        return assert!(matches!(verdict, Verdict::Retry(_)));
    };
    match (answer.status, verdict) {
        (200..=299, Verdict::Delivered) => {}
        (429, Verdict::Wait(wait)) => {
            if let Some(asked) = asked(answer.retry_after.as_deref()) {
                assert_eq!(*wait, asked);
            }
            assert!((1_000..=900_000).contains(&wait.as_millis()), "{wait:?}");
        }
        (400 | 413, Verdict::RefusedMessage(refusal)) => is_safe(answer, refusal),
        (300..=407 | 409..=424 | 426..=428 | 430..=499, Verdict::RefusedHook(refusal)) => {
            is_safe(answer, refusal);
        }
        // What the body says counts more than the status.
        (_, Verdict::RefusedHook(refusal)) if !answer.body.trim().is_empty() => {
            is_safe(answer, refusal);
        }
        (0..=199 | 408 | 425 | 500.., Verdict::Retry(reason)) => {
            assert_eq!(*reason, format!("Slack answered {}", answer.status));
        }
        _ => panic!("{answer:?} counts as {verdict:?}"),
    }
}

/// The wait after a 429 whose header has digits alone, within limits; `None` for other forms.
fn asked(header: Option<&str>) -> Option<Duration> {
    let Some(digits) = header.map(str::trim) else {
        return Some(Duration::from_secs(30));
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let small = digits.trim_start_matches('0');
    let small = if small.len() > 3 { "900" } else { small };
    let seconds: u64 = small.parse().unwrap_or(0);
    Some(Duration::from_secs(seconds.clamp(1, 900)))
}

/// A rejection names a code of Slack's form or none, and never the body.
fn is_safe(answer: &Answered, refusal: &Refusal) {
    let prefix = format!("Slack answered {}: ", answer.status);
    let said = refusal.reason.strip_prefix(&prefix).expect("the status");
    let said = said.trim_end_matches(" to several unrelated messages");
    let is_code = |byte: u8| byte == b'_' || byte.is_ascii_lowercase();
    let is_code = (1..=60).contains(&said.len()) && said.bytes().all(is_code);
    let is_ours = ["a web page", "a failure", "no known reason"].contains(&said);
    assert!(is_code || is_ours, "{refusal}");
    assert_ne!(refusal.remedy, "");
}
