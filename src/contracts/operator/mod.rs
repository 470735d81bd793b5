//! Whoever operates the Worker: gives settings, reads the log.

pub mod log;
pub mod tokens;
pub mod settings;
