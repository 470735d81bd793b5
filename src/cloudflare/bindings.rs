//! The one reader of `Env`: settings and bindings.

use super::platform::{self, Env};
use crate::config::{Config, Fault, Problem};
use crate::object::Class;

/// The Workers KV namespace that the backend reads.
pub(super) const MAPPINGS: &str = "MAPPINGS";

/// The binding of a class of objects, as `wrangler.toml` names it.
pub(super) fn objects(class: Class) -> &'static str {
    match class {
        Class::Integration => "INTEGRATIONS",
        Class::Customer => "CUSTOMERS",
        Class::Notifier => "NOTIFIER",
    }
}

/// Reads the configuration, with bindings that are missing among its faults.
pub(super) fn config(env: &Env) -> Config {
    let mut config = Config::parse(|name| platform::setting(env, name));
    let objects = [Class::Integration, Class::Customer, Class::Notifier].map(objects);
    let needed = objects.into_iter().chain([MAPPINGS]);
    let missing = needed.filter(|name| !platform::is_bound(env, name));
    config.faults.extend(missing.map(|name| Fault {
        name,
        problem: Problem::NotBound,
    }));
    config
}
