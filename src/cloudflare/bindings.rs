//! The one reader of `Env`: settings and bindings.

use worker::{Env, ObjectNamespace};

use crate::config::{Config, Fault, Problem};
use crate::object::Class;

/// The Workers KV namespace that the backend reads.
pub(super) const MAPPINGS: &str = "MAPPINGS";

/// The binding of a class of objects, as `wrangler.toml` names it.
fn binding(class: Class) -> &'static str {
    match class {
        Class::Integration => "INTEGRATIONS",
        Class::Customer => "CUSTOMERS",
        Class::Notifier => "NOTIFIER",
    }
}

/// Reads the configuration, with bindings that are missing among its faults.
pub(super) fn config(env: &Env) -> Config {
    let mut config = Config::parse(|name| env.var(name).ok().map(|text| text.to_string()));
    let objects = [Class::Integration, Class::Customer, Class::Notifier]
        .map(|class| (binding(class), objects(env, class).is_none()));
    let mappings = (MAPPINGS, env.kv(MAPPINGS).is_err());
    let missing = objects.into_iter().chain([mappings]);
    let missing = missing.filter(|(_, missing)| *missing);
    config.faults.extend(missing.map(|(name, _)| Fault {
        name,
        problem: Problem::NotBound,
    }));
    config
}

/// The objects of a class, if they are bound.
pub(super) fn objects(env: &Env, class: Class) -> Option<ObjectNamespace> {
    env.durable_object(binding(class)).ok()
}
