//! What is known of a customer, and how events and tellings change it.
//!
//! What follows for the incidents about an integration or the environment is
//! `blaming`'s, what the customer shows of itself `projecting`'s.

use serde::Serialize;

use super::blaming::Blame;
use super::holding::{Holding, Snapshot, Telling};
use super::incident::{Counted, Incident, Subject};
use crate::alert::{Alert, Connection, What, Who};
use crate::id::{EventId, IntegrationId};
use crate::issue::Issues;
use crate::kombo::{self, Event, FailedFlow};
use crate::lateness::Lateness;
use crate::machine::{Change, CorruptRow, Rows, Scene};
use crate::object::CustomerKey;
use crate::outbox;
use crate::projection::Projection;
use crate::record::{Unknown, reads};
use crate::seen::Seen;
use crate::time::Timestamp;

/// Key of the row that every event touches.
pub(super) const HEAD: &str = "head";

/// The head row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Head {
    schema: u32,
    pub(super) key: CustomerKey,
    pub(super) organization_name: Option<String>,
    pub(super) document_revision: u64,
    pub(super) updated_at: Timestamp,
    pub(super) document: Projection,
    pub(super) lateness: Lateness,
    seen: Seen,
    #[serde(flatten)]
    unknown: Unknown,
}

reads!(Head {
    schema, key, organization_name, document_revision, updated_at, document, lateness, seen; unknown
});

impl Head {
    fn new(key: CustomerKey) -> Self {
        Self {
            schema: 1,
            key,
            organization_name: None,
            document_revision: 0,
            updated_at: Timestamp::default(),
            document: Projection::default(),
            lateness: Lateness::default(),
            seen: Seen::default(),
            unknown: Unknown::default(),
        }
    }

    /// Takes over the organization's latest name.
    fn rename(&mut self, name: Option<String>) {
        if name.is_some() {
            self.organization_name = name;
        }
    }
}

/// All that is known of the customer.
pub(super) struct State {
    pub(super) head: Head,
    pub(super) holdings: Vec<Holding>,
    pub(super) incidents: Vec<Incident>,
    issues: Issues,
}

impl State {
    /// What is known; none while nothing was ever heard.
    pub(super) fn known(rows: &Rows) -> Result<Option<Self>, CorruptRow> {
        let head: Option<Head> = rows.state(HEAD)?;
        head.map(|head| Self::around(head, rows)).transpose()
    }

    /// What is known of this customer, be it nothing.
    pub(super) fn load(rows: &Rows, key: CustomerKey) -> Result<Self, CorruptRow> {
        let head = rows.state(HEAD)?.unwrap_or_else(|| Head::new(key));
        Self::around(head, rows)
    }

    fn around(head: Head, rows: &Rows) -> Result<Self, CorruptRow> {
        Ok(Self {
            head,
            holdings: Holding::load(rows)?,
            incidents: Incident::load(rows)?,
            issues: Issues::load(rows)?,
        })
    }

    pub(super) fn remember(&mut self, seen_as: &str, now: Timestamp) -> Vec<Change> {
        self.head.seen.remember(seen_as, now)
    }

    /// Takes in an event that was not heard before, and gives back the rows
    /// besides the head that change.
    pub(super) fn hear(&mut self, scene: Scene<'_>, event: Event) -> Vec<Change> {
        match event.what {
            kombo::What::ConnectionFlowFailed(flow) => self.failed(scene, &event.id, flow),
            kombo::What::IssueStatusChanged {
                integration: None,
                issue,
            } => {
                let mut changes = self.issues.hear(issue, &event.id, scene.now);
                let blame = Blame {
                    subject: Subject::Environment,
                    causes: self.issues.causes(),
                    contact: None,
                    event: Some(event.id.clone()),
                };
                changes.extend(self.blame(scene, blame));
                changes
            }
            // These are about an integration; the edge sends them elsewhere.
            kombo::What::IntegrationCreated { .. }
            | kombo::What::IntegrationDeleted { .. }
            | kombo::What::IntegrationStateChanged { .. }
            | kombo::What::IssueStatusChanged { .. } => Vec::new(),
        }
    }

