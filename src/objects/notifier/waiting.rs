//! An alert that waits: its row, and its place in the queue.
//!
//! There is one row for all that waits about one incident. Each alert says all
//! that the earlier ones of its incident said, so the latest stands for them:
//! an opening and its closing become one line, whatever happened in between. A
//! second row keeps its place in the order: openings first, then what goes on,
//! then what is over.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::alert::{Episode, Phase};
use crate::domain::json::{Json, Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Read, Rows, Table, read};

/// What the key of a waiting alert begins with, before its slot.
pub(super) const WAITING: &str = "waiting/";
/// What the key of a place in the order begins with, before class and number.
const ORDER: &str = "order/";

/// How soon an alert goes out, if others wait too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Something that nobody knows yet.
    News = 0,
    /// More about what is known.
    More = 1,
    /// The end of something, or good news.
    Relief = 2,
    /// What is too long for a line, and goes alone.
    Page = 3,
}

impl Class {
    /// All of them, most urgent first.
    pub(super) const ALL: [Self; 4] = [Self::News, Self::More, Self::Relief, Self::Page];

    /// What the keys of the places of this class begin with.
    pub(super) fn prefix(self) -> String {
        format!("{ORDER}{}/", self as u8)
    }
}

/// The row of an alert that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiting {
    /// Since when something about it waits.
    pub(super) came_at: Timestamp,
    /// Its place among those of its class.
    #[serde(default)]
    place: u64,
    /// The number of the latest alert in it.
    #[serde(default)]
    pub(super) number: u64,
    /// The number of the latest one that says that the incident opened.
    opened: Option<u64>,
    /// The latest alert, as it was handed over.
    #[serde(default)]
    pub(super) alert: Json,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Waiting {
    pub(super) fn new(number: u64, alert: Json, now: Timestamp) -> Self {
        Self {
            came_at: now,
            place: number,
            number,
            opened: opening(&alert, number),
            alert,
            unknown: Unknown::default(),
        }
    }

    /// The row of this slot.
    pub(super) fn load(rows: &Rows, slot: &str) -> Result<Option<Self>, CorruptRow> {
        rows.ledger(&key(slot))
    }

    /// The read that fetches the row of this slot.
    pub(super) fn read(slot: &str) -> Read {
        Read::One(Table::Ledger, key(slot))
    }

    /// The same incident, and what is known of it now.
    pub(super) fn join(self, number: u64, alert: Json) -> Self {
        Self {
            number,
            opened: opening(&alert, number).or(self.opened),
            alert,
            ..self
        }
    }

    /// What is left to be told once everything up to this number was; none if that was all.
    pub(super) fn after(self, told: u64) -> Option<Self> {
        let opened = self.opened.filter(|&opened| opened > told);
        (self.number > told).then_some(Self { opened, ..self })
    }

    /// Where it stands in the course of an incident, if it is about one.
    pub(super) fn phase(&self) -> Option<Phase> {
        Episode::of(&self.alert).map(|episode| episode.phase)
    }

    pub(super) fn class(&self) -> Class {
        match self.phase() {
            Some(Phase::Over) => Class::Relief,
            Some(_) if self.opened.is_some() => Class::News,
            Some(_) => Class::More,
            None => match kind(&self.alert).as_deref() {
                Some("summary") => Class::Page,
                Some("connected" | "disconnected") => Class::Relief,
                _ => Class::News,
            },
        }
    }

    /// The rows that put it into the queue, or move it.
    pub(super) fn rows(&self, slot: &str, before: Option<&Self>) -> Vec<Change> {
        let (now, before) = (self.order_key(), before.map(Self::order_key));
        let mut changes = vec![Change::ledger(key(slot), to_json(self))];
        if before.as_ref() != Some(&now) {
            let moved = before.map(|key| Change::Remove(Table::Ledger, key));
            changes.extend(moved);
            let place = to_json(&(slot, self.came_at));
            changes.push(Change::ledger(now, place));
        }
        changes
    }

    /// The rows that take it out of the queue.
    pub(super) fn gone(&self, slot: &str) -> Vec<Change> {
        [key(slot), self.order_key()]
            .map(|key| Change::Remove(Table::Ledger, key))
            .into()
    }

    /// Keys sort as their numbers do: twenty digits hold every number.
    fn order_key(&self) -> String {
        format!("{}{:020}", self.class().prefix(), self.place)
    }
}

/// What the alerts of one incident have in common; any other has its id.
pub(super) fn slot(id: &str, alert: &Json) -> String {
    Episode::of(alert).map_or_else(|| id.to_owned(), |episode| episode.incident)
}

/// The read that fetches the first places of the queue, or of a class of it.
pub(super) fn places(class: Option<Class>, limit: u32) -> Read {
    Read::First {
        table: Table::Ledger,
        prefix: class.map_or_else(|| ORDER.to_owned(), Class::prefix),
        limit,
    }
}

/// The slots of the first places that were read, with how long each waits.
pub(super) fn first(rows: &Rows, class: Option<Class>) -> Vec<(String, Timestamp)> {
    let prefix = class.map_or_else(|| ORDER.to_owned(), Class::prefix);
    let places = rows.under(Table::Ledger, &prefix);
    places
        .filter_map(|(_, text)| read(ORDER, text).ok())
        .collect()
}

fn key(slot: &str) -> String {
    format!("{WAITING}{slot}")
}

fn opening(alert: &Json, number: u64) -> Option<u64> {
    let episode = Episode::of(alert)?;
    (episode.phase == Phase::Opened).then_some(number)
}

/// The tag of what an alert says, also of one that this version cannot read.
pub(super) fn kind(alert: &Json) -> Option<String> {
    #[derive(Deserialize)]
    struct Alert {
        what: Value,
    }
    match alert.read::<Alert>().ok()?.what {
        Value::String(tag) => Some(tag),
        Value::Object(tagged) => tagged.into_iter().next().map(|(tag, _)| tag),
        _ => None,
    }
}
