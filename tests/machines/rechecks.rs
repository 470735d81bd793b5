//! Checking integrations with Kombo: what its API says is taken over, and nothing is
//! removed because of it.

use std::collections::BTreeMap;

use kombo_edge::contracts::kombo::Question;
use kombo_edge::domain::http::Answered;
use kombo_edge::machine::{EffectError, Outcome};
use serde_json::{Value, json};

use crate::clock::after;
use crate::kombo::{created, deleted, state};
use crate::world::World;

const DAY: u64 = 24 * 3_600;
const HIBOB: &str = "hibob:One";

/// Kombo's API.
pub(crate) struct Kombo {
    environment: &'static str,
    integrations: BTreeMap<&'static str, Value>,
    /// What is answered in place of that, once each.
    odd: Vec<Answered>,
    pub(crate) asked: Vec<String>,
}

fn answered(status: u16, body: &Value) -> Answered {
    Answered {
        status,
        body: body.to_string(),
        retry_after: None,
    }
}

impl World {
    /// Kombo's API answers.
    pub(crate) fn kombo(&mut self, question: &Question) -> Outcome<Answered> {
        let Some(kombo) = &mut self.kombo else {
            let reason = "Kombo could not be reached";
            return Err(EffectError::Unknown(reason.to_owned()));
        };
        kombo.asked.push(question.path());
        if !kombo.odd.is_empty() {
            return Ok(kombo.odd.remove(0));
        }
        let known = match question {
            Question::Key => Some(json!({ "environment_id": kombo.environment })),
            Question::Integration(id) => kombo.integrations.get(id.as_str()).cloned(),
        };
        let error = json!({ "error": { "code": "PLATFORM.INTEGRATION_NOT_FOUND" } });
        Ok(match known {
            Some(data) => answered(200, &json!({ "status": "success", "data": data })),
            None => answered(404, &error),
        })
    }

    pub(crate) fn api(&mut self) -> &mut Kombo {
        self.kombo.as_mut().unwrap()
    }
}

fn stands(id: &str, customer: Option<&str>, status: &str) -> Value {
    json!({
        "id": id,
        "tool": { "id": id.split(':').next().unwrap(), "label": "HiBob" },
        "category": "HRIS",
        "status": status,
        "setup_status": "COMPLETED",
        "end_user": {
            "organization_name": "Acme",
            "creator_email": null,
            "origin_id": customer,
        },
    })
}

/// A world in which one integration of customer 42 is known to us and to Kombo.
pub(crate) fn checked() -> World {
    let mut world = World::with(&[
        ("KOMBO_API_KEY", "key"),
        ("DAILY_SUMMARY_UTC", "off"),
        ("SILENCE_DAYS", "0"),
    ]);
    world.kombo = Some(Kombo {
        environment: "env-1",
        integrations: BTreeMap::from([(HIBOB, stands(HIBOB, Some("42"), "ACTIVE"))]),
        odd: Vec::new(),
        asked: Vec::new(),
    });
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.settle();
    world
}

fn document(world: &World) -> &Value {
    world.document(&format!("integration:{HIBOB}")).unwrap()
}

#[test]
fn each_integration_is_checked_about_weekly_by_itself() {
    let mut world = checked();
    world.pass(after(30 * DAY));
    let asked = &world.api().asked;
    let about = asked.iter().filter(|path| path.ends_with("hibob%3AOne"));
    let times = about.count();
    assert!((3..=6).contains(&times), "{asked:?}");
    assert_eq!(asked.len(), 2 * times, "the key comes first each time");
}

#[test]
fn without_a_key_nobody_asks() {
    let mut world = checked();
    world.configure(&[]);
    world.pass(after(30 * DAY));
    assert_eq!(world.api().asked, Vec::<String>::new());
}

#[test]
fn a_lost_state_is_taken_over_and_told_as_usual() {
    let mut world = checked();
    world
        .api()
        .integrations
        .insert(HIBOB, stands(HIBOB, Some("42"), "INVALID"));
    world.pass(after(10 * DAY));
    assert_eq!(document(&world)["state"], "INVALID");
    assert!(
        world.texts()[0].contains("stopped working"),
        "{:?}",
        world.texts()
    );
    // What Kombo's events say of later counts, and of earlier does not.
    world.deliver(&state("e2", HIBOB, Some("42"), "ACTIVE", 1));
    world.settle();
    assert_eq!(document(&world)["state"], "INVALID");
}

#[test]
fn a_contact_is_not_taken_over_since_it_would_never_be_forgotten() {
    let mut world = checked();
    world.pass(after(40 * DAY));
    let mut named = stands(HIBOB, Some("42"), "INACTIVE");
    named["end_user"]["creator_email"] = json!("canary@example.com");
    world.api().integrations.insert(HIBOB, named);
    world.pass(after(10 * DAY));
    assert_eq!(document(&world)["state"], "INACTIVE");
    assert_eq!(
        world.rows_with(|text| text.contains("canary@")),
        Vec::<String>::new()
    );
}

#[test]
fn a_lost_customer_id_is_taken_over() {
    let mut world = checked();
    world.deliver(&created("e2", "hibob:Two", None));
    world.settle();
    world
        .api()
        .integrations
        .insert("hibob:Two", stands("hibob:Two", Some("43"), "ACTIVE"));
    world.pass(after(10 * DAY));
    assert!(world.document("customer:43").is_some());
    assert!(world.document("unassigned:hibob:Two").is_none());
}

