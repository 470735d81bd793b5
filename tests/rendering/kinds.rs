//! A realistic message of each kind, for the checks and for the pictures in the
//! documentation. `lists` makes those that list several things.

use kombo_edge::contracts::slack::Content;
use kombo_edge::domain::act::{Assignee, Person};
use kombo_edge::domain::alert::{
    Alert, AlertKind, Cause, Connection, CustomerRef, HealthTopic, IncidentRef, Notice, Phase,
    Resolution, Section, Topic,
};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::id::{Category, EventId, Handle, IntegrationId, IssueId, OriginId, Tool};
use kombo_edge::domain::time::Timestamp;

use crate::deployments::NOW;
use crate::lists::{of_many_alerts, of_many_things, standing};

pub(crate) fn ago(minutes: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() - minutes * 60_000)
}

pub(crate) fn who(id: &str, name: &str, contact: &str) -> CustomerRef {
    CustomerRef {
        origin_id: OriginId::try_from(id.to_owned()).ok(),
        organization_name: Some(name.to_owned()),
        contact: Some(contact.to_owned()),
    }
}

pub(crate) fn acme() -> CustomerRef {
    who("36123", "Acme, Inc.", "hr@acme.example")
}

pub(crate) fn connection(tool: &str, category: &str) -> Connection {
    Connection {
        tool: Tool::try_from(tool.to_owned()).ok(),
        category: Category::try_from(category.to_owned()).ok(),
    }
}

pub(crate) fn personio() -> Connection {
    connection("personio", "HRIS")
}

pub(crate) fn alert(who: CustomerRef, audience: Audience, what: AlertKind) -> Alert {
    Alert {
        who,
        event_id: EventId::try_from("Ft6yRb4NkWz8QpXc2LmHv9Ds".to_owned()).ok(),
        ..Alert::new("a1".to_owned(), NOW, audience, what)
    }
}

/// The name of an incident of a customer.
pub(crate) fn incident(name: &str) -> String {
    format!("customer/wY8jygNJOYqXetwNEWpEmtfBRe_GXrVtLCVlatfdM7g:{name}")
}

/// A colleague who has been on an incident for some minutes.
pub(crate) fn anna(minutes: i64) -> Assignee {
    Assignee {
        name: Person::try_from("Anna Nguyễn".to_owned()).unwrap(),
        since: ago(minutes),
    }
}

/// The same alert about an incident that just opened.
pub(crate) fn failing(alert: Alert) -> Alert {
    Alert {
        episode: Some(IncidentRef {
            incident: incident("connection:personio:HRIS"),
            phase: Phase::Opened,
        }),
        ..alert
    }
}

pub(crate) fn could_not_connect(
    connection: Connection,
    attempts: u64,
    connected: Vec<Connection>,
) -> AlertKind {
    AlertKind::CouldNotConnect {
        connection,
        attempts,
        since: if attempts > 1 { ago(42) } else { NOW },
        last_at: NOW,
        log_url: Some("https://app.kombo.dev/env/production/logs?flowId=Yc3RkTz7PvNq".to_owned()),
        connected,
    }
}

