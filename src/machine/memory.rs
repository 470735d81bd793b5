//! What an object remembers of its rows between two steps, so that a step reads only what it is the
//! first to ask for.
//!
//! A shell that lets go of it loses nothing: the rows are kept elsewhere, and are read again. Each
//! row is remembered as it was last read or written. Neither the ledger nor what lies at rest is
//! remembered: both may be long.

use super::{Change, Read, Rows, Table};
use crate::domain::time::Timestamp;

/// Rows and questions in memory at most. An object that goes beyond forgets, and reads again.
const MOST: usize = 500;

/// Rows that were read and written.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    rows: Rows,
    /// When rows of the state are due.
    dues: Vec<(String, Timestamp)>,
    /// Questions about the state that the rows answer.
    answered: Vec<Read>,
}

impl Memory {
    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Whether the state was asked for.
    #[must_use]
    pub fn has_state(&self) -> bool {
        self.answered.contains(&Read::State)
    }

    /// Of these questions about the state those that nobody asked before. Whoever calls this adds
    /// the rows that answer them.
    pub fn unanswered(&mut self, mut questions: Vec<Read>) -> Vec<Read> {
        questions.retain(|question| !self.answered.contains(question));
        self.answered.extend_from_slice(&questions);
        questions
    }

    /// Lets go of what came to rest: of the rows whose keys begin as one of `resting` those that are
    /// not `awake`. A step reads all rows that it is given, so they would make each dearer.
    pub fn let_rest(&mut self, resting: &[&str], awake: &[Read]) {
        let is_named = |key: &str| {
            awake.iter().any(|read| match read {
                Read::One(Table::State, one) => one == key,
                Read::First { prefix, .. } => key.starts_with(prefix),
                Read::One(Table::Ledger, _) | Read::Next { .. } | Read::State => false,
            })
        };
        let is_at_rest = |key: &str| {
            let may_rest = resting.iter().any(|prefix| key.starts_with(prefix));
            may_rest && !is_named(key)
        };
        self.rows
            .retain(|table, key| table != Table::State || !is_at_rest(key));
        self.dues.retain(|(key, _)| !is_at_rest(key));
        self.answered
            .retain(|question| *question == Read::State || awake.contains(question));
    }

    /// Adds a row that was read, and when it is due.
    pub fn add(&mut self, table: Table, key: String, text: String, due: Option<Timestamp>) {
        if table == Table::State {
            self.note(&key, due);
        }
        self.rows.insert(table, key, text);
    }

