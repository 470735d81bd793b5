//! Stored rows of any content: nothing that an object handles or does panics, and
//! its effects are allowed. Rows of another version, which are valid except
//! for unknown fields, can be read, and keep these fields.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use kombo_edge::contracts::objects::notifier;
use kombo_edge::contracts::operator::settings::Config;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::json;
use kombo_edge::machine::{Effect, Table};
use serde_json::{Value, json};

use crate::base::BASE;
use crate::driven::{Driven, Snapshot};
use crate::edit::{Edit, apply};
use crate::effects::{self, Fate};
use crate::object::Object;
use crate::outside::config;

/// An object, the changes to its rows, and what happens then.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    object: u16,
    deployment: u8,
    edits: Vec<RowEdit<'a>>,
    steps: Vec<Step<'a>>,
}

#[derive(Arbitrary, Debug)]
struct RowEdit<'a> {
    row: u8,
    change: RowChange<'a>,
}

#[derive(Arbitrary, Debug)]
enum RowChange<'a> {
    Edited(Edit<'a>),
    Text(&'a str),
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Handle(Message<'a>),
    Alarm {
        fates: Vec<Fate<'a>>,
        meanwhile: Option<Message<'a>>,
    },
    Pass {
        seconds: u32,
    },
    ToTheAlarm,
}

impl Step<'_> {
    fn handles_something(&self) -> bool {
        match self {
            Self::Handle(_) => true,
            Self::Alarm { meanwhile, .. } => meanwhile.is_some(),
            Self::Pass { .. } | Self::ToTheAlarm => false,
        }
    }
}

#[derive(Arbitrary, Debug)]
struct Message<'a> {
    number: u8,
    /// With an id that was not seen before.
    fresh: Option<u8>,
    /// In the event that it carries.
    within: Vec<Edit<'a>>,
    edits: Vec<Edit<'a>>,
}

impl Message<'_> {
    fn written(&self, message: &Value) -> Value {
        let mut message = message.clone();
        let fresh = self
            .fresh
            .map(|number| Value::from(format!("fresh{number}")));
        let content = &mut message["message"];
        if content["event"]["event"].is_object() {
            let event = &mut content["event"]["event"];
            apply(event, &self.within);
            if let (Some(fresh), true) = (&fresh, event.is_object()) {
                event["id"] = fresh.clone();
            }
        }
        if let (Some(fresh), true) = (fresh, content["alert"].is_object()) {
            content["alert"]["id"] = fresh;
        }
        apply(&mut message, &self.edits);
        message
    }
}

/// Deployments that make the machines behave differently.
static DEPLOYMENTS: LazyLock<[Config; 3]> = LazyLock::new(|| {
    [
        config(&[]),
        config(&[
            ("SLACK_OPS_URL", "https://hooks.slack.com/services/T/B/ops"),
            ("KOMBO_API_KEY", "key"),
            ("ANNOUNCE", "connected disconnected"),
            ("SLACK_MENTION", "@here"),
            ("ENVIRONMENT", "staging"),
            ("FIRST_ALERT_DELAY_SECONDS", "60"),
        ]),
        config(&[
            ("SLACK_WEBHOOK_URL", ""),
            ("DAILY_SUMMARY_UTC", "off"),
            ("SILENCE_DAYS", "0"),
            ("TEST_CUSTOMERS", "4*"),
        ]),
    ]
});

/// What a newer version might have written.
fn unknown() -> Value {
    json!({ "a": [1.5e300, null] })
}

/// Runs the steps on the object.
///
/// # Panics
/// If the object panics, has an effect that is not allowed, drops an unknown field,
/// or cannot read valid rows.
pub fn check(input: &Input<'_>) {
    let objects = &BASE.objects;
    let snapshot = &objects[usize::from(input.object) % objects.len()];
    let mut driven = snapshot.drive();
    let config = &DEPLOYMENTS[usize::from(input.deployment) % DEPLOYMENTS.len()];
    for edit in input.edits.iter().take(6) {
        change(&mut driven.object, edit);
    }
    driven.restart();
    let is_right = input.edits.is_empty();
    if is_right {
        mark(&mut driven.object);
        driven.restart();
    }
    for step in input.steps.iter().take(12) {
        let before = driven.object.clone();
        take(snapshot, &mut driven, config, step);
        no_step_back(&before, &driven.object);
        if is_right {
            is_kept(&before, &driven.object, step);
            let can = driven.can_work(&config.settings);
            assert!(can.is_ok(), "right rows cannot be read: {can:?}");
        }
    }
}

