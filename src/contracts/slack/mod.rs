//! Slack's incoming webhooks, which receive the alerts: how an alert is rendered, and
//! what Slack's responses mean.
//!
//! Rendering is a function of the alert and the settings and cannot fail. `notifier`
//! decides when a message is sent, and how often.

mod answer;
mod blocks;
mod connection;
mod digest;
mod draft;
mod engineers;
mod link;
mod listing;
mod mail;
mod markup;
mod message;
mod plain;
mod redaction;
mod text;
mod tool;
mod trouble;
mod visible;
mod wording;
mod workflow;

pub use answer::{Refusal, Verdict, judge};
pub use message::{Content, render, title};
