//! Mutes: what a caller may mute, and how mutes are shown.

use crate::contracts::objects::address::{Address, CustomerKey};
use crate::contracts::objects::customer::{self, Mute};
use crate::contracts::objects::envelope::Envelope;
use crate::domain::id::{OriginId, Tool};
use crate::domain::json::{Lenient, parse_foreign, to_json};
use crate::domain::time::Timestamp;
use crate::edge::answer::{BadRequest, Refusal};
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Call;

/// Longest mute.
pub(in crate::edge) const MAX_MUTE: Duration = Duration::from_hours(30 * 24);

#[derive(Serialize)]
struct Muted<'a> {
    tool: Option<&'a Tool>,
    until: String,
}

#[derive(Serialize)]
struct AllMuted<'a> {
    muted: Vec<Muted<'a>>,
}

/// All mutes of a customer.
pub(super) fn muted(mutes: &[Mute]) -> String {
    let all = mutes.iter().map(|mute| Muted {
        tool: mute.tool.as_ref(),
        until: mute.until.to_rfc3339(),
    });
    to_json(&AllMuted {
        muted: all.collect(),
    })
}

/// The body of a request to mute.
#[derive(Deserialize)]
struct MuteBody {
    /// Absent or null for all tools.
    tool: Option<Lenient<Tool>>,
    until: Option<Lenient<String>>,
}

/// The mute that a body asks for.
pub(super) fn parse(body: &[u8], now: Timestamp) -> Result<Mute, Refusal> {
    let text = core::str::from_utf8(body).map_err(|_| BadRequest::Body)?;
    let body: MuteBody = parse_foreign(text).map_err(|_| BadRequest::Body)?;
    let tool = match body.tool {
        None => None,
        Some(tool) => Some(tool.ok().ok_or(BadRequest::Tool)?),
    };
    let until = body.until.and_then(Lenient::ok);
    let until = until.and_then(|until| Timestamp::parse(&until));
    let until = until.ok_or(BadRequest::Until)?;
    if until <= now || until > now.plus(MAX_MUTE) {
        return Err(BadRequest::Until.into());
    }
    Ok(Mute { tool, until })
}

/// The `tool` in a query; absent or empty for all tools.
pub(super) fn tool_in(query: &str) -> Result<Option<Tool>, Refusal> {
    let tool = super::parameter(query, "tool");
    let tool = tool.map(Tool::try_from).transpose();
    tool.map_err(|_| BadRequest::Tool.into())
}

/// Begins a mute, or ends it.
pub(super) fn call(id: &OriginId, tool: Option<Tool>, until: Option<Timestamp>) -> Call {
    let customer = CustomerKey::Customer(id.clone());
    let message = Envelope::encode(customer::Message::Mute {
        customer: customer.clone(),
        tool,
        until,
    });
    (Address::Customer(customer), message)
}
