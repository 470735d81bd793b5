//! Effects of an object: what must hold for each, and its possible outcomes.

use arbitrary::Arbitrary;
use kombo_edge::contracts::objects::address::Class;
use kombo_edge::domain::http::Answered;
use kombo_edge::machine::{
    Comparison, Effect, EffectError, Listed, Outcome, Page, Post, Receipt, Send, Write,
};
use serde_json::Value;

use crate::checks::faults;
use crate::leak::leak;
use crate::object::machine;

/// The outcome of an effect of any kind.
#[derive(Arbitrary, Debug, Default)]
pub(crate) struct Fate<'a> {
    error: Option<Error>,
    receipt: u8,
    differs: bool,
    keys: Vec<(&'a str, &'a str)>,
    cursor: Option<&'a str>,
    is_bad_cursor: bool,
    answer: Answer<'a>,
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Error {
    Failed,
    Unknown,
}

/// An answer over HTTP.
#[derive(Arbitrary, Debug, Default)]
struct Answer<'a> {
    status: u16,
    body: &'a str,
    retry_after: Option<&'a str>,
}

impl Fate<'_> {
    /// It was certainly not done.
    pub(crate) fn failed() -> Self {
        Self {
            error: Some(Error::Failed),
            ..Self::default()
        }
    }

    /// Gives an effect its outcome.
    pub(crate) fn meet(&self, effect: Effect) {
        match effect {
            Effect::Send(_, then) => then.complete(self.or_error(|| match self.receipt % 3 {
                0 => Receipt::Accepted,
                1 => Receipt::Conflict,
                _ => Receipt::Unsettled,
            })),
            Effect::Write(_, then) => then.complete(self.or_error(|| ())),
            Effect::WriteAll(writes, then) => {
                let outcomes = writes.iter().map(|_| self.or_error(|| ()));
                then.complete(Ok(outcomes.collect()));
            }
            Effect::Compare(_, then) => then.complete(self.or_error(|| {
                if self.differs {
                    Comparison::Differs
                } else {
                    Comparison::Same
                }
            })),
            Effect::List(_, then) => then.complete(self.or_error(|| self.listed())),
            Effect::Ask(_, then) | Effect::Post(_, then) => {
                then.complete(self.or_error(|| self.answered()));
            }
        }
    }

    fn or_error<T>(&self, outcome: impl FnOnce() -> T) -> Outcome<T> {
        match self.error {
            None => Ok(outcome()),
            Some(Error::Failed) => Err(EffectError::Failed("certainly not".to_owned())),
            Some(Error::Unknown) => Err(EffectError::Unknown("no answer".to_owned())),
        }
    }

    fn listed(&self) -> Listed {
        if self.is_bad_cursor {
            return Listed::BadCursor;
        }
        let keys = self.keys.iter();
        let keys = keys.map(|(key, metadata)| ((*key).to_owned(), (*metadata).to_owned()));
        Listed::Page(Page {
            keys: keys.collect(),
            cursor: self.cursor.map(str::to_owned),
        })
    }

    fn answered(&self) -> Answered {
        Answered {
            status: self.answer.status,
            body: self.answer.body.to_owned(),
            retry_after: self.answer.retry_after.map(str::to_owned),
        }
    }
}

/// Checks that an effect may be executed.
///
/// # Panics
/// If it may not be executed.
pub(crate) fn check(from: Class, effect: &Effect) {
    match effect {
        Effect::Send(Send { to, message }, _) => {
            let decoded = machine(to.class()).decode(message);
            assert!(decoded.is_some(), "{to:?} cannot decode {message}");
        }
        Effect::Write(write, _) => check_write(from, write),
        Effect::WriteAll(writes, _) => writes.iter().for_each(|write| check_write(from, write)),
        Effect::Compare(compare, _) => {
            is_a_key_of(from, &compare.key);
            json(&compare.value);
        }
        Effect::List(list, _) => assert!((1..=1_000).contains(&list.limit)),
        Effect::Ask(question, _) => assert!(question.path().starts_with('/')),
        Effect::Post(Post { payload, .. }, _) => {
            let message = json(payload);
            assert_eq!(faults(&message), [""; 0], "{message}");
            assert_eq!(leak(&message), None);
        }
    }
}

fn check_write(from: Class, Write { key, document }: &Write) {
    is_a_key_of(from, key);
    let Some(document) = document else { return };
    json(&document.value);
    if let Some(metadata) = &document.metadata {
        json(metadata);
        assert!(metadata.len() <= 1_024, "{} bytes", metadata.len());
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
