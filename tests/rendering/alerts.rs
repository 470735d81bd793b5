//! Arbitrary alerts of every kind, with hostile texts from `texts`. Messages that are wrong
//! on purpose are in `invalid`.

use kombo_edge::contracts::slack::Content;
use kombo_edge::domain::act::{Assignee, Person};
use kombo_edge::domain::alert::{
    Alert, AlertKind, Cause, Connection, CustomerRef, HealthTopic, IncidentRef, Notice,
    OpenProblem, Phase, Resolution, Returns, Section, Topic,
};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::id::{Category, EventId, Handle, IntegrationId, IssueId, OriginId, Tool};
use kombo_edge::domain::time::Timestamp;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any};
use proptest::{prop_oneof, sample};

use crate::texts::{fitting, text};

fn who() -> BoxedStrategy<CustomerRef> {
    let contact = of(prop_oneof![text(), Just("hr@example.com".to_owned())]);
    (fitting::<OriginId>(500), of(text()), contact)
        .prop_map(|(origin_id, organization_name, contact)| CustomerRef {
            origin_id,
            organization_name,
            contact,
        })
        .boxed()
}

fn connection() -> BoxedStrategy<Connection> {
    (fitting::<Tool>(64), fitting::<Category>(64))
        .prop_map(|(tool, category)| Connection { tool, category })
        .boxed()
}

fn moment() -> BoxedStrategy<Timestamp> {
    prop_oneof![
        Just(Timestamp::from_millis(1_795_400_000_000)),
        any::<i64>().prop_map(Timestamp::from_millis),
    ]
    .boxed()
}

fn handle() -> Handle {
    IntegrationId::try_from("hibob:T3xkPq9VwLm2ZrYs8GdHnC5J".to_owned())
        .unwrap()
        .handle()
}

fn origin() -> impl Strategy<Value = OriginId> {
    fitting(500).prop_map(|id| id.unwrap_or_else(|| OriginId::try_from("42".to_owned()).unwrap()))
}

fn cause() -> BoxedStrategy<Cause> {
    prop_oneof![
        Just(Cause::InvalidState),
        (text(), text(), text()).prop_map(|(kind, title, markdown_message)| Cause::Issue {
            id: IssueId::try_from("i1".to_owned()).unwrap(),
            kind: if kind.len() % 2 == 0 {
                "integration.authentication_failed".to_owned()
            } else {
                kind
            },
            title,
            markdown_message,
            raised_at: None,
        }),
    ]
    .boxed()
}

fn standing() -> BoxedStrategy<OpenProblem> {
    (who(), connection(), 0..5_u64, moment())
        .prop_map(|(who, connection, attempts, since)| OpenProblem {
            who,
            connection,
            attempts,
            since,
            handle: attempts.eq(&0).then(handle),
            incident: attempts.gt(&1).then(incident),
            assignee: attempts.gt(&2).then(assignee),
        })
        .boxed()
}

fn incident() -> String {
    "customer/wY8jygNJOYqXetwNEWpEmtfBRe_GXrVtLCVlatfdM7g:connection:hibob:HRIS".to_owned()
}

/// Someone with a name that is as long and as odd as a name may be.
fn assignee() -> Assignee {
    let name = format!("<!here> *{}", "🦉".repeat(51));
    Assignee {
        name: Person::try_from(name).unwrap(),
        since: Timestamp::default(),
    }
}

fn returns() -> BoxedStrategy<Option<Returns>> {
    let returns = (any::<u64>(), moment()).prop_map(|(times, since)| Returns { times, since });
    of(returns).boxed()
}

fn could_not_connect() -> BoxedStrategy<AlertKind> {
    let log = of(prop_oneof![
        text(),
        text().prop_map(|path| format!("https://app.kombo.dev/{path}"))
    ]);
    (
        connection(),
        1..9_u64,
        moment(),
        log,
        vec(connection(), 0..14),
    )
        .prop_map(
            |(connection, attempts, since, log_url, connected)| AlertKind::CouldNotConnect {
                connection,
                attempts,
                since,
                last_at: since,
                log_url,
                connected,
            },
        )
        .boxed()
}

/// What follows long after an incident began or ended.
fn of_later() -> BoxedStrategy<AlertKind> {
    prop_oneof![
        (connection(), of(text())).prop_map(|(connection, log_url)| {
            AlertKind::FailedAfterSuccess {
                connection,
                log_url,
            }
        }),
        (connection(), any::<bool>(), moment()).prop_map(|(connection, known, since)| {
            AlertKind::StillBroken {
                connection,
                handle: known.then(handle),
                since,
            }
        }),
    ]
    .boxed()
}

fn of_an_incident() -> BoxedStrategy<AlertKind> {
    let endings = sample::select(vec![
        Resolution::Works,
        Resolution::Resolved,
        Resolution::SwitchedOff,
        Resolution::Replaced,
        Resolution::Gone,
        Resolution::Closed,
    ]);
    prop_oneof![
        could_not_connect(),
        of_later(),
        (
            connection(),
            of(connection()),
            0..9_u64,
            moment(),
            any::<bool>()
        )
            .prop_map(|(connection, instead_of, attempts, since, incomplete)| {
                AlertKind::Connected {
                    connection,
                    instead_of,
                    attempts,
                    since,
                    incomplete,
                }
            }),
        (
            connection(),
            any::<bool>(),
            vec(cause(), 1..5),
            moment(),
            returns()
        )
            .prop_map(|(connection, known, causes, since, returns)| {
                AlertKind::StoppedWorking {
                    connection,
                    handle: known.then(handle),
                    causes,
                    since,
                    returns,
                }
            }),
        (connection(), any::<bool>(), moment(), endings, returns()).prop_map(
            |(connection, known, since, ending, returns)| AlertKind::Recovered {
                connection,
                handle: known.then(handle),
                since,
                ending,
                returns,
                by: known.then(|| assignee().name),
            }
        ),
    ]
    .boxed()
}

