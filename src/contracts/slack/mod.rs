//! The receiver: Slack's incoming webhooks. What an alert looks like there, and
//! what an answer of Slack means.
//!
//! Rendering is a function of the alert and the settings and cannot fail. When a
//! message goes out, and how often, is `notifier`'s.

mod answer;
mod connection;
mod digest;
mod draft;
mod engineers;
mod link;
mod listing;
mod mail;
mod message;
mod redaction;
mod text;
mod tool;
mod trouble;
mod visible;
mod wording;

pub use answer::{Refusal, Verdict, judge};
pub use message::{Post, render, title};
