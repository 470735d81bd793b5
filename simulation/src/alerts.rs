//! The books of the alerts that people are to get: every alert that an object committed,
//! from there through a Notifier's queue into Slack, or into the list of what Slack
//! would not take.
//!
//! They are kept from the rows that are committed and the messages that are posted.

use std::collections::{BTreeMap, BTreeSet};

use kombo_edge::domain::audience::Audience;
use kombo_edge::machine::{Change, Table};
use serde_json::Value;

use crate::actor::Moment;
use crate::failure::Failure;
use crate::object::Object;
use crate::posts::{ONCE, ORDER, Place, Post};

/// Slack takes one message a second.
const PACE: Moment = 1_000;
/// Keys of the rows of the books.
const OWED: &str = "alert/";
const LISTED: &str = "undelivered/";
const WAITING: &str = "waiting/";

/// What is promised of each alert.
const SENT: &str = "every alert is sent or listed";

type Result = core::result::Result<(), Failure>;

/// The books.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    owed: BTreeMap<String, Owed>,
    /// By object and incident: the latest of its alerts that arrived.
    latest: BTreeMap<(String, String), u64>,
    arrived: BTreeSet<String>,
    queued: Vec<Queued>,
    posts: Vec<Post>,
    listed: Vec<Place>,
    /// What waits for a pause: until when, and because of which run.
    pauses: BTreeMap<&'static str, (Moment, u64)>,
    last: BTreeMap<&'static str, Moment>,
    /// Whether the object that commits next forgets a customer.
    pub(crate) is_erasing: bool,
}

/// An alert that an object committed.
#[derive(Debug)]
struct Owed {
    by: String,
    number: u64,
    is_withdrawn: bool,
}

#[derive(Debug)]
struct Queued {
    place: Place,
    text: String,
}

