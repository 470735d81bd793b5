//! Rechecking integrations with Kombo: what its API says is applied, and nothing is
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
    /// Answers to give instead, once each.
    unusual: Vec<Answered>,
    pub(crate) asked: Vec<String>,
    /// The paths and bodies that were posted.
    pub(crate) posted: Vec<(String, String)>,
    /// What the next link is made of.
    made: Value,
}

/// Kombo's API without integrations, which makes links.
pub(crate) fn stand_in() -> Kombo {
    Kombo {
        environment: "env-1",
        integrations: BTreeMap::new(),
        unusual: Vec::new(),
        asked: Vec::new(),
        posted: Vec::new(),
        made: json!({ "link": "https://connect.kombo.dev/v1/link/Zt5kWn8XhQq3MvRc6LsDgJ2f" }),
    }
}

impl Kombo {
    /// It answers the next question with an error.
    pub(crate) fn refuse(&mut self, status: u16, code: &str) {
        let error = json!({ "status": "error", "error": { "code": code } });
        self.unusual.push(answered(status, &error));
    }

    /// It makes this in place of a link.
    pub(crate) fn make(&mut self, data: Value) {
        self.made = data;
    }
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
        let body = question.body().map(|body| (question.path(), body));
        kombo.posted.extend(body);
        if !kombo.unusual.is_empty() {
            return Ok(kombo.unusual.remove(0));
        }
        let known = match question {
            Question::Key => Some(json!({ "environment_id": kombo.environment })),
            Question::Integration(id) => kombo.integrations.get(id.as_str()).cloned(),
            Question::ConnectionLink(_) | Question::ReconnectionLink(..) => {
                Some(kombo.made.clone())
            }
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

fn integration(id: &str, customer: Option<&str>, status: &str) -> Value {
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
        integrations: BTreeMap::from([(HIBOB, integration(HIBOB, Some("42"), "ACTIVE"))]),
        ..stand_in()
    });
    world.deliver(&created("e1", HIBOB, Some("42")));
    world.settle();
    world
}

fn document(world: &World) -> &Value {
    world.document(&format!("integration:{HIBOB}")).unwrap()
}

#[test]
fn each_integration_is_rechecked_about_weekly() {
    let mut world = checked();
    world.pass(after(30 * DAY));
    let asked = &world.api().asked;
    let about = asked.iter().filter(|path| path.ends_with("hibob%3AOne"));
    let times = about.count();
    assert!((3..=6).contains(&times), "{asked:?}");
    assert_eq!(asked.len(), 2 * times, "the key comes first each time");
}

#[test]
fn without_an_api_key_there_are_no_rechecks() {
    let mut world = checked();
    world.configure(&[]);
    world.pass(after(30 * DAY));
    assert_eq!(world.api().asked, Vec::<String>::new());
}

#[test]
fn a_lost_state_is_applied_and_reported_as_usual() {
    let mut world = checked();
    world
        .api()
        .integrations
        .insert(HIBOB, integration(HIBOB, Some("42"), "INVALID"));
    world.pass(after(10 * DAY));
    assert_eq!(document(&world)["state"], "INVALID");
    assert!(
        world.texts()[0].contains("stopped working"),
        "{:?}",
        world.texts()
    );
    // Kombo's events about later moments count, those about earlier ones do not.
    world.deliver(&state("e2", HIBOB, Some("42"), "ACTIVE", 1));
    world.settle();
    assert_eq!(document(&world)["state"], "INVALID");
}

#[test]
fn a_recheck_stores_no_contact_because_it_would_never_be_removed() {
    let mut world = checked();
    world.pass(after(40 * DAY));
    let mut named = integration(HIBOB, Some("42"), "INACTIVE");
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
fn a_lost_customer_id_is_applied() {
    let mut world = checked();
    world.deliver(&created("e2", "hibob:Two", None));
    world.settle();
    world
        .api()
        .integrations
        .insert("hibob:Two", integration("hibob:Two", Some("43"), "ACTIVE"));
    world.pass(after(10 * DAY));
    assert!(world.document("customer:43").is_some());
    assert!(world.document("unassigned:hibob:Two").is_none());
}

#[test]
fn an_integration_that_kombo_does_not_know_twice_is_marked_reported_once_and_kept() {
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
    let sent = |world: &World| {
        let texts = world.texts();
        texts
            .iter()
            .filter(|text| text.contains("no longer exists in Kombo"))
            .count()
    };
    assert_eq!(sent(&world), 1, "{:?}", world.texts());
    world.pass(after(30 * DAY));
    assert_eq!(sent(&world), 1, "{:?}", world.texts());
    world
        .api()
        .integrations
        .insert(HIBOB, integration(HIBOB, Some("42"), "ACTIVE"));
    world.pass(after(10 * DAY));
    assert!(
        document(&world)["missing_at_kombo_since"].is_null(),
        "it was a mistake"
    );
}

#[test]
fn a_missing_integration_of_a_test_customer_is_not_reported() {
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
fn a_single_unknown_answer_changes_nothing() {
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
        .insert(HIBOB, integration(HIBOB, Some("666"), "INVALID"));
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
fn an_api_key_whose_environment_knows_none_of_our_integrations_is_not_trusted() {
    let mut world = checked();
    let known = world.api().integrations.remove(HIBOB).unwrap();
    world.api().environment = "sandbox";
    world.pass(after(20 * DAY));
    assert!(document(&world)["missing_at_kombo_since"].is_null());
    assert!(world.slack.is_empty(), "{:?}", world.texts());
    assert!(world.log.iter().any(|line| line.contains("unproven")));
    // The right key is set, and it is not too late.
    let api = world.api();
    api.environment = "env-1";
    api.integrations.insert(HIBOB, known);
    world.pass(after(10 * DAY));
    assert_eq!(document(&world)["state"], "ACTIVE");
}

#[test]
fn kombo_is_not_called_for_as_long_as_it_asks() {
    let mut world = checked();
    let wait = Answered {
        retry_after: Some("7200".to_owned()),
        ..answered(429, &json!({}))
    };
    world.api().unusual = vec![wait];
    while world.api().asked.is_empty() {
        world.pass(after(60));
    }
    world.pass(after(7_000));
    assert_eq!(world.api().asked.len(), 1);
    world.pass(after(600));
    assert!(world.api().asked.len() > 1);
}

#[test]
fn an_empty_answer_changes_nothing() {
    let unusual = [
        answered(404, &json!("a proxy's page")),
        answered(500, &json!({})),
        answered(200, &json!({ "data": {} })),
        answered(
            200,
            &json!({ "data": integration("hibob:Other", Some("7"), "INVALID") }),
        ),
        answered(
            403,
            &json!({ "error": { "code": "PLATFORM.INTEGRATION_NOT_FOUND_OR_SO" } }),
        ),
    ];
    for answer in unusual {
        let mut world = checked();
        let before = world.kv.clone();
        let key = answered(200, &json!({ "data": { "environment_id": "env-1" } }));
        world.api().unusual = vec![key, answer.clone()];
        while !world.api().unusual.is_empty() {
            world.pass(after(600));
        }
        assert_eq!(world.kv, before, "{answer:?}");
        assert!(world.slack.is_empty(), "{answer:?}");
    }
}

#[test]
fn removed_integrations_are_not_rechecked() {
    let mut world = checked();
    world.deliver(&deleted("e2", HIBOB));
    world.settle();
    world.pass(after(30 * DAY));
    assert_eq!(world.api().asked, Vec::<String>::new());
}
