//! Restoring into an account that already knows the same objects: what both know is merged.

use kombo_edge::contracts::objects::address::Class;
use kombo_edge::contracts::objects::envelope::Envelope;
use serde_json::{Value, json};

use crate::backups::{copies, copies_of, restore};
use crate::events::incidents;
use crate::kombo::{created, issue, state};
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

/// A world that received these events.
fn account(events: &[Value]) -> World {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    for event in events {
        world.deliver(event);
    }
    world.settle();
    world
}

/// Mutes a tool of customer 42 until eight o'clock on a day, and returns all mutes.
fn mute(world: &mut World, tool: &str, day: u8) -> Value {
    let until = format!("2026-11-{day}T08:00:00.000Z");
    let body = json!({ "tool": tool, "until": until });
    let answer = world.ask("PUT", "/v1/customers/42/mute", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str::<Value>(&answer.body).unwrap()["muted"].clone()
}

#[test]
fn mutes_of_the_old_account_continue_except_for_tools_that_the_new_one_mutes_itself() {
    let (mut old, mut new) = (account(&[]), account(&[]));
    mute(&mut old, "hibob", 24);
    mute(&mut old, "lever", 25);
    mute(&mut new, "hibob", 26);
    assert_eq!(restore(&mut new, &copies(&mut old)), [204]);
    let muted = |tool: &str, day: u8| json!({ "tool": tool, "until": format!("2026-11-{day}T08:00:00.000Z") });
    assert_eq!(
        mute(&mut new, "personio", 27),
        json!([
            muted("hibob", 26),
            muted("lever", 25),
            muted("personio", 27)
        ])
    );
}

#[test]
fn an_issue_with_the_environment_stays_open_until_the_new_account_hears_that_it_is_resolved() {
    let mut old = account(&[
        issue("e1", "issue-1", None, 1, None),
        issue("e2", "issue-2", None, 1, None),
    ]);
    let mut new = account(&[]);
    restore(&mut new, &copies(&mut old));
    for (number, left) in [("1", 1), ("2", 0)] {
        let over = issue(
            &format!("f{number}"),
            &format!("issue-{number}"),
            None,
            1,
            Some(2),
        );
        new.deliver(&over);
        new.settle();
        assert_eq!(incidents(&new).len(), left, "{:?}", incidents(&new));
    }
}

#[test]
fn what_a_human_removed_in_either_account_stays_removed() {
    for removed_in_the_old in [true, false] {
        let mut old = account(&[created("e1", HIBOB, Some("42"))]);
        let mut new = account(&[created("f1", HIBOB, Some("42"))]);
        let one = if removed_in_the_old {
            &mut old
        } else {
            &mut new
        };
        one.ask("DELETE", &format!("/v1/integrations/{HIBOB}"), &Value::Null);
        one.settle();
        restore(&mut new, &copies(&mut old));
        assert!(new.kv.is_empty(), "{removed_in_the_old}: {:?}", new.kv);
    }
}

#[test]
fn a_dispute_that_the_old_account_reported_is_not_reported_again() {
    let mut old = account(&[
        created("e1", HIBOB, Some("42")),
        created("e2", HIBOB, Some("43")),
    ]);
    assert_eq!(old.slack.len(), 1, "{:?}", old.texts());
    let mut new = account(&[created("f1", HIBOB, Some("42"))]);
    restore(&mut new, &copies(&mut old));
    for (event, customer, sent) in [("f2", "43", 0), ("f3", "44", 1)] {
        new.deliver(&created(event, HIBOB, Some(customer)));
        new.settle();
        assert_eq!(new.slack.len(), sent, "{customer}: {:?}", new.texts());
    }
}

#[test]
fn the_newer_state_wins_whichever_account_received_it() {
    for (minute_of_old, minute_of_new, newer) in [(5, 1, "INACTIVE"), (1, 5, "ACTIVE")] {
        let mut old = account(&[state("e1", HIBOB, Some("42"), "INACTIVE", minute_of_old)]);
        let mut new = account(&[state("f1", HIBOB, Some("42"), "ACTIVE", minute_of_new)]);
        restore(&mut new, &copies(&mut old));
        let held = &new.document("customer:42").unwrap()["integrations"][0];
        assert_eq!(held["state"], newer);
    }
}

#[test]
fn a_second_backup_adds_what_came_since_the_first() {
    let mut old = account(&[created("e1", HIBOB, Some("42"))]);
    let mut new = account(&[]);
    restore(&mut new, &copies(&mut old));
    old.deliver(&issue("e2", "issue-1", Some((HIBOB, Some("42"))), 1, None));
    old.settle();
    // Not the customer's, which has the incident already.
    let message = Envelope::encode(kombo_edge::contracts::objects::integration::Message::Backup);
    let second = copies_of(&mut old, Class::Integration, &message);
    assert_eq!(restore(&mut new, &second), [204]);
    assert_eq!(incidents(&new).len(), 1);
    assert_eq!(incidents(&new), incidents(&old));
}

/// Reorders the backups: integrations come first.
fn integrations_first(world: &mut World) -> Vec<String> {
    let mut copies = copies(world);
    copies.reverse();
    copies
}

#[test]
fn the_revision_of_a_document_never_steps_back_in_whatever_order_backups_are_restored() {
    let changes = |event: &str| {
        let minutes = 1..6_u32;
        let states = minutes.map(|minute| {
            let word = if minute % 2 == 0 {
                "ACTIVE"
            } else {
                "INACTIVE"
            };
            state(
                &format!("{event}{minute}"),
                HIBOB,
                Some("42"),
                word,
                minute.try_into().unwrap(),
            )
        });
        let mut events = vec![created(event, HIBOB, Some("42"))];
        events.extend(states);
        events
    };
    let mut old = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    for event in changes("e") {
        old.deliver(&event);
        old.settle();
    }
    let keys = ["customer:42".to_owned(), format!("integration:{HIBOB}")];
    let revisions = |world: &World| {
        let of = |key: &String| world.document(key).unwrap()["revision"].as_u64().unwrap();
        keys.clone().map(|key| of(&key))
    };
    let seen = revisions(&old);
    assert!(seen[0] > 3 && seen[1] > 3, "{seen:?}");
    for copies in [copies(&mut old), integrations_first(&mut old)] {
        // The new account knows nothing, or already the same, or less.
        let same: Vec<Value> = changes("e").into_iter().rev().take(1).collect();
        for known in [Vec::new(), same, vec![created("f1", HIBOB, Some("42"))]] {
            let mut new = account(&known);
            for copy in &copies {
                assert_eq!(restore(&mut new, core::slice::from_ref(copy)), [204]);
            }
            let now = revisions(&new);
            assert!(
                now[0] >= seen[0] && now[1] >= seen[1],
                "{known:?}: {now:?}, {seen:?}"
            );
            let before = new.kv_writes;
            assert!(
                restore(&mut new, &copies)
                    .iter()
                    .all(|status| *status == 204)
            );
            assert_eq!((revisions(&new), new.kv_writes), (now, before), "once more");
        }
    }
}

#[test]
fn a_revision_is_kept_even_if_the_rest_of_a_backup_is_refused() {
    let mut old = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    old.deliver(&created("e1", HIBOB, Some("43")));
    for minute in 1..5 {
        let word = if minute % 2 == 0 {
            "ACTIVE"
        } else {
            "INACTIVE"
        };
        old.deliver(&state(
            &format!("s{minute}"),
            HIBOB,
            Some("43"),
            word,
            minute,
        ));
        old.settle();
    }
    let mut new = account(&[created("f1", HIBOB, Some("42"))]);
    let message = Envelope::encode(kombo_edge::contracts::objects::integration::Message::Backup);
    let copy = copies_of(&mut old, Class::Integration, &message);
    assert_eq!(restore(&mut new, &copy), [409]);
    let key = format!("integration:{HIBOB}");
    let document = new.document(&key).unwrap();
    assert_eq!(document["origin_id"], "42");
    let revision = |world: &World| world.document(&key).unwrap()["revision"].as_u64();
    assert!(revision(&new) >= revision(&old), "{document}");
}

#[test]
fn the_revision_of_an_incident_never_steps_back() {
    let about = Some((HIBOB, Some("42")));
    let mut old = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    for number in 1..5 {
        old.deliver(&issue(
            &format!("e{number}"),
            &format!("issue-{number}"),
            about,
            1,
            None,
        ));
        old.settle();
    }
    let one = |event: &str| account(&[issue(event, "issue-1", about, 1, None)]);
    let mut new = one("f1");
    restore(&mut new, &copies(&mut old));
    let revision = |world: &World| {
        let mut documents = world.kv.iter();
        let (_, (incident, _)) = documents.find(|(key, _)| key.starts_with("incident:"))?;
        incident["revision"].as_u64()
    };
    assert!(revision(&new) > Some(1));
    assert!(revision(&new) >= revision(&old), "{:?}", incidents(&new));
}
