//! How Kombo spells its events: private, tolerant, and read only.
//!
//! Every scalar is taken as any JSON value first, so that one odd field never
//! costs the rest of the event. What is needed is asked for by name.

use serde::Deserialize;
use serde_json::Value;

use super::event::{Change, EndUser, FailedFlow, Issue, StateChange, Subject, What};
use super::{Fault, clamp};
use crate::id::{IdError, IssueId, OriginId};
use crate::time::Timestamp;

/// Longest e-mail address (RFC 5321: 64 + 1 + 255).
const MAX_CONTACT_CHARS: usize = 320;
/// Names beyond this help nobody and would swell every document.
const MAX_NAME_CHARS: usize = 500;
/// Slack refuses longer section texts, and nobody reads them.
const MAX_MESSAGE_CHARS: usize = 3_000;
/// A link that is longer is dropped: cut, it would lead nowhere.
const MAX_URL_CHARS: usize = 2_000;
/// Longest state, status or issue type that is kept.
const MAX_WORD_CHARS: usize = 100;

type Parser = fn(&str) -> Result<What, Fault>;

/// The parser of a known type, with the type's name; `None` for all others.
pub(super) fn parser(kind: &str) -> Option<(&'static str, Parser)> {
    Some(match kind {
        "integration-created" => ("integration-created", created),
        "integration-deleted" => ("integration-deleted", deleted),
        "integration-state-changed" => ("integration-state-changed", state_changed),
        "issue-status-changed" => ("issue-status-changed", issue_changed),
        "connection-flow-failed" => ("connection-flow-failed", flow_failed),
        _ => return None,
    })
}

/// `end_user`, the same in all events.
#[derive(Deserialize, Default)]
#[serde(default)]
struct WireEndUser {
    origin_id: Value,
    organization_name: Value,
    creator_email: Value,
}

/// An integration where the keys are `id`, `tool`, `category`.
#[derive(Deserialize)]
struct ShortKeys {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    tool: Value,
    #[serde(default)]
    category: Value,
    end_user: Option<WireEndUser>,
}

/// An integration where the keys are `integration_id`, `integration_tool` and so
/// on, with every status that comes beside them.
#[derive(Deserialize)]
struct LongKeys {
    #[serde(default)]
    integration_id: Value,
    #[serde(default)]
    integration_tool: Value,
    #[serde(default)]
    integration_category: Value,
    end_user: Option<WireEndUser>,
    #[serde(default)]
    state: Value,
    #[serde(default)]
    setup_status: Value,
    #[serde(default)]
    qa_status: Value,
    #[serde(default)]
    updated_at: Value,
    #[serde(default)]
    log_url: Value,
}

