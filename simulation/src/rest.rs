//! Bringing a world to rest, and what must hold there.

use std::collections::{BTreeMap, BTreeSet};

use kombo_edge::machine::{Letter, Table};
use kombo_edge::notifier::{self, Channel};
use kombo_edge::object::Class;
use kombo_edge::time::Timestamp;
use kombo_edge::{customer, integration};
use serde_json::{Value, json};

use crate::actor::Moment;
use crate::outside::asked;
use crate::plot::CUSTOMERS;
use crate::run::Failure;
use crate::script::{Decision, Trouble};
use crate::world::World;

const MINUTE: Moment = 60_000;
/// Longer than any pause between two alerts of an incident.
const LONG: Moment = 9 * 60 * MINUTE;
/// Attempts are given up after so long.
const WEEK: Moment = 7 * 24 * 60 * MINUTE;
/// Longer than an alert waits for Slack at most.
const MONTH: Moment = 31 * 24 * 60 * MINUTE;

/// The kinds of rows that an object may have when it is at rest.
const ROWS: [(Class, &[&str]); 3] = [
    (Class::Integration, &["head", "issue", "seen"]),
    (
        Class::Customer,
        &["head", "holding", "incident", "issue", "seen"],
    ),
    (
        Class::Notifier,
        &[
            "head",
            "summary",
            "vigil",
            "quarantine",
            "quarantine-kind",
            "seen",
            "undelivered",
            "quarantined",
            "body",
            "note",
            "resending",
            "release",
            "forgetting",
            "late",
            "environment",
        ],
    ),
];

