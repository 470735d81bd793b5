//! What people do about incidents: be on one, mute it, close it. New links are in `new_links`, what a
//! link may do in `act_rights`.

use kombo_edge::domain::act::Act;
use serde_json::json;

use crate::alert_schedule::fail;
use crate::clock::after;
use crate::events::incidents;
use crate::kombo::{created, failed, issue, state};
use crate::visits::{LINKS, Page, urls};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// A world with links, in which customer 42 could not connect `HiBob`.
pub(crate) fn failing(settings: &[(&str, &str)]) -> World {
    let mut world = World::with(&[&LINKS[..], settings].concat());
    world.deliver(&failed("e1", "hibob", Some("42")));
    world.settle();
    world
}

/// The document of the only incident.
pub(crate) fn incident(world: &World) -> serde_json::Value {
    let mut found = world
        .kv
        .iter()
        .filter(|(key, _)| key.starts_with("incident:"));
    let (_, (document, _)) = found.next().expect("an incident");
    assert!(found.next().is_none());
    document.clone()
}

/// What the API lists of the only incident.
fn listed(world: &mut World) -> serde_json::Value {
    let (_, page) = world.get("/v1/incidents");
    page["incidents"][0].clone()
}

/// Anna says that she is on it.
fn taken(world: &mut World) -> Page {
    let url = world.link(Act::Take);
    world.submit(&url, "name=Anna")
}

#[test]
fn opening_a_link_changes_nothing_however_often_it_is_opened() {
    for act in Act::ALL {
        let mut world = failing(&[]);
        let url = world.link(act);
        let (kv, alarms) = (world.kv.clone(), world.due());
        for _ in 0..3 {
            let page = world.look_at_page(&url);
            assert_eq!(page.status, 200);
            assert!(page.shows("Customer 42 could not connect HiBob (HRIS)"));
            assert!(
                page.html.contains("<form method=\"post\">"),
                "{}",
                page.html
            );
        }
        assert_eq!(world.kv, kv);
        assert_eq!(world.due(), alarms);
        assert_eq!(world.slack.len(), 1);
    }
}

#[test]
fn who_is_on_it_is_said_by_the_page_the_document_the_list_and_the_next_message() {
    let mut world = failing(&[]);
    let at = world.now.to_rfc3339();
    let page = taken(&mut world);
    assert!(
        page.status == 200 && page.shows("You are on it"),
        "{}",
        page.html
    );
    let assignee = json!({ "name": "Anna", "since": at });
    let act = json!({ "act": "take", "by": "Anna", "at": at });
    assert_eq!(incident(&world)["assignee"], assignee);
    assert_eq!(incident(&world)["acts"], json!([act]));
    let listed = listed(&mut world);
    assert_eq!(
        (&listed["assignee"], &listed["acts"]),
        (&assignee, &json!([act]))
    );
    fail(&mut world, 2, 10 * MINUTE);
    let (_, repeat) = world.slack.last().unwrap();
    assert!(
        repeat
            .to_string()
            .contains("Anna has been on it for 15 min."),
        "{repeat}"
    );
    assert_eq!(urls(repeat, "Take over").len(), 1);
    world.pass(after(30 * HOUR));
    let (_, summary) = world.slack.last().unwrap();
    assert!(
        summary.to_string().contains("Anna has been on it for 23 h"),
        "{summary}"
    );
}

#[test]
fn being_on_it_stops_the_mention_and_not_the_messages() {
    for audience in ["connection", "integration"] {
        let mut world = World::with(&[&LINKS[..], &[("SLACK_MENTION", "@here")]].concat());
        match audience {
            "connection" => world.deliver(&failed("e1", "hibob", Some("42"))),
            _ => world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1)),
        };
        world.pass(after(MINUTE));
        taken(&mut world);
        let sent = world.slack.len();
        if audience == "connection" {
            fail(&mut world, 6, 20 * MINUTE);
            assert!(world.slack.len() > sent + 1, "messages go on");
        }
        world.pass(after(3 * HOUR));
        for (_, message) in &world.slack {
            assert!(!message.to_string().contains("<!here>"), "{message}");
        }
    }
}

#[test]
fn an_incident_that_becomes_the_teams_mentions_nobody_if_someone_is_on_it() {
    let about = Some((HIBOB, Some("42")));
    let mut world = World::with(&[&LINKS[..], &[("SLACK_MENTION", "@here")]].concat());
    let mut odd = issue("e1", "i1", about, 1, None);
    odd["data"]["issue"]["type"] = json!("integration.action_failing");
    world.deliver(&odd);
    world.pass(after(MINUTE));
    taken(&mut world);
    world.deliver(&state("e2", HIBOB, Some("42"), "INVALID", 2));
    world.pass(after(2 * HOUR));
    assert!(world.slack.len() > 1);
    for (_, message) in &world.slack {
        assert!(!message.to_string().contains("<!here>"), "{message}");
    }
}

