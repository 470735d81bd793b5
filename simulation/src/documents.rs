//! What Workers KV must contain when all objects are at rest.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::world::World;

impl World<'_> {
    /// The documents of integrations and customers are what was accepted.
    pub(crate) fn check_documents(&self) -> Result<(), Failure> {
        let mut wanted = BTreeMap::new();
        let mut held: BTreeMap<&String, Vec<Value>> = BTreeMap::new();
        for (id, it) in &self.truth.integrations {
            if !it.is_alive() {
                continue;
            }
            let state = json!({ "state": it.state(), "usable": it.is_usable() });
            let mut fields = state.clone();
            fields["origin_id"] = json!(it.holder());
            wanted.insert(format!("integration:{id}"), fields);
            match it.holder() {
                Some(holder) => {
                    let mut fields = state;
                    fields["id"] = json!(id);
                    held.entry(holder).or_default().push(fields);
                }
                None => drop(wanted.insert(format!("unassigned:{id}"), json!({}))),
            }
        }
        for (holder, mut integrations) in held {
            integrations.sort_by_key(|it| it["id"].to_string());
            let fields = json!({ "origin_id": holder, "integrations": integrations });
            wanted.insert(format!("customer:{holder}"), fields);
        }
        for id in &self.truth.quarantined {
            wanted.insert(format!("quarantine:{id}"), json!({}));
        }
        let found = self.kv.documents().into_iter();
        let found: BTreeMap<String, Value> = found
            .filter(|(key, _)| !key.starts_with("incident:"))
            .map(|(key, document)| (key.clone(), essence(&key, &document)))
            .collect();
        same("the documents are what was accepted", &found, &wanted)
    }

    /// A broken integration has its incident, and no other has one.
    pub(crate) fn check_incidents(&self) -> Result<(), Failure> {
        if self.script.has_twins {
            // One can replace the other: which one depends on the time of receipt.
            return Ok(());
        }
        let mut wanted: Vec<(String, Value, usize)> = Vec::new();
        for (id, it) in &self.truth.integrations {
            if it.is_alive() && it.causes() > 0 {
                let tool = id.split(':').next().unwrap_or_default();
                wanted.push((tool.to_owned(), json!(it.holder()), it.causes()));
            }
        }
        if self.truth.environment_causes() > 0 {
            wanted.push((String::new(), Value::Null, self.truth.environment_causes()));
        }
        let documents = self.kv.documents().into_iter();
        let incidents = documents
            .filter(|(key, it)| key.starts_with("incident:") && it["kind"] != "connection");
        let mut found: Vec<(String, Value, usize)> = incidents
            .map(|(_, it)| {
                let tool = it["tool"].as_str().unwrap_or_default().to_owned();
                let causes = it["causes"].as_array().map_or(0, Vec::len);
                (tool, it["origin_id"].clone(), causes)
            })
            .collect();
        let order = |it: &(String, Value, usize)| (it.0.clone(), it.1.to_string());
        wanted.sort_by_key(order);
        found.sort_by_key(order);
        if found == wanted {
            Ok(())
        } else {
            Err(Failure::of(
                "whatever is in fault has an incident",
                format!("they are {found:?} and should be {wanted:?}"),
            ))
        }
    }
}

/// The part of a document that follows from what was accepted.
fn essence(key: &str, document: &Value) -> Value {
    let state = |it: &Value| json!({ "state": it["state"], "usable": it["usable"] });
    if key.starts_with("integration:") {
        let mut fields = state(document);
        fields["origin_id"] = document["origin_id"].clone();
        return fields;
    }
    if !key.starts_with("customer:") {
        return json!({});
    }
    let held = document["integrations"].as_array();
    let mut integrations: Vec<Value> = held
        .into_iter()
        .flatten()
        .map(|it| {
            let mut fields = state(it);
            fields["id"] = it["id"].clone();
            fields
        })
        .collect();
    integrations.sort_by_key(|it| it["id"].to_string());
    json!({ "origin_id": document["origin_id"], "integrations": integrations })
}

/// Reports the first document that is not as it should be.
pub(crate) fn same(
    promise: &'static str,
    found: &BTreeMap<String, Value>,
    wanted: &BTreeMap<String, Value>,
) -> Result<(), Failure> {
    let mut keys = found.keys().chain(wanted.keys());
    let Some(key) = keys.find(|key| found.get(*key) != wanted.get(*key)) else {
        return Ok(());
    };
    let show = |of: &BTreeMap<String, Value>| of.get(key).cloned().unwrap_or_default();
    let what = format!("{key} is {} and should be {}", show(found), show(wanted));
    Err(Failure::of(promise, what))
}
