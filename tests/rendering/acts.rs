//! The links to acts in a message, and who is on an incident.

use kombo_edge::contracts::browser::link::{ActLink, LinkSecrets};
use kombo_edge::contracts::operator::settings::{PublicUrl, Settings};
use kombo_edge::contracts::slack::{self, Content, View};
use kombo_edge::domain::act::Act;
use kombo_edge::domain::alert::{
    Alert, AlertKind, Cause, Connection, IncidentRef, Phase, Section, Topic,
};
use kombo_edge::domain::audience::Audience;
use serde_json::Value;

use crate::deployments::{LINK_SECRET, NOW, plain, view};
use crate::kinds::{
    acme, alert, anna, connection, could_not_connect, failing, handle, incident, personio, sample,
    team,
};
use crate::lists::standing;
use crate::{rendered_plainly, shown};

/// The acts that the links of a message grant, with the labels of the links.
fn acts(message: &Value) -> Vec<(Act, String, String)> {
    let secrets = LinkSecrets::parse(LINK_SECRET).unwrap();
    let text = shown(message);
    let links = text.split("<https://edge.example.com/act?link=").skip(1);
    links
        .map(|rest| {
            let (token, rest) = rest.split_once('|').unwrap();
            let label = rest.split_once('>').unwrap().0.to_owned();
            let link = ActLink::read(token, &secrets, NOW).expect("it is signed");
            (link.act, label, link.incident.text())
        })
        .collect()
}

fn labels(message: &Value) -> Vec<(Act, String)> {
    let acts = acts(message).into_iter();
    acts.map(|(act, label, _)| (act, label)).collect()
}

fn labelled(pairs: &[(Act, &str)]) -> Vec<(Act, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(act, label)| (*act, (*label).to_owned()))
        .collect()
}

fn stopped(cause: Cause) -> Value {
    let what = AlertKind::StoppedWorking {
        connection: connection("hibob", "HRIS"),
        handle: Some(handle()),
        causes: vec![cause],
        since: NOW,
        returns: None,
    };
    rendered_plainly(Content::One(failing(team(what)).stored()))
}

#[test]
fn a_message_about_an_open_incident_links_to_each_act_about_it() {
    let message = rendered_plainly(sample("first-failure"));
    let all = labelled(&[
        (Act::Take, "I’m on it"),
        (Act::Mute, "Mute"),
        (Act::SendLink, "Send a new link"),
        (Act::Close, "Close"),
    ]);
    assert_eq!(labels(&message), all);
    let key = format!("incident:{}", incident("connection:personio:HRIS"));
    for (_, _, about) in acts(&message) {
        assert_eq!(about, key);
    }
    assert_eq!(labels(&stopped(Cause::InvalidState)), all);
}

#[test]
fn a_message_about_what_is_over_links_to_no_act() {
    for name in ["connected", "works-again", "given-up", "closed", "test"] {
        assert_eq!(acts(&rendered_plainly(sample(name))), [], "{name}");
    }
    let resolved = Alert {
        episode: Some(IncidentRef {
            incident: incident("connection:personio:HRIS"),
            phase: Phase::Resolved,
        }),
        ..team(could_not_connect(personio(), 1, vec![]))
    };
    let message = rendered_plainly(Content::One(resolved.stored()));
    assert_eq!(acts(&message), []);
}

#[test]
fn a_new_link_is_offered_only_if_it_can_help() {
    let sends = |message: &Value| labels(message).iter().any(|(act, _)| *act == Act::SendLink);
    let failed = |settings: &Settings| {
        let payload = slack::render(sample("first-failure"), view(settings, Audience::Team));
        sends(&serde_json::from_str(&payload).unwrap())
    };
    assert!(failed(&plain()));
    let without_key = Settings {
        rechecks: false,
        ..plain()
    };
    assert!(!failed(&without_key), "Kombo's API cannot be asked");
    let other: Cause = serde_json::from_value(serde_json::json!({ "issue": {
        "id": "i1", "kind": "integration.action_failing", "title": "", "markdown_message": "",
    } }))
    .unwrap();
    assert!(!sends(&stopped(other)), "credentials are not the problem");
    let unknown = failing(team(could_not_connect(Connection::default(), 1, vec![])));
    assert!(!sends(&rendered_plainly(Content::One(unknown.stored()))));
}

#[test]
fn without_a_secret_or_an_address_there_are_no_links_and_a_learned_address_is_enough() {
    let text = |settings: &Settings, learned: Option<&PublicUrl>| {
        let view = View {
            learned,
            ..view(settings, Audience::Team)
        };
        slack::render(sample("first-failure"), view)
    };
    let learned = PublicUrl::parse("https://learned.example.com").unwrap();
    let without_secret = Settings {
        link_secrets: None,
        ..plain()
    };
    assert!(!text(&without_secret, Some(&learned)).contains("/act?"));
    let without_url = Settings {
        public_url: None,
        ..plain()
    };
    assert!(!text(&without_url, None).contains("/act?"));
    assert!(text(&without_url, Some(&learned)).contains("https://learned.example.com/act?link="));
    let own = text(&plain(), Some(&learned));
    assert!(own.contains("https://edge.example.com/act?link=") && !own.contains("learned"));
}

#[test]
fn repeats_digests_and_summaries_say_who_is_on_it_and_let_someone_take_over() {
    let says = |message: &Value, wanted: &str| {
        let text = shown(message);
        assert!(text.contains(wanted), "{text}");
    };
    let repeat = rendered_plainly(sample("taken"));
    says(&repeat, "Anna Nguyễn has been on it for 18 min.");
    assert!(labels(&repeat).contains(&(Act::Take, "Take over".to_owned())));
    let taken = Alert {
        assignee: Some(anna(18)),
        ..failing(team(could_not_connect(personio(), 2, vec![])))
    };
    let free = failing(team(could_not_connect(personio(), 1, vec![])));
    let digest = rendered_plainly(Content::Digest(vec![taken.stored(), free.stored()]));
    says(
        &digest,
        "2 attempts · <https://app.kombo.dev/env/production/logs?flowId=Yc3RkTz7PvNq|Log> · Anna Nguyễn has been on it for 18 min",
    );
    let both = labelled(&[(Act::Take, "Take over"), (Act::Take, "I’m on it")]);
    assert_eq!(labels(&digest), both);
    let summary = rendered_plainly(sample("daily-summary"));
    says(
        &summary,
        "the first 23 h ago · Anna Nguyễn has been on it for 3 h",
    );
    let after_mute = rendered_plainly(sample("after-a-mute"));
    assert_eq!(labels(&after_mute).len(), 6, "three for each of two");
}

#[test]
fn links_never_push_a_line_out_of_a_summary() {
    let many = (0..25).map(|_| standing(acme(), personio(), 3, 300));
    let section = |topic, count| Section {
        topic,
        total: count,
        standing: many.clone().take(usize::try_from(count).unwrap()).collect(),
    };
    let sections = vec![
        section(Topic::NotConnected, 25),
        section(Topic::NotWorking, 10),
        section(Topic::StillBroken, 10),
    ];
    let summary = alert(acme(), Audience::Team, AlertKind::Summary { sections });
    let message = rendered_plainly(Content::One(summary.stored()));
    let lines = shown(&message).matches("failed attempts").count();
    assert_eq!(lines, 45);
    assert_eq!(acts(&message).len(), 24);
}
