//! Orders of an object: what holds for each, and what may come of it.

use arbitrary::Arbitrary;
use kombo_edge::contracts::objects::address::Class;
use kombo_edge::domain::http::Answered;
use kombo_edge::machine::{Order, Outcome, Page};
use serde_json::Value;

use crate::checks::faults;
use crate::leak::leak;
use crate::object::machine;

/// What comes of an order.
#[derive(Arbitrary, Debug)]
pub(crate) enum Fortune<'a> {
    Done,
    Differs,
    Unsettled,
    Listed {
        keys: Vec<(&'a str, &'a str)>,
        cursor: Option<&'a str>,
    },
    Answered {
        status: u16,
        body: &'a str,
        retry_after: Option<&'a str>,
    },
    Failed,
    Unknown,
}

impl Fortune<'_> {
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Done => Outcome::Done,
            Self::Differs => Outcome::Differs,
            Self::Unsettled => Outcome::Unsettled,
            Self::Listed { keys, cursor } => {
                let keys = keys.iter();
                let keys = keys.map(|(key, metadata)| ((*key).to_owned(), (*metadata).to_owned()));
                Outcome::Listed(Page {
                    keys: keys.collect(),
                    cursor: cursor.map(str::to_owned),
                })
            }
            Self::Answered {
                status,
                body,
                retry_after,
            } => Outcome::Answered(Answered {
                status: *status,
                body: (*body).to_owned(),
                retry_after: retry_after.map(str::to_owned),
            }),
            Self::Failed => Outcome::Failed("certainly not".to_owned()),
            Self::Unknown => Outcome::Unknown("no answer".to_owned()),
        }
    }
}

/// Holds an order against what may be done outside.
///
/// # Panics
/// When it may not.
pub(crate) fn check(from: Class, order: &Order) {
    match order {
        Order::Send { to, message } => {
            let opened = machine(to.class()).open(message);
            assert!(opened.is_some(), "{to:?} cannot open {message}");
        }
        Order::Project { key, document } => {
            is_a_key_of(from, key);
            let Some(document) = document else { return };
            json(&document.value);
            if let Some(metadata) = &document.metadata {
                json(metadata);
                assert!(metadata.len() <= 1_024, "{} bytes", metadata.len());
            }
        }
        Order::Compare { key, value } => {
            is_a_key_of(from, key);
            json(value);
        }
        Order::List { limit, .. } => assert!((1..=1_000).contains(limit)),
        Order::Kombo(question) => assert!(question.path().starts_with('/')),
        Order::Post { payload, .. } => {
            let message = json(payload);
            assert_eq!(faults(&message), [""; 0], "{message}");
            assert_eq!(leak(&message), None);
        }
    }
}

/// Each key has one writer, and fits Workers KV.
fn is_a_key_of(class: Class, key: &str) {
    let prefixes: &[&str] = match class {
        Class::Integration => &["integration:", "unassigned:"],
        Class::Customer => &["customer:", "incident:"],
        Class::Notifier => &["quarantine:"],
    };
    let is_ours = prefixes.iter().any(|prefix| key.starts_with(prefix));
    assert!(is_ours && key.len() <= 512, "{class:?} writes {key}");
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}
