//! Messages: whatever an alert contains, Slack accepts the message, nothing foreign in it
//! becomes markup, and nothing in it reads like an integration id.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use kombo_edge::contracts::operator::settings::Settings;
use kombo_edge::contracts::slack::{self, Content};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::json::Json;
use kombo_edge::domain::time::Timestamp;
use serde_json::Value;

use crate::checks::faults;
use crate::deployments::{NOW, full, plain, view};
use crate::edit::{Edit, apply, reword};
use crate::kinds;
use crate::leak::leak;

/// A message of some alerts.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    form: Form,
    is_for_engineers: bool,
    is_plain_deployment: bool,
    alerts: Vec<Changed<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Form {
    One,
    Plain,
    Digest,
    Lead { since: i64, open: u64, over: u64 },
}

/// An alert of some kind, with other texts in it, and other changes.
#[derive(Arbitrary, Debug)]
struct Changed<'a> {
    kind: u8,
    texts: Vec<(u16, &'a str)>,
    edits: Vec<Edit<'a>>,
}

/// An alert of every kind.
static ALERTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let posts = kinds::all().into_iter();
    let alerts = posts.flat_map(|(_, post)| match post {
        Content::One(alert) | Content::Plain(alert) => vec![alert],
        Content::Digest(alerts) | Content::Lead { alerts, .. } => alerts,
    });
    let alerts = alerts.map(|alert| serde_json::from_str(alert.text()));
    alerts
        .map(|alert| alert.expect("an alert is JSON"))
        .collect()
});

static DEPLOYMENTS: LazyLock<[Settings; 2]> = LazyLock::new(|| [full(), plain()]);

/// Renders the message.
///
/// # Panics
/// If something is wrong with it.
pub fn check(input: &Input<'_>) {
    let alerts: Vec<Value> = input.alerts.iter().take(20).map(Changed::alert).collect();
    if alerts.is_empty() {
        return;
    }
    let may_mention = alerts.iter().any(|alert| alert["mentions"] == true);
    let channel = if input.is_for_engineers {
        Audience::Engineers
    } else {
        Audience::Team
    };
    let settings = &DEPLOYMENTS[usize::from(input.is_plain_deployment)];
    let mut alerts: Vec<Json> = alerts.iter().map(stored).collect();
    let post = match &input.form {
        Form::Digest => Content::Digest(alerts),
        Form::Lead { since, open, over } => Content::Lead {
            since: Timestamp::from_millis(*since),
            open: *open,
            over: *over,
            alerts,
        },
        Form::One | Form::Plain => {
            let alert = alerts.swap_remove(0);
            let title = slack::title(&alert, channel, settings, NOW);
            assert!(!title.is_empty() && !title.contains('\n'), "{title:?}");
            if matches!(input.form, Form::One) {
                Content::One(alert)
            } else {
                Content::Plain(alert)
            }
        }
    };
    let payload = slack::render(post, view(settings, channel));
    let message: Value = serde_json::from_str(&payload).expect("a message is JSON");
    assert_eq!(faults(&message), [""; 0], "{message}");
    assert_eq!(leak(&message), None);
    assert!(mentions(&message) <= usize::from(may_mention), "{message}");
}

/// Mentions in text that is read as markup.
fn mentions(message: &Value) -> usize {
    let blocks = message["blocks"].as_array().into_iter().flatten();
    let texts = blocks.map(|block| &block["text"]);
    let own = texts.filter(|text| text["type"] == "mrkdwn");
    let own = own.filter_map(|text| text["text"].as_str());
    own.map(|text| text.matches("<!here>").count()).sum()
}

impl Changed<'_> {
    fn alert(&self) -> Value {
        let mut alert = ALERTS[usize::from(self.kind) % ALERTS.len()].clone();
        for (number, text) in self.texts.iter().take(12) {
            reword(&mut alert, *number, text);
        }
        apply(&mut alert, &self.edits);
        keep_handles(&mut alert);
        alert
    }
}

/// A handle is our own hash, and not foreign text.
fn keep_handles(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(keep_handles),
        Value::Object(fields) => {
            if let Some(Value::String(handle)) = fields.get_mut("handle") {
                "T3xkPq9V".clone_into(handle);
            }
            fields.values_mut().for_each(keep_handles);
        }
        _ => {}
    }
}

fn stored(alert: &Value) -> Json {
    Json::of(alert)
}
