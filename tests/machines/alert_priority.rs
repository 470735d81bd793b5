//! The order of waiting alerts: new incidents first, then updates, then
//! closed incidents and announcements.

use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::notifier::Message;
use kombo_edge::domain::alert::{Alert, AlertKind, Connection, CustomerRef, IncidentRef, Phase};
use kombo_edge::domain::audience::Audience;

use crate::clock::after;
use crate::kombo::{created, deleted, failed};
use crate::outside::answered;
use crate::world::World;

const MAIN: Address = Address::Notifier(Audience::Team);

/// Hands over that an incident of a customer opens, continues or closes.
fn hand_over(world: &mut World, id: &str, customer: &str, phase: Phase) {
    let what = AlertKind::CouldNotConnect {
        connection: Connection::default(),
        attempts: 1,
        since: world.now,
        last_at: world.now,
        log_url: None,
        connected: Vec::new(),
    };
    let alert = Alert {
        who: CustomerRef {
            organization_name: Some(customer.to_owned()),
            ..CustomerRef::default()
        },
        episode: Some(IncidentRef {
            incident: customer.to_owned(),
            phase,
        }),
        ..Alert::new(id.to_owned(), world.now, Audience::Team, what)
    };
    let message = Message::Alert {
        audience: Audience::Team,
        id: id.to_owned(),
        alert: alert.stored(),
    };
    world.call(&MAIN, &Envelope::encode(message));
}

/// Whom the messages are about, in order.
fn named(world: &World) -> Vec<&str> {
    let customers = |text: &str| ["Acme", "Globex"].into_iter().find(|it| text.contains(it));
    world.texts().into_iter().filter_map(customers).collect()
}

#[test]
fn updates_go_after_new_alerts() {
    let mut world = World::new();
    hand_over(&mut world, "1", "Acme", Phase::Opened);
    world.alarm_with(&MAIN.name(), |world| {
        hand_over(world, "2", "Acme", Phase::Ongoing);
        hand_over(world, "3", "Globex", Phase::Opened);
    });
    world.settle();
    assert_eq!(named(&world), ["Acme", "Globex", "Acme"]);
}

#[test]
fn an_incident_that_reopens_while_its_alert_is_in_flight_is_new_and_keeps_its_place() {
    let mut world = World::new();
    hand_over(&mut world, "1", "Acme", Phase::Opened);
    world.alarm_with(&MAIN.name(), |world| {
        hand_over(world, "2", "Globex", Phase::Opened);
        hand_over(world, "3", "Acme", Phase::Resolved);
        hand_over(world, "4", "Acme", Phase::Opened);
    });
    world.settle();
    assert_eq!(named(&world), ["Acme", "Acme", "Globex"]);
}

#[test]
fn announcements_go_after_failures() {
    let mut world = World::with(&[("ANNOUNCE", "connected disconnected")]);
    world.deliver(&created("e0", "hibob:Old", Some("40")));
    world.settle();
    world.slack.clear();
    world.slack_answers = vec![answered(429, "")];
    world.deliver(&created("e1", "hibob:New", Some("41")));
    world.deliver(&deleted("e2", "hibob:Old"));
    world.pass(after(1));
    world.deliver(&failed("e3", "hibob", Some("42")));
    world.pass(after(60));
    let texts = world.texts();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert_eq!(texts[0], "Customer 42 could not connect HiBob");
}