#[test]
fn what_kombo_does_not_know_twice_is_marked_and_told_once_and_stays() {
    let mut world = checked();
    world.pass(after(9 * DAY));
    world.api().integrations.clear();
    world.pass(after(9 * DAY));
    world.pass(after(2 * DAY));
    assert!(
        document(&world)["missing_at_kombo_since"].is_string(),
        "{}",
        document(&world)
    );
    assert!(
        world.document("customer:42").is_some(),
        "nothing is removed"
    );
    let told = |world: &World| {
        let texts = world.texts();
        texts
            .iter()
            .filter(|text| text.contains("no longer exists in Kombo"))
            .count()
    };
    assert_eq!(told(&world), 1, "{:?}", world.texts());
    world.pass(after(30 * DAY));
    assert_eq!(told(&world), 1, "{:?}", world.texts());
    world
        .api()
        .integrations
        .insert(HIBOB, stands(HIBOB, Some("42"), "ACTIVE"));
    world.pass(after(10 * DAY));
    assert!(
        document(&world)["missing_at_kombo_since"].is_null(),
        "it was a mistake"
    );
}

#[test]
fn of_a_customer_for_tests_nobody_hears_that_it_is_missing() {
    let mut world = checked();
    world.pass(after(9 * DAY));
    world.configure(&[
        ("KOMBO_API_KEY", "key"),
        ("DAILY_SUMMARY_UTC", "off"),
        ("SILENCE_DAYS", "0"),
        ("TEST_CUSTOMERS", "42"),
    ]);
    world.api().integrations.clear();
    world.pass(after(20 * DAY));
    assert!(document(&world)["missing_at_kombo_since"].is_string());
    assert!(world.slack.is_empty(), "{:?}", world.texts());
}

#[test]
fn once_unknown_may_be_a_mistake() {
    let mut world = checked();
    world.pass(after(10 * DAY));
    world.api().asked.clear();
    let known = world.api().integrations.remove(HIBOB).unwrap();
    while !world.api().asked.iter().any(|path| path.ends_with("One")) {
        world.pass(after(3_600));
    }
    assert!(document(&world)["missing_at_kombo_since"].is_null());
    world.api().integrations.insert(HIBOB, known);
    world.pass(after(20 * DAY));
    assert!(document(&world)["missing_at_kombo_since"].is_null());
    assert!(world.slack.is_empty(), "{:?}", world.texts());
}

#[test]
fn a_key_of_another_environment_changes_no_document() {
    let mut world = checked();
    world.pass(after(10 * DAY));
    let before = world.kv.clone();
    let asked = world.api().asked.len();
    let api = world.api();
    api.environment = "env-2";
    api.integrations
        .insert(HIBOB, stands(HIBOB, Some("666"), "INVALID"));
    world.pass(after(30 * DAY));
    assert_eq!(world.kv, before);
    let since: Vec<String> = world.api().asked.split_off(asked);
    assert!(
        !since.is_empty() && since.iter().all(|path| path == "/check-api-key"),
        "{since:?}"
    );
    assert!(
        world
            .log
            .iter()
            .any(|line| line.contains("other_environment"))
    );
    world.api().environment = "env-1";
    world.pass(after(10 * DAY));
    assert_eq!(
        document(&world)["state"],
        "INVALID",
        "the right key is believed again"
    );
}

#[test]
fn a_key_of_an_environment_that_knows_nothing_of_ours_is_not_believed() {
    let mut world = checked();
    let known = world.api().integrations.remove(HIBOB).unwrap();
    world.api().environment = "sandbox";
    world.pass(after(20 * DAY));
    assert!(document(&world)["missing_at_kombo_since"].is_null());
    assert!(world.slack.is_empty(), "{:?}", world.texts());
    assert!(world.log.iter().any(|line| line.contains("unproven")));
    // The right key comes, and it is not too late for it.
    let api = world.api();
    api.environment = "env-1";
    api.integrations.insert(HIBOB, known);
    world.pass(after(10 * DAY));
    assert_eq!(document(&world)["state"], "ACTIVE");
}

#[test]
fn kombo_is_left_alone_for_as_long_as_it_asks_for() {
    let mut world = checked();
    let wait = Answered {
        retry_after: Some("7200".to_owned()),
        ..answered(429, &json!({}))
    };
    world.api().odd = vec![wait];
    while world.api().asked.is_empty() {
        world.pass(after(60));
    }
    world.pass(after(7_000));
    assert_eq!(world.api().asked.len(), 1);
    world.pass(after(600));
    assert!(world.api().asked.len() > 1);
}

#[test]
fn an_answer_that_says_nothing_changes_nothing() {
    let odd = [
        answered(404, &json!("a proxy's page")),
        answered(500, &json!({})),
        answered(200, &json!({ "data": {} })),
        answered(
            200,
            &json!({ "data": stands("hibob:Other", Some("7"), "INVALID") }),
        ),
        answered(
            403,
            &json!({ "error": { "code": "PLATFORM.INTEGRATION_NOT_FOUND_OR_SO" } }),
        ),
    ];
    for answer in odd {
        let mut world = checked();
        let before = world.kv.clone();
        let key = answered(200, &json!({ "data": { "environment_id": "env-1" } }));
        world.api().odd = vec![key, answer.clone()];
        while !world.api().odd.is_empty() {
            world.pass(after(600));
        }
        assert_eq!(world.kv, before, "{answer:?}");
        assert!(world.slack.is_empty(), "{answer:?}");
    }
}

#[test]
fn what_is_gone_is_asked_for_no_more() {
    let mut world = checked();
    world.deliver(&deleted("e2", HIBOB));
    world.settle();
    world.pass(after(30 * DAY));
    assert_eq!(world.api().asked, Vec::<String>::new());
}
