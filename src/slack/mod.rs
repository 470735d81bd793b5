//! The receiver: how an alert reads in Slack, and what Slack's answers mean.
//!
//! Everything here follows Slack's reference for incoming webhooks and Block
//! Kit. Sending, waiting and remembering are `notifier`'s and the platform's.

mod answer;
mod draft;
mod message;
mod text;
mod tool;

pub use answer::{Refusal, Verdict, judge};
pub use message::{render, render_plain};
