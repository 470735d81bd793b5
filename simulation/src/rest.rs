//! Bringing a world to rest, and what must hold there.

use kombo_edge::contracts::objects::address::Class;
use kombo_edge::contracts::objects::envelope::Envelope;
use kombo_edge::contracts::objects::{customer, integration, notifier};
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::time::Timestamp;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::actor::{Actor, Moment};
use crate::documents::same;
use crate::failure::Failure;
use crate::posts::head;
use crate::scenario::CUSTOMERS;
use crate::script::{Decision, Fault};
use crate::world::World;

const MINUTE: Moment = 60_000;
/// Longer than any pause between two alerts of an incident.
const LONG: Moment = 9 * 60 * MINUTE;
/// Attempts count as abandoned after this long.
const WEEK: Moment = 7 * 24 * 60 * MINUTE;
/// Longer than the longest wait of an alert for Slack.
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
            "quarantine-namesake",
            "rounds",
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
    /// Every fault ends, and all objects come to rest.
    pub(crate) fn come_to_rest(&mut self) {
        self.heal();
        self.deploy_at_last();
        // Whatever was interrupted continues by itself, unless the platform lost its alarm.
        let touches = self.stats.faults.contains_key(&Fault::AlarmsAreLost);
        self.touch_if(touches);
        self.until(self.now + 5 * MINUTE);
        for decision in [Decision::RetryQuarantine, Decision::Resend] {
            self.decide(&decision);
        }
        // An instance that remembers a lost alarm trusts it until then.
        for _ in 0..2 {
            self.until(self.now + LONG);
            self.touch_if(touches);
        }
        self.until(self.now + 5 * MINUTE);
    }

    /// Every object gets a message, if needed.
    fn touch_if(&mut self, is_needed: bool) {
        let all = self.all_objects().into_iter();
        for (name, class) in all.filter(|_| is_needed) {
            let message = match class {
                Class::Integration => Envelope::encode(integration::Message::GetDocument),
                Class::Customer => Envelope::encode(customer::Message::GetDocument),
                Class::Notifier => Envelope::encode(notifier::Message::Health {
                    audience: if name.ends_with("ops") {
                        Audience::Engineers
                    } else {
                        Audience::Team
                    },
                }),
            };
            self.call_named(class, &name, &message);
        }
    }

    fn all_objects(&self) -> Vec<(String, Class)> {
        let actors = self.actors.iter();
        actors.map(|(name, it)| (name.clone(), it.class)).collect()
    }

    /// What must hold when all objects are at rest.
    pub(crate) fn check(&mut self) -> Result<(), Failure> {
        self.verdict()?;
        self.check_rows()?;
        self.check_quarantine()?;
        self.check_documents()?;
        self.check_incidents()?;
        self.check_attempts()?;
        self.check_organizations()?;
        self.alerts.audit(&self.truth.erased)?;
        self.check_naming()?;
        self.check_that_kv_can_be_written_again()
    }

    /// What was retried is where it belongs.
    fn check_quarantine(&self) -> Result<(), Failure> {
        let promise = "what leaves the quarantine reaches its object";
        let forgotten = self.truth.forgotten();
        forgotten.map_or(Ok(()), |id| Err(Failure::of(promise, id.clone())))
    }

    fn check_rows(&self) -> Result<(), Failure> {
        for (name, actor) in &self.actors {
            let kinds = ROWS.iter().find(|(class, _)| *class == actor.class);
            let (_, kinds) = kinds.expect("every class is there");
            let restless = actor.object.rows.iter().find(|((_, key), (_, due))| {
                let kind = key.split('/').next().unwrap_or_default();
                let is_due = due.is_some_and(|due| due.as_millis() < self.time_of(name));
                is_due || !kinds.contains(&kind)
            });
            if let Some((key, row)) = restless {
                let what = format!("{name}: {key:?} {row:?}");
                return Err(Failure::of("every object is at rest", what));
            }
            let head = head(&actor.object);
            if head["waiting"].as_u64().is_some_and(|waiting| waiting > 0) {
                return Err(Failure::of("nothing waits", format!("{name}: {head}")));
            }
        }
        Ok(())
    }

    /// Every customer that failed to connect was named since.
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
            let sent = self.alerts.last_sent(name);
            if !is_quiet && sent.is_none_or(|sent| sent < at) {
                return Err(Failure::of(
                    "every customer that fails is named",
                    name.clone(),
                ));
            }
        }
        Ok(())
    }

    /// Workers KV can be emptied and written again from the objects.
    fn check_that_kv_can_be_written_again(&mut self) -> Result<(), Failure> {
        // With clocks that differ, what came first is undefined.
        let is_one_clock = self.actors.values().all(|actor| actor.skew == 0);
        let old = if is_one_clock {
            self.now - WEEK + LONG
        } else {
            self.now
        };
        let before = timeless(&self.kv.documents(), old);
        self.kv.empty();
        for (name, class) in self.all_objects() {
            let message = match class {
                Class::Integration => Envelope::encode(integration::Message::Rebuild),
                Class::Customer => Envelope::encode(customer::Message::Rebuild),
                Class::Notifier => Envelope::encode(notifier::Message::Rebuild),
            };
            self.call_named(class, &name, &message);
        }
        self.until(self.now + 10 * MINUTE);
        self.verdict()?;
        let after = timeless(&self.kv.documents(), old);
        same("Workers KV can be written again", &after, &before)
    }

    /// A month later nothing has grown, and nothing waits.
    pub(crate) fn check_a_month_later(&mut self) -> Result<(), Failure> {
        self.until(self.now + MONTH);
        // An object without a key in Workers KV notices a lost alarm at its next message.
        self.touch_if(self.stats.faults.contains_key(&Fault::AlarmsAreLost));
        self.until(self.now + 5 * MINUTE);
        self.verdict()?;
        self.check_rows()?;
        self.check_documents()
    }

    /// At most one object holds an integration.
    pub(crate) fn check_holders(&mut self) {
        let mut holders: BTreeMap<&str, &String> = BTreeMap::new();
        let mut shared = None;
        for (name, id) in self.actors.iter().flat_map(held) {
            if let Some(other) = holders.insert(id, name) {
                shared = Some(format!("{other} and {name} hold {id}"));
            }
        }
        let promise = "an integration is held by one object at most";
        self.must(shared.is_none(), promise, || shared.unwrap_or_default());
    }
}

/// The integrations that an object holds, each by the hash in its row's key.
fn held<'a>((name, actor): (&'a String, &'a Actor)) -> impl Iterator<Item = (&'a String, &'a str)> {
    let rows = actor.object.rows.iter();
    rows.filter_map(move |((_, key), (text, _))| {
        let id = key.strip_prefix("holding/")?;
        let row: Value = serde_json::from_str(text).unwrap_or_default();
        (!row["snapshot"].is_null()).then_some((name, id))
    })
}

/// The documents without what grows, passes or depends on the time of receipt; and without
/// the attempts that are older than a moment, since they are about to be closed.
fn timeless(documents: &BTreeMap<String, Value>, old: Moment) -> BTreeMap<String, Value> {
    let is_old = |document: &&Value| {
        let last_at = document["last_at"].as_str().and_then(Timestamp::parse);
        document["kind"] == "connection" && last_at.is_some_and(|at| at.as_millis() < old)
    };
    let documents = documents.iter().filter(|(_, document)| !is_old(document));
    documents
        .map(|(key, document)| {
            let mut fields = document.clone();
            for passing in ["revision", "updated_at", "muted_until", "organization_name"] {
                fields[passing] = Value::Null;
            }
            (key.clone(), fields)
        })
        .collect()
}
