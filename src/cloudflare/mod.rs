//! Cloudflare, through the `worker` crate: entry points, objects, Workers KV, outgoing requests,
//! clock and console.
//!
//! The only folder that names the platform. It decides nothing: it reads what the domain asks
//! for, commits what the domain decides, and runs what is due. `entry.js` is what the platform
//! loads: the objects' classes, in front of the module.

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
mod objects;
mod request;
mod rpc;
mod shell;
mod store;
