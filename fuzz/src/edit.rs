//! Changes to JSON that keep most of it: a value somewhere is replaced, removed or
//! added. So the fuzzer starts from valid input, and departs from it step by step.

use arbitrary::Arbitrary;
use serde_json::{Map, Value};

/// One change.
#[derive(Arbitrary, Debug)]
pub(crate) struct Edit<'a> {
    place: u16,
    change: Change<'a>,
}

/// What happens at the place.
#[derive(Arbitrary, Debug)]
enum Change<'a> {
    Remove,
    Set(Unexpected<'a>),
    Add {
        name: &'a str,
        value: Unexpected<'a>,
    },
}

/// A value that may not belong there.
#[derive(Arbitrary, Debug)]
enum Unexpected<'a> {
    Null,
    Flag(bool),
    Number(i64),
    Count(u64),
    Real(f64),
    Text(&'a str),
    Long {
        of: char,
        times: u16,
    },
    Blank,
    List,
    Object,
    /// The value at another place.
    Of(u16),
}

impl Unexpected<'_> {
    fn value(&self, whole: &Value) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Flag(flag) => (*flag).into(),
            Self::Number(number) => (*number).into(),
            Self::Count(count) => (*count).into(),
            Self::Real(number) => (*number).into(),
            Self::Text(text) => (*text).into(),
            Self::Long { of, times } => of.to_string().repeat(usize::from(*times)).into(),
            Self::Blank => " \t".into(),
            Self::List => Value::Array(vec![Value::Null]),
            Self::Object => Value::Object(Map::new()),
            Self::Of(place) => {
                let places = places(whole);
                let place = &places[usize::from(*place) % places.len()];
                whole.pointer(place).cloned().unwrap_or_default()
            }
        }
    }
}

/// Makes some changes, one after another.
pub(crate) fn apply(value: &mut Value, edits: &[Edit<'_>]) {
    // A few changes are enough, and values that contain others double in size.
    for edit in edits.iter().take(8) {
        let places = places(value);
        let place = places[usize::from(edit.place) % places.len()].clone();
        match &edit.change {
            Change::Remove => remove(value, &place),
            Change::Set(unexpected) => {
                let unexpected = unexpected.value(value);
                set(value, &place, unexpected);
            }
            Change::Add {
                name,
                value: unexpected,
            } => {
                let unexpected = unexpected.value(value);
                if let Some(Value::Object(fields)) = value.pointer_mut(&place) {
                    fields.insert((*name).to_owned(), unexpected);
                }
            }
        }
    }
}

/// Replaces one of the texts in a value.
pub(crate) fn reword(value: &mut Value, number: u16, text: &str) {
    let texts: Vec<String> = places(value)
        .into_iter()
        .filter(|place| value.pointer(place).is_some_and(Value::is_string))
        .collect();
    if let Some(place) = texts.get(usize::from(number) % texts.len().max(1)) {
        set(value, place, text.into());
    }
}

fn set(value: &mut Value, place: &str, new: Value) {
    if let Some(old) = value.pointer_mut(place) {
        *old = new;
    }
}

fn remove(value: &mut Value, place: &str) {
    let Some((parent, name)) = place.rsplit_once('/') else {
        return;
    };
    match value.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            let name = name.replace("~1", "/").replace("~0", "~");
            fields.remove(&name);
        }
        Some(Value::Array(items)) => {
            items.remove(name.parse().expect("a place in a list is a number"));
        }
        _ => {}
    }
}

/// JSON pointers to everything in a value; the first is the value itself.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut next = 0;
    while next < found.len() {
        let place = found[next].clone();
        match value.pointer(&place) {
            Some(Value::Object(fields)) => {
                let escaped = fields.keys().map(|name| name.replace('~', "~0"));
                let names = escaped.map(|name| name.replace('/', "~1"));
                found.extend(names.map(|name| format!("{place}/{name}")));
            }
            Some(Value::Array(items)) => {
                found.extend((0..items.len()).map(|index| format!("{place}/{index}")));
            }
            _ => {}
        }
        next += 1;
    }
    found
}
