//! Words that depend on a number, the environment, or how much is known. `links` tests
//! the links.

use kombo_edge::contracts::slack::Content;
use kombo_edge::domain::alert::{
    AlertKind, Cause, HealthTopic, Notice, Resolution, Section, Topic,
};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::json::Json;
use serde_json::json;

use crate::checks::faults;
use crate::deployments::NOW;
use crate::kinds::{
    acme, ago, alert, connection, could_not_connect, handle, personio, sample, team,
};
use crate::lists::standing;
use crate::{rendered, rendered_plainly, shown};

/// What a reader sees of an alert to the team.
fn shown_to_team(what: AlertKind) -> String {
    shown(&rendered_plainly(Content::One(team(what).stored())))
}

/// The headline of a message to the team.
fn headline(content: Content) -> String {
    let message = rendered_plainly(content);
    let blocks = message["blocks"].as_array().unwrap();
    let header = blocks.iter().find(|block| block["type"] == "header");
    header.unwrap()["text"]["text"].as_str().unwrap().to_owned()
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
        by: None,
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
    assert!(text.contains(", tool09 (ATS)\nContact"), "{text}");
    let text = of(12);
    assert!(text.contains(", tool09 (ATS), 2 more\nContact"), "{text}");
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
    assert!(text.contains("\n• … and 3 more"), "{text}");
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
    assert!(text.contains("\n• … and 2 more.\n"), "{text}");
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

fn failed_with(tool: &str, attempts: u64) -> Json {
    team(could_not_connect(
        connection(tool, "HRIS"),
        attempts,
        vec![],
    ))
    .stored()
}

#[test]
fn a_digest_counts_failures_problems_and_what_was_resolved() {
    let failed = could_not_connect(personio(), 1, vec![]);
    let alerts = [failed, connected(2), recovered(), AlertKind::Test];
    let alerts = alerts.map(|what| team(what).stored()).to_vec();
    assert_eq!(
        headline(Content::Digest(alerts)),
        "🔴 Personio: 1 customer could not connect, 2 connected or resolved, 1 other"
    );
}

#[test]
fn a_digest_says_the_news_and_groups_by_tool() {
    let one = Content::Digest(vec![failed_with("hibob", 1); 13]);
    assert_eq!(
        headline(one.clone()),
        "🔴 HiBob: 13 customers could not connect"
    );
    let text = shown(&rendered_plainly(one));
    assert_eq!(text.matches("could not connect").count(), 1, "{text}");
    let mixed = ["personio", "hibob", "lever", "hibob", "factorial", "deel"];
    let mixed = mixed.map(|tool| failed_with(tool, 1)).to_vec();
    assert_eq!(
        headline(Content::Digest(mixed.clone())),
        "🔴 6 customers could not connect (HiBob 2, Personio 1, Lever 1, 2 other tools)"
    );
    let text = shown(&rendered_plainly(Content::Digest(mixed)));
    let group =
        "\nHiBob (HRIS): 2 customers could not connect\n• Acme, Inc. (36123, hr@acme.example)";
    assert!(text.contains(group), "{text}");
}

#[test]
fn each_line_of_a_digest_keeps_the_log_of_its_customer() {
    let text = shown(&rendered_plainly(Content::Digest(vec![
        failed_with("hibob", 1),
        failed_with("hibob", 4),
    ])));
    let log = "https://app.kombo.dev/env/production/logs?flowId=Yc3RkTz7PvNq|Log>";
    let customer = "• Acme, Inc. (36123, hr@acme.example)";
    for line in [
        format!("{customer} · <{log}"),
        format!("{customer}: 4 attempts · <{log}"),
    ] {
        assert!(text.contains(&line), "{line}: {text}");
    }
}

#[test]
fn good_and_bad_news_differ_at_a_glance_in_the_channel_and_in_the_notification() {
    for (name, emoji) in [
        ("first-failure", "🔴"),
        ("stopped-working", "🔴"),
        ("digest", "🔴"),
        ("already-connected", "⚠️"),
        ("disputed", "⚠️"),
        ("connected", "✅"),
        ("works-again", "✅"),
        ("slack-is-back", "✅"),
        ("reassigned", "ℹ️"),
        ("daily-summary", "📋"),
    ] {
        let begins = |text: &str| text.starts_with(&format!("{emoji} "));
        let headline = headline(sample(name));
        assert!(begins(&headline), "{name}: {headline}");
        let message = rendered_plainly(sample(name));
        let notification = message["text"].as_str().unwrap();
        assert!(begins(notification), "{name}: {notification}");
    }
}

#[test]
fn only_engineers_read_the_id_of_the_event() {
    let text = shown(&rendered_plainly(sample("first-failure")));
    assert!(text.ends_with("\nCustomer id: 36123"), "{text}");
    let text = shown(&rendered_plainly(sample("quarantined")));
    assert!(text.ends_with("\nEvent Ft6yRb4NkWz8QpXc2LmHv9Ds"), "{text}");
}

#[test]
fn commands_are_in_code_style() {
    for (name, command) in [
        (
            "unassigned",
            "npx kombo-edge assign vAv8wy0k --origin-id <customer id>",
        ),
        (
            "missing",
            "npx kombo-edge ask DELETE /v1/integrations/<integration id>",
        ),
        (
            "wrong-signatures",
            "npx wrangler secret put KOMBO_WEBHOOK_SECRET --name <the Worker's name>",
        ),
        ("quarantined", "npx kombo-edge ask GET /v1/quarantine"),
    ] {
        let text = shown(&rendered_plainly(sample(name)));
        assert!(text.contains(&format!("\n`{command}`\n")), "{name}: {text}");
    }
}

#[test]
fn nothing_counts_to_zero() {
    let notice = |about, over| {
        AlertKind::Notice(Notice {
            about,
            over,
            count: 0,
            since: ago(42),
            reason: "Slack answered 500".to_owned(),
        })
    };
    for about in [
        HealthTopic::Slack,
        HealthTopic::Kv,
        HealthTopic::Signatures,
        HealthTopic::SignatureForm,
        HealthTopic::Unsigned,
        HealthTopic::Silence,
    ] {
        for over in [true, false] {
            let text = shown_to_team(notice(about, over));
            let zero = text.split([' ', '\n']).any(|word| word == "0");
            assert!(!zero, "{text}");
        }
    }
    for (open, over) in [(0, 3), (3, 0)] {
        let lead = Content::Lead {
            since: ago(192),
            open,
            over,
            alerts: Vec::new(),
        };
        let text = shown(&rendered_plainly(lead));
        assert!(!text.contains("\n0 ") && !text.contains(", 0 "), "{text}");
    }
}

#[test]
fn a_resolved_issue_of_the_whole_environment_names_no_customer() {
    let message = rendered_plainly(Content::One(team(recovered()).stored()));
    let text = "✅ Kombo's issue with the whole environment is resolved";
    assert_eq!(message["text"], text);
}

#[test]
fn an_issue_of_the_whole_environment_suggests_no_reconnection_link_for_a_customer() {
    let about = |handle| AlertKind::StoppedWorking {
        connection: connection("hibob", "HRIS"),
        handle,
        causes: vec![Cause::InvalidState],
        since: NOW,
        returns: None,
    };
    assert!(shown_to_team(about(Some(handle()))).contains("reconnection link"));
    let text = shown_to_team(about(None));
    assert!(!text.contains("reconnection link"), "{text}");
    assert!(text.contains("Open the integrations in Kombo"), "{text}");
}

#[test]
fn an_alert_of_a_newer_version_makes_a_complete_message() {
    let newer = Json::of(&json!({ "of": "a newer version" }));
    let message = rendered_plainly(Content::One(newer.clone()));
    assert_eq!(faults(&message), [""; 0], "{message}");
    let remedy = "Deploy that version again to read such alerts.";
    assert!(shown(&message).ends_with(remedy), "{message}");
    let message = rendered_plainly(Content::Plain(newer));
    let text = message["text"].as_str().unwrap();
    assert!(text.ends_with(remedy), "{text}");
}

#[test]
fn text_alone_begins_with_what_happened_and_has_no_blank_lines() {
    let Content::One(issue) = sample("issue") else {
        unreachable!("it is one alert");
    };
    let message = rendered_plainly(Content::Plain(issue));
    let text = message["text"].as_str().unwrap();
    assert!(text.starts_with("🔴 Acme, Inc.: HiBob"), "{text}");
    assert!(text.contains("was removed.\nAsk your"), "{text}");
}
