//! How Kombo spells its events: private, tolerant, and read only.
//!
//! Every field may hold any JSON value at first, so that one odd field does not cost the rest of the
//! event. Required fields are then checked by name.

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
/// Longer names are cut, because every document contains them.
const MAX_NAME_CHARS: usize = 500;
/// Slack rejects longer section texts.
const MAX_MESSAGE_CHARS: usize = 3_000;
/// A longer link is dropped, because a cut one leads nowhere.
const MAX_URL_CHARS: usize = 2_000;
/// Longest state, status or issue type that is kept.
const MAX_WORD_CHARS: usize = 100;

type Parser = fn(&str) -> Result<EventKind, Fault>;

/// The known types.
pub(super) const KNOWN: [Known; 5] = [
    Known::new(event::INTEGRATION_CREATED, |body| created(data(body)?)),
    Known::new(event::INTEGRATION_DELETED, |body| deleted(data(body)?)),
    Known::new(event::INTEGRATION_STATE_CHANGED, |body| {
        state_changed(data(body)?)
    }),
    Known::new(event::ISSUE_STATUS_CHANGED, |body| {
        issue_changed(data(body)?)
    }),
    Known::new(event::CONNECTION_FLOW_FAILED, |body| {
        flow_failed(data(body)?)
    }),
];

/// A known type of event.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// Its name.
    pub(super) kind: &'static str,
    parse: Parser,
}

impl Known {
    const fn new(kind: &'static str, parse: Parser) -> Self {
        Self { kind, parse }
    }

    /// The known type of this name.
    pub(super) fn of(kind: &str) -> Option<Self> {
        KNOWN.into_iter().find(|known| known.kind == kind)
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

/// A field that should be a string, and may be absent.
type Text = Option<Lenient<String>>;

/// A nested object; `None` if it is absent or null.
type Part<T> = Option<Object<T>>;

/// An integration, as most events name it.
#[derive(Deserialize)]
struct Integration {
    id: Text,
    tool: Text,
    category: Text,
    end_user: Part<EndUser>,
}

/// The end user, which has the same shape in all events.
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
    /// Absent if the whole environment is concerned.
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

/// The status of an integration in an answer of Kombo's API.
pub(super) fn integration_status(body: &str) -> Option<IntegrationStatus> {
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
    let Object(sent) = data.issue.ok_or(Fault::Missing("data.issue"))?;
    let names = [
        "data.integration.id",
        "data.integration.tool",
        "data.integration.category",
    ];
    let integration = data.integration.map(|Object(it)| subject(it, names));
    let integration: Option<Subject> = integration.transpose()?;
    let issue = issue(sent, change, integration.as_ref().map(|it| &it.id))?;
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

/// Without `end_user`, the customer is unknown.
fn end_user(part: Part<EndUser>) -> Result<event::EndUser, Fault> {
    const FIELD: &str = "data.end_user.origin_id";
    let Some(Object(sent)) = part else {
        return Ok(event::EndUser::default());
    };
    let origin_id = match sent.origin_id {
        None => None,
        Some(Lenient::Is(text)) => OriginId::from_event(text).map_err(|_| Fault::Id(FIELD))?,
        // A number is not a string: guessing how to write it could hit another customer.
        Some(Lenient::Other(_)) => return Err(Fault::Missing(FIELD)),
    };
    let short = |field, chars| text(field).map(|text| clamp(text, chars));
    Ok(event::EndUser {
        origin_id,
        organization_name: short(sent.organization_name, MAX_NAME_CHARS),
        contact: short(sent.creator_email, MAX_CONTACT_CHARS),
    })
}

/// An issue. `about` is its integration, whose id is cut out of the texts, because people read them.
fn issue(
    sent: Issue,
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
        id: id(sent.id, "data.issue.id")?,
        change,
        kind: prose(sent.kind, MAX_WORD_CHARS),
        title: prose(sent.title, MAX_NAME_CHARS),
        markdown_message: prose(sent.markdown_message, MAX_MESSAGE_CHARS),
        first_observed_at: moment(sent.first_observed_at, "data.issue.first_observed_at")?,
        resolved_at: match sent.resolved_at {
            None => None,
            at => Some(moment(at, "data.issue.resolved_at")?),
        },
    })
}

/// A string that is not blank; `None` if absent, null, blank or of another JSON type.
fn text(field: Text) -> Option<String> {
    let text = field.and_then(Lenient::ok);
    text.filter(|text| !text.trim().is_empty())
}

fn word(field: Text) -> Option<String> {
    text(field).map(|text| clamp(text, MAX_WORD_CHARS))
}

/// The string in a required field.
fn required(field: Text, name: &'static str) -> Result<String, Fault> {
    field.and_then(Lenient::ok).ok_or(Fault::Missing(name))
}

fn id<T: TryFrom<String, Error = IdError>>(field: Text, name: &'static str) -> Result<T, Fault> {
    T::try_from(required(field, name)?).map_err(|_| Fault::Id(name))
}

fn moment(field: Text, name: &'static str) -> Result<Timestamp, Fault> {
    Timestamp::parse(&required(field, name)?).ok_or(Fault::Time(name))
}
