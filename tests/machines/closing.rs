//! Incidents whose end never comes: a human is asked about them, and can close them.

use serde_json::{Value, json};

use crate::clock::after as seconds;
use crate::events::{after, incidents};
use crate::kombo::{created, failed, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const ABOUT: Option<(&str, Option<&str>)> = Some((HIBOB, Some("42")));
const DAY: u64 = 24 * 3_600;

/// Closes the only incident.
fn close(world: &mut World) -> u16 {
    let key = world.kv.keys().find(|key| key.starts_with("incident:"));
    let key = key.unwrap().replace('%', "%25").replace('/', "%2F");
    let path = format!("/v1/incidents/{key}");
    let answer = world.ask("DELETE", &path, &Value::Null);
    world.settle();
    answer.status
}

#[test]
fn a_human_closes_an_incident_of_any_kind_and_those_who_heard_of_it_hear_that() {
    let mut odd = failed("e1", "hi bob/%", Some("42"));
    odd["data"]["integration_category"] = json!("HR:IS");
    for (event, text) in [
        (
            state("e1", HIBOB, Some("42"), "INVALID", 1),
            "Customer 42: someone closed the incident about HiBob (HRIS)",
        ),
        (
            failed("e1", "hibob", None),
            "Nameless GmbH: someone closed the incident about HiBob (HRIS)",
        ),
        (
            odd,
            "Customer 42: someone closed the incident about hi bob/% (HR:IS)",
        ),
        (
            issue("e1", "i1", None, 1, None),
            "Someone closed the incident of the whole environment",
        ),
    ] {
        let mut world = after(&[event]);
        assert_eq!(close(&mut world), 204);
        assert!(incidents(&world).is_empty());
        let shown = world.texts().last().unwrap().replace('\u{2060}', "");
        assert_eq!(shown, text);
    }
}

#[test]
fn an_incident_that_is_not_open_is_not_found() {
    let mut world = after(&[state("e1", HIBOB, Some("42"), "INVALID", 1)]);
    let keys: Vec<String> = world.kv.keys().cloned().collect();
    let key = keys
        .iter()
        .find(|key| key.starts_with("incident:"))
        .unwrap();
    assert_eq!(close(&mut world), 204);
    for key in [key.as_str(), "incident:environment:environment"] {
        let path = format!("/v1/incidents/{}", key.replace('/', "%2F"));
        let answer = world.ask("DELETE", &path, &Value::Null);
        assert_eq!(answer.status, 404, "{key}");
    }
}

#[test]
fn causes_that_a_human_dismissed_do_not_open_the_incident_again() {
    let mut world = after(&[
        created("e0", HIBOB, Some("42")),
        state("e1", HIBOB, Some("42"), "INVALID", 1),
        issue("e2", "i1", ABOUT, 1, None),
    ]);
    close(&mut world);
    world.configure(&[("SILENCE_DAYS", "0")]);
    let sent = world.slack.len();
    world.deliver(&created("e3", "personio:Two", Some("42")));
    world.deliver(&state("e4", HIBOB, Some("42"), "INVALID", 2));
    world.settle();
    world.pass(seconds(40 * DAY));
    world.deliver(&state("e5", HIBOB, Some("42"), "INVALID", 3));
    world.settle();
    assert!(incidents(&world).is_empty(), "{:?}", incidents(&world));
    assert_eq!(world.slack.len(), sent, "{:?}", world.texts());
}

#[test]
fn what_comes_again_after_a_human_closed_it_is_an_incident() {
    let first = [
        state("e1", HIBOB, Some("42"), "INVALID", 1),
        issue("e2", "i1", ABOUT, 1, None),
    ];
    let again = [
        vec![
            state("e3", HIBOB, Some("42"), "ACTIVE", 2),
            state("e4", HIBOB, Some("42"), "INVALID", 3),
        ],
        // Its end was lost, and it is raised again.
        vec![issue("e3", "i1", ABOUT, 5, None)],
        vec![issue("e3", "i2", ABOUT, 5, None)],
    ];
    for events in again {
        let mut world = after(&first);
        close(&mut world);
        for event in &events {
            world.deliver(event);
            world.settle();
        }
        assert_eq!(incidents(&world).len(), 1, "{events:?}");
    }
}

/// The lines of each daily summary that ask about an incident.
fn questions(world: &World) -> Vec<String> {
    let messages = world.slack.iter().map(|(_, message)| message.to_string());
    messages
        .filter(|message| message.contains("open for 14 days"))
        .collect()
}

#[test]
fn after_fourteen_days_the_summary_asks_once_whether_an_incident_is_still_open() {
    let mut world = World::new();
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    world.pass(seconds(13 * DAY));
    assert_eq!(questions(&world).len(), 0);
    world.pass(seconds(30 * DAY));
    let [question] = &questions(&world)[..] else {
        panic!("{:?}", world.texts())
    };
    let handle = kombo_edge::domain::id::IntegrationId::try_from(HIBOB.to_owned());
    let line = format!("HiBob (HRIS) #{}, for 14 d", handle.unwrap().handle());
    assert!(question.contains(&line), "{question}");
    assert!(question.contains("npx kombo-edge close"), "{question}");
}

#[test]
fn each_time_that_an_incident_opens_it_may_be_asked_about() {
    let mut world = World::new();
    for (number, word) in ["INVALID", "ACTIVE", "INVALID"].iter().enumerate() {
        let minute = u8::try_from(number).unwrap();
        world.deliver(&state(
            &format!("e{number}"),
            HIBOB,
            Some("42"),
            word,
            minute,
        ));
        world.pass(seconds(20 * DAY));
    }
    assert_eq!(questions(&world).len(), 2);
}

#[test]
fn a_muted_incident_is_asked_about_when_the_mute_is_over() {
    let mut world = World::new();
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    let mute = json!({ "tool": null, "until": "2026-12-20T00:00:00Z" });
    world.ask("PUT", "/v1/customers/42/mute", &mute);
    world.pass(seconds(20 * DAY));
    assert_eq!(questions(&world).len(), 0);
    world.pass(seconds(20 * DAY));
    assert_eq!(questions(&world).len(), 1);
}
