//! How a Notifier stands, in full, for `GET /v1/status`.

use serde::Serialize;

use super::Channel;
use super::late::Outage;
use super::quarantine::Backlog;
use super::queue::{Head, Said};
use super::vigil::Vigil;
use super::waiting::{self, Class};
use crate::machine::{CorruptRow, Rows, Scene};
use crate::mapping::moment;
use crate::record::Json;

#[derive(Serialize)]
struct Status<'a> {
    waiting: u64,
    oldest_at: Option<String>,
    undelivered: u64,
    slack: Slack<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    engineers: Option<Engineers<'a>>,
}

#[derive(Serialize)]
struct Slack<'a> {
    configured: bool,
    failing: bool,
    failing_since: Option<String>,
    said_at: Option<String>,
    said: Option<&'a str>,
    reason: Option<&'a str>,
    remedy: Option<&'a str>,
}

/// What only the engineers' Notifier knows.
#[derive(Serialize)]
struct Engineers<'a> {
    last_event_at: Option<String>,
    refused_signatures_24h: u64,
    quarantine_unwritten: u64,
    late: Late<'a>,
}

#[derive(Serialize)]
struct Late<'a> {
    since: Option<String>,
    customers: u64,
    reason: &'a str,
}

/// The status, as JSON.
pub(super) fn of(scene: Scene<'_>, rows: &Rows, head: &Head) -> Result<Json, CorruptRow> {
    let (outage, vigil) = (Outage::load(rows)?, Vigil::load(rows)?);
    let (since, customers, reason) = outage.facts();
    let engineers = Engineers {
        last_event_at: moment(vigil.valid_at),
        refused_signatures_24h: vigil.refused(scene.now),
        quarantine_unwritten: Backlog::load(rows)?.unwritten(),
        late: Late {
            since: moment(since),
            customers,
            reason,
        },
    };
    let oldest = Class::ALL.into_iter();
    let oldest = oldest.flat_map(|class| waiting::first(rows, Some(class)));
    let said = head.said.as_ref();
    let text = |of: fn(&Said) -> &Option<String>| said.and_then(|said| of(said).as_deref());
    let status = Status {
        waiting: head.waiting,
        oldest_at: moment(oldest.map(|(_, came_at)| came_at).min()),
        undelivered: head.undelivered,
        slack: Slack {
            configured: scene.settings.hook(head.channel).is_some(),
            failing: head.is_failing(scene),
            failing_since: moment(head.trouble.as_ref().map(|trouble| trouble.since)),
            said_at: moment(said.map(|said| said.at)),
            said: said.map(|said| said.outcome.as_str()),
            reason: text(|said| &said.reason),
            remedy: text(|said| &said.remedy),
        },
        engineers: (head.channel == Channel::Ops).then_some(engineers),
    };
    Ok(Json::of(&status))
}
