//! One message of each kind, as people would meet it: for a look at all of them,
//! and for the pictures in the documentation.

use kombo_edge::alert::{
    Alert, Concern, Connection, Ending, Notice, Section, Standing, Topic, What, Who,
};
use kombo_edge::id::{Category, EventId, IntegrationId, IssueId, OriginId, Tool};
use kombo_edge::issue::Cause;
use kombo_edge::notifier::Channel;
use kombo_edge::record::Json;
use kombo_edge::slack::Post;
use kombo_edge::time::Timestamp;

use crate::NOW;

fn ago(minutes: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() - minutes * 60_000)
}

fn who(id: &str, name: &str, contact: &str) -> Who {
    Who {
        origin_id: OriginId::try_from(id.to_owned()).ok(),
        organization_name: Some(name.to_owned()),
        contact: Some(contact.to_owned()),
    }
}

fn acme() -> Who {
    who("36123", "Acme, Inc.", "hr@acme.example")
}

fn connection(tool: &str, category: &str) -> Connection {
    Connection {
        tool: Tool::try_from(tool.to_owned()).ok(),
        category: Category::try_from(category.to_owned()).ok(),
    }
}

fn personio() -> Connection {
    connection("personio", "HRIS")
}

fn alert(who: Who, audience: Channel, what: What) -> Alert {
    Alert {
        who,
        event_id: EventId::try_from("Ft6yRb4NkWz8QpXc2LmHv9Ds".to_owned()).ok(),
        ..Alert::new("a1".to_owned(), NOW, audience, what)
    }
}

fn could_not_connect(connection: Connection, attempts: u64, connected: Vec<Connection>) -> What {
    What::CouldNotConnect {
        connection,
        attempts,
        since: if attempts > 1 { ago(42) } else { NOW },
        last_at: NOW,
        log_url: Some("https://app.kombo.dev/env/production/logs?flowId=Yc3RkTz7PvNq".to_owned()),
        connected,
    }
}

fn standing(who: Who, connection: Connection, attempts: u64, minutes: i64) -> Standing {
    Standing {
        who,
        connection,
        attempts,
        since: ago(minutes),
    }
}

fn notice(about: Concern, over: bool, count: u64, minutes: i64, reason: &str) -> What {
    What::Notice(Notice {
        about,
        over,
        count,
        since: ago(minutes),
        reason: reason.to_owned(),
    })
}

fn issue() -> Cause {
    Cause::Issue {
        id: IssueId::try_from("Px4LmRz9WvTc6NkQ2HsYb8Gd".to_owned()).unwrap(),
        kind: "integration.authentication_failed".to_owned(),
        title: "Authentication failed".to_owned(),
        markdown_message: "Kombo could not authenticate with HiBob: the service user was removed.\n\nAsk your customer to make a new one and to reconnect.".to_owned(),
    }
}

fn summary() -> What {
    let bloom = who("871", "Bloom & Wild GmbH", "people@bloom.example");
    let section = |topic, total, standing| Section {
        topic,
        total,
        standing,
    };
    What::Summary {
        sections: vec![
            section(
                Topic::NotConnected,
                2,
                vec![
                    standing(
                        bloom.clone(),
                        connection("successfactors", "HRIS"),
                        5,
                        3_100,
                    ),
                    standing(acme(), personio(), 4, 1_380),
                ],
            ),
            section(
                Topic::NotWorking,
                1,
                vec![standing(bloom, connection("bamboohr", "HRIS"), 0, 20_400)],
            ),
            section(
                Topic::Unassigned,
                1,
                vec![standing(
                    Who {
                        organization_name: Some("Nordlicht AG".to_owned()),
                        ..Who::default()
                    },
                    connection("hibob", "HRIS"),
                    0,
                    2_900,
                )],
            ),
            section(Topic::Quarantined, 3, vec![]),
        ],
    }
}

/// The team's alerts.
fn of_the_team() -> Vec<(&'static str, Alert)> {
    let handle = IntegrationId::try_from("hibob:T3xkPq9VwLm2ZrYs8GdHnC5J".to_owned());
    let handle = Some(handle.unwrap().handle());
    let stopped = |causes| What::StoppedWorking {
        connection: connection("hibob", "HRIS"),
        handle: handle.clone(),
        causes,
        since: NOW,
    };
    let connected = |instead_of, attempts| What::Connected {
        connection: personio(),
        instead_of,
        attempts,
        since: ago(42),
    };
    let first = could_not_connect(personio(), 1, vec![]);
    let again = could_not_connect(personio(), 4, vec![connection("lever", "ATS")]);
    let team = |what| alert(acme(), Channel::Main, what);
    vec![
        ("first-failure", team(first)),
        (
            "further-failures",
            Alert {
                mentions: true,
                ..team(again)
            },
        ),
        (
            "already-connected",
            team(could_not_connect(personio(), 1, vec![personio()])),
        ),
        ("connected", team(connected(None, 4))),
        (
            "connected-instead",
            team(connected(Some(connection("hibob", "HRIS")), 3)),
        ),
        ("announced", team(connected(None, 0))),
        (
            "disconnected",
            team(What::Disconnected {
                connection: personio(),
            }),
        ),
        ("stopped-working", team(stopped(vec![Cause::InvalidState]))),
        ("issue", team(stopped(vec![issue()]))),
        (
            "works-again",
            team(What::Recovered {
                connection: connection("hibob", "HRIS"),
                handle: handle.clone(),
                since: ago(200),
                ending: Ending::Works,
            }),
        ),
        (
            "after-a-mute",
            team(What::StillOpen {
                standing: vec![
                    standing(Who::default(), personio(), 4, 300),
                    standing(Who::default(), connection("lever", "ATS"), 0, 600),
                ],
            }),
        ),
        (
            "daily-summary",
            Alert {
                event_id: None,
                ..alert(Who::default(), Channel::Main, summary())
            },
        ),
        (
            "given-up",
            team(What::GivenUp {
                connection: personio(),
                attempts: 2,
                since: ago(10_200),
            }),
        ),
    ]
}

