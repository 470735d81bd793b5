//! What is known of a customer, and how events and tellings change it.
//!
//! What follows for the incidents about an integration or the environment is
//! `blaming`'s, what people are told `news`'s, what the customer shows of itself
//! `projecting`'s.

use serde::{Deserialize, Serialize};

use super::holding::Holding;
use super::incident::{Blame, Incident, Sign};
use super::mute::Mutes;
use super::subject::Subject;
use crate::contracts::kombo::{self, Event, FailedFlow};
use crate::contracts::objects::address::CustomerKey;
use crate::contracts::objects::customer::Telling;
use crate::domain::alert::{Alert, Ending};
use crate::domain::id::{EventId, IntegrationId};
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Rows, Scene};
use crate::parts::dedup::Seen;
use crate::parts::issues::Issues;
use crate::parts::lag::Lateness;
use crate::parts::outbox;
use crate::parts::projection::Projection;
use crate::parts::read_back::Check;

/// Key of the row that every event touches.
pub(super) const HEAD: &str = "head";

/// The head row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    schema: u32,
    pub(super) key: CustomerKey,
    pub(super) organization_name: Option<String>,
    #[serde(default)]
    pub(super) document_revision: u64,
    pub(super) updated_at: Timestamp,
    #[serde(default)]
    pub(super) document: Projection,
    #[serde(default)]
    pub(super) document_check: Check,
    #[serde(default)]
    pub(super) lateness: Lateness,
    #[serde(default)]
    pub(super) mutes: Mutes,
    /// When the customer was erased last.
    pub(super) erased_at: Option<Timestamp>,
    /// When contacts are forgotten; none while there are none, or they are needed.
    pub(super) contacts_until: Option<Timestamp>,
    #[serde(default)]
    pub(super) awake: Awake,
    #[serde(default)]
    seen: Seen,
    #[serde(flatten)]
    unknown: Unknown,
}

/// The integrations whose rows are awake.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Awake {
    /// The revision of the document when the list was made.
    pub(super) revision: u64,
    /// What their keys end with, in order.
    pub(super) keys: Vec<String>,
}

impl Head {
    fn new(key: CustomerKey) -> Self {
        Self {
            schema: 1,
            key,
            organization_name: None,
            document_revision: 0,
            updated_at: Timestamp::default(),
            document: Projection::default(),
            document_check: Check::default(),
            lateness: Lateness::default(),
            mutes: Mutes::default(),
            erased_at: None,
            contacts_until: None,
            awake: Awake::default(),
            seen: Seen::default(),
            unknown: Unknown::default(),
        }
    }

    /// Takes over what another head of the customer says and this one does not.
    pub(super) fn join(&mut self, theirs: Self) {
        self.organization_name = self.organization_name.take().or(theirs.organization_name);
        self.document_revision = self.document_revision.max(theirs.document_revision);
        self.contacts_until = self.contacts_until.max(theirs.contacts_until);
        self.mutes.join(theirs.mutes);
    }

    /// Forgets what is known of the customer.
    pub(super) fn forget(&mut self) {
        self.organization_name = None;
        self.mutes = Mutes::default();
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
    /// What people are to be told from now on.
    pub(super) alerts: Vec<Alert>,
    pub(super) issues: Issues,
    /// The head row as it was read, with its due time.
    loaded: Option<Change>,
}

impl State {
    /// What is known; none while nothing was ever heard.
    pub(super) fn known(rows: &Rows) -> Result<Option<Self>, CorruptRow> {
        let head: Option<Head> = rows.state(HEAD)?;
        let Some(head) = head else {
            return Ok(None);
        };
        let mut state = Self::around(head, rows)?;
        state.loaded = Some(state.row());
        Ok(Some(state))
    }

    /// What is known of this customer, be it nothing.
    pub(super) fn load(rows: &Rows, key: CustomerKey) -> Result<Self, CorruptRow> {
        match Self::known(rows)? {
            Some(state) => Ok(state),
            None => Self::around(Head::new(key), rows),
        }
    }

