//! What is agreed with others, a folder for each: Kombo, Slack, the backend that reads Workers KV,
//! whoever operates the Worker, and the objects among themselves.

pub mod kombo;
pub mod backend;
pub mod operator;
pub mod slack;
pub mod objects;
