//! How Kombo spells its events: private, tolerant, and read only.
//!
//! Every field is taken as the text of any JSON value first, so that one odd field
//! never costs the rest of the event. What is needed is asked for by name.

use super::api::Standing;
use super::event::{Change, EndUser, FailedFlow, Issue, StateChange, Subject, What};
use super::{Fault, clamp};
use crate::id::{IdError, IntegrationId, IssueId, OriginId};
use crate::record::{self, Fields};
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

type Parser = fn(Part<'_>) -> Result<What, Fault>;

/// The parser of a known type, with the type's name; `None` for all others.
fn parser(kind: &str) -> Option<(&'static str, Parser)> {
    Some(match kind {
        "integration-created" => ("integration-created", created),
        "integration-deleted" => ("integration-deleted", deleted),
        "integration-state-changed" => ("integration-state-changed", state_changed),
        "issue-status-changed" => ("issue-status-changed", issue_changed),
        "connection-flow-failed" => ("connection-flow-failed", flow_failed),
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

    /// Reads the `data` of such an event.
    pub(super) fn read(&self, content: Option<&str>) -> Result<What, Fault> {
        (self.parse)(Part::of(content.ok_or(Fault::Shape)?)?)
    }
}

/// A JSON object within an event. What it lacks reads as null.
struct Part<'a>(Fields<'a>);

impl<'a> Part<'a> {
    fn of(text: &'a str) -> Result<Self, Fault> {
        Fields::of(text).map(Self).map_err(|_| Fault::Shape)
    }

    /// The text of a field; none when it is absent or null.
    fn take(&mut self, name: &str) -> Option<&'a str> {
        self.0.text(name)
    }

    /// An object within, unless it is null.
    fn part(&mut self, name: &str) -> Result<Option<Self>, Fault> {
        self.take(name).map(Self::of).transpose()
    }

    /// `end_user`, the same in all events. Without one, nothing is known of the customer.
    fn end_user(&mut self) -> Result<EndUser, Fault> {
        const FIELD: &str = "data.end_user.origin_id";
        let Some(mut end_user) = self.part("end_user")? else {
            return Ok(EndUser::default());
        };
        let origin_id = match end_user.take("origin_id").map(record::string) {
            None => None,
            Some(Ok(text)) => OriginId::from_event(text).map_err(|_| Fault::Id(FIELD))?,
            // A number is no text: guessing how to write it could hit another customer.
            Some(Err(_)) => return Err(Fault::Missing(FIELD)),
        };
        let mut short = |name, chars| text(end_user.take(name)).map(|text| clamp(text, chars));
        Ok(EndUser {
            origin_id,
            organization_name: short("organization_name", MAX_NAME_CHARS),
            contact: short("creator_email", MAX_CONTACT_CHARS),
        })
    }

    /// The integration that these three fields name; each is a key, and its name in full.
    fn subject(&mut self, fields: [(&str, &'static str); 3]) -> Result<Subject, Fault> {
        let [
            (id_key, id_name),
            (tool_key, tool_name),
            (category_key, category_name),
        ] = fields;
        Ok(Subject {
            id: id(self.take(id_key), id_name)?,
            tool: id(self.take(tool_key), tool_name)?,
            category: id(self.take(category_key), category_name)?,
            end_user: self.end_user()?,
        })
    }
}

/// How an integration stands, as Kombo's API tells it.
pub(super) fn known(content: &str) -> Option<Standing> {
    let mut part = Part::of(content).ok()?;
    let tool = part.part("tool").ok()??.take("id");
    Some(Standing {
        subject: Subject {
            id: id(part.take("id"), "id").ok()?,
            tool: id(tool, "tool.id").ok()?,
            category: id(part.take("category"), "category").ok()?,
            end_user: part.end_user().ok()?,
        },
        state: word(part.take("status")),
        setup_status: word(part.take("setup_status")),
    })
}

fn created(mut part: Part<'_>) -> Result<What, Fault> {
    let integration = part.subject([
        ("id", "data.id"),
        ("tool", "data.tool"),
        ("category", "data.category"),
    ])?;
    Ok(What::IntegrationCreated { integration })
}

fn deleted(mut part: Part<'_>) -> Result<What, Fault> {
    let integration = id(part.take("id"), "data.id")?;
    Ok(What::IntegrationDeleted { integration })
}

fn state_changed(mut part: Part<'_>) -> Result<What, Fault> {
    let change = StateChange {
        state: word(part.take("state")),
        setup_status: word(part.take("setup_status")),
        qa_status: word(part.take("qa_status")),
        updated_at: moment(part.take("updated_at"), "data.updated_at")?,
    };
    let integration = part.subject([
        ("integration_id", "data.integration_id"),
        ("integration_tool", "data.integration_tool"),
        ("integration_category", "data.integration_category"),
    ])?;
    Ok(What::IntegrationStateChanged {
        integration,
        change,
    })
}

fn issue_changed(mut part: Part<'_>) -> Result<What, Fault> {
    let change = match text(part.take("change")).as_deref() {
        Some("raised") => Change::Raised,
        Some("resolved") => Change::Resolved,
        Some(_) => Change::Other,
        None => return Err(Fault::Missing("data.change")),
    };
    let issue = part.part("issue")?.ok_or(Fault::Missing("data.issue"))?;
    let integration = part.part("integration")?.map(|mut integration| {
        integration.subject([
            ("id", "data.integration.id"),
            ("tool", "data.integration.tool"),
            ("category", "data.integration.category"),
        ])
    });
    let integration: Option<Subject> = integration.transpose()?;
    let issue = issue.issue(change, integration.as_ref().map(|it| &it.id))?;
    Ok(What::IssueStatusChanged { integration, issue })
}

fn flow_failed(mut part: Part<'_>) -> Result<What, Fault> {
    let end_user = part.end_user()?;
    if end_user.origin_id.is_none() && end_user.organization_name.is_none() {
        return Err(Fault::Missing("data.end_user.organization_name"));
    }
    let log_url = text(part.take("log_url"));
    Ok(What::ConnectionFlowFailed(FailedFlow {
        tool: id(part.take("integration_tool"), "data.integration_tool")?,
        category: id(
            part.take("integration_category"),
            "data.integration_category",
        )?,
        end_user,
        log_url: log_url.filter(|url| url.chars().nth(MAX_URL_CHARS).is_none()),
    }))
}

impl Part<'_> {
    /// `about` is the integration that it is about. People read the texts, so its id goes.
    fn issue(mut self, change: Change, about: Option<&IntegrationId>) -> Result<Issue, Fault> {
        let mut prose = |name, chars| {
            let text = text(self.take(name)).unwrap_or_default();
            let text = match about {
                Some(id) => id.cut_out_of(&text),
                None => text,
            };
            clamp(text, chars)
        };
        let (kind, title) = (
            prose("type", MAX_WORD_CHARS),
            prose("title", MAX_NAME_CHARS),
        );
        let markdown_message = prose("markdown_message", MAX_MESSAGE_CHARS);
        let first_observed_at = self.take("first_observed_at");
        Ok(Issue {
            id: id::<IssueId>(self.take("id"), "data.issue.id")?,
            change,
            kind,
            title,
            markdown_message,
            first_observed_at: moment(first_observed_at, "data.issue.first_observed_at")?,
            resolved_at: match self.take("resolved_at") {
                None => None,
                at => Some(moment(at, "data.issue.resolved_at")?),
            },
        })
    }
}

/// Text that says something; absent, null, blank and other JSON types are none.
fn text(value: Option<&str>) -> Option<String> {
    let text = record::string(value?).ok();
    text.filter(|text| !text.trim().is_empty())
}

fn word(value: Option<&str>) -> Option<String> {
    text(value).map(|text| clamp(text, MAX_WORD_CHARS))
}

/// What a needed field says.
fn needed(value: Option<&str>, field: &'static str) -> Result<String, Fault> {
    let text = value.and_then(|value| record::string(value).ok());
    text.ok_or(Fault::Missing(field))
}

fn id<T: TryFrom<String, Error = IdError>>(
    value: Option<&str>,
    field: &'static str,
) -> Result<T, Fault> {
    T::try_from(needed(value, field)?).map_err(|_| Fault::Id(field))
}

fn moment(value: Option<&str>, field: &'static str) -> Result<Timestamp, Fault> {
    Timestamp::parse(&needed(value, field)?).ok_or(Fault::Time(field))
}
