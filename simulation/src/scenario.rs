//! Generates a script from a seed: a few customers with their integrations, what
//! Kombo reports about them, what humans decide, and what goes wrong meanwhile.

use core::time::Duration;

use fastrand::Rng;
use kombo_edge::domain::act::Act as Deed;
use serde_json::{Value, json};

use crate::kombo::{created, deleted, failed, issue, state};
use crate::script::{Act, Decision, Fault, Hooks, Script, Step};

/// The customers.
pub(crate) const CUSTOMERS: [&str; 3] = ["42", "43", "44"];
/// The integrations; the last is of the same tool as the first.
pub(crate) const INTEGRATIONS: [&str; 5] = [
    "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J",
    "personio:CBNMt7dSNCzBdnRTx87dev4E",
    "bamboohr:K8sVn2LqXw5TzRf7YhMdGc3P",
    "workday:Q4jTb6HyZp9KxWd2NmVrFs8L",
    "hibob:M7cRw3FkYt5NvXz9JqLpBg2D",
];
/// The last is a word that Kombo may add.
const STATES: [&str; 4] = ["ACTIVE", "INVALID", "INACTIVE", "PAUSED"];
const HOUR: u64 = 60 * 60;

impl Script {
    /// The script of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let has_twins = rng.u8(..4) == 0;
        let integrations = if has_twins { 5 } else { 4 };
        let integrations = rng.usize(1..=integrations);
        let events = events(&mut rng, &INTEGRATIONS[..integrations]);
        let hooks = if rng.bool() { Hooks::One } else { Hooks::Two };
        let mut steps = Vec::new();
        for event in order(&mut rng, events.len()) {
            while rng.u8(..5) < 2 {
                let act = something(&mut rng);
                steps.push(step(&mut rng, act));
            }
            let act = if rng.u8(..10) == 0 {
                Act::Misunderstand(event)
            } else {
                Act::Deliver(event)
            };
            steps.push(step(&mut rng, act));
        }
        Self {
            seed,
            events,
            hooks,
            has_twins,
            steps,
        }
    }
}

/// The order in which events are delivered: nearly as they happened, or any; some more than once.
fn order(rng: &mut Rng, events: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..events).collect();
    if rng.bool() {
        rng.shuffle(&mut order);
    }
    for _ in 0..rng.usize(..=events / 2) {
        let again = rng.usize(..events);
        order.insert(rng.usize(..=order.len()), again);
    }
    order
}

fn step(rng: &mut Rng, act: Act) -> Step {
    let millis = match rng.u8(..20) {
        0..=8 => rng.u64(..30),
        9..=13 => rng.u64(..15_000),
        14..=16 => rng.u64(..30 * 60_000),
        17 | 18 => rng.u64(..HOUR * 1_000 * 12),
        _ => rng.u64(..HOUR * 1_000 * 24 * 4),
    };
    Step {
        after: Duration::from_millis(millis),
        act,
    }
}

/// Something besides deliveries.
fn something(rng: &mut Rng) -> Act {
    match rng.u8(..16) {
        0..=7 => fault(rng),
        8 => Act::Crash(rng.u64(..)),
        9 => Act::CrashAll,
        10 => Act::Jump(rng.u64(..), rng.i64(-5_000..5_000)),
        11 => [Act::Deploy, Act::RollBack][rng.usize(..2)].clone(),
        12 => Act::ChangeHook,
        _ => Act::Decide(decision(rng)),
    }
}

fn fault(rng: &mut Rng) -> Act {
    let what = Fault::ALL[rng.usize(..Fault::ALL.len())];
    let seconds = match rng.u8(..4) {
        0 => rng.u64(1..5),
        1 | 2 => rng.u64(5..HOUR),
        _ => rng.u64(HOUR..HOUR * 60),
    };
    Act::Fault(what, Duration::from_secs(seconds))
}