fn of_an_integration() -> BoxedStrategy<AlertKind> {
    prop_oneof![
        (connection(), moment()).prop_map(|(connection, since)| AlertKind::Missing {
            connection,
            handle: handle(),
            since
        }),
        connection().prop_map(|connection| AlertKind::Unassigned {
            connection,
            handle: handle()
        }),
        (connection(), origin(), origin()).prop_map(|(connection, holder, claimant)| {
            AlertKind::Disputed {
                connection,
                handle: handle(),
                holder,
                claimant,
            }
        }),
        (connection(), of(origin()), of(origin())).prop_map(|(connection, from, to)| {
            AlertKind::Reassigned {
                connection,
                handle: handle(),
                from,
                to,
            }
        }),
    ]
    .boxed()
}

fn of_none() -> BoxedStrategy<AlertKind> {
    let concerns = vec![
        HealthTopic::Slack,
        HealthTopic::Kv,
        HealthTopic::Signatures,
        HealthTopic::SignatureForm,
        HealthTopic::Unsigned,
        HealthTopic::Silence,
    ];
    let topics = vec![
        Topic::NotConnected,
        Topic::NotWorking,
        Topic::Unassigned,
        Topic::Quarantined,
        Topic::Muted,
        Topic::GivenUp,
        Topic::Incomplete,
        Topic::StillBroken,
    ];
    let section = (sample::select(topics), any::<u64>(), vec(standing(), 0..25));
    let section = section.prop_map(|(topic, total, standing)| Section {
        topic,
        total,
        standing,
    });
    prop_oneof![
        connection().prop_map(|connection| AlertKind::Disconnected { connection }),
        (connection(), 1..9_u64, moment()).prop_map(|(connection, attempts, since)| {
            AlertKind::GivenUp {
                connection,
                attempts,
                since,
            }
        }),
        vec(standing(), 1..9).prop_map(|standing| AlertKind::StillOpen { standing }),
        of_an_integration(),
        (text(), text()).prop_map(|(kind, reason)| AlertKind::Quarantined { kind, reason }),
        (
            sample::select(concerns),
            any::<bool>(),
            any::<u64>(),
            moment(),
            text()
        )
            .prop_map(
                |(about, over, count, since, reason)| AlertKind::Notice(Notice {
                    about,
                    over,
                    count,
                    since,
                    reason
                })
            ),
        Just(AlertKind::Test),
        vec(section, 1..6).prop_map(|sections| AlertKind::Summary { sections }),
    ]
    .boxed()
}

fn with(
    who: CustomerRef,
    what: AlertKind,
    event: Option<EventId>,
    at: Timestamp,
    flags: u8,
) -> Alert {
    let audience = if flags & 1 == 0 {
        Audience::Team
    } else {
        Audience::Engineers
    };
    let phases = [Phase::Opened, Phase::Ongoing, Phase::Resolved];
    Alert {
        who,
        event_id: event,
        episode: (flags & 2 == 0).then(|| IncidentRef {
            incident: incident(),
            phase: phases[usize::from(flags % 3)],
        }),
        mentions: flags & 4 == 0,
        assignee: (flags & 8 == 0).then(assignee),
        ..Alert::new("a1".to_owned(), at, audience, what)
    }
}

/// Any alert.
pub(crate) fn alert() -> impl Strategy<Value = Alert> {
    let what = prop_oneof![of_an_incident(), of_none()];
    (who(), what, fitting::<EventId>(256), moment(), any::<u8>())
        .prop_map(|(who, what, event, at, flags)| with(who, what, event, at, flags))
}

/// A failed connection.
pub(crate) fn failure() -> impl Strategy<Value = Alert> {
    (who(), could_not_connect(), moment()).prop_map(|(who, what, at)| with(who, what, None, at, 0))
}

/// A failed connection with this name wherever an alert has foreign text.
pub(crate) fn failure_of(name: &str) -> Alert {
    let who = CustomerRef {
        origin_id: None,
        organization_name: Some(name.to_owned()),
        contact: Some(name.to_owned()),
    };
    let what = AlertKind::CouldNotConnect {
        connection: Connection::default(),
        attempts: 2,
        since: Timestamp::default(),
        last_at: Timestamp::default(),
        log_url: Some(format!("https://{name}")),
        connected: Vec::new(),
    };
    with(who, what, None, Timestamp::default(), 0)
}

/// A message about several alerts.
pub(crate) fn post() -> impl Strategy<Value = Content> {
    let stored = |alerts: Vec<Alert>| alerts.iter().map(Alert::stored).collect::<Vec<_>>();
    prop_oneof![
        vec(alert(), 2..=20).prop_map(move |alerts| Content::Digest(stored(alerts))),
        (moment(), any::<u64>(), any::<u64>(), vec(alert(), 0..=20)).prop_map(
            move |(since, open, over, alerts)| Content::Lead {
                since,
                open,
                over,
                alerts: stored(alerts),
            }
        ),
    ]
}
