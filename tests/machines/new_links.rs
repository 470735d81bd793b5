//! New links for customers, which Kombo makes when a person asks for one.

use kombo_edge::domain::act::Act;
use serde_json::{Value, json};

use crate::acting::{failing, incident};
use crate::kombo::{created, failed, state};
use crate::rechecks::stand_in;
use crate::visits::LINKS;
use crate::world::World;

const HIBOB: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const LINK: &str = "https://connect.kombo.dev/v1/link/Zt5kWn8XhQq3MvRc6LsDgJ2f";

/// As `failing`, and Kombo makes links.
fn asking(settings: &[(&str, &str)]) -> World {
    let mut world = failing(settings);
    world.kombo = Some(stand_in());
    world
}

/// The bodies that Kombo got.
fn bodies(world: &mut World) -> Vec<(String, Value)> {
    let posted = world.api().posted.iter();
    posted
        .map(|(path, body)| (path.clone(), serde_json::from_str(body).unwrap()))
        .collect()
}

/// The e-mail that a page offers to write.
fn mail(html: &str) -> String {
    let url = html.split("href=\"mailto:").nth(1).unwrap();
    let url = url.split('"').next().unwrap().replace("&amp;", "&");
    let decoded = percent_encoding::percent_decode_str(&url).decode_utf8();
    decoded.unwrap().replace("\r\n", "\n")
}

#[test]
fn a_customer_who_could_not_connect_gets_a_link_for_the_same_tool() {
    let mut world = asking(&[("MAIL_LANGUAGE", "de")]);
    let url = world.link(Act::SendLink);
    let page = world.submit(&url, "name=Anna");
    assert_eq!(page.status, 200, "{}", page.html);
    assert!(
        page.html.contains(&format!("value=\"{LINK}\"")),
        "{}",
        page.html
    );
    let body = json!({
        "end_user_email": "hr@example.com",
        "end_user_organization_name": "Customer 42",
        "end_user_origin_id": "42",
        "integration_category": "HRIS",
        "integration_tool": "hibob",
        "language": "de",
        "link_type": "MAGIC_LINK",
    });
    let asked = bodies(&mut world);
    assert_eq!(asked, [("/connect/create-link".to_owned(), body)]);
    let mail = mail(&page.html);
    assert!(mail.starts_with("hr@example.com?subject=Verbindung mit HiBob&body=Guten Tag,"));
    assert!(mail.contains(&format!("\n{LINK}\n")), "{mail}");
}

#[test]
fn an_integration_that_stopped_working_is_relinked_and_its_id_is_shown_to_nobody() {
    let mut world = World::with(&LINKS);
    world.kombo = Some(stand_in());
    world.deliver(&created("e0", HIBOB, Some("42")));
    world.deliver(&state("e1", HIBOB, Some("42"), "INVALID", 1));
    world.settle();
    let url = world.link(Act::SendLink);
    let page = world.submit(&url, "name=Anna");
    assert!(page.status == 200 && page.shows(LINK), "{}", page.html);
    assert!(!page.html.contains("T3xkPq9VwLm2ZrYs8GdHnC5J"));
    let path = "/integrations/hibob%3AT3xkPq9VwLm2ZrYs8GdHnC5J/relink".to_owned();
    let body = json!({ "language": "en", "link_type": "MAGIC_LINK" });
    assert_eq!(bodies(&mut world), [(path, body)]);
    assert!(mail(&page.html).contains("Please reconnect it with this link"));
}

#[test]
fn a_new_link_is_stored_nowhere_and_sent_nowhere() {
    let mut world = asking(&[]);
    let url = world.link(Act::SendLink);
    assert!(world.submit(&url, "name=Anna").shows(LINK));
    fail_again(&mut world);
    let rows = world
        .objects
        .values()
        .map(|(_, object)| format!("{:?}", object.rows));
    let everywhere = [
        rows.collect::<String>(),
        format!("{:?}", world.kv),
        format!("{:?}", world.slack),
        world.log.join("\n"),
    ];
    for place in everywhere {
        assert!(!place.contains("Zt5kWn8XhQq3MvRc6LsDgJ2f"), "{place}");
    }
    let act = &incident(&world)["acts"][0];
    assert_eq!(
        (&act["act"], &act["by"]),
        (&json!("send_link"), &json!("Anna"))
    );
    assert!(
        world
            .log
            .iter()
            .any(|line| line.contains("\"act\":\"send_link\""))
    );
}

fn fail_again(world: &mut World) {
    world.deliver(&failed("e2", "hibob", Some("42")));
    world.pass(crate::clock::after(3_600));
}