#[derive(Deserialize)]
struct IssueChanged {
    #[serde(default)]
    change: Value,
    issue: Option<WireIssue>,
    integration: Option<ShortKeys>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireIssue {
    id: Value,
    r#type: Value,
    title: Value,
    markdown_message: Value,
    first_observed_at: Value,
    resolved_at: Value,
}

fn created(fields: &str) -> Result<What, Fault> {
    let integration =
        shape::<ShortKeys>(fields)?.subject("data.id", "data.tool", "data.category")?;
    Ok(What::IntegrationCreated { integration })
}

fn deleted(fields: &str) -> Result<What, Fault> {
    let integration = id(shape::<ShortKeys>(fields)?.id, "data.id")?;
    Ok(What::IntegrationDeleted { integration })
}

fn state_changed(fields: &str) -> Result<What, Fault> {
    let wire: LongKeys = shape(fields)?;
    let change = StateChange {
        state: word(wire.state),
        setup_status: word(wire.setup_status),
        qa_status: word(wire.qa_status),
        updated_at: moment(wire.updated_at, "data.updated_at")?,
    };
    let integration = Subject {
        id: id(wire.integration_id, "data.integration_id")?,
        tool: id(wire.integration_tool, "data.integration_tool")?,
        category: id(wire.integration_category, "data.integration_category")?,
        end_user: wire.end_user.unwrap_or_default().read()?,
    };
    Ok(What::IntegrationStateChanged {
        integration,
        change,
    })
}

fn issue_changed(fields: &str) -> Result<What, Fault> {
    let wire: IssueChanged = shape(fields)?;
    let change = match text(wire.change).as_deref() {
        Some("raised") => Change::Raised,
        Some("resolved") => Change::Resolved,
        Some(_) => Change::Other,
        None => return Err(Fault::Missing("data.change")),
    };
    let issue = wire
        .issue
        .ok_or(Fault::Missing("data.issue"))?
        .read(change)?;
    let integration = wire
        .integration
        .map(|keys| {
            keys.subject(
                "data.integration.id",
                "data.integration.tool",
                "data.integration.category",
            )
        })
        .transpose()?;
    Ok(What::IssueStatusChanged { integration, issue })
}

fn flow_failed(fields: &str) -> Result<What, Fault> {
    let wire: LongKeys = shape(fields)?;
    let end_user = wire.end_user.unwrap_or_default().read()?;
    if end_user.origin_id.is_none() && end_user.organization_name.is_none() {
        return Err(Fault::Missing("data.end_user.organization_name"));
    }
    Ok(What::ConnectionFlowFailed(FailedFlow {
        tool: id(wire.integration_tool, "data.integration_tool")?,
        category: id(wire.integration_category, "data.integration_category")?,
        end_user,
        log_url: text(wire.log_url).filter(|url| url.chars().nth(MAX_URL_CHARS).is_none()),
    }))
}

impl ShortKeys {
    /// The integration; the arguments are the names of the three fields.
    fn subject(
        self,
        id_field: &'static str,
        tool_field: &'static str,
        category_field: &'static str,
    ) -> Result<Subject, Fault> {
        Ok(Subject {
            id: id(self.id, id_field)?,
            tool: id(self.tool, tool_field)?,
            category: id(self.category, category_field)?,
            end_user: self.end_user.unwrap_or_default().read()?,
        })
    }
}

impl WireEndUser {
    fn read(self) -> Result<EndUser, Fault> {
        const FIELD: &str = "data.end_user.origin_id";
        let origin_id = match self.origin_id {
            Value::Null => None,
            Value::String(text) => OriginId::from_event(text).map_err(|_| Fault::Id(FIELD))?,
            // A number is no text: guessing how to write it could hit another customer.
            _ => return Err(Fault::Missing(FIELD)),
        };
        let short = |value, chars| text(value).map(|text| clamp(text, chars));
        Ok(EndUser {
            origin_id,
            organization_name: short(self.organization_name, MAX_NAME_CHARS),
            contact: short(self.creator_email, MAX_CONTACT_CHARS),
        })
    }
}

impl WireIssue {
    fn read(self, change: Change) -> Result<Issue, Fault> {
        let prose = |value, chars| clamp(text(value).unwrap_or_default(), chars);
        Ok(Issue {
            id: id::<IssueId>(self.id, "data.issue.id")?,
            change,
            kind: prose(self.r#type, MAX_WORD_CHARS),
            title: prose(self.title, MAX_NAME_CHARS),
            markdown_message: prose(self.markdown_message, MAX_MESSAGE_CHARS),
            first_observed_at: moment(self.first_observed_at, "data.issue.first_observed_at")?,
            resolved_at: match self.resolved_at {
                Value::Null => None,
                value => Some(moment(value, "data.issue.resolved_at")?),
            },
        })
    }
}

fn shape<'a, T: Deserialize<'a>>(fields: &'a str) -> Result<T, Fault> {
    serde_json::from_str(fields).map_err(|_| Fault::Shape)
}

/// Text that says something; absent, null, blank and other JSON types are none.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

fn word(value: Value) -> Option<String> {
    text(value).map(|text| clamp(text, MAX_WORD_CHARS))
}

fn id<T: TryFrom<String, Error = IdError>>(value: Value, field: &'static str) -> Result<T, Fault> {
    match value {
        Value::String(text) => T::try_from(text).map_err(|_| Fault::Id(field)),
        _ => Err(Fault::Missing(field)),
    }
}

fn moment(value: Value, field: &'static str) -> Result<Timestamp, Fault> {
    match value {
        Value::String(text) => Timestamp::parse(&text).ok_or(Fault::Time(field)),
        _ => Err(Fault::Missing(field)),
    }
}