#[test]
fn a_second_person_sees_who_has_it_and_may_take_over() {
    let mut world = failing(&[]);
    let url = world.link(Act::Take);
    taken(&mut world);
    world.pass(after(7 * MINUTE));
    let page = world.look_at_page(&url);
    assert!(page.shows("Anna has been on it for 7 min") && page.shows("Take over"));
    // The page that Ben opened before Anna was on it.
    let late = world.submit(&url, "name=Ben");
    assert_eq!(late.status, 409);
    assert!(late.shows("Someone was faster") && late.shows("Anna has been on it"));
    assert_eq!(incident(&world)["assignee"]["name"], "Anna");
    let seen = page.html.split("name=\"seen\" value=\"").nth(1).unwrap();
    let seen = seen.split('"').next().unwrap();
    let over = world.submit(&url, &format!("name=Ben&seen={seen}"));
    assert!(over.status == 200 && over.shows("Ben has been on it"));
    let acts = incident(&world)["acts"].clone();
    let who: Vec<_> = acts
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["by"])
        .collect();
    assert_eq!(who, ["Anna", "Ben"]);
    // Sending the form again changes nothing.
    let revision = incident(&world)["revision"].clone();
    assert_eq!(world.submit(&url, "name=Ben").status, 200);
    assert_eq!(incident(&world)["revision"], revision);
}

#[test]
fn nobody_is_on_an_incident_that_opens_again_unless_it_only_came_back() {
    let mut world = failing(&[]);
    taken(&mut world);
    world.deliver(&created("c1", "hibob:Other", Some("42")));
    world.pass(after(30 * HOUR));
    world.deliver(&failed("e9", "hibob", Some("42")));
    world.settle();
    assert_eq!(incident(&world)["assignee"], json!(null));
    assert_eq!(incident(&world)["acts"], json!([]));

    let mut world = World::with(&LINKS);
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    world.settle();
    taken(&mut world);
    world.deliver(&state("e2", HIBOB, Some("42"), "ACTIVE", 2));
    world.pass(after(10 * MINUTE));
    world.deliver(&state("e3", HIBOB, Some("42"), "INVALID", 3));
    world.settle();
    assert_eq!(incident(&world)["assignee"]["name"], "Anna");
}

#[test]
fn a_mute_lasts_as_long_as_it_was_chosen_to_and_then_one_message_says_what_is_open() {
    for (form, hours) in [
        ("span=day", 24),
        ("span=week", 7 * 24),
        ("span=date&date=2026-11-25", 40),
    ] {
        let mut world = failing(&[("DAILY_SUMMARY_UTC", "off")]);
        let url = world.link(Act::Mute);
        let page = world.submit(&url, &format!("name=Anna&{form}"));
        assert!(
            page.status == 200 && page.shows("Muted until "),
            "{}",
            page.html
        );
        let until = incident(&world)["muted_until"].clone();
        let act = &incident(&world)["acts"][0];
        assert_eq!((&act["act"], &act["until"]), (&json!("mute"), &until));
        fail(&mut world, 1, (hours - 1) * HOUR);
        assert_eq!(world.slack.len(), 1, "{form}");
        world.pass(after(2 * HOUR));
        assert_eq!(world.texts().len(), 2, "{form}");
        let text = world.texts()[1];
        assert!(
            text.contains("still not connected after the mute"),
            "{text}"
        );
    }
}

#[test]
fn closing_says_who_closed_it_to_those_who_heard_of_it() {
    for (event, text) in [
        (
            failed("e1", "hibob", Some("42")),
            "Customer 42: Anna closed the incident about HiBob (HRIS)",
        ),
        (
            state("e1", HIBOB, Some("42"), "INVALID", 1),
            "Customer 42: Anna closed the incident about HiBob (HRIS)",
        ),
        (
            issue("e1", "i1", None, 1, None),
            "Anna closed the incident of the whole environment",
        ),
    ] {
        let mut world = World::with(&LINKS);
        world.deliver(&event);
        world.settle();
        let url = world.link(Act::Close);
        let page = world.submit(&url, "name=Anna");
        assert!(page.status == 200 && page.shows("Closed"), "{}", page.html);
        assert!(incidents(&world).is_empty());
        let shown = world.texts().last().unwrap().replace('\u{2060}', "");
        assert_eq!(shown, text);
    }
}

#[test]
fn each_act_is_a_line_of_the_log_with_who_what_and_whom() {
    for (act, form) in [
        (Act::Take, "name=Anna"),
        (Act::Mute, "name=Anna&span=day"),
        (Act::Close, "name=Anna"),
    ] {
        let mut world = failing(&[]);
        let url = world.link(act);
        let at = world.now.to_rfc3339();
        world.submit(&url, form);
        let line: serde_json::Value = world
            .log
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .find(|line: &serde_json::Value| line["event"] == "act")
            .expect("a line");
        assert_eq!(
            line,
            json!({
                "at": at, "event": "act", "outcome": "done",
                "origin_id": "42", "tool": "hibob", "category": "HRIS",
                "act": act.as_str(), "by": "Anna",
            })
        );
    }
}

#[test]
fn the_latest_ten_acts_are_kept_until_contacts_are_forgotten() {
    let mut world = failing(&[]);
    let url = world.link(Act::Mute);
    for number in 1..=12 {
        world.submit(&url, &format!("name=Anna+{number}&span=day"));
    }
    let acts = incident(&world)["acts"].clone();
    assert_eq!(acts.as_array().unwrap().len(), 10);
    assert_eq!(acts[9]["by"], "Anna 12");
    let close = world.link(Act::Close);
    world.submit(&close, "name=Anna");
    let kept = |world: &World| {
        let rows = world
            .objects
            .values()
            .flat_map(|(_, object)| object.rows.values());
        rows.filter(|row| format!("{row:?}").contains("Anna"))
            .count()
    };
    assert!(kept(&world) > 0);
    world.pass(after(31 * 24 * HOUR));
    assert_eq!(kept(&world), 0);
}
