//! Cloudflare, through the `worker` crate: entry points, objects, Workers KV, outgoing requests,
//! clock and console.
//!
//! The only folder that names the platform. It decides nothing: it reads what the machines ask for,
//! commits what they decide, and runs what is due. The platform loads `entry.js`, which has the
//! classes of the objects and of the entrypoint for other Workers, and calls this module.

mod act;
mod api;
mod bindings;
mod body;
mod clock;
mod console;
mod effects;
mod entry;
mod ffi;
#[cfg(feature = "forced-panics")]
mod forced_panics;
mod health;
mod methods;
mod objects;
mod request;
mod rpc;
mod shell;
mod store;
