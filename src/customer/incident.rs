//! Incidents: what is wrong for a customer, from the first sign until it is over.
//!
//! A *connection* incident counts failed attempts to connect a tool and closes
//! with success, or after seven days without an attempt. An *integration*
//! incident is open while its set of causes is not empty, and never closes by
//! time. Each open one shows as an `incident:` key; what is told of it is
//! decided in `state` and `blaming`.

use core::time::Duration;

use serde::Serialize;

use crate::alert::Connection;
use crate::id::{Category, Handle, IntegrationId, OriginId, Tool, sha256_base64url};
use crate::issue::Cause;
use crate::machine::{Change, CorruptRow, Document, Order, Outcome, Rows, Scene, json};
use crate::mapping::{self, IncidentDocument, SCHEMA};
use crate::projection::Projection;
use crate::record::{Unknown, reads};
use crate::time::Timestamp;

/// What the key of such a row begins with.
const PREFIX: &str = "incident/";

/// A connection incident without a new attempt for so long is over.
const GIVEN_UP: Duration = Duration::from_hours(7 * 24);

/// The count of attempts in Workers KV may be this old: a write each would cost
/// more than anybody gains.
const COUNT_AGE: Duration = Duration::from_mins(15);

/// What an incident is about; one is open at most for each.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Subject {
    /// Attempts to connect a tool.
    Connection { tool: Tool, category: Category },
    /// An integration that stopped working.
    Integration {
        id: IntegrationId,
        tool: Option<Tool>,
        category: Option<Category>,
    },
    /// The Kombo environment as a whole.
    Environment,
}

reads!(enum Subject {
    "connection" => Connection { tool, category },
    "integration" => Integration { id, tool, category },
    "environment" => Environment,
});

impl Subject {
    /// Names the incident among those of its customer, in rows and KV keys.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Connection { tool, category } => {
                mapping::incident_name(self.kind(), &[tool.as_str(), category.as_str()])
            }
            Self::Integration { id, .. } => {
                mapping::incident_name(self.kind(), &[&sha256_base64url(id.as_str())])
            }
            Self::Environment => mapping::incident_name(self.kind(), &[]),
        }
    }

    /// The tool and category, as far as they are known.
    pub(super) fn labels(&self) -> (Option<&Tool>, Option<&Category>) {
        match self {
            Self::Connection { tool, category } => (Some(tool), Some(category)),
            Self::Integration { tool, category, .. } => (tool.as_ref(), category.as_ref()),
            Self::Environment => (None, None),
        }
    }

    /// The tool and category, for an alert.
    pub(super) fn connection(&self) -> Connection {
        let (tool, category) = self.labels();
        Connection {
            tool: tool.cloned(),
            category: category.cloned(),
        }
    }

    /// The short name of the integration, if it is about one.
    pub(super) fn handle(&self) -> Option<Handle> {
        match self {
            Self::Integration { id, .. } => Some(id.handle()),
            Self::Connection { .. } | Self::Environment => None,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Connection { .. } => "connection",
            Self::Integration { .. } => "integration",
            Self::Environment => "environment",
        }
    }
}

/// One incident, as stored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Incident {
    pub(super) subject: Subject,
    pub(super) open: bool,
    pub(super) attempts: u64,
    pub(super) causes: Vec<Cause>,
    pub(super) first_at: Timestamp,
    pub(super) last_at: Timestamp,
    revision: u64,
    key: Projection,
    /// When the count in KV is brought up to date.
    recount_at: Option<Timestamp>,
    #[serde(flatten)]
    unknown: Unknown,
}

reads!(Incident {
    subject, open, attempts, causes, first_at, last_at, revision, key, recount_at; unknown
});

/// Whom an incident's document names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) name: &'a str,
    pub(super) origin_id: Option<&'a OriginId>,
    pub(super) organization_name: Option<&'a str>,
}

impl Incident {
    /// A closed incident about which nothing is known yet.
    pub(super) fn about(subject: Subject) -> Self {
        Self {
            subject,
            open: false,
            attempts: 0,
            causes: Vec::new(),
            first_at: Timestamp::default(),
            last_at: Timestamp::default(),
            revision: 0,
            key: Projection::default(),
            recount_at: None,
            unknown: Unknown::default(),
        }
    }

    pub(super) fn load(rows: &Rows) -> Result<Vec<Self>, CorruptRow> {
        let rows = rows.all(PREFIX)?;
        Ok(rows.into_iter().map(|(_, incident)| incident).collect())
    }

