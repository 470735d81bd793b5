//! How Kombo spells its events: private, tolerant, and read only.
//!
//! Every field may be any JSON value first, so that one odd field never costs the rest
//! of the event. What is needed is asked for by name.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::event::{
    self, EventKind, FailedFlow, IntegrationStatus, IssueChange, StateChange, Subject,
};
use super::{Fault, clamp};
use crate::domain::id::{IdError, IntegrationId, OriginId};
use crate::domain::json::{Lenient, Object, parse_foreign};
use crate::domain::time::Timestamp;

/// Longest e-mail address (RFC 5321: 64 + 1 + 255).
const MAX_CONTACT_CHARS: usize = 320;
/// Longer names are cut: every document would carry them.
const MAX_NAME_CHARS: usize = 500;
/// Slack rejects longer section texts.
const MAX_MESSAGE_CHARS: usize = 3_000;
/// A link that is longer is dropped: cut, it would lead nowhere.
const MAX_URL_CHARS: usize = 2_000;
/// Longest state, status or issue type that is kept.
const MAX_WORD_CHARS: usize = 100;

type Parser = fn(&str) -> Result<EventKind, Fault>;

/// The parser of a known type, with the type's name; `None` for all others.
fn parser(kind: &str) -> Option<(&'static str, Parser)> {
    Some(match kind {
        "integration-created" => ("integration-created", |body| created(data(body)?)),
        "integration-deleted" => ("integration-deleted", |body| deleted(data(body)?)),
        "integration-state-changed" => ("integration-state-changed", |body| {
            state_changed(data(body)?)
        }),
        "issue-status-changed" => ("issue-status-changed", |body| issue_changed(data(body)?)),
        "connection-flow-failed" => ("connection-flow-failed", |body| flow_failed(data(body)?)),
        _ => return None,
    })
}

/// A known type of event.
pub(super) struct Known {
    /// Its name.
    pub(super) kind: &'static str,
    parse: Parser,
}

impl Known {
    /// The known type of this name.
    pub(super) fn of(kind: &str) -> Option<Self> {
        let (kind, parse) = parser(kind)?;
        Some(Self { kind, parse })
    }

    /// What the body of such an event says.
    pub(super) fn read(&self, body: &str) -> Result<EventKind, Fault> {
        (self.parse)(body)
    }
}

/// The `data` of an event, or of an answer of Kombo's API.
pub(super) fn data<T: DeserializeOwned>(body: &str) -> Result<T, Fault> {
    #[derive(Deserialize)]
    struct Body<T> {
        data: Option<Object<T>>,
    }
    let body: Body<T> = parse_foreign(body).map_err(|_| Fault::Shape)?;
    body.data.map(|Object(data)| data).ok_or(Fault::Shape)
}

/// A field that should be text, and need not be there.
type Text = Option<Lenient<String>>;

/// An object within, unless it is absent or null.
type Part<T> = Option<Object<T>>;

/// An integration, as most events name it.
#[derive(Deserialize)]
struct Integration {
    id: Text,
    tool: Text,
    category: Text,
    end_user: Part<EndUser>,
}

/// The same in all events.
#[derive(Deserialize)]
struct EndUser {
    origin_id: Text,
    organization_name: Text,
    creator_email: Text,
}

#[derive(Deserialize)]
struct Deleted {
    id: Text,
}

#[derive(Deserialize)]
struct StateChanged {
    state: Text,
    setup_status: Text,
    qa_status: Text,
    updated_at: Text,
    integration_id: Text,
    integration_tool: Text,
    integration_category: Text,
    end_user: Part<EndUser>,
}

#[derive(Deserialize)]
struct IssueChanged {
    change: Text,
    issue: Part<Issue>,
    /// None where the whole environment is concerned.
    integration: Part<Integration>,
}

#[derive(Deserialize)]
struct Issue {
    id: Text,
    #[serde(rename = "type")]
    kind: Text,
    title: Text,
    markdown_message: Text,
    first_observed_at: Text,
    resolved_at: Text,
}

#[derive(Deserialize)]
struct FlowFailed {
    integration_tool: Text,
    integration_category: Text,
    end_user: Part<EndUser>,
    log_url: Text,
}

/// An integration, as Kombo's API answers.
#[derive(Deserialize)]
struct KnownIntegration {
    id: Text,
    tool: Part<KnownTool>,
    category: Text,
    end_user: Part<EndUser>,
    status: Text,
    setup_status: Text,
}

#[derive(Deserialize)]
struct KnownTool {
    id: Text,
}

/// How an integration is, in an answer of Kombo's API.
pub(super) fn standing(body: &str) -> Option<IntegrationStatus> {
    let known: KnownIntegration = data(body).ok()?;
    let integration = Integration {
        id: known.id,
        tool: known.tool?.0.id,
        category: known.category,
        end_user: known.end_user,
    };
    Some(IntegrationStatus {
        subject: subject(integration, ["id", "tool.id", "category"]).ok()?,
        state: word(known.status),
        setup_status: word(known.setup_status),
    })
}

fn created(data: Integration) -> Result<EventKind, Fault> {
    let integration = subject(data, ["data.id", "data.tool", "data.category"])?;
    Ok(EventKind::IntegrationCreated { integration })
}

fn deleted(data: Deleted) -> Result<EventKind, Fault> {
    let integration = id(data.id, "data.id")?;
    Ok(EventKind::IntegrationDeleted { integration })
}