fn notice(about: HealthTopic, over: bool, count: u64, minutes: i64, reason: &str) -> AlertKind {
    AlertKind::Notice(Notice {
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
        markdown_message: "Kombo could not authenticate with HiBob: the service user was removed.\n\nAsk your customer to create a new one and to reconnect.".to_owned(),
        raised_at: None,
    }
}

pub(crate) fn handle() -> Handle {
    let id = IntegrationId::try_from("hibob:T3xkPq9VwLm2ZrYs8GdHnC5J".to_owned());
    id.unwrap().handle()
}

pub(crate) fn team(what: AlertKind) -> Alert {
    alert(acme(), Audience::Team, what)
}

/// A summary with one customer who has not tried again.
pub(crate) fn given_up() -> Alert {
    let who = acme();
    let section = Section {
        topic: Topic::GivenUp,
        total: 1,
        standing: vec![standing(who, personio(), 2, 10_200)],
    };
    team(AlertKind::Summary {
        sections: vec![section],
    })
}

fn of_connecting() -> Vec<(&'static str, Alert)> {
    let connected = |instead_of, attempts| AlertKind::Connected {
        connection: personio(),
        instead_of,
        attempts,
        since: ago(42),
        incomplete: false,
    };
    let again = could_not_connect(personio(), 4, vec![connection("lever", "ATS")]);
    let again = Alert {
        mentions: true,
        ..failing(team(again))
    };
    let taken = could_not_connect(personio(), 5, vec![connection("lever", "ATS")]);
    let taken = Alert {
        assignee: Some(anna(18)),
        ..failing(team(taken))
    };
    let instead = connected(Some(connection("hibob", "HRIS")), 3);
    let (connection, since) = (personio(), ago(10_200));
    let given_up = AlertKind::GivenUp {
        connection,
        attempts: 2,
        since,
    };
    let late = AlertKind::FailedAfterSuccess {
        connection: personio(),
        log_url: Some("https://app.kombo.dev/env/production/logs?flowId=Yc3RkTz7PvNq".to_owned()),
    };
    let failed = |connected| failing(team(could_not_connect(personio(), 1, connected)));
    vec![
        ("first-failure", failed(vec![])),
        ("further-failures", again),
        ("taken", taken),
        ("already-connected", failed(vec![personio()])),
        ("failed-after-success", team(late)),
        ("connected", team(connected(None, 4))),
        ("connected-instead", team(instead)),
        ("announced", team(connected(None, 0))),
        ("given-up", team(given_up)),
    ]
}

fn of_what_is_connected() -> Vec<(&'static str, Alert)> {
    let hibob = || connection("hibob", "HRIS");
    let stopped = |cause| {
        failing(team(AlertKind::StoppedWorking {
            connection: hibob(),
            handle: Some(handle()),
            causes: vec![cause],
            since: NOW,
            returns: None,
        }))
    };
    let recovered = AlertKind::Recovered {
        connection: hibob(),
        handle: Some(handle()),
        since: ago(200),
        ending: Resolution::Works,
        returns: None,
        by: None,
    };
    let closed = AlertKind::Recovered {
        connection: hibob(),
        handle: Some(handle()),
        since: ago(200),
        ending: Resolution::Closed,
        returns: None,
        by: Some(anna(0).name),
    };
    let still_broken = AlertKind::StillBroken {
        connection: hibob(),
        handle: Some(handle()),
        since: ago(14 * 24 * 60),
    };
    let connection = personio();
    let disconnected = AlertKind::Disconnected { connection };
    vec![
        ("disconnected", team(disconnected)),
        ("stopped-working", stopped(Cause::InvalidState)),
        ("issue", stopped(issue())),
        ("works-again", team(recovered)),
        ("closed", team(closed)),
        ("still-broken", team(still_broken)),
    ]
}

/// Alerts about events that concern engineers.
fn of_odd_events() -> Vec<(&'static str, Alert)> {
    let id = |id: &str| OriginId::try_from(id.to_owned()).unwrap();
    let without_id = CustomerRef {
        organization_name: Some("Nordlicht AG".to_owned()),
        contact: Some("it@nordlicht.example".to_owned()),
        origin_id: None,
    };
    let unassigned = AlertKind::Unassigned {
        connection: connection("hibob", "HRIS"),
        handle: handle(),
    };
    let disputed = AlertKind::Disputed {
        connection: personio(),
        handle: handle(),
        holder: id("36123"),
        claimant: id("871"),
    };
    let reassigned = AlertKind::Reassigned {
        connection: personio(),
        handle: handle(),
        from: Some(id("871")),
        to: Some(id("36123")),
    };
    let missing = AlertKind::Missing {
        connection: personio(),
        handle: handle(),
        since: ago(24 * 60),
    };
    let quarantined = AlertKind::Quarantined {
        kind: "integration-created".to_owned(),
        reason: "`data.id` is missing or not a string".to_owned(),
    };
    let ops = |who, what| alert(who, Audience::Engineers, what);
    vec![
        ("unassigned", ops(without_id, unassigned)),
        ("disputed", ops(acme(), disputed)),
        ("reassigned", ops(acme(), reassigned)),
        ("missing", ops(acme(), missing)),
        ("quarantined", ops(CustomerRef::default(), quarantined)),
    ]
}

fn of_this_worker() -> Vec<(&'static str, Alert)> {
    use HealthTopic::{Kv, SignatureForm, Signatures, Silence, Slack, Unsigned};

    let no_service = "Slack answered 404: no_service; the webhook was removed, disabled or revoked: create a new one in the Slack app and set its URL";
    let late = "Workers KV answered 429";
    let week = 7 * 24 * 60;
    let notices = [
        ("slack-refuses", notice(Slack, false, 12, 11, no_service)),
        ("slack-is-back", notice(Slack, true, 12, 95, "")),
        ("kv-is-late", notice(Kv, false, 7, 12, late)),
        ("kv-is-back", notice(Kv, true, 0, 34, "")),
        ("wrong-signatures", notice(Signatures, false, 37, 61, "")),
        (
            "unknown-signatures",
            notice(SignatureForm, false, 5, 61, ""),
        ),
        ("no-signatures", notice(Unsigned, false, 14, 20 * 60, "")),
        ("silence", notice(Silence, false, 0, week, "")),
    ];
    let own = |what| Alert {
        event_id: None,
        ..alert(CustomerRef::default(), Audience::Engineers, what)
    };
    let notices = notices.map(|(name, what)| (name, own(what)));
    let test = Alert {
        event_id: None,
        ..alert(CustomerRef::default(), Audience::Team, AlertKind::Test)
    };
    notices.into_iter().chain([("test", test)]).collect()
}

fn alerts() -> impl Iterator<Item = (&'static str, Alert)> {
    let team = [of_connecting(), of_what_is_connected(), of_many_things()];
    let engineers = [of_odd_events(), of_this_worker()];
    team.into_iter().chain(engineers).flatten()
}

/// Every kind of message, with the name of its picture.
pub(crate) fn all() -> Vec<(&'static str, Content)> {
    let mut posts: Vec<(&str, Content)> = alerts()
        .map(|(name, alert)| (name, Content::One(alert.stored())))
        .collect();
    posts.extend(of_many_alerts());
    posts
}

/// The message with this name.
pub(crate) fn sample(name: &str) -> Content {
    let found = all().into_iter().find(|(of, _)| *of == name);
    found.unwrap().1
}

/// The name of an alert's kind. The compiler demands a name for each new kind.
pub(crate) fn kind(what: &AlertKind) -> &'static str {
    match what {
        AlertKind::CouldNotConnect { .. } => "could_not_connect",
        AlertKind::FailedAfterSuccess { .. } => "failed_after_success",
        AlertKind::StillBroken { .. } => "still_broken",
        AlertKind::Connected { .. } => "connected",
        AlertKind::Disconnected { .. } => "disconnected",
        AlertKind::StoppedWorking { .. } => "stopped_working",
        AlertKind::Recovered { .. } => "recovered",
        AlertKind::GivenUp { .. } => "given_up",
        AlertKind::StillOpen { .. } => "still_open",
        AlertKind::Unassigned { .. } => "unassigned",
        AlertKind::Disputed { .. } => "disputed",
        AlertKind::Reassigned { .. } => "reassigned",
        AlertKind::Missing { .. } => "missing",
        AlertKind::Test => "test",
        AlertKind::Quarantined { .. } => "quarantined",
        AlertKind::Notice(_) => "notice",
        AlertKind::Summary { .. } => "summary",
    }
}

/// The kinds that have a sample.
pub(crate) fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<&str> = alerts().map(|(_, alert)| kind(&alert.what)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
