//! The sections of the daily summary, gathered from the keys of Workers KV page by page.
//!
//! Of each topic the oldest are kept for a line each, and all are counted. Test customers are left
//! out; muted ones have a topic of their own.

use serde::{Deserialize, Serialize};

use crate::domain::alert::{
    Alert, AlertKind, Connection, CustomerRef, OpenProblem, Section, Topic,
};
use crate::domain::id::{Category, OriginId, Tool};
use crate::domain::json;
use crate::domain::time::Timestamp;
use crate::machine::{Context, Page};

/// The topics in the order of the message, each with its maximum number of lines.
const TOPICS: [(Topic, usize); 6] = [
    (Topic::NotConnected, 25),
    (Topic::NotWorking, 10),
    (Topic::Unassigned, 5),
    (Topic::Quarantined, 0),
    (Topic::Muted, 5),
    (Topic::GivenUp, 10),
];

/// What the keys begin with that are listed, one prefix after the other.
const PREFIXES: [&str; 3] = ["incident:", "unassigned:", "quarantine:"];

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
            let listed: Listed = json::parse(&metadata).unwrap_or_default();
            let tests = &context.settings.alerting.test_customers;
            let test = listed
                .origin_id
                .as_ref()
                .is_some_and(|id| tests.contains(id));
            if !test {
                self.add(listed.topic(&key, context.now), listed.standing());
            }
        }
        if cursor.is_none() {
            self.listed = self.listed.saturating_add(1);
        }
        self.cursor = cursor;
    }

    /// Adds what closed without success; `total` counts those beyond the given notes, too.
    pub(super) fn add_given_up(&mut self, notes: Vec<Alert>, total: u64) {
        for note in notes {
            if let AlertKind::GivenUp {
                connection,
                attempts,
                since,
            } = note.what
            {
                let standing = OpenProblem {
                    who: note.who,
                    connection,
                    attempts,
                    since,
                };
                self.add(Topic::GivenUp, standing);
            }
        }
        let mut sections = self.sections.iter_mut();
        if let Some(section) = sections.find(|section| section.topic == Topic::GivenUp) {
            section.total = total.max(section.total);
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

    fn standing(self) -> OpenProblem {
        let connection = self.kind.as_deref() == Some("connection");
        let since = self.first_at.or(self.connected_at);
        let since = since.as_deref().and_then(Timestamp::parse);
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
            since: since.unwrap_or_default(),
        }
    }
}
