//! What the objects of the world have stored: read, and changed as another
//! version or a bad disk would change it.

use kombo_edge::contracts::objects::address::Address;
use serde_json::Value;

use crate::world::World;

impl World {
    /// The rows of one object whose keys have this prefix.
    pub(crate) fn rows_of(&self, to: &Address, prefix: &str) -> Vec<(&str, &str)> {
        let (_, object) = &self.objects[&to.name()];
        let rows = object.rows.iter();
        rows.filter(|((_, key), _)| key.starts_with(prefix))
            .map(|((_, key), (text, _))| (key.as_str(), text.as_str()))
            .collect()
    }

    /// Changes the text of one row of an object, as another version might have written it.
    pub(crate) fn rewrite(&mut self, to: &Address, key: &str, change: impl Fn(&mut Value)) {
        self.crash(&to.name());
        let (_, object) = self.objects.get_mut(&to.name()).unwrap();
        let mut rows = object.rows.iter_mut();
        let (_, (text, _)) = rows.find(|((_, of), _)| of == key).unwrap();
        let mut row = serde_json::from_str(text).unwrap();
        change(&mut row);
        *text = row.to_string();
    }

    /// The rows of all objects whose text matches, by object and key.
    pub(crate) fn rows_with(&self, is_such: impl Fn(&str) -> bool) -> Vec<String> {
        let objects = self.objects.iter();
        let rows = objects.flat_map(|(name, (_, object))| {
            let rows = object.rows.iter();
            let rows = rows.filter(|((_, key), (text, _))| is_such(key) || is_such(text));
            rows.map(move |((_, key), _)| format!("{name} {key}"))
        });
        rows.collect()
    }

    /// Changes the text of one row of an object to another one.
    pub(crate) fn rewrite_text(&mut self, to: &Address, key: &str, text: &str) {
        self.crash(&to.name());
        let (_, object) = self.objects.get_mut(&to.name()).unwrap();
        let mut rows = object.rows.iter_mut();
        let (_, (old, _)) = rows.find(|((_, of), _)| of == key).unwrap();
        text.clone_into(old);
    }
}