/// The engineers' alerts.
fn of_the_engineers() -> Vec<(&'static str, Alert)> {
    let handle = IntegrationId::try_from("hibob:T3xkPq9VwLm2ZrYs8GdHnC5J".to_owned());
    let handle = handle.unwrap().handle();
    let id = |id: &str| OriginId::try_from(id.to_owned()).unwrap();
    let nobody = Who {
        organization_name: Some("Nordlicht AG".to_owned()),
        contact: Some("it@nordlicht.example".to_owned()),
        origin_id: None,
    };
    let ops = |who, what| alert(who, Channel::Ops, what);
    let own = |what| Alert {
        event_id: None,
        ..alert(Who::default(), Channel::Ops, what)
    };
    let no_service = "Slack answered 404: no_service; the webhook was removed, disabled or revoked: make a new one in the Slack app and set its URL";
    vec![
        (
            "unassigned",
            ops(
                nobody,
                What::Unassigned {
                    connection: connection("hibob", "HRIS"),
                    handle: handle.clone(),
                },
            ),
        ),
        (
            "disputed",
            ops(
                acme(),
                What::Disputed {
                    connection: personio(),
                    handle,
                    holder: id("36123"),
                    claimant: id("871"),
                },
            ),
        ),
        (
            "quarantined",
            ops(
                Who::default(),
                What::Quarantined {
                    kind: "integration-created".to_owned(),
                    reason: "`data.id` is missing or no text".to_owned(),
                },
            ),
        ),
        (
            "slack-refuses",
            own(notice(Concern::Slack, false, 12, 11, no_service)),
        ),
        (
            "slack-is-back",
            own(notice(Concern::Slack, true, 12, 95, "")),
        ),
        (
            "kv-is-late",
            own(notice(Concern::Kv, false, 7, 12, "Workers KV answered 429")),
        ),
        ("kv-is-back", own(notice(Concern::Kv, true, 0, 34, ""))),
        (
            "wrong-signatures",
            own(notice(Concern::Signatures, false, 37, 61, "")),
        ),
        (
            "silence",
            own(notice(Concern::Silence, false, 0, 7 * 24 * 60, "")),
        ),
    ]
}

/// Every kind of message, by a name for its picture.
pub(crate) fn all() -> Vec<(&'static str, Post)> {
    let alerts = of_the_team().into_iter().chain(of_the_engineers());
    let mut posts: Vec<(&str, Post)> = alerts
        .map(|(name, alert)| (name, Post::One(alert.stored())))
        .collect();
    let names = [
        "Acme, Inc.",
        "Bloom & Wild GmbH",
        "Nordlicht AG",
        "Fjord Logistik",
        "Peak AB",
        "Tidal Ltd",
    ];
    let storm: Vec<Json> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let who = who(&format!("{}", 4_100 + number), name, "hr@customer.example");
            let what = could_not_connect(personio(), 1, vec![]);
            alert(who, Channel::Main, what).stored()
        })
        .collect();
    let open = storm[..3].to_vec();
    posts.push(("digest", Post::Digest(storm)));
    posts.push((
        "after-an-outage",
        Post::Lead {
            since: ago(192),
            open: 3,
            over: 9,
            alerts: open,
        },
    ));
    posts
}

/// That each kind is among them; a kind that is new has to be named here.
pub(crate) fn kind(what: &What) -> &'static str {
    match what {
        What::CouldNotConnect { .. } => "could_not_connect",
        What::Connected { .. } => "connected",
        What::Disconnected { .. } => "disconnected",
        What::StoppedWorking { .. } => "stopped_working",
        What::Recovered { .. } => "recovered",
        What::GivenUp { .. } => "given_up",
        What::StillOpen { .. } => "still_open",
        What::Unassigned { .. } => "unassigned",
        What::Disputed { .. } => "disputed",
        What::Quarantined { .. } => "quarantined",
        What::Notice(_) => "notice",
        What::Summary { .. } => "summary",
    }
}

/// The kinds that stand among the samples.
pub(crate) fn kinds() -> Vec<&'static str> {
    let alerts = of_the_team().into_iter().chain(of_the_engineers());
    let mut kinds: Vec<&str> = alerts.map(|(_, alert)| kind(&alert.what)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
