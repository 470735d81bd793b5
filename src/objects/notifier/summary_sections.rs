//! The sections of the daily summary, gathered from the keys of Workers KV page by page.
//!
//! Of each topic the oldest are kept for a line each, and all are counted. Test customers are left
//! out; muted ones have a topic of their own.

use serde::{Deserialize, Serialize};

use crate::contracts::backend::INCOMPLETE;
use crate::domain::act::{Assignee, Person};
use crate::domain::alert::{
    Alert, AlertKind, Connection, CustomerRef, OpenProblem, Section, Topic,
};
use crate::domain::id::{Category, OriginId, Tool};
use crate::domain::json;
use crate::domain::time::Timestamp;
use crate::machine::{Context, Page};

/// The topics in the order of the message, each with its maximum number of lines.
const TOPICS: [(Topic, usize); 8] = [
    (Topic::NotConnected, 25),
    (Topic::NotWorking, 10),
    (Topic::StillBroken, 10),
    (Topic::Incomplete, 10),
    (Topic::Unassigned, 5),
    (Topic::Quarantined, 0),
    (Topic::Muted, 5),
    (Topic::GivenUp, 10),
];

/// What the keys begin with that are listed, one prefix after the other.
const PREFIXES: [&str; 4] = [INCIDENT, "unassigned:", "quarantine:", CUSTOMER];

/// What the keys of incidents begin with, before their names.
const INCIDENT: &str = "incident:";

/// What the keys of customers begin with, before their ids.
const CUSTOMER: &str = "customer:";

/// What was gathered so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SummarySections {
    /// How many of the prefixes were listed to their end.
    listed: u64,
    /// Where the next page of the current one begins.
    cursor: Option<String>,
    sections: Vec<Section>,
}

impl SummarySections {
    /// The next page to list: prefix and cursor; `None` if all were listed.
    pub(super) fn next_page(&self) -> Option<(String, Option<String>)> {
        let prefix = PREFIXES.get(usize::try_from(self.listed).ok()?)?;
        Some(((*prefix).to_owned(), self.cursor.clone()))
    }

    /// Adds a page.
    pub(super) fn add_page(&mut self, context: Context<'_>, page: Page) {
        let Page { keys, cursor } = page;
        for (key, metadata) in keys {
            let mut listed: Listed = json::parse(&metadata).unwrap_or_default();
            if let Some(id) = key.strip_prefix(CUSTOMER) {
                listed.origin_id = OriginId::try_from(id.to_owned()).ok();
            }
            let tests = &context.settings.alerting.test_customers;
            let id = listed.origin_id.as_ref();
            if !id.is_some_and(|id| tests.contains(id)) {
                self.add_key(&key, listed, context.now);
            }
        }
        if cursor.is_none() {
            self.listed = self.listed.saturating_add(1);
        }
        self.cursor = cursor;
    }

    /// Adds what a key lists: an open problem, or what a customer has not set up.
    fn add_key(&mut self, key: &str, listed: Listed, now: Timestamp) {
        if key.starts_with(CUSTOMER) {
            for incomplete in listed.incomplete() {
                self.add(Topic::Incomplete, incomplete);
            }
        } else {
            self.add(listed.topic(key, now), listed.standing(key));
        }
    }

    /// Adds what is said once: what closed without success, and what has been open for long. `total`
    /// counts the notes beyond the given ones, too.
    pub(super) fn add_notes(&mut self, notes: Vec<Alert>, total: u64) {
        let mut questions = 0_u64;
        for note in notes {
            let who = note.who;
            match note.what {
                AlertKind::GivenUp {
                    connection,
                    attempts,
                    since,
                } => {
                    let standing = OpenProblem {
                        who,
                        connection,
                        attempts,
                        since,
                        handle: None,
                        incident: None,
                        assignee: None,
                    };
                    self.add(Topic::GivenUp, standing);
                }
                AlertKind::StillBroken {
                    connection,
                    handle,
                    since,
                } => {
                    let standing = OpenProblem {
                        who,
                        connection,
                        attempts: 0,
                        since,
                        handle,
                        incident: note.episode.map(|episode| episode.incident),
                        assignee: note.assignee,
                    };
                    questions = questions.saturating_add(1);
                    self.add(Topic::StillBroken, standing);
                }
                _ => {}
            }
        }
        let mut sections = self.sections.iter_mut();
        if let Some(section) = sections.find(|section| section.topic == Topic::GivenUp) {
            section.total = total.saturating_sub(questions).max(section.total);
        }
    }