#[test]
fn the_companys_own_text_has_the_link_in_its_place_or_at_its_end() {
    for (body, text) in [
        (
            "Hi {organization}: {link} ({tool})",
            format!("&body=Hi Customer 42: {LINK} (HiBob)"),
        ),
        (
            "Hi {organization}",
            format!("&body=Hi Customer 42\n\n{LINK}\n"),
        ),
    ] {
        let mut world = asking(&[("MAIL_SUBJECT", "{tool}"), ("MAIL_BODY", body)]);
        let (_, message) = world.slack.last().unwrap();
        assert!(!message.to_string().contains("%EF%BF%BC"), "{message}");
        let url = world.link(Act::SendLink);
        let page = world.submit(&url, "name=Anna");
        assert_eq!(
            mail(&page.html),
            format!("hr@example.com?subject=HiBob{text}")
        );
    }
}

#[test]
fn a_contact_that_kombo_did_not_name_is_asked_for() {
    let mut world = World::with(&LINKS);
    world.kombo = Some(stand_in());
    let mut event = failed("e1", "hibob", Some("42"));
    event["data"]["end_user"]["creator_email"] = Value::Null;
    world.deliver(&event);
    world.settle();
    let url = world.link(Act::SendLink);
    assert!(world.look_at_page(&url).html.contains("name=\"email\""));
    for form in ["name=Anna", "name=Anna&email=nobody"] {
        let page = world.submit(&url, form);
        assert!(page.status == 400 && page.shows("Enter the e-mail address"));
    }
    assert!(bodies(&mut world).is_empty());
    let page = world.submit(&url, "name=Anna&email=it%40acme.example");
    assert!(page.status == 200 && page.shows(LINK));
    assert_eq!(bodies(&mut world)[0].1["end_user_email"], "it@acme.example");
    assert!(!world.log.join("").contains("it@acme.example"));
}

#[test]
fn kombos_refusals_are_said_in_words_with_the_remedy() {
    for (status, code, words) in [
        (
            401,
            "PLATFORM.AUTHENTICATION_INVALID",
            "An engineer has to set KOMBO_API_KEY",
        ),
        (
            403,
            "PLATFORM.IP_NOT_WHITELISTED",
            "has to change the list in Kombo",
        ),
        (404, "PLATFORM.INTEGRATION_NOT_FOUND", "it was deleted"),
        (400, "PLATFORM.INPUT_INVALID", "Check the address"),
        (429, "PLATFORM.RATE_LIMIT_EXCEEDED", "Try again in a minute"),
        (
            503,
            "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED",
            "Try again in a minute",
        ),
        (
            500,
            "PLATFORM.UNKNOWN_ERROR",
            "could not be reached, or failed",
        ),
        (502, "", "could not be reached, or failed"),
    ] {
        let mut world = asking(&[]);
        world.api().refuse(status, code);
        let url = world.link(Act::SendLink);
        let page = world.submit(&url, "name=Anna");
        assert_eq!(page.status, 502);
        assert!(page.shows(words), "{code}: {}", page.html);
        assert!(page.html.contains("<form"), "one can try again");
        assert_eq!(incident(&world)["acts"], json!([]));
        let line = world
            .log
            .iter()
            .find(|line| line.contains("\"event\":\"act\""));
        assert!(line.unwrap().contains("\"outcome\":\"failed\""));
    }
    let mut world = failing(&[]);
    let url = world.link(Act::SendLink);
    let page = world.submit(&url, "name=Anna");
    assert!(page.status == 502 && page.shows("could not be reached"));
}

#[test]
fn an_answer_that_is_no_link_is_not_shown_as_one() {
    for data in [
        json!({}),
        json!({ "link": null }),
        json!({ "link": "javascript:alert(1)" }),
    ] {
        let mut world = asking(&[]);
        world.api().make(data);
        let url = world.link(Act::SendLink);
        let page = world.submit(&url, "name=Anna");
        assert!(page.status == 502 && !page.html.contains("javascript:"));
    }
}

#[test]
fn without_a_key_no_link_is_offered_and_an_old_one_says_why() {
    let mut world = asking(&[]);
    let url = world.link(Act::SendLink);
    world.configure(&LINKS[..2]);
    let page = world.look_at_page(&url);
    assert!(page.shows("has no KOMBO_API_KEY any more") && !page.html.contains("<form"));
    let page = world.submit(&url, "name=Anna");
    assert_eq!(page.status, 409);
    assert!(bodies(&mut world).is_empty());
}
