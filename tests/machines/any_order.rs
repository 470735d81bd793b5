//! Any order, any repetition, any interruption: the same documents.
//!
//! The comparison leaves out what follows from times of receipt, as the
//! design leaves it out: revisions, times, the order of a customer's
//! integrations, and whether a failed attempt came before or after the success.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::{prop_assert_eq, proptest};
use serde_json::{Value, json};

use crate::kombo::{created, deleted, failed, issue, state};
use crate::messages_in_flight::Fate;
use crate::world::{Crash, World};

const CUSTOMERS: [&str; 2] = ["42", "43"];
/// Each of another tool, since which of two of one tool is newer depends on the time of receipt.
const INTEGRATIONS: [&str; 3] = ["hibob:One", "personio:Two", "bamboohr:Three"];
const STATES: [&str; 3] = ["ACTIVE", "INVALID", "INACTIVE"];

/// What happens to one integration: who holds it, and what Kombo reports about it.
#[derive(Debug, Clone)]
struct Life {
    holder: usize,
    /// The link was made without a customer id; later events name one.
    nameless_at_first: bool,
    states: Vec<(usize, u8)>,
    issues: Vec<(u8, bool)>,
    ends: bool,
}

fn life() -> impl Strategy<Value = Life> {
    let states = vec((0..STATES.len(), 0..6_u8), 0..4);
    let issues = vec((0..4_u8, any::<bool>()), 0..3);
    let fields = (0..CUSTOMERS.len(), any::<bool>(), states, issues, 0..4_u8);
    fields.prop_map(|(holder, nameless_at_first, states, issues, ends)| Life {
        holder,
        nameless_at_first,
        states,
        issues,
        ends: ends == 0,
    })
}

/// The events of such integrations, each with its own id.
fn events(lives: &[Life]) -> Vec<Value> {
    let mut events = Vec::new();
    for (life, integration) in lives.iter().zip(INTEGRATIONS) {
        // The log names events, so no event id may contain an integration id.
        let name = integration.replace(':', "-");
        let id = |what: &str, number: usize| format!("{name}/{what}/{number}");
        let holder = Some(CUSTOMERS[life.holder]);
        let first = holder.filter(|_| !life.nameless_at_first);
        events.push(created(&id("created", 0), integration, first));
        for (number, &(of, minute)) in life.states.iter().enumerate() {
            let id = id("state", number);
            events.push(state(&id, integration, holder, STATES[of], minute));
        }
        for (number, &(minute, resolved)) in life.issues.iter().enumerate() {
            let about = Some((integration, holder));
            let name = format!("issue-{number}");
            let raised = id("raised", number);
            events.push(issue(&raised, &name, about, minute, None));
            if resolved {
                let over = id("resolved", number);
                events.push(issue(&over, &name, about, minute, Some(minute + 1)));
            }
        }
        if life.ends {
            events.push(deleted(&id("deleted", 0), integration));
        }
    }
    events.push(failed("failed", "hibob", Some(CUSTOMERS[0])));
    for event in &mut events {
        rename(event);
    }
    events
}

/// Gives every organization the same name: which one is the latest depends on the time of receipt.
fn rename(event: &mut Value) {
    let fields = event["data"].as_object_mut().unwrap();
    for at in ["end_user", "integration"] {
        if let Some(Value::Object(part)) = fields.get_mut(at) {
            let end_user = part.get_mut("end_user").and_then(Value::as_object_mut);
            let name = ("organization_name".to_owned(), json!("Acme"));
            match end_user {
                Some(end_user) => end_user.extend([name]),
                None => part.extend([name]),
            }
        }
    }
}

/// The documents, without what follows from times of receipt.
fn facts(world: &World) -> BTreeMap<String, Value> {
    let documents = world.kv.iter().map(|(key, (document, _))| {
        let mut fields = document.as_object().unwrap().clone();
        for receipt in [
            "revision",
            "updated_at",
            "first_at",
            "last_at",
            "connected_at",
        ] {
            fields.remove(receipt);
        }
        if let Some(Value::Array(held)) = fields.get_mut("integrations") {
            for one in held.iter_mut() {
                one.as_object_mut().unwrap().remove("connected_at");
            }
            held.sort_by_key(|one| one["id"].to_string());
            let usable = held.iter().any(|one| one["usable"] == true);
            let current = fields["current"]["HRIS"].clone();
            let held = fields["integrations"].as_array().unwrap();
            let current = held.iter().find(|one| one["id"] == current).unwrap();
            assert_eq!(
                current["usable"],
                json!(usable),
                "the current one is usable if any is"
            );
            fields.remove("current");
        }
        (key.clone(), Value::Object(fields))
    });
    documents
        .filter(|(_, fields)| fields["kind"] != "connection")
        .collect()
}

