//! Reading as `src/cloudflare/shell.rs` does it: the state but for the rows at rest, and nothing that
//! the instance remembers. Each step is asked for with all rows too, as they are stored, and must
//! come to the same.

use kombo_edge::machine::{Change, Heard, Memory, Read, Round, Rows, Table};
use serde_json::Value;

use crate::actor::Actor;
use crate::object::{Object, machine};
use crate::world::World;

/// Adds what is asked for to what an instance remembers. Of the state that is all but what lies at
/// rest.
pub(crate) fn load(actor: &mut Actor, mut reads: Vec<Read>) {
    let machine = machine(actor.class);
    let Actor { object, memory, .. } = actor;
    if reads.contains(&Read::State) {
        reads.retain(|read| *read != Read::State);
        if !memory.unanswered(vec![Read::State]).is_empty() {
            let resting = machine.resting();
            let may_rest = |key: &str| resting.iter().any(|prefix| key.starts_with(prefix));
            let state = object.load(&[Read::State]);
            let awake = state
                .under(Table::State, "")
                .filter(|(key, _)| !may_rest(key));
            awake.for_each(|(key, text)| add(object, memory, (Table::State, key, text)));
        }
        // What cannot be read is seen by the step itself.
        let awake = machine.awake(memory.rows()).unwrap_or_default();
        memory.let_rest(machine.resting(), &awake);
        reads.extend(memory.unanswered(awake));
    }
    let rows = object.load(&reads);
    for table in [Table::State, Table::Ledger] {
        let found = rows.under(table, "");
        found.for_each(|(key, text)| add(object, memory, (table, key, text)));
    }
}

fn add(object: &Object, memory: &mut Memory, (table, key, text): (Table, &str, &str)) {
    let stored = object.rows.get(&(table, key.to_owned()));
    let due = stored.and_then(|(_, due)| *due);
    memory.add(table, key.to_owned(), text.to_owned(), due);
}

/// Of the promise that is broken when reading less makes a difference.
const PROMISE: &str = "rows at rest make no difference";

impl World<'_> {
    /// Hears a letter with all rows, and looks whether that is what was heard.
    pub(crate) fn compare_hearing(&mut self, name: &str, letter: &str, heard: &Heard) {
        let actor = &self.actors[name];
        let whole = machine(actor.class).open(letter).map(|message| {
            let rows = actor.object.load(&message.reads());
            message.hear(self.scene(name, &self.config), &rows)
        });
        let real = |changes| real(&actor.object, changes);
        let is_same = matches!(&whole, Some(Ok(whole))
            if whole.answer == heard.answer && real(&whole.changes) == real(&heard.changes));
        self.must(is_same, PROMISE, || {
            format!("{name} hears {heard:?} instead of {whole:?}")
        });
    }

    /// Asks for the work with all rows, and looks whether that is the same.
    pub(crate) fn compare_work(&mut self, name: &str, rows: &Rows, round: &Round) {
        let object = &self.actors[name].object;
        let mut all = object.load(&[Read::State]);
        for (key, text) in rows.under(Table::Ledger, "") {
            all.insert(Table::Ledger, key.to_owned(), text.to_owned());
        }
        let machine = machine(self.actors[name].class);
        let whole = machine.work(self.scene(name, &self.config), &all);
        let whole = whole.map(|it| (it.orders, real(object, &it.changes)));
        let spared = (round.orders.clone(), real(object, &round.changes));
        let hidden = object.rows.iter().find(|((table, key), (_, due))| {
            *table == Table::State && due.is_some() && rows.text(*table, key).is_none()
        });
        let hidden = hidden.map(|((_, key), _)| key.clone());
        self.must(whole.as_ref() == Ok(&spared), PROMISE, || {
            format!("{name} does {spared:?} instead of {whole:?}")
        });
        self.must(hidden.is_none(), PROMISE, || {
            format!("{name} overlooks {hidden:?}")
        });
    }
}

/// The changes that make a row another one. What only its text makes different, such as
/// the order of fields that another version wrote, does not.
fn real(object: &Object, changes: &[Change]) -> Vec<Change> {
    let json = |text: &str| serde_json::from_str::<Value>(text).ok();
    let is_real = |change: &&Change| match change {
        Change::Put {
            table,
            key,
            value,
            due,
        } => {
            let known = object.rows.get(&(*table, key.clone()));
            known.is_none_or(|(text, at)| at != due || json(text) != json(value))
        }
        Change::Remove(..) | Change::Forget(_) => true,
    };
    changes.iter().filter(is_real).cloned().collect()
}
