//! A message to a webhook: blocks for Slack, everything as text for receivers that may not read
//! blocks, fields for a workflow of Slack.
//!
//! Nothing here can fail, and no mention comes from an alert. `draft` has what a message says.

use crate::contracts::operator::settings::{Receiver, Settings};
use crate::domain::audience::Audience;
use crate::domain::json::{Json, to_json};
use crate::domain::time::Timestamp;
use serde::Serialize;

use super::blocks::{Block, blocks};
use super::digest;
use super::draft::{Draft, MAX_VALUE};
use super::markup::mrkdwn;
use super::plain::{self, Form};
use super::view::View;
use super::wording::draft_of;
use super::workflow;

/// What a message is made of: alerts in their stored form.
#[derive(Debug, Clone)]
pub enum Content {
    /// One alert.
    One(Json),
    /// One alert as text without blocks, for a message whose blocks Slack rejected.
    Plain(Json),
    /// Several alerts, one per line.
    Digest(Vec<Json>),
    /// What happened while Slack was unavailable.
    Lead {
        /// When Slack became unavailable.
        since: Timestamp,
        /// How many incidents are still open.
        open: u64,
        /// How many incidents were resolved meanwhile.
        over: u64,
        /// Alerts about the first of the open incidents.
        alerts: Vec<Json>,
    },
}

/// The JSON body to post to a channel's webhook.
#[must_use]
pub fn render(post: Content, view: View<'_>) -> String {
    let View { settings, now, .. } = view;
    let receiver = settings.receiver(view.channel);
    let is_plain = matches!(post, Content::Plain(_));
    let (draft, alert) = match post {
        Content::One(alert) | Content::Plain(alert) => (draft_of(&alert, view), Some(alert)),
        Content::Digest(alerts) => (digest::digest(alerts, view), None),
        Content::Lead {
            since,
            open,
            over,
            alerts,
        } => {
            let draft = digest::lead(now.since(since), [open, over], alerts, view);
            (draft, None)
        }
    };
    match receiver {
        Receiver::Workflow => to_json(&workflow::fields(&draft, alert.as_ref(), settings)),
        _ if is_plain => payload(&plain::text(&draft, Form::Bare), Vec::new()),
        Receiver::Slack => payload(&mrkdwn(&draft.notification(), MAX_VALUE), blocks(&draft)),
        Receiver::Other => payload(&plain::text(&draft, Form::Mrkdwn), blocks(&draft)),
    }
}

/// The title of an alert's message.
#[must_use]
pub fn title(alert: &Json, channel: Audience, settings: &Settings, now: Timestamp) -> String {
    let view = View {
        channel,
        settings,
        learned: None,
        now,
    };
    let Draft { title, .. } = draft_of(alert, view);
    title
}

/// What Slack's incoming webhooks accept (reference, "Sending messages").
#[derive(Serialize)]
struct Payload<'a> {
    text: &'a str,
    unfurl_links: bool,
    unfurl_media: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<Block>,
}

fn payload(text: &str, blocks: Vec<Block>) -> String {
    to_json(&Payload {
        text,
        unfurl_links: false,
        unfurl_media: false,
        blocks,
    })
}
