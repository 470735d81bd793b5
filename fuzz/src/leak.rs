//! Integration ids in a message, as a reader of it could copy them.

use serde_json::Value;

/// Length of the random part of an integration id.
const TAIL: usize = 24;

/// The first text of a message in which something reads like an integration id.
pub(crate) fn leak(message: &Value) -> Option<String> {
    match message {
        Value::String(text) => Some(shown(text)).filter(|text| holds_an_id(text)),
        Value::Array(items) => items.iter().find_map(leak),
        Value::Object(fields) => fields.values().find_map(leak),
        _ => None,
    }
}

/// A text without what a reader does not see, and without the scheme of our own links.
fn shown(text: &str) -> String {
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    text.replace('\u{2060}', "").replace("<mailto:", "<")
}

/// A tool, a colon (plain or percent-encoded), and many letters and digits.
fn holds_an_id(text: &str) -> bool {
    let text = text.replace("%3A", ":").replace("%3a", ":");
    let parts: Vec<&str> = text.split(':').collect();
    parts.windows(2).any(|pair| {
        let of_a_tool = |one: char| one.is_ascii_alphanumeric() || "_-".contains(one);
        let tail = pair[1].bytes().take_while(u8::is_ascii_alphanumeric);
        pair[0].ends_with(of_a_tool) && tail.count() >= TAIL
    })
}