impl World<'_> {
    /// Every trouble is over, and everybody comes to rest.
    pub(crate) fn come_to_rest(&mut self) {
        self.heal();
        self.deploy();
        self.is_newer = false;
        // Whatever was interrupted is taken up by itself, unless the platform lost its alarm.
        let touches = self.tally.faults.contains_key(&Trouble::AlarmsAreLost);
        self.touch_if(touches);
        self.until(self.now + 5 * MINUTE);
        for decision in [Decision::RetryQuarantine, Decision::Resend] {
            self.ask(asked(&decision, self.now));
        }
        // An instance that believes in an alarm that was lost believes in it until then.
        for _ in 0..2 {
            self.until(self.now + LONG);
            self.touch_if(touches);
        }
        self.until(self.now + 5 * MINUTE);
    }

    /// Something comes to every object, if it is needed.
    fn touch_if(&mut self, is_needed: bool) {
        let all = self.everybody().into_iter();
        for (name, class) in all.filter(|_| is_needed) {
            let letter = match class {
                Class::Integration => Letter::seal(integration::Outgoing::Show),
                Class::Customer => Letter::seal(customer::Outgoing::Show),
                Class::Notifier => Letter::seal(notifier::Message::Health {
                    channel: if name.ends_with("ops") {
                        Channel::Ops
                    } else {
                        Channel::Main
                    },
                }),
            };
            self.tell_named(class, &name, &letter);
        }
    }

    fn everybody(&self) -> Vec<(String, Class)> {
        let actors = self.actors.iter();
        actors.map(|(name, it)| (name.clone(), it.class)).collect()
    }

    /// What must hold when everybody is at rest.
    pub(crate) fn check(&mut self) -> Result<(), Failure> {
        self.verdict()?;
        self.check_rows()?;
        self.check_documents()?;
        self.check_incidents()?;
        self.alerts.audit(&self.truth.erased)?;
        self.check_naming()?;
        self.check_that_kv_can_be_written_again()
    }

    fn check_rows(&self) -> Result<(), Failure> {
        for (name, actor) in &self.actors {
            let kinds = ROWS.iter().find(|(class, _)| *class == actor.class);
            for ((table, key), (text, due)) in &actor.object.rows {
                let kind = key.split('/').next().unwrap_or_default();
                let is_due = due.is_some_and(|due| due.as_millis() < self.time_of(name));
                let is_known = kinds.is_some_and(|(_, kinds)| kinds.contains(&kind));
                if is_due || !is_known {
                    let what = format!("{name}: {table:?} {key} {text}");
                    return Err(Failure::of("every object is at rest", what));
                }
            }
            let waits = actor.object.rows.get(&(Table::State, "head".to_owned()));
            let head: Value = waits.map_or(Value::Null, |(text, _)| {
                serde_json::from_str(text).unwrap_or_default()
            });
            if head["waiting"].as_u64().is_some_and(|waiting| waiting > 0) {
                return Err(Failure::of("nothing waits", format!("{name}: {head}")));
            }
        }
        Ok(())
    }

    /// The documents of integrations and customers are what was accepted.
    fn check_documents(&self) -> Result<(), Failure> {
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
        if found == wanted {
            return Ok(());
        }
        let keys: BTreeSet<&String> = found.keys().chain(wanted.keys()).collect();
        let differs = keys
            .into_iter()
            .find(|key| found.get(*key) != wanted.get(*key));
        let key = differs.cloned().unwrap_or_default();
        let (found, wanted) = (found.get(&key), wanted.get(&key));
        Err(Failure::of(
            "the documents are what was accepted",
            format!("{key} is {found:?} and should be {wanted:?}"),
        ))
    }

    /// An integration in trouble has its incident, and no other has.
    fn check_incidents(&self) -> Result<(), Failure> {
        if self.script.has_twins {
            // One can replace the other: which, is a matter of receipt.
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
                "whatever is in trouble has an incident",
                format!("they are {found:?} and should be {wanted:?}"),
            ))
        }
    }

    /// Whoever failed to connect was named since.
    fn check_naming(&self) -> Result<(), Failure> {
        for (name, &at) in &self.truth.failures {
            let truth = &self.truth;
            let quiet = CUSTOMERS.iter().filter(|customer| {
                let of = [&truth.erased, &truth.muted, &truth.renamed];
                of.iter().any(|customers| customers.contains(**customer))
            });
            let is_quiet = quiet
                .into_iter()
                .any(|it| *name == format!("Customer {it}"));
            let told = self.alerts.told(name);
            if !is_quiet && told.is_none_or(|told| told < at) {
                return Err(Failure::of("whoever fails is named", name.clone()));
            }
        }
        Ok(())
    }

    /// Workers KV can be emptied and written again from the objects.
    fn check_that_kv_can_be_written_again(&mut self) -> Result<(), Failure> {
        // Between clocks that differ, what came first is a matter of luck.
        let is_one_clock = self.actors.values().all(|actor| actor.skew == 0);
        let old = if is_one_clock {
            self.now - WEEK + LONG
        } else {
            self.now
        };
        let before = timeless(&self.kv.documents(), old);
        self.kv.empty();
        for (name, class) in self.everybody() {
            let letter = match class {
                Class::Integration => Letter::seal(integration::Outgoing::Rebuild),
                Class::Customer => Letter::seal(customer::Outgoing::Rebuild),
                Class::Notifier => Letter::seal(notifier::Message::Rebuild),
            };
            self.tell_named(class, &name, &letter);
        }
        self.until(self.now + 10 * MINUTE);
        self.verdict()?;
        let after = timeless(&self.kv.documents(), old);
        if before == after {
            return Ok(());
        }
        let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differs = keys
            .into_iter()
            .find(|key| before.get(*key) != after.get(*key));
        let key = differs.cloned().unwrap_or_default();
        let fields = |of: &BTreeMap<String, Value>| of.get(&key).cloned().unwrap_or_default();
        Err(Failure::of(
            "Workers KV can be written again",
            format!("{key} is {} and was {}", fields(&after), fields(&before)),
        ))
    }

    /// A month later nothing has grown, and nothing waits.
    pub(crate) fn check_a_month_later(&mut self) -> Result<(), Failure> {
        self.until(self.now + MONTH);
        self.verdict()?;
        self.check_rows()?;
        self.check_documents()
    }

    /// An integration is held by one object at most.
    pub(crate) fn check_holders(&mut self) {
        let mut holders: BTreeMap<String, &String> = BTreeMap::new();
        let mut shared = None;
        for (name, actor) in &self.actors {
            for ((_, key), (text, _)) in &actor.object.rows {
                let Some(id) = key.strip_prefix("holding/") else {
                    continue;
                };
                let row: Value = serde_json::from_str(text).unwrap_or_default();
                if !row["snapshot"].is_null()
                    && let Some(other) = holders.insert(id.to_owned(), name)
                {
                    shared = Some(format!("{other} and {name} hold {}", row["integration"]));
                }
            }
        }
        let promise = "an integration is held by one object at most";
        self.must(shared.is_none(), promise, || shared.unwrap_or_default());
    }
}

/// What of a document follows from what was accepted.
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

/// The documents without what grows or passes, or is a matter of receipt; and without
/// the attempts that are older than a moment, since they are about to be given up.
fn timeless(documents: &BTreeMap<String, Value>, old: Moment) -> BTreeMap<String, Value> {
    let is_old = |document: &&Value| {
        let last_at = document["last_at"].as_str().and_then(Timestamp::parse);
        document["kind"] == "connection" && last_at.is_some_and(|at| at.as_millis() < old)
    };
    let documents = documents.iter().filter(|(_, document)| !is_old(document));
    documents
        .map(|(key, document)| {
            let mut fields = document.clone();
            for passing in ["revision", "updated_at", "organization_name"] {
                fields[passing] = Value::Null;
            }
            (key.clone(), fields)
        })
        .collect()
}
