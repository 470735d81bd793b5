//! The answers of the pages: their headers, the files that they load, and the name that a browser
//! remembers.

use maud::Markup;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::guard::Sender;
use super::page;
use crate::contracts::browser::link::LinkError;
use crate::contracts::operator::settings::Config;
use crate::domain::act::{Act, Person};
use crate::edge::answer::{Answer, Refusal};
use crate::edge::route::{ActFile, RouteError};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("copy.js");

/// The page loads its own style and its own script, sends its form to itself, and is in no frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The cookie that remembers the name of a person.
const COOKIE: &str = "kombo_edge_name";
/// For how many seconds: a year.
const COOKIE_SECONDS: u32 = 31_536_000;

/// A file that a page loads.
///
/// # Errors
/// A [`Refusal`] if this deployment has no such pages.
pub fn file(config: &Config, file: ActFile) -> Result<Answer, Refusal> {
    if config.settings.link_secrets.is_none() {
        return Err(Refusal::Route(RouteError::Unknown));
    }
    let (content_type, text) = match file {
        ActFile::Style => ("text/css; charset=utf-8", STYLE),
        ActFile::Script => ("text/javascript; charset=utf-8", SCRIPT),
    };
    Ok(Answer {
        status: 200,
        headers: vec![
            ("content-type", content_type),
            ("cache-control", "public, max-age=300"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
        ],
        cookie: None,
        body: text.to_owned(),
    })
}

/// A page. It is not kept, not listed by search engines, and tells no other site its address, which
/// grants an act.
pub(super) fn page(status: u16, page: Markup) -> Answer {
    Answer {
        status,
        headers: vec![
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("content-security-policy", POLICY),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-robots-tag", "noindex, nofollow"),
        ],
        cookie: None,
        body: page.into_string(),
    }
}

/// The answer to a link that opens nothing.
pub(super) fn dead_end(config: &Config, error: LinkError) -> Answer {
    let status = match error {
        LinkError::Invalid => 403,
        LinkError::Expired => 410,
    };
    page(status, page::dead_end(config, error))
}

/// The answer to a form that another site sent.
pub(super) fn foreign(config: &Config, act: Act) -> Answer {
    page(403, page::foreign(config, act))
}

/// The person in front of the browser, as far as it remembers.
#[derive(Debug)]
pub(super) struct Reader {
    remembered: Option<Person>,
    /// The name that the browser is to remember.
    new: Option<Person>,
    is_encrypted: bool,
}

impl Reader {
    pub(super) fn of(cookie: Option<&str>, sender: Sender<'_>) -> Self {
        Self {
            remembered: cookie.and_then(name_in),
            new: None,
            is_encrypted: sender.is_encrypted(),
        }
    }

    /// They gave this name.
    pub(super) fn is(&mut self, name: &Person) {
        self.new = Some(name.clone());
    }

    pub(super) fn name(&self) -> Option<&Person> {
        self.new.as_ref().or(self.remembered.as_ref())
    }

    /// The answer, which has the browser remember the name. No script can read it, and it is sent here
    /// alone.
    pub(super) fn remembered_in(&self, answer: Answer) -> Answer {
        let secure = if self.is_encrypted { "; Secure" } else { "" };
        let cookie = self.new.as_ref().map(|name| {
            let name = utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC);
            format!(
                "{COOKIE}={name}; Path=/act; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}"
            )
        });
        Answer { cookie, ..answer }
    }
}

fn name_in(cookie: &str) -> Option<Person> {
    let mut pairs = cookie.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim() == COOKIE)?;
    let name = percent_decode_str(value.trim()).decode_utf8().ok()?;
    Person::try_from(name.into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::operator::settings::PublicUrl;

    fn reader(cookie: Option<&str>, own: &str) -> Reader {
        let own = PublicUrl::parse(own);
        let sender = Sender {
            site: None,
            origin: None,
            own: own.as_ref(),
        };
        Reader::of(cookie, sender)
    }

    #[test]
    fn a_browser_remembers_the_name_that_was_given() {
        let mut first = reader(None, "https://edge.example.com");
        assert_eq!(first.name(), None);
        let name = "Anna Nguyễn; Path=/".to_owned();
        first.is(&Person::try_from(name.clone()).unwrap());
        let answer = first.remembered_in(Answer::empty());
        let cookie = answer.cookie.unwrap();
        let rest = "; Path=/act; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure";
        assert!(cookie.ends_with(rest), "{cookie}");
        let sent = format!("a=b; {}", cookie.split(';').next().unwrap());
        let again = reader(Some(&sent), "http://127.0.0.1:8787");
        assert_eq!(again.name().unwrap().as_str(), name);
        assert_eq!(again.remembered_in(Answer::empty()).cookie, None);
    }

    #[test]
    fn a_cookie_that_is_no_name_counts_as_none() {
        for cookie in [
            "",
            "kombo_edge_name",
            "kombo_edge_name=",
            "kombo_edge_name=%FF",
        ] {
            assert_eq!(reader(Some(cookie), "").name(), None, "{cookie}");
        }
    }
}
