//! Realistic messages that list several things: the daily summary, what is still open after
//! a mute, a digest, and the first message after an outage. `kinds` has the other messages
//! and all names.

use kombo_edge::contracts::slack::Post;
use kombo_edge::domain::alert::{Alert, Connection, Section, Standing, Topic, What, Who};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::json::Json;

use crate::kinds::{acme, ago, alert, connection, could_not_connect, personio, team, who};

pub(crate) fn standing(who: Who, connection: Connection, attempts: u64, minutes: i64) -> Standing {
    Standing {
        who,
        connection,
        attempts,
        since: ago(minutes),
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

/// Alerts that list open incidents.
pub(crate) fn of_many_things() -> Vec<(&'static str, Alert)> {
    let standing = vec![
        standing(Who::default(), personio(), 4, 300),
        standing(Who::default(), connection("lever", "ATS"), 0, 600),
    ];
    let summary = Alert {
        event_id: None,
        ..alert(Who::default(), Audience::Team, summary())
    };
    vec![
        ("after-a-mute", team(What::StillOpen { standing })),
        ("daily-summary", summary),
    ]
}

/// Messages about several alerts.
pub(crate) fn of_many_alerts() -> Vec<(&'static str, Post)> {
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
    let after = Post::Lead {
        since: ago(192),
        open: 3,
        over: 9,
        alerts: open,
    };
    vec![("digest", Post::Digest(storm)), ("after-an-outage", after)]
}
