//! What must be true in the end, by the design alone: who holds each integration and
//! what state it is in, from the events and decisions that were accepted.
//!
//! Derived again from the design, without the code of the machines, so that the
//! same mistake is not made twice.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::actor::Moment;

pub(crate) const HOUR: Moment = 60 * 60 * 1_000;
pub(crate) const DAY: Moment = 24 * HOUR;

/// All that was accepted, joined.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) integrations: BTreeMap<String, Integration>,
    /// Issues of the environment as a whole.
    environment: Issues,
    /// The last attempt of each organization that failed, by its name, if it must have been named
    /// since.
    pub(crate) failures: BTreeMap<String, Moment>,
    /// The last attempt of each customer, organization and tool, and the flows that were reported.
    pub(crate) attempts: BTreeMap<Attempted, (Moment, BTreeSet<String>)>,
    /// The names of incidents that a human closed.
    pub(crate) closed: BTreeSet<String>,
    /// Customers that were erased.
    pub(crate) erased: BTreeSet<String>,
    /// Customers that were muted at some time.
    pub(crate) muted: BTreeSet<String>,
    /// Customers that may have got another name through an integration.
    pub(crate) renamed: BTreeSet<String>,
    /// Events that could not be parsed.
    pub(crate) quarantined: BTreeSet<String>,
    /// Events that an older version could not parse.
    pub(crate) misunderstood: BTreeSet<String>,
    /// Events that their objects accepted.
    accepted: BTreeSet<String>,
}

/// Who could not connect what.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Attempted {
    pub(crate) origin_id: Option<String>,
    pub(crate) organization: String,
    pub(crate) tool: String,
}

/// By its id: the newest time reported, and whether it is open.
type Issues = BTreeMap<String, (String, bool)>;

/// One integration.
#[derive(Debug, Default)]
pub(crate) struct Integration {
    is_known: bool,
    pub(crate) is_deleted: bool,
    is_removed: bool,
    named: Option<String>,
    assigned: Option<String>,
    /// Kombo's time, the event, and the state that it said.
    state: Option<(String, String, String)>,
    /// The same, of the newest that says whether it works.
    health: Option<(String, String, String)>,
    /// Setup status and check, as the newest state has them.
    setup: (String, String),
    issues: Issues,
    /// When it came, or came again.
    pub(crate) succeeded_at: Moment,
    /// When Kombo last said that it was connected.
    pub(crate) created_at: Option<Moment>,
    /// The customers and organizations that events named.
    customers: BTreeSet<String>,
    pub(crate) organizations: BTreeSet<String>,
}

impl Integration {
    pub(crate) fn is_alive(&self) -> bool {
        self.is_known && !self.is_removed && !self.is_deleted
    }

    pub(crate) fn holder(&self) -> Option<&String> {
        let holder = self.assigned.as_ref().or(self.named.as_ref());
        holder.filter(|_| self.is_alive())
    }

    pub(crate) fn state(&self) -> Option<&str> {
        self.state.as_ref().map(|(_, _, state)| state.as_str())
    }

    pub(crate) fn is_usable(&self) -> bool {
        let (setup_status, qa_status) = &self.setup;
        let is_ready = setup_status != "INCOMPLETE" && qa_status != "FAILED";
        is_ready && self.state().is_none_or(|state| state == "ACTIVE")
    }

    /// It is known from now on, if it was not.
    fn know(&mut self, now: Moment) {
        if !core::mem::replace(&mut self.is_known, true) {
            self.succeeded_at = now;
        }
    }

    /// How many problems it has.
    pub(crate) fn causes(&self) -> usize {
        let health = self.health.as_ref().map(|(_, _, state)| state.as_str());
        let invalid = usize::from(health == Some("INVALID"));
        invalid + self.issues.values().filter(|(_, is_open)| *is_open).count()
    }

    /// Merges the customer that an event names. Returns the holder if the event names another one.
    fn name(&mut self, now: Moment, end_user: &Value) -> Option<String> {
        self.know(now);
        for (named, field) in [
            (&mut self.customers, "origin_id"),
            (&mut self.organizations, "organization_name"),
        ] {
            named.extend(end_user[field].as_str().map(str::to_owned));
        }
        let customer = end_user["origin_id"].as_str().map(str::to_owned);
        self.named = self.named.take().or(customer);
        let name = end_user["organization_name"].as_str();
        let own = |holder: &&String| name == Some(&format!("Customer {holder}"));
        self.holder().filter(|holder| !own(holder)).cloned()
    }
}

impl Truth {
    /// How many issues of the environment are open.
    pub(crate) fn environment_causes(&self) -> usize {
        let issues = self.environment.values();
        issues.filter(|(_, is_open)| *is_open).count()
    }