fn decision(rng: &mut Rng) -> Decision {
    let integration = INTEGRATIONS[rng.usize(..INTEGRATIONS.len())].to_owned();
    let customer = CUSTOMERS[rng.usize(..CUSTOMERS.len())].to_owned();
    match rng.u8(..17) {
        15 | 16 => Decision::Visit(rng.usize(..100), Deed::ALL[rng.usize(..Deed::ALL.len())]),
        14 => Decision::Close(rng.usize(..100)),
        0..=3 => Decision::Assign(integration, customer),
        4 | 5 => Decision::Release(integration),
        6 => Decision::Remove(integration),
        7 => Decision::Erase(customer),
        8 | 9 => Decision::Mute(customer, rng.u64(1..72)),
        10 => Decision::Unmute(customer),
        11 | 12 => Decision::RetryQuarantine,
        _ => Decision::Resend,
    }
}

/// What happens at Kombo.
fn events(rng: &mut Rng, integrations: &[&str]) -> Vec<Value> {
    let mut events = Vec::new();
    for integration in integrations {
        live(rng, integration, &mut events);
    }
    for number in 0..rng.usize(..8) {
        let integration = INTEGRATIONS[rng.usize(..INTEGRATIONS.len())];
        let tool = integration.split(':').next().unwrap_or_default();
        let customer = CUSTOMERS[rng.usize(..CUSTOMERS.len())];
        let who = whom(rng, customer);
        let mut event = failed(&format!("failed-{number}"), tool, who);
        if rng.u8(..4) == 0 {
            // A link without the customer's id may still name the customer.
            event["data"]["end_user"]["organization_name"] = json!(format!("Customer {customer}"));
            event["data"]["end_user"]["origin_id"] = Value::Null;
        }
        if rng.u8(..4) == 0 {
            // Kombo reports one flow twice.
            let mut again = event.clone();
            again["id"] = json!(format!("failed-{number}-again"));
            events.push(again);
        }
        events.push(event);
    }
    if rng.u8(..4) == 0 {
        events.push(issue("environment-raised", "environment", None, 1, None));
        if rng.bool() {
            events.push(issue("environment-over", "environment", None, 1, Some(2)));
        }
    }
    for number in 0..rng.usize(..3) {
        let id = format!("broken-{number}");
        events.push(json!({ "id": id, "type": "integration-created", "data": {} }));
    }
    events
}

/// What happens to one integration.
fn live(rng: &mut Rng, integration: &str, events: &mut Vec<Value>) {
    let id = |what: &str, number: u8| format!("{integration}/{what}-{number}");
    let holder = CUSTOMERS[rng.usize(..CUSTOMERS.len())];
    // A link that was made without the customer's id names none, ever or at first.
    if rng.u8(..8) > 0 {
        let first = whom(rng, holder);
        events.push(created(&id("created", 0), integration, first));
    }
    if rng.u8(..10) == 0 {
        let another = CUSTOMERS[rng.usize(..CUSTOMERS.len())];
        events.push(created(&id("created", 1), integration, Some(another)));
    }
    for number in 0..rng.u8(..5) {
        let who = whom(rng, holder);
        let of = STATES[rng.usize(..STATES.len())];
        let minute = rng.u8(..6);
        let mut event = state(&id("state", number), integration, who, of, minute);
        if rng.u8(..6) == 0 {
            event["data"]["setup_status"] = json!("INCOMPLETE");
        }
        if rng.u8(..6) == 0 {
            event["data"]["qa_status"] = json!("FAILED");
        }
        events.push(event);
    }
    for number in 0..rng.u8(..3) {
        let (name, about) = (id("issue", number), Some((integration, whom(rng, holder))));
        let raised = id("raised", number);
        events.push(issue(&raised, &name, about, number * 10, None));
        if rng.bool() {
            let over = id("over", number);
            let (from, to) = (number * 10, Some(number * 10 + 1));
            events.push(issue(&over, &name, about, from, to));
        }
    }
    if rng.u8(..5) == 0 {
        events.push(deleted(&id("deleted", 0), integration));
    }
}

/// The customer, which an event usually names.
fn whom<'a>(rng: &mut Rng, customer: &'a str) -> Option<&'a str> {
    (rng.u8(..6) > 0).then_some(customer)
}