/// One step of a run.
#[derive(Debug, Clone)]
enum Step {
    /// The next event is delivered this many times.
    Deliver { times: usize },
    /// An object that has something to do wakes, however early, and may crash.
    Wake { which: usize, crash: Crash },
    /// The same, once it is due.
    Wait { crash: Crash },
    /// Something happens to the next message between two objects.
    Lose(Fate),
    /// Late messages arrive.
    Arrive,
}

fn post() -> impl Strategy<Value = Fate> {
    (0..3_usize).prop_map(|of| [Fate::Lost, Fate::Unanswered, Fate::Late][of])
}

fn step() -> impl Strategy<Value = Step> {
    let crash = || {
        (0..4_u8).prop_map(|of| match of {
            0 => Crash::AtOnce,
            1 => Crash::BeforeFinish,
            _ => Crash::No,
        })
    };
    proptest::prop_oneof![
        3 => (1..3_usize).prop_map(|times| Step::Deliver { times }),
        2 => (0..8_usize, crash()).prop_map(|(which, crash)| Step::Wake { which, crash }),
        1 => crash().prop_map(|crash| Step::Wait { crash }),
        1 => post().prop_map(Step::Lose),
        1 => Just(Step::Arrive),
    ]
}

fn run(events: &[Value], steps: &[Step]) -> World {
    let mut world = World::new();
    let mut events = events.iter();
    for step in steps {
        let due = world.due();
        match step {
            Step::Deliver { times } => {
                let event = events.next();
                for event in core::iter::repeat_n(event, *times).flatten() {
                    world.deliver(event);
                }
            }
            Step::Wake { which, crash } if !due.is_empty() => {
                let (_, name) = &due[which % due.len()];
                world.alarm(name, *crash);
            }
            Step::Wait { crash } if !due.is_empty() => {
                let (at, name) = &due[0];
                world.now = world.now.max(*at);
                world.alarm(name, *crash);
            }
            Step::Lose(post) => world.fates.push(*post),
            Step::Arrive => world.deliver_late(),
            Step::Wake { .. } | Step::Wait { .. } => {}
        }
    }
    for event in events {
        world.deliver(event);
    }
    world.settle();
    world.deliver_late();
    world.settle();
    world
}

/// An integration is in the document of at most one customer.
fn nobody_shares(world: &World) -> bool {
    let customers = world
        .kv
        .iter()
        .filter(|(key, _)| key.starts_with("customer:"));
    let held =
        customers.flat_map(|(_, (document, _))| document["integrations"].as_array().unwrap());
    let mut ids: Vec<String> = held.map(|one| one["id"].to_string()).collect();
    ids.sort();
    ids.windows(2).all(|pair| pair[0] != pair[1])
}

proptest! {
    #[test]
    fn any_order_any_repetition_and_any_interruption_end_in_the_same_documents(
        (events, shuffled) in vec(life(), INTEGRATIONS.len())
            .prop_map(|lives| events(&lives))
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        steps in vec(step(), 0..60),
    ) {
        let calm = run(&events, &[]);
        let wild = run(&shuffled, &steps);
        prop_assert_eq!(facts(&wild), facts(&calm));
        proptest::prop_assert!(nobody_shares(&wild));
    }

    #[test]
    fn delivering_everything_again_changes_nothing(
        events in vec(life(), INTEGRATIONS.len()).prop_map(|lives| events(&lives)),
    ) {
        let mut world = run(&events, &[]);
        let (documents, sent) = (world.kv.clone(), world.slack.len());
        for event in &events {
            prop_assert_eq!(world.deliver(event), kombo_edge::edge::answer::DeliveryOutcome::Duplicate);
        }
        world.settle();
        prop_assert_eq!(&world.kv, &documents);
        prop_assert_eq!(world.slack.len(), sent);
    }
}

#[test]
fn the_comparison_detects_a_difference() {
    let one = run(
        &[state("e1", INTEGRATIONS[0], Some("42"), "ACTIVE", 1)],
        &[],
    );
    let other = run(
        &[state("e1", INTEGRATIONS[0], Some("42"), "INVALID", 1)],
        &[],
    );
    assert_ne!(facts(&one), facts(&other));
    assert_eq!(facts(&one).len(), 2);
}
