//! Words that depend on a number, the environment, or how much is known. `links` tests
//! the links.

use kombo_edge::contracts::slack::Content;
use kombo_edge::domain::alert::{AlertKind, Resolution, Section, Topic};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::json::Json;
use serde_json::json;

use crate::checks::faults;
use crate::kinds::{acme, ago, alert, connection, could_not_connect, personio, sample, team};
use crate::lists::standing;
use crate::{rendered, rendered_plainly, shown};

/// What a reader sees of an alert to the team.
fn shown_to_team(what: AlertKind) -> String {
    shown(&rendered_plainly(Content::One(team(what).stored())))
}

fn connected(attempts: u64) -> AlertKind {
    AlertKind::Connected {
        connection: personio(),
        instead_of: None,
        attempts,
        since: ago(42),
        incomplete: false,
    }
}

fn recovered() -> AlertKind {
    AlertKind::Recovered {
        connection: connection("hibob", "HRIS"),
        handle: None,
        since: ago(42),
        ending: Resolution::Works,
        returns: None,
    }
}

#[test]
fn one_attempt_shows_its_time_and_several_show_the_first_and_the_latest() {
    let text = shown_to_team(could_not_connect(personio(), 1, vec![]));
    assert!(text.contains("\n<!date^1795420800^"), "{text}");
    assert!(!text.contains("attempts since"), "{text}");
    let text = shown_to_team(could_not_connect(personio(), 2, vec![]));
    let course = "\n2 attempts since <!date^1795418280^";
    assert!(text.contains(course), "{text}");
    assert!(text.contains(", the latest <!date^1795420800^"), "{text}");
}

#[test]
fn only_a_success_after_failures_mentions_attempts() {
    let text = shown_to_team(connected(0));
    assert!(!text.contains("attempt"), "{text}");
    assert!(text.contains("\n<!date^1795420800^"), "{text}");
    let text = shown_to_team(connected(1));
    let course = "\nTook 42 min. First attempt <!date^1795418280^";
    assert!(text.contains(course), "{text}");
}

#[test]
fn ten_tools_are_named_and_the_rest_are_counted() {
    let of = |count: u8| {
        let tools = (0..count).map(|number| connection(&format!("tool{number:02}"), "ATS"));
        shown_to_team(could_not_connect(personio(), 1, tools.collect()))
    };
    let text = of(10);
    assert!(text.contains(", Tool09 (ATS)\nContact"), "{text}");
    let text = of(12);
    assert!(text.contains(", Tool09 (ATS), 2 more\nContact"), "{text}");
}

#[test]
fn the_summary_says_how_many_incidents_it_leaves_out_if_it_names_any() {
    let of = |named: usize, total| {
        let standing = vec![standing(acme(), personio(), 4, 300); named];
        let topic = Topic::NotConnected;
        let sections = vec![Section {
            topic,
            total,
            standing,
        }];
        shown_to_team(AlertKind::Summary { sections })
    };
    let text = of(2, 5);
    assert!(text.contains("\n… and 3 more\n"), "{text}");
    for (named, total) in [(2, 2), (0, 3)] {
        let text = of(named, total);
        assert!(!text.contains("… and"), "{named} of {total}: {text}");
    }
}

#[test]
fn the_first_message_after_an_outage_says_how_many_incidents_it_leaves_out() {
    let of = |open| {
        let failed = team(could_not_connect(personio(), 1, vec![])).stored();
        let lead = Content::Lead {
            since: ago(192),
            open,
            over: 9,
            alerts: vec![failed; 3],
        };
        shown(&rendered_plainly(lead))
    };
    let text = of(5);
    assert!(text.contains("\n… and 2 more.\n"), "{text}");
    let text = of(3);
    assert!(!text.contains("… and"), "{text}");
}

#[test]
fn a_message_of_several_alerts_begins_with_the_environment() {
    for name in ["digest", "after-an-outage"] {
        let message = rendered(sample(name), Audience::Team);
        let above = &message["blocks"][0]["elements"][0]["text"];
        assert_eq!(above, "Environment: staging", "{name}: {message}");
    }
    let engineers = alert(acme(), Audience::Engineers, AlertKind::Test).stored();
    let message = rendered(Content::Digest(vec![engineers; 2]), Audience::Team);
    let above = &message["blocks"][0]["elements"][0]["text"];
    assert_eq!(above, "For engineers · Environment: staging");
}

#[test]
fn a_digest_counts_failures_problems_and_what_was_resolved() {
    let failed = could_not_connect(personio(), 1, vec![]);
    let alerts = [failed, connected(2), recovered(), AlertKind::Test];
    let alerts = alerts.map(|what| team(what).stored()).to_vec();
    let message = rendered_plainly(Content::Digest(alerts));
    assert_eq!(
        message["text"],
        "1 could not connect, 2 connected or resolved, 1 other"
    );
}

#[test]
fn a_resolved_issue_of_the_whole_environment_names_no_customer() {
    let message = rendered_plainly(Content::One(team(recovered()).stored()));
    let text = "Kombo's issue with the whole environment is resolved";
    assert_eq!(message["text"], text);
}

#[test]
fn an_alert_of_a_newer_version_makes_a_complete_message() {
    let newer = Json::of(&json!({ "of": "a newer version" }));
    let message = rendered_plainly(Content::One(newer.clone()));
    assert_eq!(faults(&message), [""; 0], "{message}");
    assert!(shown(&message).ends_with("\nkombo-edge"), "{message}");
    let message = rendered_plainly(Content::Plain(newer));
    let text = message["text"].as_str().unwrap();
    assert!(text.ends_with("\nkombo-edge"), "{text}");
}

#[test]
fn text_alone_begins_with_what_happened_and_has_no_blank_lines() {
    let Content::One(issue) = sample("issue") else {
        unreachable!("it is one alert");
    };
    let message = rendered_plainly(Content::Plain(issue));
    let text = message["text"].as_str().unwrap();
    assert!(text.starts_with("Acme, Inc.: HiBob"), "{text}");
    assert!(text.contains("was removed.\nAsk your"), "{text}");
}