fn state_changed(data: StateChanged) -> Result<EventKind, Fault> {
    let change = StateChange {
        state: word(data.state),
        setup_status: word(data.setup_status),
        qa_status: word(data.qa_status),
        updated_at: moment(data.updated_at, "data.updated_at")?,
    };
    let integration = Integration {
        id: data.integration_id,
        tool: data.integration_tool,
        category: data.integration_category,
        end_user: data.end_user,
    };
    let names = [
        "data.integration_id",
        "data.integration_tool",
        "data.integration_category",
    ];
    Ok(EventKind::IntegrationStateChanged {
        integration: subject(integration, names)?,
        change,
    })
}

fn issue_changed(data: IssueChanged) -> Result<EventKind, Fault> {
    let change = match text(data.change).as_deref() {
        Some("raised") => IssueChange::Raised,
        Some("resolved") => IssueChange::Resolved,
        Some(_) => IssueChange::Other,
        None => return Err(Fault::Missing("data.change")),
    };
    let Object(told) = data.issue.ok_or(Fault::Missing("data.issue"))?;
    let names = [
        "data.integration.id",
        "data.integration.tool",
        "data.integration.category",
    ];
    let integration = data.integration.map(|Object(it)| subject(it, names));
    let integration: Option<Subject> = integration.transpose()?;
    let issue = issue(told, change, integration.as_ref().map(|it| &it.id))?;
    Ok(EventKind::IssueStatusChanged { integration, issue })
}

fn flow_failed(data: FlowFailed) -> Result<EventKind, Fault> {
    let end_user = end_user(data.end_user)?;
    if end_user.origin_id.is_none() && end_user.organization_name.is_none() {
        return Err(Fault::Missing("data.end_user.organization_name"));
    }
    let log_url = text(data.log_url);
    Ok(EventKind::ConnectionFlowFailed(FailedFlow {
        tool: id(data.integration_tool, "data.integration_tool")?,
        category: id(data.integration_category, "data.integration_category")?,
        end_user,
        log_url: log_url.filter(|url| url.chars().nth(MAX_URL_CHARS).is_none()),
    }))
}

/// The integration that three fields name, each with its name in full.
fn subject(
    integration: Integration,
    [id_name, tool_name, category_name]: [&'static str; 3],
) -> Result<Subject, Fault> {
    Ok(Subject {
        id: id(integration.id, id_name)?,
        tool: id(integration.tool, tool_name)?,
        category: id(integration.category, category_name)?,
        end_user: end_user(integration.end_user)?,
    })
}

/// Without `end_user`, nothing is known of the customer.
fn end_user(part: Part<EndUser>) -> Result<event::EndUser, Fault> {
    const FIELD: &str = "data.end_user.origin_id";
    let Some(Object(told)) = part else {
        return Ok(event::EndUser::default());
    };
    let origin_id = match told.origin_id {
        None => None,
        Some(Lenient::Is(text)) => OriginId::from_event(text).map_err(|_| Fault::Id(FIELD))?,
        // A number is not a string: guessing how to write it could hit another customer.
        Some(Lenient::Other(_)) => return Err(Fault::Missing(FIELD)),
    };
    let short = |field, chars| text(field).map(|text| clamp(text, chars));
    Ok(event::EndUser {
        origin_id,
        organization_name: short(told.organization_name, MAX_NAME_CHARS),
        contact: short(told.creator_email, MAX_CONTACT_CHARS),
    })
}

/// `about` is the integration that it is about. People read the texts, so its id goes.
fn issue(
    told: Issue,
    change: IssueChange,
    about: Option<&IntegrationId>,
) -> Result<event::Issue, Fault> {
    let prose = |field, chars| {
        let text = text(field).unwrap_or_default();
        let text = match about {
            Some(id) => id.cut_out_of(&text),
            None => text,
        };
        clamp(text, chars)
    };
    Ok(event::Issue {
        id: id(told.id, "data.issue.id")?,
        change,
        kind: prose(told.kind, MAX_WORD_CHARS),
        title: prose(told.title, MAX_NAME_CHARS),
        markdown_message: prose(told.markdown_message, MAX_MESSAGE_CHARS),
        first_observed_at: moment(told.first_observed_at, "data.issue.first_observed_at")?,
        resolved_at: match told.resolved_at {
            None => None,
            at => Some(moment(at, "data.issue.resolved_at")?),
        },
    })
}

/// Text that says something; absent, null, blank and other JSON types are none.
fn text(field: Text) -> Option<String> {
    let text = field.and_then(Lenient::ok);
    text.filter(|text| !text.trim().is_empty())
}

fn word(field: Text) -> Option<String> {
    text(field).map(|text| clamp(text, MAX_WORD_CHARS))
}

/// What a needed field says.
fn needed(field: Text, name: &'static str) -> Result<String, Fault> {
    field.and_then(Lenient::ok).ok_or(Fault::Missing(name))
}

fn id<T: TryFrom<String, Error = IdError>>(field: Text, name: &'static str) -> Result<T, Fault> {
    T::try_from(needed(field, name)?).map_err(|_| Fault::Id(name))
}

fn moment(field: Text, name: &'static str) -> Result<Timestamp, Fault> {
    Timestamp::parse(&needed(field, name)?).ok_or(Fault::Time(name))
}
