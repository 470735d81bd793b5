//! Foreign text that tries to be more than text: to mention, to link, to hide or to
//! reverse what Slack shows, to show an integration id, to overwrite another key.

use kombo_edge::contracts::kombo::signature::Signature;
use kombo_edge::edge::delivery::{self, Received};
use serde_json::{Value, json};

use crate::kombo::{created, failed, issue, state};
use crate::outside::{config, sign};
use crate::world::World;

/// An event in which every text about the customer is this text.
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

/// Every text that Slack reads as mrkdwn, and every text that it shows verbatim.
fn texts(message: &Value) -> (Vec<&str>, Vec<&str>) {
    let (mut mrkdwn, mut plain) = (vec![message["text"].as_str().unwrap()], Vec::new());
    for block in message["blocks"].as_array().into_iter().flatten() {
        let elements = block["elements"].as_array().into_iter().flatten();
        for passage in elements.chain([&block["text"]]) {
            let text = passage["text"].as_str();
            match passage["type"].as_str() {
                Some("mrkdwn") => mrkdwn.extend(text),
                Some("plain_text") => plain.extend(text),
                _ => rich(passage, &mut plain),
            }
        }
    }
    (mrkdwn, plain)
}

/// Every text of a paragraph of rich text.
fn rich<'a>(element: &'a Value, plain: &mut Vec<&'a str>) {
    plain.extend(element["text"].as_str());
    for part in element["elements"].as_array().into_iter().flatten() {
        rich(part, plain);
    }
}

