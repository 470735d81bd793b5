//! Kombo's events, as its webhooks carry them.

use serde_json::{Value, json};

/// A customer as events name it.
pub(crate) fn end_user(origin_id: Option<&str>) -> Value {
    let name = origin_id.map_or("Nameless GmbH".to_owned(), |id| format!("Customer {id}"));
    json!({ "organization_name": name, "creator_email": "hr@example.com", "origin_id": origin_id })
}

/// The tool before the colon of an integration id.
fn tool(integration: &str) -> &str {
    integration.split(':').next().unwrap()
}

/// `integration-created`.
pub(crate) fn created(event: &str, integration: &str, origin_id: Option<&str>) -> Value {
    json!({ "id": event, "type": "integration-created", "data": {
        "id": integration, "tool": tool(integration), "category": "HRIS", "end_user": end_user(origin_id),
    }})
}

/// `integration-deleted`.
pub(crate) fn deleted(event: &str, integration: &str) -> Value {
    json!({ "id": event, "type": "integration-deleted", "data": {
        "id": integration, "tool": tool(integration), "category": "HRIS",
        "end_user": end_user(None), "deleted_at": "2026-11-23T07:00:00.000Z",
    }})
}

/// `integration-state-changed`; `minute` is the minute of `updated_at`.
pub(crate) fn state(
    event: &str,
    integration: &str,
    origin_id: Option<&str>,
    state: &str,
    minute: u8,
) -> Value {
    json!({ "id": event, "type": "integration-state-changed", "data": {
        "integration_id": integration, "integration_tool": tool(integration),
        "integration_category": "HRIS", "end_user": end_user(origin_id), "state": state,
        "setup_status": "COMPLETED", "qa_status": "PASSED",
        "updated_at": format!("2026-11-22T03:{minute:02}:00.000Z"),
    }})
}

/// `issue-status-changed` about an integration; the minutes are those of its times.
pub(crate) fn issue(
    event: &str,
    issue: &str,
    integration: Option<(&str, Option<&str>)>,
    raised: u8,
    resolved: Option<u8>,
) -> Value {
    let time = |minute: u8| format!("2026-11-22T04:{minute:02}:00.000Z");
    let integration = integration.map(|(id, origin_id)| {
        json!({ "id": id, "tool": tool(id), "category": "HRIS", "end_user": end_user(origin_id) })
    });
    json!({ "id": event, "type": "issue-status-changed", "data": {
        "change": if resolved.is_some() { "resolved" } else { "raised" },
        "issue": {
            "id": issue, "type": "integration.authentication_failed",
            "title": "Authentication failed", "status": if resolved.is_some() { "RESOLVED" } else { "OPEN" },
            "markdown_message": "Ask your customer to **reconnect**.",
            "first_observed_at": time(raised), "resolved_at": resolved.map(time),
        },
        "integration": integration,
    }})
}

/// `connection-flow-failed`, about a flow of its own.
pub(crate) fn failed(event: &str, tool: &str, origin_id: Option<&str>) -> Value {
    json!({ "id": event, "type": "connection-flow-failed", "data": {
        "integration_tool": tool, "integration_category": "HRIS", "end_user": end_user(origin_id),
        "log_url": format!("https://app.kombo.dev/env/production/logs?flowId={event}"),
    }})
}
