//! The platform: entry points, objects, Workers KV, outgoing requests, clock and console.
//!
//! The only folder that names it. It decides nothing: it reads what the domain
//! asks for, commits what the domain decides, and runs what is due.

mod api;
mod bindings;
mod clock;
mod console;
mod entry;
mod health;
mod objects;
mod orders;
mod platform;
mod shell;
mod store;
