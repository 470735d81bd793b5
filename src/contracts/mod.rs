//! The contracts with others, a folder for each: Kombo, the backend that reads Workers KV, the
//! operator, Slack, the browsers of people who act, and the objects among themselves.

pub mod kombo;
pub mod backend;
pub mod operator;
pub mod browser;
pub mod slack;
pub mod objects;