/// All messages about customers and integrations with this text.
fn sent(text: &str) -> Vec<Value> {
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
fn no_text_of_an_event_becomes_a_mention_a_link_or_formatting_in_slack() {
    for text in [
        "<!channel>",
        "<@U123>",
        "<https://evil.example|Log in>",
        "*bold* `code`",
    ] {
        for message in sent(text) {
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
fn no_text_of_an_event_hides_or_reverses_what_slack_shows() {
    let hidden = "\u{202e}\u{2066}\u{200b}\u{ad}\u{61c}\u{feff}\u{e0041}\u{3164}\r\u{7}";
    for message in sent(&format!("Ac{hidden}me")) {
        let (mrkdwn, plain) = texts(&message);
        for shown in mrkdwn.into_iter().chain(plain) {
            assert!(!shown.contains(|one| hidden.contains(one)), "{shown:?}");
        }
        assert!(message.to_string().contains("Acme") || message.to_string().contains("Ac me"));
    }
}

/// What Slack shows about an issue with this text of Kombo.
fn shown_for_issue(text: &str) -> String {
    let mut world = World::new();
    let about = Some(("personio:One", Some("43")));
    let mut issue = issue("e1", "i1", about, 1, None);
    issue["data"]["issue"]["title"] = json!(text);
    issue["data"]["issue"]["markdown_message"] = json!(text);
    world.deliver(&issue);
    world.settle();
    world.slack[0].1.to_string()
}

/// What Slack shows about an attempt with this text.
fn shown_for_attempt(text: &str) -> String {
    let mut world = World::new();
    let mut failed = failed("e1", "hibob", Some("42"));
    failed["data"]["log_url"] = json!(format!("https://x/{text}"));
    failed["data"]["end_user"]["organization_name"] = json!(text);
    world.deliver(&failed);
    world.settle();
    world.slack[0].1.to_string()
}

#[test]
fn no_text_of_an_event_shows_an_integration_id_in_slack() {
    for text in [
        "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J",
        "?id=hibob%3AT3xkPq9VwLm2ZrYs8GdHnC5J",
        "?to=%2Fid%3Dhibob%253AT3xkPq9VwLm2ZrYs8GdHnC5J",
        "hibob:T3xkPq9VwLm2\u{200b}ZrYs8GdHnC5J",
        "hibob:T3xkPq9VwLm2\u{ad}ZrYs8GdHnC5J",
        "hibob/T3xkPq9VwLm2ZrYs8GdHnC5J",
        "hibob: T3xkPq9VwLm2ZrYs8GdHnC5J",
        "hibob:\n\nT3xkPq9VwLm2ZrYs8GdHnC5J",
        "hibob\u{ff1a}T3xkPq9VwLm2ZrYs8GdHnC5J",
        "hibob&#58;T3xkPq9VwLm2ZrYs8GdHnC5J",
        "hibob\\u003aT3xkPq9VwLm2ZrYs8GdHnC5J",
    ] {
        for shown in [shown_for_issue(text), shown_for_attempt(text)] {
            assert!(!shown.contains("ZrYs8GdHnC5J"), "{shown}");
        }
    }
}

#[test]
fn no_text_of_an_issue_shows_its_integration_id_in_any_form() {
    for text in ["see personio:One", "see https://x/?id=personio%3AOne"] {
        let shown = shown_for_issue(text);
        assert!(shown.contains("see ") && !shown.contains("One"), "{shown}");
    }
}

#[test]
fn no_text_of_an_issue_shows_the_random_part_of_its_integration_id() {
    const TAIL: &str = "T3xkPq9VwLm2ZrYs8GdHnC5J";
    let throughout = |text: &str| {
        let bytes = text.bytes().map(|byte| format!("%{byte:02X}"));
        bytes.collect::<Vec<_>>().concat()
    };
    for id in [
        TAIL.to_owned(),
        format!("hibob/{TAIL}"),
        format!("hibob: {TAIL}"),
        format!("hibob:\n{TAIL}"),
        format!("HiBob {TAIL}"),
        throughout(&format!("hibob:{TAIL}")),
        throughout(TAIL),
    ] {
        let mut world = World::new();
        let about = format!("hibob:{TAIL}");
        let mut issue = issue("e1", "i1", Some((&about, Some("43"))), 1, None);
        issue["data"]["issue"]["title"] = json!(format!("see {id}"));
        issue["data"]["issue"]["markdown_message"] = json!(format!("see {id} now"));
        world.deliver(&issue);
        world.settle();
        let shown = world.slack[0].1.to_string();
        assert!(!shown.contains(TAIL) && !shown.contains(&id), "{shown}");
        assert!(shown.contains("see "), "{shown}");
    }
}

/// The line of the log about a delivery.
fn line_of(event: &Value) -> String {
    let body = event.to_string();
    let signature = Signature::parse(Some(&sign(body.as_bytes()))).unwrap();
    let config = config(&[]);
    let now = World::new().now;
    match delivery::receive(&config, &signature, body.as_bytes(), now).unwrap() {
        Received::Ignored(line) | Received::For { line, .. } => {
            serde_json::to_string(&line).unwrap()
        }
    }
}

#[test]
fn an_integration_id_in_another_field_of_an_event_stays_out_of_the_log() {
    const TAIL: &str = "T3xkPq9VwLm2ZrYs8GdHnC5J";
    let id = format!("hibob:{TAIL}");
    for spelled in [
        id.clone(),
        format!("hibob/{TAIL}"),
        format!("hibob%3A{TAIL}"),
    ] {
        for event in [
            json!({ "id": spelled, "type": "data-changed", "data": {} }),
            json!({ "id": "e1", "type": spelled, "data": {} }),
            created(&spelled, "personio:One", Some("42")),
            created("e1", "personio:One", Some(&spelled)),
            failed("e1", "hibob", Some(&spelled)),
            failed("e1", &spelled, Some("42")),
            json!({ "id": spelled, "type": "integration-created" }),
        ] {
            let line = line_of(&event);
            assert!(!line.contains(TAIL) && line.contains('…'), "{line}");
        }
    }
    // The id of the integration that it is about, without the tool.
    for event in [
        created(TAIL, &id, Some("42")),
        created("e1", &id, Some(TAIL)),
    ] {
        let line = line_of(&event);
        assert!(!line.contains(TAIL), "{line}");
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
