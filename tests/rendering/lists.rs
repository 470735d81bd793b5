//! Realistic messages that list several things: the daily summary, what is still open after
//! a mute, a digest, and the first message after an outage. `kinds` has the other messages
//! and all names.

use kombo_edge::contracts::slack::Content;
use kombo_edge::domain::alert::{
    Alert, AlertKind, Connection, CustomerRef, OpenProblem, Section, Topic,
};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::json::Json;

use crate::kinds::{acme, ago, alert, connection, could_not_connect, handle, personio, team, who};

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
    }
}

fn summary() -> AlertKind {
    // Workers KV, from which a summary is made, knows no contacts.
    let listed = |who| CustomerRef {
        contact: None,
        ..who
    };
    let fjord = who("412", "Fjord Logistik", "hr@fjord.example");
    let bloom = listed(who("871", "Bloom & Wild GmbH", ""));
    let section = |topic, total, standing| Section {
        topic,
        total,
        standing,
    };
    AlertKind::Summary {
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
                    standing(listed(acme()), personio(), 4, 1_380),
                ],
            ),
            section(
                Topic::NotWorking,
                1,
                vec![standing(bloom, connection("bamboohr", "HRIS"), 0, 20_400)],
            ),
            section(
                Topic::StillBroken,
                1,
                vec![OpenProblem {
                    handle: Some(handle()),
                    ..standing(
                        who("502", "Peak AB", "hr@peak.example"),
                        connection("hibob", "HRIS"),
                        0,
                        20_200,
                    )
                }],
            ),
            section(
                Topic::Incomplete,
                1,
                vec![standing(acme(), connection("workday", "HRIS"), 0, 1_500)],
            ),
            section(
                Topic::Unassigned,
                1,
                vec![standing(
                    CustomerRef {
                        organization_name: Some("Nordlicht AG".to_owned()),
                        ..CustomerRef::default()
                    },
                    connection("hibob", "HRIS"),
                    0,
                    2_900,
                )],
            ),
            section(Topic::Quarantined, 3, vec![]),
            section(
                Topic::GivenUp,
                1,
                vec![standing(fjord, personio(), 2, 10_200)],
            ),
        ],
    }
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
            alert(who, Audience::Team, what).stored()
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
