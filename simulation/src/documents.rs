//! What Workers KV must contain when all objects are at rest.

use std::collections::{BTreeMap, BTreeSet};

use kombo_edge::domain::id::sha256_base64url;
use kombo_edge::domain::time::Timestamp;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::truth::{DAY, HOUR};
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

    /// Attempts are counted once for each flow, and not at all while the tool is connected.
    pub(crate) fn check_attempts(&self) -> Result<(), Failure> {
        for (key, incident) in self.kv.documents() {
            let count = incident["attempts"].as_u64().unwrap_or_default();
            if incident["kind"] != "connection" {
                continue;
            }
            let attempts = self.truth.attempts.iter();
            let of = attempts.filter(|(of, _)| {
                let organization = &of.organization;
                let origin_id = of.origin_id.as_deref();
                incident["tool"] == of.tool
                    && incident["origin_id"].as_str() == origin_id
                    && (origin_id.is_some() || incident["organization_name"] == *organization)
            });
            let all: Vec<_> = of.map(|(_, attempts)| attempts).collect();
            let flows: BTreeSet<&String> = all.iter().flat_map(|(_, flows)| flows).collect();
            let what = || format!("{key}: {incident}");
            if count > u64::try_from(flows.len()).unwrap_or_default() {
                return Err(Failure::of("a flow is one attempt", what()));
            }
            let last = all.iter().map(|(at, _)| *at).max().unwrap_or_default();
            let integrations = self.truth.integrations.iter();
            let mut connected = integrations.filter(|(id, it)| {
                id.split(':').next() == incident["tool"].as_str()
                    && it.holder().map(String::as_str) == incident["origin_id"].as_str()
                    && it.holder().is_some()
            });
            let is_over = connected.any(|(_, it)| {
                it.created_at.is_some() && it.is_usable() && last - it.succeeded_at < DAY - HOUR
            });
            if is_over {
                let promise = "no attempt is open within a day after a success";
                return Err(Failure::of(promise, what()));
            }
        }
        Ok(())
    }

    /// The success of a customer ends what its organization failed at.
    pub(crate) fn check_organizations(&self) -> Result<(), Failure> {
        for (key, incident) in self.kv.documents() {
            if incident["kind"] != "connection" || !incident["origin_id"].is_null() {
                continue;
            }
            let organization = incident["organization_name"].as_str().unwrap_or_default();
            let last_at = incident["last_at"].as_str().and_then(Timestamp::parse);
            let last_at = last_at.map_or(0, Timestamp::as_millis);
            let integrations = self.truth.integrations.iter();
            let mut successes = integrations.filter(|(_, it)| {
                let names = &it.organizations;
                it.holder().is_some() && names.len() == 1 && names.contains(organization)
            });
            let is_over = successes.any(|(id, it)| {
                let is_same = id.split(':').next() == incident["tool"].as_str();
                is_same
                    && it.created_at.is_some()
                    && it.is_usable()
                    && it.succeeded_at > last_at + HOUR
            });
            if is_over {
                let promise = "a success with a customer id ends failures without one";
                return Err(Failure::of(promise, format!("{key}: {incident}")));
            }
        }
        Ok(())
    }

    /// A broken integration has its incident, and no other has one.
    pub(crate) fn check_incidents(&self) -> Result<(), Failure> {
        if self.script.has_twins {
            // One can replace the other: which one depends on the time of receipt.
            return Ok(());
        }
        let mut wanted: Vec<(String, Value, usize)> = Vec::new();
        for (id, it) in &self.truth.integrations {
            let is_closed = self.truth.closed.contains(&incident_of(id));
            if it.is_alive() && it.causes() > 0 && !is_closed {
                let tool = id.split(':').next().unwrap_or_default();
                wanted.push((tool.to_owned(), json!(it.holder()), it.causes()));
            }
        }
        let is_closed = self.truth.closed.contains("environment");
        if self.truth.environment_causes() > 0 && !is_closed {
            wanted.push((String::new(), Value::Null, self.truth.environment_causes()));
        }
        let documents = self.kv.documents().into_iter();
        let is_closed = |key: &str| self.truth.closed.iter().any(|name| key.ends_with(name));
        let incidents = documents.filter(|(key, it)| {
            key.starts_with("incident:") && it["kind"] != "connection" && !is_closed(key)
        });
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

/// The name of the incident about an integration.
fn incident_of(integration: &str) -> String {
    let hash = sha256_base64url(integration);
    format!("integration:{hash}")
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
