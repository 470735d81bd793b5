//! Effects: what a machine wants done outside its object, and what can come of it.
//!
//! An effect is data. The host runs it and hands the outcome to its [`Then`], which takes the one
//! type of outcome that this effect can have: a post to Slack cannot come back as a page of keys.
//! Judging an outcome is the machine's part.

use core::fmt;
use std::cell::RefCell;
use std::rc::Rc;

use thiserror::Error;

use super::storage::Change;
use crate::contracts::backend::Document;
use crate::contracts::kombo::Question;
use crate::contracts::objects::address::Address;
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::log::{Kind, kind};
use crate::domain::audience::Audience;
use crate::domain::http::Answered;

/// At most this many effects in one batch: the platform opens six connections at once. Later ones
/// wait for the next batch.
pub const MAX_EFFECTS: usize = 6;

/// Hands a message to another object.
#[derive(Debug, Clone, PartialEq)]
pub struct Send {
    /// Which object.
    pub to: Address,
    /// The message, as JSON.
    pub message: String,
}

/// Writes a Workers KV key, or removes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The key.
    pub key: String,
    /// The document; `None` removes the key.
    pub document: Option<Document>,
}

impl Write {
    /// Asks whether Workers KV has what this would write; `None` if this would remove it.
    #[must_use]
    pub fn comparison(self) -> Option<Compare> {
        let Self { key, document } = self;
        document.map(|document| Compare {
            key,
            value: document.value,
        })
    }
}

/// Asks whether a Workers KV key has a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// The key.
    pub key: String,
    /// The JSON that it should have.
    pub value: String,
}

/// Lists Workers KV keys with their metadata.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// What the keys begin with.
    pub prefix: String,
    /// Where the previous page ended, if there was one.
    pub cursor: Option<String>,
    /// At most this many, from 1 to 1000.
    pub limit: u32,
}

/// Posts a message to Slack.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// On whose webhook.
    pub audience: Audience,
    /// The JSON of the message.
    pub payload: String,
}

/// What another object made of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It accepted the message.
    Accepted,
    /// It knows something else.
    Conflict,
    /// It does not know yet.
    Unsettled,
}

impl Receipt {
    /// What a reply means to whoever handed a message over.
    ///
    /// # Errors
    /// [`EffectError::Failed`] if the object could not read the message.
    pub fn of(reply: &Reply) -> Outcome<Self> {
        match reply {
            Reply::Conflict => Ok(Self::Conflict),
            Reply::Unsettled => Ok(Self::Unsettled),
            Reply::Unreadable => {
                let reason = "a message that the object could not read";
                Err(EffectError::Failed(reason.to_owned()))
            }
            _ => Ok(Self::Accepted),
        }
    }
}

/// Whether a Workers KV key has the value that it should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// It has.
    Same,
    /// It has another one, or none.
    Differs,
}

/// Some of the keys that a listing found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Each key with the JSON of its metadata; `null` without one.
    pub keys: Vec<(String, String)>,
    /// Where the next page begins; `None` if this is the last one.
    pub cursor: Option<String>,
}

/// What a listing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// A page of keys.
    Page(Page),
    /// Workers KV does not accept the cursor.
    BadCursor,
}

/// Why an effect has no result. The text is a reason for the log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EffectError {
    /// It was certainly not done.
    #[error("{0}")]
    Failed(String),
    /// No answer came: it may have been done, or may still be.
    #[error("{0}")]
    Unknown(String),
}

/// What came of an effect.
pub type Outcome<T> = Result<T, EffectError>;

/// Takes the outcome of one effect. Dropped when the object is interrupted.
pub struct Then<T>(Box<dyn FnOnce(Outcome<T>)>);

impl<T> Then<T> {
    /// Hands over the outcome.
    pub fn complete(self, outcome: Outcome<T>) {
        self.0(outcome);
    }
}

impl<T> fmt::Debug for Then<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Then")
    }
}

/// Something to do outside the object, and who takes the outcome.
#[derive(Debug)]
pub enum Effect {
    /// See [`Send`].
    Send(Send, Then<Receipt>),
    /// See [`Write`].
    Write(Write, Then<()>),
    /// Some writes, one after the other: of each its own outcome, in their order.
    WriteAll(Vec<Write>, Then<Vec<Outcome<()>>>),
    /// See [`Compare`].
    Compare(Compare, Then<Comparison>),
    /// See [`List`].
    List(List, Then<Listed>),
    /// Asks Kombo's API something.
    Ask(Question, Then<Answered>),
    /// See [`Post`].
    Post(Post, Then<Answered>),
}

