//! Visits to the pages of acts in the world: what the platform does, without HTTP.

use kombo_edge::domain::act::Act;
use kombo_edge::edge::act::{Sender, Step, Visit, VisitParts};
use kombo_edge::edge::answer::{Answer, Refusal};
use serde_json::Value;

use crate::world::World;

/// The settings with which messages have links.
pub(crate) const LINKS: [(&str, &str); 3] = [
    ("LINK_SECRET", "link-secret-0123456789-0123456789"),
    ("PUBLIC_URL", "https://edge.example.com"),
    ("KOMBO_API_KEY", "kombo-key-0123456789"),
];

/// A page, as its reader sees it.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) html: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

impl Page {
    /// Whether it shows a text.
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.html.contains(&text.replace('&', "&amp;"))
    }
}

/// The URLs of the links in a message with these labels.
pub(crate) fn urls(message: &Value, label: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(message, label, &mut found);
    found
}

fn collect(value: &Value, label: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, label, found)),
        Value::Object(fields) => {
            if let (Some("link"), Some(url)) = (value["type"].as_str(), value["url"].as_str())
                && value["text"] == label
            {
                found.push(url.to_owned());
            }
            fields
                .values()
                .for_each(|value| collect(value, label, found));
        }
        _ => {}
    }
}

/// The label of the link to an act about an incident that no one is on.
pub(crate) fn label(act: Act) -> &'static str {
    match act {
        Act::Take => "I’m on it",
        Act::Mute => "Mute",
        Act::SendLink => "Send a new link",
        Act::Close => "Close",
    }
}

impl World {
    /// The link to an act in the latest message.
    pub(crate) fn link(&self, act: Act) -> String {
        let (_, message) = self.slack.last().expect("a message");
        let urls = urls(message, label(act));
        urls.into_iter().next().expect("a link")
    }

    /// Opens the page behind a link.
    pub(crate) fn look_at_page(&mut self, url: &str) -> Page {
        self.visit(url, None, Some("cross-site"))
    }

    /// Sends the form of a page.
    pub(crate) fn submit(&mut self, url: &str, form: &str) -> Page {
        self.visit(url, Some(form), Some("same-origin"))
    }

    /// Sends a form from elsewhere.
    pub(crate) fn visit(&mut self, url: &str, form: Option<&str>, site: Option<&str>) -> Page {
        let answer = self.visited(url, form, site);
        let answer = answer.unwrap_or_else(Refusal::answer);
        self.leaks.look_in_page(&answer.body);
        self.settle();
        Page {
            status: answer.status,
            html: answer.body,
            headers: answer.headers,
        }
    }

    fn visited(
        &mut self,
        url: &str,
        form: Option<&str>,
        site: Option<&str>,
    ) -> Result<Answer, Refusal> {
        let (_, query) = url.split_once('?').unwrap_or((url, ""));
        let config = self.config.clone();
        let parts = VisitParts {
            query,
            cookie: None,
            body: form.map(str::as_bytes),
            sender: Sender {
                site,
                origin: None,
                own: None,
            },
        };
        let (mut visit, mut step) = Visit::begin(&config, parts, self.now)?;
        loop {
            step = match step {
                Step::Finish(finished) => {
                    let line = finished.line.map(|line| self.look_at(&line));
                    self.log.extend(line);
                    return Ok(finished.answer);
                }
                Step::Call((to, message)) => {
                    let reply = self.call(&to, &message);
                    visit.as_mut().unwrap().replied(Some(reply))
                }
                Step::Ask(question) => {
                    let answer = self.kombo(&question);
                    visit.as_mut().unwrap().answered(answer)
                }
            };
        }
    }
}
