//! Parts that several machines have.

pub mod backup;
pub mod dedup;
pub mod issues;
pub mod lag;
pub mod outbox;
pub mod projection;
pub mod read_back;