fn take(snapshot: &Snapshot, driven: &mut Driven, config: &Config, step: &Step<'_>) {
    match step {
        Step::Pass { seconds } => driven.pass(Duration::from_secs(u64::from(*seconds))),
        Step::ToTheAlarm => driven.now = driven.now.max(driven.object.alarm.unwrap_or(driven.now)),
        Step::Handle(message) => handle(snapshot, driven, config, message),
        Step::Alarm { fates, meanwhile } => {
            let run = |driven: &mut Driven, effects: Vec<Effect>| {
                for effect in &effects {
                    effects::check(driven.class, effect);
                }
                if let Some(message) = meanwhile {
                    handle(snapshot, driven, config, message);
                }
                for (number, effect) in effects.into_iter().enumerate() {
                    match fates.get(number) {
                        Some(fate) => fate.meet(effect),
                        None => Fate::default().meet(effect),
                    }
                }
            };
            // A row that cannot be read stops the object, and changes nothing.
            drop(driven.alarm(&config.settings, run));
        }
    }
}

fn handle(snapshot: &Snapshot, driven: &mut Driven, config: &Config, message: &Message<'_>) {
    let messages = BASE.messages(snapshot);
    let known = messages[usize::from(message.number) % messages.len()];
    let text = message.written(known);
    // It would have gone to another Notifier.
    if audience_of(&text) != audience_of(known) {
        return;
    }
    let before = driven.object.rows.clone();
    match driven.handle(&config.settings, &text.to_string()) {
        Ok(reply) => {
            serde_json::to_string(&reply).expect("a reply is JSON");
        }
        Err(_) => assert!(before == driven.object.rows, "rejected, and yet changed"),
    }
}

/// The audience that a message to a Notifier names.
fn audience_of(message: &Value) -> Option<Audience> {
    let message = message["message"].to_string();
    let message: notifier::Message = json::parse(&message).ok()?;
    Some(message.audience())
}

fn change(object: &mut Object, edit: &RowEdit<'_>) {
    let rows = object.rows.len().max(1);
    let Some((text, _)) = object.rows.values_mut().nth(usize::from(edit.row) % rows) else {
        return;
    };
    match &edit.change {
        RowChange::Text(new) => (*new).clone_into(text),
        RowChange::Edited(edit) => {
            if let Ok(mut row) = serde_json::from_str(text) {
                apply(&mut row, core::slice::from_ref(edit));
                *text = row.to_string();
            }
        }
    }
}

/// Adds an unknown field to every row, and to the facts of an integration.
fn mark(object: &mut Object) {
    for (text, _) in object.rows.values_mut() {
        let row = serde_json::from_str::<Value>(text).ok();
        let Some(mut row) = row.filter(Value::is_object) else {
            continue;
        };
        row["tomorrow"] = unknown();
        if row["facts"].is_object() {
            row["facts"]["tomorrow"] = unknown();
        }
        *text = row.to_string();
    }
}

fn values(object: &Object) -> BTreeMap<&(Table, String), Value> {
    let rows = object.rows.iter();
    rows.filter_map(|(key, (text, _))| Some((key, serde_json::from_str(text).ok()?)))
        .collect()
}

/// The unknown field is still there, in every row that exists.
fn is_kept(before: &Object, after: &Object, step: &Step<'_>) {
    let after = values(after);
    for (key, old) in values(before) {
        let Some(new) = after.get(key) else { continue };
        if step.handles_something() && is_replaced_later(key) {
            continue;
        }
        if old["tomorrow"].is_object() {
            assert_eq!(new["tomorrow"], unknown(), "{key:?} forgot a field");
        }
        // A tombstone keeps nothing but itself.
        if old["facts"]["tomorrow"].is_object() && new["facts"]["deleted"] != true {
            let facts = &new["facts"]["tomorrow"];
            assert_eq!(*facts, unknown(), "the facts forgot a field");
        }
    }
}

/// Rows that another message replaces: the work left of an erasure, and the quarantine of one
/// event. Alarms keep them.
fn is_replaced_later((_, key): &(Table, String)) -> bool {
    key.starts_with("erasing/") || key.starts_with("quarantined/")
}

/// No revision decreases.
fn no_step_back(before: &Object, after: &Object) {
    let after = values(after);
    for (key, old) in values(before) {
        let Some(new) = after.get(key) else { continue };
        for field in ["revision", "document_revision", "version"] {
            if let (Some(old), Some(new)) = (old[field].as_u64(), new[field].as_u64()) {
                assert!(new >= old, "{key:?}: {field} went from {old} to {new}");
            }
        }
    }
}