impl Alerts {
    /// An object is about to commit.
    pub(crate) fn watch(&mut self, name: &str, object: &Object, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Put {
                    table: Table::State,
                    key,
                    ..
                } if key.starts_with(OWED) => self.owe(name, object, key),
                Change::Remove(Table::State, key) if key.starts_with(OWED) => {
                    self.withdraw(&key[OWED.len()..]);
                }
                Change::Put { key, .. } if key.starts_with(LISTED) => {
                    let number: u64 = key[LISTED.len()..].parse().unwrap_or_default();
                    let places = self.posts.iter().rev().flat_map(|post| &post.places);
                    let place = places
                        .clone()
                        .find(|it| it.number == number && name.ends_with(it.channel));
                    self.listed.extend(place.cloned());
                }
                Change::Remove(_, key) if key.starts_with(LISTED) => {
                    self.queue_again(name, changes);
                }
                _ => {}
            }
        }
    }

    fn owe(&mut self, name: &str, object: &Object, key: &str) {
        let is_new = !object.rows.contains_key(&(Table::State, key.to_owned()));
        let id = &key[OWED.len()..];
        if is_new && !self.owed.contains_key(id) {
            let owed = Owed {
                by: name.to_owned(),
                number: u64::try_from(self.owed.len()).unwrap_or_default(),
                is_withdrawn: false,
            };
            self.owed.insert(id.to_owned(), owed);
        }
    }

    /// What arrived may go; what was not goes with the customer that it is about.
    fn withdraw(&mut self, id: &str) {
        if let Some(owed) = self.owed.get_mut(id) {
            owed.is_withdrawn = self.is_erasing;
        }
    }

    /// What is sent again has a place of its own in the queue.
    fn queue_again(&mut self, name: &str, changes: &[Change]) {
        for change in changes {
            if let Change::Put { key, value, .. } = change
                && let Some(slot) = key.strip_prefix(WAITING)
            {
                let row: Value = serde_json::from_str(value).unwrap_or_default();
                let place = Place {
                    channel: channel_of(name),
                    slot: slot.to_owned(),
                    number: row["number"].as_u64().unwrap_or_default(),
                };
                let text = value.clone();
                self.queued.push(Queued { place, text });
            }
        }
    }

    /// A Notifier is about to take an alert into its queue.
    pub(crate) fn arrive(&mut self, head: &Value, alert: &Value) -> Result {
        let id = alert["id"].as_str().unwrap_or_default().to_owned();
        let incident = alert["alert"]["episode"]["incident"].as_str();
        let place = Place {
            channel: named(alert["audience"].as_str()),
            slot: incident.unwrap_or(&id).to_owned(),
            number: head["next"].as_u64().unwrap_or(1),
        };
        for post in &mut self.posts {
            if post.hand.as_ref() == Some(&id) {
                post.taken_at.get_or_insert(0);
            }
        }
        let text = alert.to_string();
        self.queued.push(Queued { place, text });
        let Some(owed) = self.owed.get(&id) else {
            self.arrived.insert(id);
            return Ok(());
        };
        // What was withdrawn while it was on its way may come at any time.
        if let Some(incident) = incident.filter(|_| !owed.is_withdrawn) {
            let about = (owed.by.clone(), incident.to_owned());
            let latest = self.latest.insert(about, owed.number);
            if latest.is_some_and(|latest| latest > owed.number) {
                return Err(Failure::of(ORDER, id));
            }
        }
        self.arrived.insert(id);
        Ok(())
    }

    /// A Notifier hands something to the other one.
    pub(crate) fn hand_over(&mut self, object: &Object, run: u64, message: &str) {
        let message: Value = serde_json::from_str(message).unwrap_or_default();
        let id = message["message"]["alert"]["id"].as_str();
        if let Some(id) = id.filter(|id| id.starts_with("ops/")) {
            let post = Post::of(run, "ops", object, Some(id.to_owned()), String::new());
            self.posts.push(post);
        }
    }

    /// A message leaves for Slack.
    pub(crate) fn leave(
        &mut self,
        now: Moment,
        run: u64,
        hook: Audience,
        object: &Object,
        payload: &str,
    ) -> Result {
        let channel = hook.as_str();
        let last = self.last.insert(channel, now);
        let post = Post::of(run, channel, object, None, payload.to_owned());
        self.posts.push(post);
        if last.is_some_and(|last| now - last < PACE) {
            let what = channel.to_owned();
            return Err(Failure::of("Slack gets one message a second", what));
        }
        let pause = self.pauses.remove(channel);
        if pause.is_some_and(|(until, _)| until > now) {
            let what = channel.to_owned();
            return Err(Failure::of("Slack is waited for as long as it asks", what));
        }
        Ok(())
    }

    /// Slack asks to wait.
    pub(crate) fn ask_to_wait(&mut self, now: Moment, hook: Audience, after: Option<&str>) {
        let seconds: Moment = after.and_then(|text| text.parse().ok()).unwrap_or(30);
        let until = now + seconds.clamp(1, 15 * 60) * 1_000;
        let run = self.posts.last().map_or(0, |post| post.run);
        self.pauses.insert(hook.as_str(), (until, run));
    }

    /// The clock or the webhook changed: pauses may be shorter.
    pub(crate) fn forgive(&mut self) {
        self.pauses.clear();
        self.last.clear();
    }

    /// Slack accepts the message of a run.
    pub(crate) fn take(&mut self, now: Moment, run: u64) -> Result {
        let Some(at) = self.posts.iter().rposition(|post| post.run == run) else {
            let what = format!("run {run}");
            return Err(Failure::of("Slack takes what left", what));
        };
        let (earlier, rest) = self.posts.split_at_mut(at);
        let Some(post) = rest.first_mut() else {
            return Ok(());
        };
        if post.taken_at.replace(now).is_some() {
            return Err(Failure::of(ONCE, post.payload.clone()));
        }
        let post = &*post;
        let mut taken = earlier.iter().filter(|it| it.taken_at.is_some());
        taken.try_for_each(|before| post.follows(before))
    }

    /// Slack's answer came.
    pub(crate) fn answer(&mut self, run: u64) {
        for post in self.posts.iter_mut().filter(|post| post.run == run) {
            post.is_answered = true;
        }
    }

    /// What came of a run is committed.
    pub(crate) fn settle(&mut self, run: u64) {
        for post in self.posts.iter_mut().filter(|post| post.run == run) {
            post.is_settled = post.is_answered;
        }
    }

    /// The object died before it noted anything.
    pub(crate) fn interrupt(&mut self, run: u64) {
        self.pauses.retain(|_, (_, of)| *of != run);
    }

    /// When Slack last accepted a message that contains this.
    pub(crate) fn last_sent(&self, text: &str) -> Option<Moment> {
        let taken = self.posts.iter().rev();
        let mut taken = taken.filter(|post| post.hand.is_none() && post.payload.contains(text));
        taken.find_map(|post| post.taken_at)
    }

    /// Nothing is on its way any more: every alert is in Slack, or is listed.
    pub(crate) fn audit(&self, erased: &BTreeSet<String>) -> Result {
        let is_excused = |text: &str| {
            let mut erased = erased.iter();
            erased.any(|customer| text.contains(&format!("\"{customer}\"")))
        };
        for (id, owed) in &self.owed {
            if !self.arrived.contains(id) && !owed.is_withdrawn {
                let what = format!("{id} of {} never arrived", owed.by);
                return Err(Failure::of(SENT, what));
            }
        }
        for Queued { place, text } in &self.queued {
            let covers = |it: &Place| {
                it.channel == place.channel && it.slot == place.slot && it.number >= place.number
            };
            let taken = self.posts.iter().filter(|post| post.taken_at.is_some());
            let is_sent = taken.flat_map(|post| &post.places).any(covers);
            // The next summary names who gave up, and asks about what has been open for long.
            let is_noted = text.contains("\"given_up\":") || text.contains("\"still_broken\":");
            let is_listed = self.listed.iter().any(covers);
            if !is_sent && !is_listed && !is_noted && !is_excused(text) {
                return Err(Failure::of(SENT, text.clone()));
            }
        }
        Ok(())
    }
}

fn channel_of(name: &str) -> &'static str {
    named(name.rsplit('/').next())
}

fn named(channel: Option<&str>) -> &'static str {
    if channel == Some("ops") {
        "ops"
    } else {
        "main"
    }
}
