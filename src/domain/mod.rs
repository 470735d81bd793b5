//! The vocabulary that all other modules use: ids, time, JSON, acts, alerts.

pub mod json;
pub mod redaction;
pub mod id;
pub mod time;
pub mod zone;
pub mod http;
pub mod language;
pub mod audience;
pub mod backoff;
pub mod act;
pub mod alert;
