//! The vocabulary that all other modules use: ids, time, JSON, alerts.

pub mod json;
pub mod redaction;
pub mod id;
pub mod time;
pub mod zone;
pub mod http;
pub mod audience;
pub mod backoff;
pub mod alert;