/// Effects that failed, for the log.
pub(super) type Failures = Rc<RefCell<Vec<(Kind, String)>>>;

/// What is due: rows that change because time passed or because something leaves now, and the
/// effects to run, most urgent first. `C` is what a machine makes of an outcome.
#[derive(Debug)]
pub struct Batch<C> {
    pub(super) changes: Vec<Change>,
    pub(super) effects: Vec<Effect>,
    /// What the effects came to so far.
    pub(super) completed: Rc<RefCell<Vec<C>>>,
    pub(super) failures: Failures,
}

impl<C> Default for Batch<C> {
    fn default() -> Self {
        Self {
            changes: Vec::new(),
            effects: Vec::new(),
            completed: Rc::default(),
            failures: Rc::default(),
        }
    }
}

impl<C: 'static> Batch<C> {
    /// Whether another effect fits. One that is added to a full batch is left out, so it must not
    /// be noted as on its way.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.effects.len() < MAX_EFFECTS
    }

    /// Adds a row that changes. Rows are committed before any effect runs.
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Adds rows that change.
    pub fn change_all(&mut self, changes: impl IntoIterator<Item = Change>) {
        self.changes.extend(changes);
    }

    /// Adds a message to another object.
    pub fn send(&mut self, send: Send, then: impl FnOnce(Outcome<Receipt>) -> C + 'static) {
        let then = self.then(kind::HAND_OVER_FAILED, then);
        self.push(Effect::Send(send, then));
    }

    /// Adds a write of a Workers KV key.
    pub fn write(&mut self, write: Write, then: impl FnOnce(Outcome<()>) -> C + 'static) {
        let then = self.then(kind::KV_WRITE_FAILED, then);
        self.push(Effect::Write(write, then));
    }

    /// Adds writes of Workers KV keys that share a place in the batch. `then` gets the outcome of each.
    pub fn write_all(
        &mut self,
        writes: Vec<Write>,
        then: impl FnOnce(Vec<Outcome<()>>) -> C + 'static,
    ) {
        let (count, failures) = (writes.len(), Rc::clone(&self.failures));
        let then = self.then(kind::KV_WRITE_FAILED, move |outcome| {
            let outcomes = outcome.unwrap_or_else(|error| vec![Err(error); count]);
            // One reason is enough for the log.
            if let Some(Err(error)) = outcomes.iter().find(|it| it.is_err()) {
                let reason = error.to_string();
                failures.borrow_mut().push((kind::KV_WRITE_FAILED, reason));
            }
            then(outcomes)
        });
        self.push(Effect::WriteAll(writes, then));
    }

    /// Adds a comparison of a Workers KV key.
    pub fn compare(
        &mut self,
        compare: Compare,
        then: impl FnOnce(Outcome<Comparison>) -> C + 'static,
    ) {
        let then = self.then(kind::KV_CHECK_FAILED, then);
        self.push(Effect::Compare(compare, then));
    }

    /// Adds a listing of Workers KV keys.
    pub fn list(&mut self, list: List, then: impl FnOnce(Outcome<Listed>) -> C + 'static) {
        let then = self.then(kind::KV_LIST_FAILED, then);
        self.push(Effect::List(list, then));
    }

    /// Adds a question to Kombo's API.
    pub fn ask(&mut self, question: Question, then: impl FnOnce(Outcome<Answered>) -> C + 'static) {
        let then = self.then(kind::KOMBO_ASK_FAILED, then);
        self.push(Effect::Ask(question, then));
    }

    /// Adds a post to Slack.
    pub fn post(&mut self, post: Post, then: impl FnOnce(Outcome<Answered>) -> C + 'static) {
        let then = self.then(kind::SLACK_POST_FAILED, then);
        self.push(Effect::Post(post, then));
    }

    fn push(&mut self, effect: Effect) {
        if self.has_room() {
            self.effects.push(effect);
        }
    }

    /// Notes a failure for the log, and the outcome for the machine.
    fn then<T>(&self, kind: Kind, then: impl FnOnce(Outcome<T>) -> C + 'static) -> Then<T> {
        let (completed, failures) = (Rc::clone(&self.completed), Rc::clone(&self.failures));
        Then(Box::new(move |outcome| {
            if let Err(error) = &outcome {
                failures.borrow_mut().push((kind, error.to_string()));
            }
            completed.borrow_mut().push(then(outcome));
        }))
    }
}
