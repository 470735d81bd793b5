//! What people do about an incident, and who did it.
//!
//! A person is a name that someone entered. It is shown to colleagues, and proves nothing: whoever has
//! the link to an act may do it.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::redaction::without_ids;
use crate::domain::time::Timestamp;

/// Longest name of a person, in characters.
pub const MAX_PERSON_CHARS: usize = 60;

/// What a person can do about an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Says that they are on it.
    Take,
    /// Ends the alerts about it for a while.
    Mute,
    /// Makes a new link with which the customer connects or reconnects.
    SendLink,
    /// Closes it, because it is no longer true.
    Close,
}

impl Act {
    /// All of them, in the order of a message.
    pub const ALL: [Self; 4] = [Self::Take, Self::Mute, Self::SendLink, Self::Close];

    /// Its name in links, documents and the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Mute => "mute",
            Self::SendLink => "send_link",
            Self::Close => "close",
        }
    }

    /// The act of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == name)
    }
}

/// The name of a person, on one line: 1 to 60 characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Person(String);

/// A name of a person that is blank or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a name has 1 to {MAX_PERSON_CHARS} characters")]
pub struct NotAName;

impl Person {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Person {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        let words = text.split(|one: char| one.is_whitespace() || one.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let name = without_ids(&words.join(" "));
        let fits = (1..=MAX_PERSON_CHARS).contains(&name.chars().count());
        fits.then_some(Self(name)).ok_or(NotAName)
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Person").field(&self.0).finish()
    }
}

/// Who is on an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignee {
    /// The person.
    pub name: Person,
    /// Since when.
    pub since: Timestamp,
}

/// What someone did about an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActRecord {
    /// What.
    pub act: Act,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// The end of a mute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(text: &str) -> Result<String, NotAName> {
        Person::try_from(text.to_owned()).map(|person| person.as_str().to_owned())
    }

    #[test]
    fn a_name_is_one_line_without_what_surrounds_it() {
        for (entered, name) in [
            ("Anna", "Anna"),
            ("  Anna\t\n Nguyễn ", "Anna Nguyễn"),
            ("A\u{0}nna", "A nna"),
            ("hibob:T3xkPq9VwLm2ZrYs8GdHnC5J", "…"),
        ] {
            assert_eq!(person(entered), Ok(name.to_owned()), "{entered:?}");
        }
        assert_eq!(person(&"ü".repeat(60)), Ok("ü".repeat(60)));
        for entered in ["", " \n", "\u{1}", &"ü".repeat(61)] {
            assert_eq!(person(entered), Err(NotAName), "{entered:?}");
        }
    }

    #[test]
    fn an_act_is_found_by_its_name() {
        for act in Act::ALL {
            assert_eq!(Act::named(act.as_str()), Some(act));
            assert_eq!(serde_json::to_value(act).unwrap(), act.as_str());
        }
        assert_eq!(Act::named("erase"), None);
    }
}
