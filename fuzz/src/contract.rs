//! The outcome of an event by the contract, read from the JSON by other code than
//! the Worker's: a table of what each type requires, and of whom it concerns.
//!
//! What counts as a time is up to `time`: RFC 3339 is not implemented a second time here.

use kombo_edge::domain::time::Timestamp;
use serde_json::Value;

/// The outcome of a signed body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Of a type that is ignored, or not an event.
    Ignored,
    /// Of a known type, and lacking something.
    Quarantined,
    /// For the integration of this id.
    Integration(String),
    /// For the customer of this id.
    Customer(String),
    /// For the organization of this name.
    Organization(String),
    /// For the environment.
    Environment,
}

/// The outcome of a signed JSON value.
pub(crate) fn fate(event: &Value) -> Fate {
    let (Some(id), Some(kind)) = (event["id"].as_str(), event["type"].as_str()) else {
        return Fate::Ignored;
    };
    if !(1..=256).contains(&id.len()) {
        return Fate::Ignored;
    }
    let content = &event["data"];
    let known = match kind {
        "integration-created" => created(content),
        "integration-deleted" => id_of(content, "id", 500).map(Fate::Integration),
        "integration-state-changed" => state_changed(content),
        "issue-status-changed" => issue_changed(content),
        "connection-flow-failed" => flow_failed(content),
        _ => return Fate::Ignored,
    };
    let known = known.filter(|_| content.is_object());
    known.unwrap_or(Fate::Quarantined)
}

fn created(content: &Value) -> Option<Fate> {
    subject(content, ["id", "tool", "category"])
}

fn state_changed(content: &Value) -> Option<Fate> {
    moment(&content["updated_at"])?;
    subject(
        content,
        ["integration_id", "integration_tool", "integration_category"],
    )
}

fn issue_changed(content: &Value) -> Option<Fate> {
    let change = content["change"].as_str()?;
    let issue = &content["issue"];
    id_of(issue, "id", 256)?;
    moment(&issue["first_observed_at"])?;
    if !issue["resolved_at"].is_null() {
        moment(&issue["resolved_at"])?;
    }
    if is_blank(change) {
        return None;
    }
    match &content["integration"] {
        Value::Null => Some(Fate::Environment),
        integration @ Value::Object(_) => subject(integration, ["id", "tool", "category"]),
        _ => None,
    }
}

fn flow_failed(content: &Value) -> Option<Fate> {
    id_of(content, "integration_tool", 64)?;
    id_of(content, "integration_category", 64)?;
    if let Some(origin_id) = origin_id(content).ok()? {
        return Some(Fate::Customer(origin_id));
    }
    let name = content["end_user"]["organization_name"].as_str()?;
    let shown: String = name.chars().take(500).collect();
    (!is_blank(name)).then_some(Fate::Organization(shown))
}

/// An integration with its id, tool and category under these names.
fn subject(content: &Value, [id, tool, category]: [&str; 3]) -> Option<Fate> {
    id_of(content, tool, 64)?;
    id_of(content, category, 64)?;
    origin_id(content).ok()?;
    id_of(content, id, 500).map(Fate::Integration)
}

/// An id of at most this many bytes.
fn id_of(content: &Value, name: &str, most: usize) -> Option<String> {
    let id = content[name].as_str()?;
    (1..=most).contains(&id.len()).then(|| id.to_owned())
}

/// A value in the place of the customer's id that is not an id.
struct NoId;

/// The customer's id; no customer if it is blank.
fn origin_id(content: &Value) -> Result<Option<String>, NoId> {
    match &content["end_user"] {
        Value::Null => Ok(None),
        Value::Object(end_user) => match end_user.get("origin_id") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(id)) if is_blank(id) => Ok(None),
            Some(Value::String(id)) if id.len() <= 503 => Ok(Some(id.clone())),
            Some(_) => Err(NoId),
        },
        _ => Err(NoId),
    }
}

fn moment(value: &Value) -> Option<Timestamp> {
    Timestamp::parse(value.as_str()?)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}
