//! Foreign text that tries to be more than text: to mention, to link, to hide or to
//! turn around what Slack shows, to name an integration, to write over another key.

use serde_json::{Value, json};

use crate::kombo::{created, failed, issue, state};
use crate::world::World;

/// An event in which every text about the customer is this one.
fn spoken(mut event: Value, text: &str) -> Value {
    let about = event["data"].as_object_mut().unwrap();
    let within = about.get_mut("integration").and_then(Value::as_object_mut);
    let end_user = match within {
        Some(integration) => integration.get_mut("end_user"),
        None => about.get_mut("end_user"),
    };
    let end_user = end_user.unwrap().as_object_mut().unwrap();
    end_user.insert("organization_name".to_owned(), json!(text));
    end_user.insert("creator_email".to_owned(), json!(text));
    if let Some(issue) = about.get_mut("issue") {
        issue["title"] = json!(text);
        issue["markdown_message"] = json!(text);
    }
    if about.contains_key("log_url") {
        about.insert("log_url".to_owned(), json!(format!("https://x/{text}")));
    }
    event
}

/// Every text that Slack is to read as mrkdwn, and every one that it shows as it is.
fn texts(message: &Value) -> (Vec<&str>, Vec<&str>) {
    let (mut mrkdwn, mut plain) = (vec![message["text"].as_str().unwrap()], Vec::new());
    for block in message["blocks"].as_array().into_iter().flatten() {
        let elements = block["elements"].as_array().into_iter().flatten();
        for passage in elements.chain([&block["text"]]) {
            let text = passage["text"].as_str();
            match passage["type"].as_str() {
                Some("plain_text") => plain.extend(text),
                _ => mrkdwn.extend(text),
            }
        }
    }
    (mrkdwn, plain)
}

/// All messages about customers and integrations that speak so.
fn told(text: &str) -> Vec<Value> {
    let mut world = World::new();
    let about = Some(("personio:One", Some("43")));
    for event in [
        failed("e1", "hibob", Some("42")),
        created("e2", "personio:One", Some("43")),
        state("e3", "personio:One", Some("43"), "INVALID", 1),
        issue("e4", "i1", about, 1, None),
        created("e5", "lever:Two", None),
    ] {
        world.deliver(&spoken(event, text));
        world.settle();
    }
    let messages: Vec<Value> = world
        .slack
        .into_iter()
        .map(|(_, message)| message)
        .collect();
    assert!(messages.len() >= 3, "{}", messages.len());
    messages
}

#[test]
fn no_text_of_an_event_mentions_links_or_formats_in_slack() {
    for text in [
        "<!channel>",
        "<@U123>",
        "<https://evil.example|Log in>",
        "*bold* `code`",
    ] {
        for message in told(text) {
            let (mrkdwn, _) = texts(&message);
            for shown in mrkdwn {
                assert!(!shown.contains(text), "{shown}");
                assert!(
                    !shown.contains("<!channel") && !shown.contains("<@"),
                    "{shown}"
                );
                assert!(!shown.contains("<https://evil"), "{shown}");
            }
        }
    }
}

#[test]
fn no_text_of_an_event_hides_or_turns_around_what_slack_shows() {
    let hidden = "\u{202e}\u{2066}\u{200b}\u{ad}\u{61c}\u{feff}\u{e0041}\u{3164}\r\u{7}";
    for message in told(&format!("Ac{hidden}me")) {
        let (mrkdwn, plain) = texts(&message);
        for shown in mrkdwn.into_iter().chain(plain) {
            assert!(!shown.contains(|one| hidden.contains(one)), "{shown:?}");
        }
        assert!(message.to_string().contains("Acme") || message.to_string().contains("Ac me"));
    }
}

/// What stands in Slack about an issue of which Kombo says this.
fn said_of_an_issue(text: &str) -> String {
    let mut world = World::new();
    let about = Some(("personio:One", Some("43")));
    let mut issue = issue("e1", "i1", about, 1, None);
    issue["data"]["issue"]["title"] = json!(text);
    issue["data"]["issue"]["markdown_message"] = json!(text);
    world.deliver(&issue);
    world.settle();
    world.slack[0].1.to_string()
}

/// What stands there about an attempt.
fn said_of_an_attempt(text: &str) -> String {
    let mut world = World::new();
    let mut failed = failed("e1", "hibob", Some("42"));
    failed["data"]["log_url"] = json!(format!("https://x/{text}"));
    failed["data"]["end_user"]["organization_name"] = json!(text);
    world.deliver(&failed);
    world.settle();
    world.slack[0].1.to_string()
}

#[test]
fn no_text_of_an_event_names_an_integration_in_slack() {
    for text in [
        "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J",
        "?id=hibob%3AT3xkPq9VwLm2ZrYs8GdHnC5J",
        "?to=%2Fid%3Dhibob%253AT3xkPq9VwLm2ZrYs8GdHnC5J",
        "hibob:T3xkPq9VwLm2\u{200b}ZrYs8GdHnC5J",
        "hibob:T3xkPq9VwLm2\u{ad}ZrYs8GdHnC5J",
    ] {
        for shown in [said_of_an_issue(text), said_of_an_attempt(text)] {
            assert!(!shown.contains("ZrYs8GdHnC5J"), "{shown}");
        }
    }
}

#[test]
fn no_text_about_an_issue_names_its_own_integration_whatever_the_form_of_the_id() {
    for text in ["see personio:One", "see https://x/?id=personio%3AOne"] {
        let shown = said_of_an_issue(text);
        assert!(shown.contains("see ") && !shown.contains("One"), "{shown}");
    }
}

#[test]
fn ids_that_look_alike_or_like_a_key_are_different_customers() {
    let ids = [
        "é",
        "e\u{301}",
        "42",
        "42 ",
        " 42",
        "４２",
        "4\u{200b}2",
        "customer:42",
        "integration:hibob:One",
        "../42",
        "..",
        "%34%32",
        "__proto__",
        "constructor",
        "4\u{0}2",
        "42\n",
        "\u{10ffff}42",
    ];
    let mut world = World::new();
    for (number, id) in ids.iter().enumerate() {
        let integration = format!("hibob:Number-{number:02}");
        world.deliver(&created(&format!("e{number}"), &integration, Some(id)));
    }
    world.settle();
    for (number, id) in ids.iter().enumerate() {
        let document = world.document(&format!("customer:{id}")).unwrap();
        assert_eq!(document["origin_id"], *id);
        let held: Vec<&Value> = document["integrations"]
            .as_array()
            .unwrap()
            .iter()
            .collect();
        assert_eq!(held.len(), 1, "{id:?}");
        assert_eq!(held[0]["id"], format!("hibob:Number-{number:02}"));
    }
    assert!(world.kv.keys().all(|key| {
        key.starts_with("customer:") || key.starts_with("integration:hibob:Number-")
    }));
}
