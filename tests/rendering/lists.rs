//! Realistic messages that list several things: the daily summary, what is still open after
//! a mute, a digest, and the first message after an outage. `kinds` has the other messages
//! and all names.

use kombo_edge::contracts::slack::Content;
use kombo_edge::domain::alert::{
    Alert, AlertKind, Connection, CustomerRef, OpenProblem, Section, Topic,
};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::json::Json;

use crate::kinds::{
    acme, ago, alert, anna, connection, could_not_connect, failing, handle, incident, personio,
    team, who,
};

pub(crate) fn standing(
    who: CustomerRef,
    connection: Connection,
    attempts: u64,
    minutes: i64,
) -> OpenProblem {
    OpenProblem {
        who,
        connection,
        attempts,
        since: ago(minutes),
        handle: None,
        incident: Some(incident("connection:personio:HRIS")),
        assignee: None,
    }
}

fn summary() -> AlertKind {
    let section = |topic, total, standing| Section {
        topic,
        total,
        standing,
    };
    AlertKind::Summary {
        sections: vec![
            section(Topic::NotConnected, 2, not_connected()),
            section(Topic::NotWorking, 1, vec![not_working()]),
            section(Topic::StillBroken, 1, vec![still_broken()]),
            section(Topic::Incomplete, 1, vec![incomplete()]),
            section(Topic::Unassigned, 1, vec![unassigned()]),
            section(Topic::Quarantined, 3, vec![]),
            section(Topic::GivenUp, 1, vec![given_up()]),
        ],
    }
}

/// A customer as the summary knows it: it is made from Workers KV, which knows no contacts.
fn without_contact(who: CustomerRef) -> CustomerRef {
    CustomerRef {
        contact: None,
        ..who
    }
}

fn bloom() -> CustomerRef {
    without_contact(who("871", "Bloom & Wild GmbH", ""))
}

fn not_connected() -> Vec<OpenProblem> {
    let successfactors = connection("successfactors", "HRIS");
    vec![
        standing(bloom(), successfactors, 5, 3_100),
        OpenProblem {
            assignee: Some(anna(180)),
            ..standing(without_contact(acme()), personio(), 4, 1_380)
        },
    ]
}

fn not_working() -> OpenProblem {
    standing(bloom(), connection("bamboohr", "HRIS"), 0, 20_400)
}

fn still_broken() -> OpenProblem {
    let peak = who("502", "Peak AB", "hr@peak.example");
    OpenProblem {
        handle: Some(handle()),
        ..standing(peak, connection("hibob", "HRIS"), 0, 20_200)
    }
}

fn incomplete() -> OpenProblem {
    OpenProblem {
        incident: None,
        ..standing(acme(), connection("workday", "HRIS"), 0, 1_500)
    }
}

fn unassigned() -> OpenProblem {
    let nordlicht = CustomerRef {
        organization_name: Some("Nordlicht AG".to_owned()),
        ..CustomerRef::default()
    };
    standing(nordlicht, connection("hibob", "HRIS"), 0, 2_900)
}

fn given_up() -> OpenProblem {
    let fjord = who("412", "Fjord Logistik", "hr@fjord.example");
    standing(fjord, personio(), 2, 10_200)
}

/// Alerts that list open incidents.
pub(crate) fn of_many_things() -> Vec<(&'static str, Alert)> {
    let standing = vec![
        standing(CustomerRef::default(), personio(), 4, 300),
        standing(CustomerRef::default(), connection("lever", "ATS"), 0, 600),
    ];
    let summary = Alert {
        event_id: None,
        ..alert(CustomerRef::default(), Audience::Team, summary())
    };
    vec![
        ("after-a-mute", team(AlertKind::StillOpen { standing })),
        ("daily-summary", summary),
    ]
}

/// Messages about several alerts.
pub(crate) fn of_many_alerts() -> Vec<(&'static str, Content)> {
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
            failing(alert(who, Audience::Team, what)).stored()
        })
        .collect();
    let open = storm[..3].to_vec();
    let after = Content::Lead {
        since: ago(192),
        open: 3,
        over: 9,
        alerts: open,
    };
    vec![
        ("digest", Content::Digest(storm)),
        ("after-an-outage", after),
    ]
}