    /// An event that waited in quarantine and never reached its object, if there is one.
    /// Erasing a customer erases such events too.
    pub(crate) fn forgotten(&self) -> Option<&String> {
        let mut forgotten = self.misunderstood.difference(&self.accepted);
        forgotten.next().filter(|_| self.erased.is_empty())
    }

    /// An event was accepted by the object that it is about.
    pub(crate) fn accept(&mut self, now: Moment, event: &Value) {
        let fields = &event["data"];
        let id = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.accepted.insert(id(&event["id"]));
        match event["type"].as_str().unwrap_or_default() {
            "integration-created" => {
                let integration = self.of(&id(&fields["id"]));
                (integration.succeeded_at, integration.created_at) = (now, Some(now));
                let renamed = integration.name(now, &fields["end_user"]);
                self.renamed.extend(renamed);
            }
            "integration-deleted" => self.of(&id(&fields["id"])).is_deleted = true,
            "integration-state-changed" => {
                let integration = self.of(&id(&fields["integration_id"]));
                let reported = (
                    id(&fields["updated_at"]),
                    id(&event["id"]),
                    id(&fields["state"]),
                );
                let is_health = ["ACTIVE", "INVALID", "INACTIVE"].contains(&reported.2.as_str());
                let health = is_health.then(|| reported.clone());
                integration.health = integration.health.take().max(health);
                if integration
                    .state
                    .as_ref()
                    .is_none_or(|known| *known < reported)
                {
                    integration.state = Some(reported);
                    integration.setup = (id(&fields["setup_status"]), id(&fields["qa_status"]));
                }
                let renamed = integration.name(now, &fields["end_user"]);
                self.renamed.extend(renamed);
            }
            "issue-status-changed" => match &fields["integration"] {
                Value::Null => join(&mut self.environment, &fields["issue"]),
                about => {
                    let integration = self.of(&id(&about["id"]));
                    join(&mut integration.issues, &fields["issue"]);
                    let renamed = integration.name(now, &about["end_user"]);
                    self.renamed.extend(renamed);
                }
            },
            _ => {
                let attempted = Attempted {
                    origin_id: fields["end_user"]["origin_id"].as_str().map(str::to_owned),
                    organization: id(&fields["end_user"]["organization_name"]),
                    tool: id(&fields["integration_tool"]),
                };
                self.fail(now, attempted, id(&fields["log_url"]));
            }
        }
    }

    /// A customer could not connect a tool. Of a flow that is reported again nothing is said, and
    /// little of one that fails within a day after a success.
    fn fail(&mut self, now: Moment, attempted: Attempted, flow: String) {
        let integrations = self.integrations.iter();
        let mut of_tool =
            integrations.filter(|(id, _)| id.split(':').next() == Some(&attempted.tool));
        let is_late = of_tool.any(|(_, it)| {
            let customer = attempted.origin_id.as_ref();
            let assigned = it.assigned.as_ref();
            let is_of = |id| it.customers.contains(id) || assigned == Some(id);
            customer.is_some_and(is_of) && now - it.succeeded_at < DAY + HOUR
        });
        let name = attempted.organization.clone();
        let (at, flows) = self.attempts.entry(attempted).or_default();
        if flows.insert(flow) {
            *at = now;
            if !is_late {
                self.failures.insert(name, now);
            }
        }
    }

    /// A human's decision was accepted by the object of the integration.
    pub(crate) fn decide(&mut self, now: Moment, integration: &str, decision: &Value) {
        let given = decision["assign"]["customer"].as_str();
        self.renamed.extend(given.map(str::to_owned));
        let integration = self.of(integration);
        if integration.is_deleted {
            return;
        }
        if let Some(given) = decision.get("assign") {
            let customer = given["customer"].as_str().map(str::to_owned);
            if integration.holder() != customer.as_ref() {
                integration.assigned = customer;
            }
            integration.know(now);
            integration.is_removed = false;
        } else if let Some(customer) = decision.get("erase").and_then(Value::as_str) {
            let is_of = if integration.is_alive() {
                integration
                    .holder()
                    .is_some_and(|holder| holder == customer)
            } else {
                integration
                    .named
                    .as_ref()
                    .is_none_or(|named| named == customer)
            };
            integration.is_deleted = is_of;
        } else if decision == "release" {
            if integration.is_alive() {
                integration.assigned = None;
            }
        } else {
            integration.is_removed = true;
            integration.assigned = None;
        }
    }

    fn of(&mut self, integration: &str) -> &mut Integration {
        self.integrations.entry(integration.to_owned()).or_default()
    }
}

/// Merges a report of an issue: the newer one counts, and of one moment that it is over.
fn join(issues: &mut Issues, issue: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let over = issue["resolved_at"].as_str();
    let reported = match over {
        Some(at) => (at.to_owned(), false),
        None => (text(&issue["first_observed_at"]), true),
    };
    let known = issues.entry(text(&issue["id"])).or_insert(reported.clone());
    if known.0 < reported.0 {
        *known = reported;
    }
}
