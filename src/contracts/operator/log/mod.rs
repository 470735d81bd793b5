//! One line of the log: a JSON object with a fixed set of fields.
//!
//! There is no field for a body, a signature, a secret, a Slack URL, an e-mail
//! address or an integration id, so none of them can be logged. An integration id that others put
//! into one of their own is cut out of it. Which kinds of lines
//! there are is in `kind`. Printing is left to the platform.

pub mod kind;

pub use kind::{Kind, Severity};

use serde::Serialize;

use crate::domain::act::{Act, Person};
use crate::domain::id::{Category, EventId, Handle, IntegrationId, OriginId, Tool};
use crate::domain::redaction::without_ids;
use crate::domain::time::Timestamp;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// RFC 3339.
    at: String,
    /// What happened.
    event: &'static str,
    /// How it ended.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<Handle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Act>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip)]
    severity: Severity,
}

impl Line {
    /// A line with nothing but its kind.
    #[must_use]
    pub fn new(at: Timestamp, kind: Kind) -> Self {
        Self {
            at: at.to_rfc3339(),
            event: kind.event,
            outcome: kind.outcome,
            event_id: None,
            r#type: None,
            origin_id: None,
            tool: None,
            category: None,
            handle: None,
            act: None,
            by: None,
            count: None,
            ms: None,
            reason: None,
            severity: kind.severity,
        }
    }

    /// Why it happened.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// The Kombo event that it is about.
    #[must_use]
    pub fn about(mut self, id: &EventId, kind: &str) -> Self {
        self.event_id = Some(without_ids(id.as_str()));
        self.r#type = Some(without_ids(kind));
        self
    }

    /// The type of the Kombo event that it is about, if the event has no id.
    #[must_use]
    pub fn of_type(mut self, kind: Option<&'static str>) -> Self {
        self.r#type = kind.map(str::to_owned);
        self
    }

    /// How many things it is about, if it is not about one.
    #[must_use]
    pub fn counting(mut self, count: usize) -> Self {
        self.count = Some(count);
        self
    }

    /// The customer that it is about.
    #[must_use]
    pub fn of(mut self, origin_id: Option<&OriginId>) -> Self {
        self.origin_id = origin_id.map(|id| without_ids(id.as_str()));
        self
    }

    /// The integration that it is about, by its short name. No other field shows its id.
    #[must_use]
    pub fn with(mut self, id: &IntegrationId) -> Self {
        self.handle = Some(id.handle());
        let foreign = [
            &mut self.event_id,
            &mut self.r#type,
            &mut self.origin_id,
            &mut self.tool,
            &mut self.category,
        ];
        for text in foreign.into_iter().flatten() {
            *text = id.cut_out_of(text);
        }
        self
    }

    /// The tool that it is about.
    #[must_use]
    pub fn on(mut self, tool: &Tool, category: &Category) -> Self {
        self.tool = Some(without_ids(tool.as_str()));
        self.category = Some(without_ids(category.as_str()));
        self
    }

    /// What a person did, and the name that they gave.
    #[must_use]
    pub fn acting(mut self, act: Act, by: &Person) -> Self {
        self.act = Some(act);
        self.by = Some(without_ids(by.as_str()));
        self
    }

    /// The same line with another kind, because it ended otherwise.
    #[must_use]
    pub fn ending(mut self, kind: Kind) -> Self {
        (self.event, self.outcome) = (kind.event, kind.outcome);
        self.severity = kind.severity;
        self
    }

    /// How long it took.
    #[must_use]
    pub fn after(mut self, took: core::time::Duration) -> Self {
        self.ms = u64::try_from(took.as_millis()).ok();
        self
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }
}
