//! The one reader of `Env`: settings and bindings.

use wasm_bindgen::JsValue;
use worker::js_sys::Reflect;
use worker::kv::{KvError, KvStore};
use worker::{Env, ObjectNamespace, Result};

use super::ffi;
use crate::contracts::objects::address::Class;
use crate::contracts::operator::settings::{Config, Fault, Problem};

/// The Workers KV namespace that the backend reads.
const MAPPINGS: &str = "MAPPINGS";

/// The binding of a class of objects, as `wrangler.toml` names it.
fn binding_of(class: Class) -> &'static str {
    match class {
        Class::Integration => "INTEGRATIONS",
        Class::Customer => "CUSTOMERS",
        Class::Notifier => "NOTIFIER",
    }
}

/// Reads the configuration, with missing bindings among its faults.
pub(super) fn config(env: &Env) -> Config {
    let mut config = Config::parse(|name| setting(env, name));
    let objects = [Class::Integration, Class::Customer, Class::Notifier].map(binding_of);
    let needed = objects.into_iter().chain([MAPPINGS]);
    let missing = needed.filter(|name| !value(env, name).is_object());
    config.faults.extend(missing.map(|name| Fault {
        name,
        problem: Problem::NotBound,
    }));
    config
}

/// The objects of a class, in a jurisdiction unless its name is empty.
pub(super) fn objects(env: &Env, class: Class, jurisdiction: &str) -> Result<ObjectNamespace> {
    let objects = env.durable_object(binding_of(class))?;
    if jurisdiction.is_empty() {
        return Ok(objects);
    }
    ffi::in_jurisdiction(&objects, jurisdiction)
}

/// The namespace of the mappings. `Env::kv` checks for the platform's own class by name, which a
/// namespace that injects faults does not have.
pub(super) fn mappings(env: &Env) -> core::result::Result<KvStore, KvError> {
    KvStore::from_this(env, MAPPINGS)
}

/// A secret or variable, as a string. `Env::var` accepts only strings, but a number or a boolean in
/// wrangler.toml keeps its type.
pub(super) fn setting(env: &Env, name: &str) -> Option<String> {
    let value = value(env, name);
    value
        .as_string()
        .or_else(|| value.as_f64().map(|number| number.to_string()))
        .or_else(|| value.as_bool().map(|flag| flag.to_string()))
}

fn value(env: &Env, name: &str) -> JsValue {
    Reflect::get(env, &name.into()).unwrap_or_default()
}
