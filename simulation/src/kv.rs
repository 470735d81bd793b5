//! Workers KV: keys with values, one write a second to each, and what a reader in
//! another place sees.

use std::collections::BTreeMap;

use kombo_edge::contracts::backend::Document;
use kombo_edge::machine::Page;
use serde_json::Value;

use crate::actor::Moment;

/// How old the values may be that a reader sees.
const STALE: Moment = 60_000;
/// The shortest pause between two writes of a key.
const PACE: Moment = 1_000;

/// The namespace.
#[derive(Debug, Default)]
pub(crate) struct Kv {
    keys: BTreeMap<String, Key>,
}

#[derive(Debug, Default)]
struct Key {
    /// The present value, and the one before.
    present: Option<Document>,
    past: Option<Document>,
    written_at: Option<Moment>,
}

/// What a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// The present value.
    Present,
    /// The value of a minute ago.
    Stale,
}

impl Key {
    fn seen(&self, now: Moment, view: View) -> Option<&Document> {
        let is_recent = self.written_at.is_some_and(|at| now - at < STALE);
        if view == View::Stale && is_recent {
            self.past.as_ref()
        } else {
            self.present.as_ref()
        }
    }
}

impl Kv {
    /// Writes a key, or removes it. Returns whether it did: it accepts one write a second.
    pub(crate) fn write(&mut self, now: Moment, key: &str, document: Option<Document>) -> bool {
        let key = self.keys.entry(key.to_owned()).or_default();
        if key.written_at.is_some_and(|at| now - at < PACE) {
            return false;
        }
        key.past = core::mem::replace(&mut key.present, document);
        key.written_at = Some(now);
        true
    }

    /// The value of a key: as it is, or as a reader far away sees it.
    pub(crate) fn read(&self, now: Moment, key: &str, view: View) -> Option<&Document> {
        self.keys.get(key)?.seen(now, view)
    }

    /// A page of keys with their metadata, after a cursor.
    pub(crate) fn list(&self, now: Moment, view: View, from: (&str, Option<&str>, u32)) -> Page {
        let (prefix, cursor, limit) = from;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let behind = |key: &&String| cursor.is_none_or(|cursor| key.as_str() > cursor);
        let keys = self.keys.iter();
        let keys = keys.filter(|(name, _)| name.starts_with(prefix) && behind(name));
        let mut keys: Vec<(String, String)> = keys
            .filter_map(|(name, key)| {
                let document = key.seen(now, view)?;
                Some((name.clone(), document.metadata.clone().unwrap_or_default()))
            })
            .collect();
        let more = keys.len() > limit;
        keys.truncate(limit);
        let cursor = keys.last().filter(|_| more).map(|(name, _)| name.clone());
        Page { keys, cursor }
    }

    /// Every value, by its key.
    pub(crate) fn documents(&self) -> BTreeMap<String, Value> {
        let there = self.keys.iter();
        there
            .filter_map(|(name, key)| {
                let document = key.present.as_ref()?;
                let value = serde_json::from_str(&document.value).expect("documents are JSON");
                Some((name.clone(), value))
            })
            .collect()
    }

    /// Someone empties the namespace.
    pub(crate) fn empty(&mut self) {
        self.keys.clear();
    }
}