    fn around(head: Head, rows: &Rows) -> Result<Self, CorruptRow> {
        Ok(Self {
            head,
            holdings: Holding::load(rows)?,
            incidents: Incident::load(rows)?,
            alerts: Vec::new(),
            issues: Issues::load(rows)?,
            loaded: None,
        })
    }

    /// Takes over the issues that are not known: the rows that change.
    pub(super) fn join_issues(&mut self, mut theirs: Issues) -> Vec<Change> {
        theirs.forget_known(&self.issues);
        let changes = theirs.rows().collect();
        self.issues.extend(theirs);
        changes
    }

    pub(super) fn remember(&mut self, seen_as: &str, now: Timestamp) -> Vec<Change> {
        self.head.seen.remember(seen_as, now)
    }

    /// Takes in an event that was not heard before, and gives back the rows that
    /// change besides those of [`State::changes`].
    pub(super) fn hear(&mut self, scene: Scene<'_>, event: Event) -> Vec<Change> {
        match event.what {
            kombo::What::ConnectionFlowFailed(flow) => {
                self.failed(scene, event.id, flow);
                Vec::new()
            }
            kombo::What::IssueStatusChanged {
                integration: None,
                issue,
            } => {
                let changes = self.issues.hear(issue, &event.id, scene.now);
                let blame = Blame {
                    subject: Subject::Environment,
                    causes: self.issues.causes(),
                    sign: Sign {
                        event: Some(event.id),
                        ..Sign::default()
                    },
                    ending: Ending::Works,
                };
                self.blame(scene, blame);
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
    pub(super) fn told(&mut self, scene: Scene<'_>, telling: &Telling) -> Option<Change> {
        let shown_before = self.shown();
        let holding = self.holding(&telling.integration);
        if telling.version <= holding.version {
            return None;
        }
        holding.version = telling.version;
        if self.is_from_before(telling, scene.now) {
            return self.erase_late(telling, scene.now);
        }
        let holding = self.holding(&telling.integration);
        let before = core::mem::replace(&mut holding.snapshot, telling.holding.clone());
        let change = holding.row();
        if let Some(snapshot) = &telling.holding {
            self.head.rename(snapshot.organization_name.clone());
            self.head.contacts_until = None;
            self.connected_now(scene, telling, snapshot);
        }
        for blame in self.troubles(telling) {
            self.blame(scene, blame);
        }
        if self.alerts.is_empty() {
            self.announce(scene, telling, before.as_ref());
        }
        if self.shown() != shown_before {
            self.want_document(scene.now);
        }
        Some(change)
    }

    /// The rows that are to be written after something happened: what people are
    /// told because of it, the incidents that changed, and the head.
    pub(super) fn changes(&mut self, scene: Scene<'_>, rows: &Rows) -> Vec<Change> {
        self.tell(scene);
        self.show_mutes(scene.now);
        self.keep_contacts(scene.now);
        self.name_awake();
        let alerts = self.alerts.drain(..);
        let mut changes: Vec<Change> = alerts.map(|alert| outbox::owe(scene, &alert)).collect();
        changes.extend(self.incidents.iter().map(Incident::row));
        changes.retain(|change| rows.are_changed_by(change));
        let head = Some(self.row()).filter(|row| self.loaded.as_ref() != Some(row));
        changes.extend(head);
        changes
    }

    /// Somebody could not connect a tool.
    fn failed(&mut self, scene: Scene<'_>, event: EventId, flow: FailedFlow) {
        self.head.rename(flow.end_user.organization_name);
        let sign = Sign {
            event: Some(event),
            contact: flow.end_user.contact,
            log_url: flow.log_url,
        };
        let subject = Subject::Connection {
            tool: flow.tool,
            category: flow.category,
        };
        self.incident(subject).count(scene, sign);
    }

    /// Shows in the document of each open incident until when it is muted.
    fn show_mutes(&mut self, now: Timestamp) {
        let mutes = &self.head.mutes;
        for incident in self.incidents.iter_mut().filter(|it| it.open) {
            let until = mutes.over(&incident.subject);
            if incident.muted_until != until {
                incident.muted_until = until;
                incident.change(now);
            }
        }
    }

    /// The incident about a subject, be it closed.
    fn incident(&mut self, subject: Subject) -> &mut Incident {
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
