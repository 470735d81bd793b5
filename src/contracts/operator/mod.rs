//! The operator: the settings that they give, and the log that they read.

pub mod log;
pub mod tokens;
pub mod settings;