    /// Opens it, or counts another attempt. Tells which.
    pub(super) fn count(&mut self, now: Timestamp) -> Counted {
        if self.open {
            self.last_at = now;
            self.attempts = self.attempts.saturating_add(1);
            self.revision = self.revision.saturating_add(1);
            self.recount_at.get_or_insert(now.plus(COUNT_AGE));
            return Counted::Again;
        }
        self.open(now);
        self.change(now);
        Counted::First
    }

    /// Takes over the present causes: opens, changes or closes it. Tells whether it opened.
    pub(super) fn blame(&mut self, causes: Vec<Cause>, now: Timestamp) -> bool {
        let opens = !self.open && !causes.is_empty();
        if causes.is_empty() {
            self.close(now);
        } else if self.causes != causes {
            self.causes = causes;
            self.last_at = now;
            if opens {
                self.open(now);
            }
            self.change(now);
        }
        opens
    }

    /// Closes it, if it is open.
    pub(super) fn close(&mut self, now: Timestamp) {
        if !self.open {
            return;
        }
        self.open = false;
        self.causes.clear();
        self.change(now);
        self.key.forget_unwritten();
    }

    /// Closes a connection incident that nobody tried to end any more.
    pub(super) fn expire(&mut self, now: Timestamp) -> bool {
        let expires = self.expires_at().is_some_and(|at| at <= now);
        if expires {
            self.close(now);
        }
        expires
    }

    /// The row as it is now. A closed one stays, so that its revision never steps back.
    pub(super) fn row(&self) -> Change {
        let key = format!("{PREFIX}{}", self.subject.name());
        let due = [self.key.due(), self.recount_at, self.expires_at()];
        Change::state(key, self, due.into_iter().flatten().min())
    }

    /// The write that is due, with the revision it brings. It leaves now.
    pub(super) fn task(&mut self, scene: Scene<'_>, owner: Owner<'_>) -> Option<(u64, Order)> {
        let recount = self.recount_at.is_some_and(|at| at <= scene.now);
        if !recount && !self.key.is_due(scene.now) {
            return None;
        }
        self.key.start(scene.now);
        let order = Order::Project {
            key: mapping::incident_key(owner.name, &self.subject.name()),
            document: self.open.then(|| Document {
                value: json(&self.document(scene, owner)),
                metadata: None,
            }),
        };
        Some((self.revision, order))
    }

    pub(super) fn settle(&mut self, revision: u64, outcome: &Outcome, now: Timestamp) {
        if self.key.wanted() < revision {
            self.key.want(revision, now);
        }
        self.key
            .settle(revision, outcome, now, &self.subject.name());
        if *outcome == Outcome::Done && self.revision == revision {
            self.recount_at = None;
        } else {
            // What is still to be counted waits for the key, not the other way round.
            self.recount_at = self.recount_at.map(|at| at.max(now.plus(COUNT_AGE)));
        }
    }

    /// Grows with each change.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn late_at(&self) -> Option<Timestamp> {
        self.key.late_at()
    }

    fn open(&mut self, now: Timestamp) {
        self.open = true;
        self.attempts = 1;
        self.first_at = now;
        self.last_at = now;
    }

    fn change(&mut self, now: Timestamp) {
        self.revision = self.revision.saturating_add(1);
        self.recount_at = None;
        self.key.want(self.revision, now);
    }

    fn expires_at(&self) -> Option<Timestamp> {
        let connection = matches!(self.subject, Subject::Connection { .. });
        (self.open && connection).then(|| self.last_at.plus(GIVEN_UP))
    }

    fn document<'a>(&'a self, scene: Scene<'a>, owner: Owner<'a>) -> IncidentDocument<'a> {
        let (tool, category) = self.subject.labels();
        IncidentDocument {
            schema: SCHEMA,
            environment: &scene.settings.environment,
            kind: self.subject.kind(),
            origin_id: owner.origin_id,
            organization_name: owner.organization_name,
            tool,
            category,
            attempts: self.attempts,
            causes: self.causes.iter().map(Cause::label).collect(),
            first_at: self.first_at.to_rfc3339(),
            last_at: self.last_at.to_rfc3339(),
            revision: self.revision,
        }
    }
}

/// What another attempt was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// The first since the last success: the incident opened.
    First,
    /// One more.
    Again,
}