    /// The sections, in the order of the message.
    pub(super) fn in_order(mut self) -> Vec<Section> {
        let place = |topic| TOPICS.iter().position(|(of, _)| *of == topic);
        self.sections.sort_by_key(|section| place(section.topic));
        self.sections
    }

    /// Counts one, and keeps it if it is among the oldest.
    fn add(&mut self, topic: Topic, standing: OpenProblem) {
        let known = self
            .sections
            .iter()
            .position(|section| section.topic == topic);
        let place = known.unwrap_or_else(|| {
            self.sections.push(Section {
                topic,
                total: 0,
                standing: Vec::new(),
            });
            self.sections.len().saturating_sub(1)
        });
        let Some(section) = self.sections.get_mut(place) else {
            return;
        };
        let most = TOPICS.iter().find(|(of, _)| *of == topic);
        section.total = section.total.saturating_add(1);
        let lines = &mut section.standing;
        let at = lines.partition_point(|it| it.since <= standing.since);
        lines.insert(at, standing);
        lines.truncate(most.map_or(0, |(_, most)| *most));
    }
}

/// What the metadata of a key says; see `contracts::backend`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listed {
    kind: Option<String>,
    origin_id: Option<OriginId>,
    organization_name: Option<String>,
    tool: Option<Tool>,
    category: Option<Category>,
    attempts: u64,
    first_at: Option<String>,
    connected_at: Option<String>,
    muted_until: Option<String>,
    assignee: Option<ListedAssignee>,
    integrations: Vec<Brief>,
}

/// Who is on an incident, in the metadata of its key.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListedAssignee {
    name: String,
    since: String,
}

/// An integration in the metadata of a customer's key.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Brief {
    tool: Option<Tool>,
    category: Option<Category>,
    setup_status: Option<String>,
    connected_at: Option<String>,
}

impl Listed {
    fn topic(&self, key: &str, now: Timestamp) -> Topic {
        let until = self.muted_until.as_deref().and_then(Timestamp::parse);
        match key.split(':').next() {
            Some("unassigned") => Topic::Unassigned,
            Some("quarantine") => Topic::Quarantined,
            _ if until.is_some_and(|until| until > now) => Topic::Muted,
            _ if self.kind.as_deref() == Some("connection") => Topic::NotConnected,
            _ => Topic::NotWorking,
        }
    }

    /// The integrations of a customer whose setup is incomplete.
    fn incomplete(self) -> Vec<OpenProblem> {
        let who = CustomerRef {
            origin_id: self.origin_id,
            organization_name: self.organization_name,
            contact: None,
        };
        let briefs = self.integrations.into_iter();
        let incomplete = briefs.filter(|it| it.setup_status.as_deref() == Some(INCOMPLETE));
        incomplete
            .map(|brief| OpenProblem {
                who: who.clone(),
                connection: Connection {
                    tool: brief.tool,
                    category: brief.category,
                },
                attempts: 0,
                since: moment(brief.connected_at.as_deref()),
                handle: None,
                incident: None,
                assignee: None,
            })
            .collect()
    }

    fn standing(self, key: &str) -> OpenProblem {
        let connection = self.kind.as_deref() == Some("connection");
        let since = moment(self.first_at.or(self.connected_at).as_deref());
        OpenProblem {
            who: CustomerRef {
                origin_id: self.origin_id,
                organization_name: self.organization_name,
                contact: None,
            },
            connection: Connection {
                tool: self.tool,
                category: self.category,
            },
            attempts: if connection { self.attempts } else { 0 },
            since,
            handle: None,
            incident: key.strip_prefix(INCIDENT).map(str::to_owned),
            assignee: self.assignee.and_then(Listed::assignee),
        }
    }

    /// Who is on it. A person whose name this version cannot read counts as none.
    fn assignee(listed: ListedAssignee) -> Option<Assignee> {
        Some(Assignee {
            name: Person::try_from(listed.name).ok()?,
            since: Timestamp::parse(&listed.since)?,
        })
    }
}

fn moment(text: Option<&str>) -> Timestamp {
    text.and_then(Timestamp::parse).unwrap_or_default()
}
