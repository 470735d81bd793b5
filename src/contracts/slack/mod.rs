//! Slack's incoming webhooks, which receive the alerts: how an alert is rendered, and
//! what Slack's responses mean.
//!
//! Rendering is a function of the alert and the settings and cannot fail. `notifier`
//! decides when a message is sent, and how often.

mod acts;
mod answer;
mod blocks;
mod connection;
mod digest;
mod draft;
mod engineers;
mod letters;
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
mod view;
mod visible;
mod wording;
mod workflow;

pub use answer::{Refusal, Verdict, judge};
pub use letters::Occasion;
pub use message::{Content, render, title};
pub use view::View;

// The words of messages, which the pages of acts use, too.
pub use draft::{name, tool_and_category};
pub use mail::{Subject, letter};
pub use text::{counted, line, span};
