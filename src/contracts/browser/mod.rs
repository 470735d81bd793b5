//! The browser of a person who acts on a message: the signed links to acts.
//!
//! The pages that they lead to are in [`edge::act`](crate::edge::act).

pub mod link;