    /// Takes in what was committed.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Put {
                    table: Table::State,
                    key,
                    value,
                    due,
                } => {
                    self.note(key, *due);
                    self.rows.put(Table::State, key, value);
                }
                Change::Remove(Table::State, key) => {
                    self.note(key, None);
                    self.rows.remove(Table::State, key);
                }
                Change::Put { .. } | Change::Remove(..) | Change::Forget(_) => {}
            }
        }
    }

    /// When the first row of the state is due, if ever; of use once the state and all that is awake
    /// were asked for.
    #[must_use]
    pub fn earliest(&self) -> Option<Timestamp> {
        self.dues.iter().map(|(_, due)| *due).min()
    }

    /// What is worth remembering beyond a step.
    #[must_use]
    pub fn kept(mut self) -> Option<Self> {
        self.rows.retain(|table, _| table == Table::State);
        let size = self.rows.len().saturating_add(self.answered.len());
        (self.has_state() && size <= MOST).then_some(self)
    }

    /// Remembers when a row of the state is due, if ever.
    fn note(&mut self, key: &str, due: Option<Timestamp>) {
        self.dues.retain(|(known, _)| known != key);
        self.dues.extend(due.map(|due| (key.to_owned(), due)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Kept = BTreeMap<String, (String, Option<Timestamp>)>;

    fn put(key: u8, value: u8, due: Option<i64>) -> Change {
        Change::Put {
            table: Table::State,
            key: key.to_string(),
            value: value.to_string(),
            due: due.map(Timestamp::from_millis),
        }
    }

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let parts = (0..9_u8, 0..9_u8, prop::option::of(0..99_i64));
        let change = prop_oneof![
            3 => parts.prop_map(|(key, value, due)| put(key, value, due)),
            1 => (0..9_u8).prop_map(|key| Change::Remove(Table::State, key.to_string())),
            1 => (0..9_u8).prop_map(|key| Change::ledger(key.to_string(), String::new())),
        ];
        prop::collection::vec(change, 0..40)
    }

    fn store(kept: &mut Kept, change: &Change) {
        match change {
            Change::Put {
                table: Table::State,
                key,
                value,
                due,
            } => drop(kept.insert(key.clone(), (value.clone(), *due))),
            Change::Remove(Table::State, key) => drop(kept.remove(key)),
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn after_any_changes_it_holds_what_was_stored(
            earlier in changes(),
            later in prop::collection::vec(changes(), 0..4),
        ) {
            let mut kept = Kept::new();
            for change in &earlier {
                store(&mut kept, change);
            }
            let mut memory = Memory::default();
            prop_assert_eq!(memory.unanswered(vec![Read::State]), vec![Read::State]);
            for (key, (text, due)) in &kept {
                memory.add(Table::State, key.clone(), text.clone(), *due);
            }
            for changes in later {
                for change in &changes {
                    store(&mut kept, change);
                }
                memory.apply(&changes);
                memory = memory.kept().expect("it is small");
                let rows: Vec<_> = memory.rows().under(Table::State, "").collect();
                let stored: Vec<_> =
                    kept.iter().map(|(key, (text, _))| (key.as_str(), text.as_str())).collect();
                prop_assert_eq!(rows, stored);
                prop_assert_eq!(memory.earliest(), kept.values().filter_map(|(_, due)| *due).min());
                prop_assert_eq!(memory.rows().under(Table::Ledger, "").count(), 0);
            }
        }
    }

    #[test]
    fn lets_go_of_what_came_to_rest_and_asks_for_it_when_it_wakes() {
        let one = |key: &str| Read::One(Table::State, key.to_owned());
        let mut memory = Memory::default();
        memory.unanswered(vec![Read::State, one("past/a"), one("past/b")]);
        let due = Some(Timestamp::from_millis(1));
        for key in ["head", "past/a", "past/b"] {
            memory.add(Table::State, key.to_owned(), key.to_owned(), due);
        }
        memory.let_rest(&["past/"], &[one("past/b")]);
        let rows: Vec<_> = memory.rows().under(Table::State, "").collect();
        assert_eq!(rows, [("head", "head"), ("past/b", "past/b")]);
        assert_eq!(
            memory.unanswered(vec![one("past/a"), one("past/b")]),
            [one("past/a")]
        );
        memory.let_rest(&["past/"], &[]);
        memory.apply(&[Change::Remove(Table::State, "head".to_owned())]);
        assert_eq!(memory.earliest(), None);
    }

    #[test]
    fn all_rows_of_a_kind_stay_where_all_of_it_are_awake() {
        let all = Read::First {
            table: Table::State,
            prefix: "past/".to_owned(),
            limit: u32::MAX,
        };
        let mut memory = Memory::default();
        memory.unanswered(vec![Read::State, all.clone()]);
        memory.add(Table::State, "past/a".to_owned(), String::new(), None);
        memory.let_rest(&["past/"], &[all]);
        assert_eq!(memory.rows().under(Table::State, "past/").count(), 1);
    }

    #[test]
    fn asks_nothing_twice() {
        let one = Read::One(Table::State, "a".to_owned());
        let mut memory = Memory::default();
        assert_eq!(
            memory.unanswered(vec![Read::State, one.clone()]),
            [Read::State, one.clone()]
        );
        assert_eq!(memory.unanswered(vec![one, Read::State]), []);
    }

    #[test]
    fn is_let_go_where_the_state_was_not_read_or_is_large() {
        assert!(Memory::default().kept().is_none());
        let mut memory = Memory::default();
        memory.unanswered(vec![Read::State]);
        for key in 0..MOST {
            assert!(memory.clone().kept().is_some());
            memory.add(Table::State, key.to_string(), String::new(), None);
        }
        assert!(memory.kept().is_none());
    }
}
