//! What a message links to: templates of URLs and of an e-mail.
//!
//! A template has placeholders in braces, `{tool}`. What replaces them comes from events, so the
//! code that fills one makes it safe.

use super::Problem;
use super::reader::Reader;
use crate::domain::language::Language;

/// Name of the variable with the URL of the guide that customers follow to connect.
pub const CONNECTION_GUIDE_URL: &str = "CONNECTION_GUIDE_URL";
/// Name of the variable with the URL of a customer in the company's own back office.
pub const CUSTOMER_URL: &str = "CUSTOMER_URL";
/// Name of the variable with the subject of an e-mail to a customer's contact.
pub const MAIL_SUBJECT: &str = "MAIL_SUBJECT";
/// Name of the variable with the body of an e-mail to a customer's contact.
pub const MAIL_BODY: &str = "MAIL_BODY";
/// Name of the variable with the language that customers read.
pub const MAIL_LANGUAGE: &str = "MAIL_LANGUAGE";

/// Longest template, in bytes: a link must fit a message several times.
const MAX_TEMPLATE_BYTES: usize = 1_000;

/// What a message links to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The guide that customers follow to connect.
    pub guide: Option<Template>,
    /// A customer in the company's own back office.
    pub customer: Option<Template>,
    /// The subject of an e-mail to the contact of a customer that could not
    /// connect, if it is not the default one.
    pub mail_subject: Option<Template>,
    /// The body of that e-mail.
    pub mail_body: Option<Template>,
    /// The language of the default texts, and of the pages on which customers connect.
    pub language: Language,
}

impl Links {
    pub(super) fn read(settings: &mut Reader<'_>) -> Self {
        Self {
            guide: settings.read(CONNECTION_GUIDE_URL, Template::url, Problem::BadLink),
            customer: settings.read(CUSTOMER_URL, Template::url, Problem::BadLink),
            mail_subject: settings.read(MAIL_SUBJECT, Template::parse, Problem::BadTemplate),
            mail_body: settings.read(MAIL_BODY, Template::parse, Problem::BadTemplate),
            language: settings
                .read(MAIL_LANGUAGE, Language::coded, Problem::BadLanguage)
                .unwrap_or_default(),
        }
    }
}

/// A placeholder of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The tool: its slug in a URL, its name in an e-mail.
    Tool,
    /// The tool's category.
    Category,
    /// The customer's id at the company.
    OriginId,
    /// The customer's name.
    Organization,
    /// The URL of the guide, if there is one.
    Guide,
    /// The link with which the contact connects, once there is one.
    Link,
}

impl Placeholder {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "tool" => Self::Tool,
            "category" => Self::Category,
            "origin_id" => Self::OriginId,
            "organization" => Self::Organization,
            "guide" => Self::Guide,
            "link" => Self::Link,
            _ => return None,
        })
    }
}

/// A text with placeholders that all have known names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Each text, and the placeholder after it.
    parts: Vec<(String, Placeholder)>,
    end: String,
}

impl Template {
    /// Parses a text of at most 1000 bytes in which each `{…}` names a placeholder.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEMPLATE_BYTES {
            return None;
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}')?;
            parts.push((before.to_owned(), Placeholder::named(name)?));
            rest = after;
        }
        let end = rest.to_owned();
        Some(Self { parts, end })
    }

    /// Parses a URL: `https:`, a host without placeholders, and no character that ends a link.
    fn url(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://")?;
        let host = rest.split('/').next().unwrap_or_default();
        let ends = |one: char| one.is_whitespace() || matches!(one, '<' | '>' | '|' | '"');
        let fits = !host.is_empty() && !host.contains(['{', '?', '#', '@']) && !text.contains(ends);
        Self::parse(text).filter(|url| fits && !url.has(Placeholder::Link))
    }

    /// Whether it has this placeholder.
    #[must_use]
    pub fn has(&self, wanted: Placeholder) -> bool {
        self.parts.iter().any(|(_, place)| *place == wanted)
    }

    /// The text with each placeholder filled.
    pub fn fill(&self, value: impl Fn(Placeholder) -> String) -> String {
        let mut filled = String::new();
        for (text, place) in &self.parts {
            filled.push_str(text);
            filled.push_str(&value(*place));
        }
        filled.push_str(&self.end);
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_placeholder_is_filled_wherever_it_is() {
        let template = Template::parse("{tool}: {category}, {tool}!").unwrap();
        let filled = template.fill(|place| format!("{place:?}"));
        assert_eq!(filled, "Tool: Category, Tool!");
        assert_eq!(Template::parse("").unwrap().fill(|_| "x".to_owned()), "");
    }

    #[test]
    fn rejects_a_template_with_an_unknown_or_unclosed_placeholder() {
        for text in ["{name}", "{}", "a {tool", "{tool {category}"] {
            assert_eq!(Template::parse(text), None, "{text}");
        }
        assert_eq!(Template::parse(&"x".repeat(MAX_TEMPLATE_BYTES + 1)), None);
    }

    #[test]
    fn a_link_uses_https_and_a_host_that_only_the_operator_chooses() {
        assert!(Template::url("https://help.example.com/{tool}?c={origin_id}").is_some());
        for text in [
            "http://help.example.com/{tool}",
            "https://{tool}.example.com/",
            "https://help.example.com@{tool}/",
            "https://",
            "https://x.example/a|b",
            "https://x.example/a b",
            "/guide",
        ] {
            assert_eq!(Template::url(text), None, "{text}");
        }
    }
}