    /// An integration came, changed or went. An older telling changes nothing.
    pub(super) fn told(&mut self, scene: Scene<'_>, telling: &Telling) -> Vec<Change> {
        let shown_before = self.shown();
        let holding = self.holding(&telling.integration);
        if telling.version <= holding.version {
            return Vec::new();
        }
        holding.version = telling.version;
        holding.snapshot.clone_from(&telling.holding);
        let mut changes = vec![holding.row()];
        if let Some(snapshot) = &telling.holding {
            self.head.rename(snapshot.organization_name.clone());
            changes.extend(self.connected_now(snapshot, scene.now));
        }
        for blame in self.troubles(telling) {
            changes.extend(self.blame(scene, blame));
        }
        if self.shown() != shown_before {
            self.want_document(scene.now);
        }
        changes.push(self.row());
        changes
    }

    /// Somebody could not connect a tool.
    fn failed(&mut self, scene: Scene<'_>, event: &EventId, flow: FailedFlow) -> Vec<Change> {
        self.head.rename(flow.end_user.organization_name);
        let connected = self.connected();
        let who = self.who(flow.end_user.contact);
        let connection = Connection {
            tool: Some(flow.tool.clone()),
            category: Some(flow.category.clone()),
        };
        let incident = self.incident(Subject::Connection {
            tool: flow.tool,
            category: flow.category,
        });
        let counted = incident.count(scene.now);
        let mut changes = vec![incident.row()];
        if counted == Counted::First {
            let alert = Alert {
                schema: Alert::SCHEMA,
                id: format!("connection-flow-failed/{}", event.as_str()),
                at: scene.now,
                event_id: Some(event.clone()),
                who,
                what: What::CouldNotConnect {
                    connection,
                    log_url: flow.log_url,
                    connected,
                },
            };
            changes.push(outbox::owe(scene, &alert));
        }
        changes
    }

    /// Success: closes the attempts that it ends.
    fn connected_now(&mut self, snapshot: &Snapshot, now: Timestamp) -> Vec<Change> {
        let ended = self.incidents.iter_mut().filter(|incident| {
            let connection = matches!(incident.subject, Subject::Connection { .. });
            let attempts = incident.subject.connection();
            connection && incident.open && snapshot.ends(&attempts, incident.last_at)
        });
        ended
            .map(|incident| {
                incident.close(now);
                incident.row()
            })
            .collect()
    }

    pub(super) fn who(&self, contact: Option<String>) -> Who {
        Who {
            origin_id: self.head.key.origin_id().cloned(),
            organization_name: self.head.organization_name.clone(),
            contact,
        }
    }

    /// The incident about a subject, be it closed.
    pub(super) fn incident(&mut self, subject: Subject) -> &mut Incident {
        let name = subject.name();
        let known = self
            .incidents
            .iter()
            .position(|it| it.subject.name() == name);
        at(&mut self.incidents, known, || Incident::about(subject))
    }

    /// What is known of the customer's hold on an integration, be it nothing.
    fn holding(&mut self, id: &IntegrationId) -> &mut Holding {
        let known = self.holdings.iter().position(|it| it.integration == *id);
        at(&mut self.holdings, known, || Holding::new(id.clone()))
    }
}

/// The item at a known place, else a new one at the end.
#[expect(
    clippy::indexing_slicing,
    reason = "the place is in the list: it was found or is made here"
)]
fn at<T>(items: &mut Vec<T>, known: Option<usize>, new: impl FnOnce() -> T) -> &mut T {
    let place = known.unwrap_or_else(|| {
        items.push(new());
        items.len().saturating_sub(1)
    });
    &mut items[place]
}
