//! How a Notifier stands, in full, for `GET /v1/status`.

use crate::contracts::backend::moment;
use crate::domain::audience::Audience;
use crate::domain::json::Json;
use crate::machine::{CorruptRow, Rows, Scene};
use serde::Serialize;

use super::backlog::Backlog;
use super::late::Outage;
use super::queue::{Head, Said};
use super::vigil::Vigil;
use super::waiting::{self, Class};

/// How a channel stands.
#[derive(Serialize)]
struct Standing<'a> {
    waiting: u64,
    oldest_at: Option<String>,
    undelivered: u64,
    slack: Slack<'a>,
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

/// What only the engineers' Notifier knows: of deliveries, and of Workers KV.
#[derive(Serialize)]
struct Watch<'a> {
    last_event_at: Option<String>,
    refused_signatures_24h: u64,
    late_since: Option<String>,
    late_customers: u64,
    late_reason: &'a str,
    quarantine_unwritten: u64,
}

/// The status: of the channel, and of what this Notifier watches over, if it does.
pub(super) fn of(scene: Scene<'_>, rows: &Rows, head: &Head) -> Result<Vec<Json>, CorruptRow> {
    let mut status = vec![Json::of(&standing(scene, rows, head))];
    if head.channel == Audience::Engineers {
        let (outage, vigil) = (Outage::load(rows)?, Vigil::load(rows)?);
        let (since, customers, reason) = outage.facts();
        status.push(Json::of(&Watch {
            last_event_at: moment(vigil.valid_at),
            refused_signatures_24h: vigil.refused(scene.now),
            late_since: moment(since),
            late_customers: customers,
            late_reason: reason,
            quarantine_unwritten: Backlog::load(rows)?.unwritten(),
        }));
    }
    Ok(status)
}

fn standing<'a>(scene: Scene<'_>, rows: &Rows, head: &'a Head) -> Standing<'a> {
    let oldest = Class::ALL.into_iter();
    let oldest = oldest.flat_map(|class| waiting::first(rows, Some(class)));
    let said = head.said.as_ref();
    let text = |of: fn(&Said) -> &Option<String>| said.and_then(|said| of(said).as_deref());
    Standing {
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
    }
}
