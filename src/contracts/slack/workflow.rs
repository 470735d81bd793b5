//! A message to a workflow of Slack: its trigger takes flat texts, each of which the workflow
//! declares as a variable, and no blocks.

use serde::Serialize;

use super::draft::{Draft, MAX_VALUE, tool};
use super::link::link;
use super::markup::verbatim;
use super::plain::{self, Form};
use crate::contracts::operator::settings::Settings;
use crate::domain::alert::{Alert, AlertKind, Connection, CustomerRef};
use crate::domain::id::{Category, OriginId};
use crate::domain::json::Json;

/// What a field says that has nothing to say: a workflow needs each of its variables.
const NONE: &str = "-";

/// The variables. `docs/reference.md` names them.
#[derive(Debug, Serialize)]
pub(super) struct Fields {
    title: String,
    /// The whole message.
    text: String,
    customer: String,
    customer_id: String,
    contact: String,
    tool: String,
    category: String,
    log_url: String,
    environment: String,
}

/// The fields of a message, which is about one alert or about several.
pub(super) fn fields(draft: &Draft, alert: Option<&Json>, settings: &Settings) -> Fields {
    let alert = alert.and_then(|stored| stored.read::<Alert>().ok());
    let who = alert.as_ref().map(|alert| alert.who.clone());
    let CustomerRef {
        origin_id,
        organization_name,
        contact,
    } = who.unwrap_or_default();
    let connection = alert.as_ref().and_then(|alert| connection(&alert.what));
    let category = connection.and_then(|connection| connection.category.as_ref());
    Fields {
        title: field(Some(&draft.headline())),
        text: plain::text(draft, Form::Verbatim),
        customer: field(organization_name.as_deref()),
        customer_id: field(origin_id.as_ref().map(OriginId::as_str)),
        contact: field(contact.as_deref()),
        tool: field(connection.map(|it| tool(it, MAX_VALUE)).as_deref()),
        category: field(category.map(Category::as_str)),
        log_url: alert
            .as_ref()
            .and_then(log_url)
            .unwrap_or_else(|| NONE.to_owned()),
        environment: field(Some(&settings.environment)),
    }
}

fn field(value: Option<&str>) -> String {
    let value = value.map(|value| verbatim(value, MAX_VALUE));
    let value = value.filter(|value| !value.is_empty());
    value.unwrap_or_else(|| NONE.to_owned())
}

fn log_url(alert: &Alert) -> Option<String> {
    let (AlertKind::CouldNotConnect { log_url, .. }
    | AlertKind::FailedAfterSuccess { log_url, .. }) = &alert.what
    else {
        return None;
    };
    link(log_url.as_deref()?, "").map(|link| link.url)
}

fn connection(what: &AlertKind) -> Option<&Connection> {
    match what {
        AlertKind::CouldNotConnect { connection, .. }
        | AlertKind::FailedAfterSuccess { connection, .. }
        | AlertKind::Connected { connection, .. }
        | AlertKind::Disconnected { connection }
        | AlertKind::StoppedWorking { connection, .. }
        | AlertKind::StillBroken { connection, .. }
        | AlertKind::Recovered { connection, .. }
        | AlertKind::GivenUp { connection, .. }
        | AlertKind::Unassigned { connection, .. }
        | AlertKind::Disputed { connection, .. }
        | AlertKind::Reassigned { connection, .. }
        | AlertKind::Missing { connection, .. } => Some(connection),
        AlertKind::StillOpen { .. }
        | AlertKind::Quarantined { .. }
        | AlertKind::Notice(_)
        | AlertKind::Test
        | AlertKind::Summary { .. } => None,
    }
}
