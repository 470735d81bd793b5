//! What a link may do: what the stored incident allows when it is used, and nothing else.

use kombo_edge::domain::act::Act;
use serde_json::Value;

use crate::acting::{failing, incident};
use crate::clock::after;
use crate::events::incidents;
use crate::kombo::{created, failed};
use crate::visits::LINKS;
use crate::world::World;

const DAY: u64 = 24 * 3_600;

/// A form that each act accepts.
const FORM: &str = "name=Anna&span=day&email=hr@example.com";

#[test]
fn a_link_to_a_closed_incident_says_how_it_ended_and_does_nothing() {
    for act in Act::ALL {
        let mut world = failing(&[]);
        let url = world.link(act);
        world.deliver(&created("c1", "hibob:Other", Some("42")));
        world.settle();
        let (kv, sent) = (world.kv.clone(), world.slack.len());
        let page = world.look_at_page(&url);
        assert!(page.status == 200 && page.shows("This incident is closed"));
        assert!(page.shows("The customer connected") && !page.html.contains("<form"));
        let page = world.submit(&url, FORM);
        assert!(page.status == 409 && page.shows("This incident is closed"));
        assert_eq!((world.kv.clone(), world.slack.len()), (kv, sent), "{act:?}");
    }
}

#[test]
fn a_link_about_an_erased_customer_shows_and_does_nothing() {
    for act in Act::ALL {
        let mut world = failing(&[]);
        let url = world.link(act);
        world.ask("DELETE", "/v1/customers/42", &Value::Null);
        world.settle();
        for page in [world.look_at_page(&url), world.submit(&url, FORM)] {
            assert!(page.shows("This incident is closed") && page.shows("was erased"));
            assert!(!page.shows("Customer 42") && !page.shows("hr@example.com"));
        }
        assert!(incidents(&world).is_empty());
    }
}

#[test]
fn an_act_about_an_incident_that_opened_again_is_done_to_that_one() {
    let mut world = failing(&[]);
    let url = world.link(Act::Take);
    world.deliver(&created("c1", "hibob:Other", Some("42")));
    world.pass(after(2 * DAY));
    world.deliver(&failed("e2", "hibob", Some("42")));
    world.settle();
    assert_eq!(world.submit(&url, "name=Anna").status, 200);
    assert_eq!(incident(&world)["assignee"]["name"], "Anna");
}

#[test]
fn a_link_does_its_own_act_alone() {
    let mut world = failing(&[]);
    let (take, close) = (world.link(Act::Take), world.link(Act::Close));
    world.submit(&take, "name=Anna&act=close&span=day");
    assert_eq!(incidents(&world).len(), 1);
    assert_eq!(incident(&world)["muted_until"], Value::Null);
    // The parts of two links do not make a third.
    let (_, take) = take.split_once("link=").unwrap();
    let (_, close) = close.split_once("link=").unwrap();
    let forged = format!(
        "/act?link={}.{}",
        close.split('.').next().unwrap(),
        take.split('.').nth(1).unwrap()
    );
    let page = world.submit(&forged, "name=Anna");
    assert!(page.status == 403 && page.shows("This link does not work"));
    assert_eq!(incidents(&world).len(), 1);
}

#[test]
fn a_link_works_for_seven_days_and_until_the_secret_is_changed() {
    let mut world = failing(&[]);
    let url = world.link(Act::Take);
    world.pass(after(7 * DAY - 60));
    assert_ne!(world.look_at_page(&url).status, 410);
    world.pass(after(120));
    let page = world.submit(&url, "name=Anna");
    assert!(page.status == 410 && page.shows("This link has expired"));

    let mut world = failing(&[]);
    let url = world.link(Act::Take);
    let other = ("LINK_SECRET", "other-secret-0123456789-0123456789");
    world.configure(&[LINKS[1], LINKS[2], other]);
    assert_eq!(world.look_at_page(&url).status, 403);
    assert_eq!(world.submit(&url, "name=Anna").status, 403);
    assert_eq!(incident(&world)["assignee"], Value::Null);
}

#[test]
fn without_a_secret_there_are_no_links_and_no_pages() {
    let mut world = failing(&[]);
    let url = world.link(Act::Take);
    world.configure(&LINKS[1..]);
    assert_eq!(world.look_at_page(&url).status, 404);
    world.deliver(&failed("e2", "hibob", Some("42")));
    world.settle();
    let (_, message) = world.slack.last().unwrap();
    assert!(!message.to_string().contains("/act"), "{message}");
}

#[test]
fn a_form_that_another_site_sends_does_nothing() {
    for act in Act::ALL {
        let mut world = failing(&[]);
        let url = world.link(act);
        let kv = world.kv.clone();
        for site in ["cross-site", "same-site", "none"] {
            let page = world.visit(&url, Some(FORM), Some(site));
            assert!(
                page.status == 403 && page.shows("nothing was done"),
                "{site}"
            );
        }
        assert_eq!(world.kv, kv);
    }
}

#[test]
fn what_is_wrong_with_an_entry_is_said_beside_it_and_nothing_is_done() {
    for (act, form, error) in [
        (Act::Take, "name=", "Enter your name"),
        (Act::Close, "", "Enter your name"),
        (Act::Mute, "name=Anna", "Choose a day or a week"),
        (
            Act::Mute,
            "name=Anna&span=date&date=2027-01-01",
            "within the next 30 days",
        ),
    ] {
        let mut world = failing(&[]);
        let url = world.link(act);
        let kv = world.kv.clone();
        let page = world.submit(&url, form);
        assert!(page.status == 400 && page.shows(error), "{}", page.html);
        assert!(page.html.contains("<form"));
        assert_eq!(world.kv, kv);
    }
}

#[test]
fn a_page_is_inert_small_and_kept_by_nobody() {
    let mut world = World::with(&LINKS);
    let mut event = failed("e1", "hibob", Some("<b>42</b>"));
    let hostile = "<script>alert(1)</script>\u{202e}\" onload=\"x & hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
    event["data"]["end_user"]["organization_name"] = hostile.into();
    event["data"]["end_user"]["creator_email"] = "\"><img src=x>@x.example".into();
    world.deliver(&event);
    world.settle();
    let name = "name=%3Cimg+src%3Dx%3E%E2%80%AE";
    for act in Act::ALL {
        let url = world.link(act);
        for page in [world.look_at_page(&url), world.submit(&url, name)] {
            let html = &page.html;
            assert!(
                !html.contains("<script>") && !html.contains("<img"),
                "{html}"
            );
            assert!(
                !html.contains("<b>") && !html.contains('\u{202e}'),
                "{html}"
            );
            assert!(!html.contains("onload=\"") && html.contains("&lt;script&gt;"));
            assert!(html.len() < 8_000, "{} bytes", html.len());
            let header = |name| page.headers.iter().find(|(of, _)| *of == name).unwrap().1;
            assert_eq!(header("cache-control"), "no-store");
            assert_eq!(header("referrer-policy"), "no-referrer");
            assert!(header("x-robots-tag").contains("noindex"));
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        }
    }
}
