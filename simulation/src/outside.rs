//! Who delivers and who decides: Kombo, which retries until it gets an answer, and
//! humans, who do the same; and an observer of what objects handle.

use kombo_edge::contracts::browser::link::ActLink;
use kombo_edge::contracts::kombo::signature::Signature;
use kombo_edge::contracts::objects::address::{Address, Class, IncidentKey};
use kombo_edge::contracts::objects::incident::{ActOutcome, Acted};
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::domain::act::Act as Deed;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::time::Timestamp;
use kombo_edge::edge::act::{Sender, Step, Visit, VisitParts};
use kombo_edge::edge::answer::DeliveryOutcome;
use kombo_edge::edge::api::{ApiRequest, Plan, RequestParts};
use kombo_edge::edge::delivery::{self, Received};
use kombo_edge::edge::route::Route;
use serde_json::{Value, json};

use crate::api_calls::{ApiCall, call_for};
use crate::deployment::{config, sign};
use crate::script::{Act, Decision};
use crate::versions;
use crate::world::{SimEvent, World};

/// A human retries after this many milliseconds.
const ASK_AGAIN: i64 = 2_000;
/// Kombo delivers again after this many milliseconds.
const DELIVER_AGAIN: i64 = 60_000;

impl World<'_> {
    /// A step of the script happens.
    pub(crate) fn act(&mut self, act: &Act) {
        match act {
            Act::Deliver(event) => self.deliver(*event),
            Act::Misunderstand(event) => self.misunderstand(*event),
            Act::Decide(decision) => self.decide(decision),
            Act::Crash(number) => {
                if let Some(name) = self.pick(*number) {
                    self.crash(&name);
                }
            }
            Act::CrashAll => {
                let all: Vec<String> = self.actors.keys().cloned().collect();
                for name in &all {
                    self.crash(name);
                }
            }
            Act::Fault(what, lasts) => {
                let lasts = i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX);
                self.fault(*what, self.now + lasts);
            }
            Act::Jump(number, millis) => {
                if let Some(name) = self.pick(*number) {
                    // Another machine has another clock.
                    self.crash(&name);
                    self.actor(&name).skew = *millis;
                    self.alerts.forgive();
                }
            }
            Act::Deploy => self.deploy(),
            Act::RollBack => self.roll_back(),
            Act::ChangeHook => {
                self.hook += 1;
                self.config = config(self.script.hooks, self.hook);
                self.alerts.forgive();
            }
        }
    }

    /// A human decides something.
    pub(crate) fn decide(&mut self, decision: &Decision) {
        let keys = self.kv.documents().into_keys();
        let open: Vec<String> = keys.filter(|key| key.starts_with("incident:")).collect();
        if let Some(call) = call_for(decision, self.now, &open) {
            self.ask(call);
        } else if let Decision::Visit(number, deed) = decision
            && let Some(key) = open.get(number % open.len().max(1))
        {
            self.visit(key, *deed);
        }
    }

    /// Someone opens a link, and then sends its form. What goes wrong meanwhile, the page says.
    fn visit(&mut self, key: &str, deed: Deed) {
        let incident = IncidentKey::try_from(key.to_owned()).expect("the key of an incident");
        let now = Timestamp::from_millis(self.now);
        let config = self.config.clone();
        let secrets = config.settings.link_secrets.as_ref().expect("a secret");
        let query = format!("link={}", ActLink::new(deed, incident, now).token(secrets));
        let form = format!("name=Person+{}&span=day", self.now % 3);
        for body in [None, Some(form.as_bytes())] {
            let sender = Sender {
                site: Some("same-origin"),
                origin: None,
                own: None,
            };
            let parts = VisitParts {
                query: &query,
                cookie: None,
                body,
                sender,
            };
            let (mut visit, mut step) = Visit::begin(&config, parts, now).expect("there are pages");
            while let Step::Call((to, message)) = step {
                let reply = self.call(&to, &message);
                step = visit.as_mut().expect("it goes on").replied(reply);
            }
            let is_page = matches!(&step, Step::Finish(end) if end.answer.body.contains("<main>"));
            self.must(is_page, "every visit ends with a page", || {
                format!("{step:?}")
            });
        }
    }

    /// A newer version is deployed, and handles the rows that only it knows.
    fn deploy(&mut self) {
        self.is_newer = true;
        self.do_what_is_newer();
        self.restart_all();
    }

    /// The newer version is deployed for the last time, and handles all its rows. Instances that need
    /// not restart keep running, with the alarms that they remember.
    pub(crate) fn deploy_at_last(&mut self) {
        self.do_what_is_newer();
        if core::mem::take(&mut self.is_newer) {
            self.restart_all();
        }
    }

    fn do_what_is_newer(&mut self) {
        let mut changed = Vec::new();
        for (name, actor) in &mut self.actors {
            let rows = &mut actor.object.rows;
            let before = rows.len();
            rows.retain(|(_, key), _| !key.starts_with(versions::NEWER));
            if rows.len() < before {
                changed.push(name.clone());
            }
        }
        for name in &changed {
            self.restart(name);
        }
    }

    /// Another version runs, so every instance restarts.
    fn restart_all(&mut self) {
        let all: Vec<String> = self.actors.keys().cloned().collect();
        for name in &all {
            self.restart(name);
        }
    }

    fn restart(&mut self, name: &str) {
        if self.actors[name].run.is_some() {
            self.crash(name);
        } else {
            self.actor(name).restart();
        }
    }

    /// The newer version is rolled back, and leaves one of its own rows, which is due, in some object.
    fn roll_back(&mut self) {
        if !core::mem::take(&mut self.is_newer) {
            return;
        }
        self.restart_all();
        if let Some(name) = self.pick(0) {
            let now = self.time_of(&name);
            let row = versions::newer_row(Timestamp::from_millis(now));
            let actor = self.actor(&name);
            actor.object.commit(&[row]);
            actor.restart();
            self.set_alarm(&name, self.now + 1);
        }
    }

    /// Kombo delivers an event, and again later if there is no answer.
    pub(crate) fn deliver(&mut self, place: usize) {
        self.stats.deliveries += 1;
        let body = self.script.events[place].to_string();
        let signature = Signature::parse(Some(&sign(body.as_bytes()))).expect("a signature");
        let now = Timestamp::from_millis(self.now);
        let reply = match delivery::receive(&self.config, &signature, body.as_bytes(), now) {
            Ok(Received::For {
                address, message, ..
            }) => self.call(&address, &message),
            other => {
                self.must(false, "every event has an object", || {
                    format!("{other:?} for {body}")
                });
                None
            }
        };
        self.acknowledge(place, reply.as_ref());
    }

    /// An older version quarantines an event that it cannot parse.
    fn misunderstand(&mut self, place: usize) {
        let event = &self.script.events[place];
        let message = json!({ "schema": 1, "message": { "quarantine": {
            "id": event["id"], "kind": event["type"], "reason": "an older version",
            "body": event.to_string(),
        }}});
        let reply = self.call(
            &Address::Notifier(Audience::Engineers),
            &message.to_string(),
        );
        self.acknowledge(place, reply.as_ref());
    }

    fn acknowledge(&mut self, place: usize, reply: Option<&Reply>) {
        let is_answered = reply.is_some_and(|reply| DeliveryOutcome::of(reply).is_some());
        if is_answered {
            self.acknowledged.insert(place, true);
        } else {
            self.acknowledged.entry(place).or_insert(false);
            self.plan(self.now + DELIVER_AGAIN, SimEvent::Redelivery(place));
        }
    }

    /// A human sends a request to the API until it is answered.
    pub(crate) fn ask(&mut self, call: ApiCall) {
        let route = Route::find(call.method, &call.path);
        let Ok(Route::Api(endpoint)) = route else {
            return self.must(false, "the API answers", || call.path);
        };
        let body = call.body.to_string();
        let parts = RequestParts {
            query: "",
            body: body.as_bytes(),
        };
        let request = ApiRequest::parse(&endpoint, parts, Timestamp::from_millis(self.now));
        let plan = request.as_ref().map(ApiRequest::plan);
        let Ok(Plan::Objects(calls)) = plan else {
            return self.must(false, "the API answers", || call.path);
        };
        let mut is_answered = true;
        for (to, message) in calls {
            is_answered &= self.call(to, message).is_some();
        }
        if !is_answered {
            self.plan(self.now + ASK_AGAIN, SimEvent::AskAgain(call));
        }
    }

    /// An observer sees which message an object is about to handle.
    pub(crate) fn foresee(&mut self, message: &str) {
        let message: Value = serde_json::from_str(message).expect("messages are JSON");
        let message = &message["message"];
        let decision = &message["decision"]["decision"];
        self.alerts.is_erasing = message["erase"]["audience"].is_null()
            && message.get("erase").is_some()
            || decision.get("erase").is_some();
    }

    /// An observer records what a person did about an incident.
    fn witness_act(&mut self, before: &Value, act: &Value, acted: &Acted) {
        if acted.outcome != ActOutcome::Done {
            return;
        }
        if act["deed"] == "close" {
            let name = act["name"].as_str().unwrap_or_default();
            self.truth.closed.insert(name.to_owned());
        }
        let key = &before["key"];
        let organization = key["organization"].as_str();
        let organization = organization.and_then(|name| name.strip_prefix("Customer "));
        let customer = key["customer"].as_str().or(organization);
        if act["deed"].get("mute").is_some() {
            self.truth.muted.extend(customer.map(str::to_owned));
        }
    }

    /// An observer records what an object handled. `before` is its earlier head, and `is_new` says
    /// whether it remembers the message from now on.
    pub(crate) fn witness(
        &mut self,
        class: Class,
        before: &Value,
        message: &str,
        reply: &Reply,
        is_new: bool,
    ) {
        let message: Value = serde_json::from_str(message).expect("messages are JSON");
        let message = &message["message"];
        if let Some(event) = message.get("event").filter(|_| *reply == Reply::Accepted) {
            let id = event["event"]["id"].as_str().unwrap_or_default();
            let mut events = self.script.events.iter();
            let event = events.find(|event| event["id"] == id);
            let event = event.expect("an event of the script").clone();
            self.truth.accept(self.now, &event);
        } else if let Some(decided) = message.get("decision") {
            let id = decided["id"].as_str().unwrap_or_default();
            self.truth.decide(self.now, id, &decided["decision"]);
        } else if let Some(erased) = message.get("erase") {
            let customer = erased["customer"].as_str().unwrap_or_default();
            self.truth.erased.insert(customer.to_owned());
        } else if let Some(closed) = message.get("close_incident") {
            let name = closed["name"].as_str().unwrap_or_default();
            self.truth.closed.insert(name.to_owned());
        } else if let (Some(act), Reply::Acted(acted)) = (message.get("act"), reply) {
            self.witness_act(before, act, acted);
        } else if let Some(muted) = message.get("mute") {
            let customer = muted["customer"]["customer"].as_str().unwrap_or_default();
            self.truth.muted.insert(customer.to_owned());
        } else if let Some(kept) = message.get("quarantine") {
            let id = kept["id"].as_str().unwrap_or_default();
            let known = if id.starts_with("broken") {
                &mut self.truth.quarantined
            } else {
                &mut self.truth.misunderstood
            };
            known.insert(id.to_owned());
        }
        if class == Class::Notifier
            && let Some(alert) = message.get("alert").filter(|_| is_new)
        {
            let arrived = self.alerts.arrive(before, alert);
            self.note(arrived);
        }
    }
}
