//! Searches for leaks: everything that the world received is searched for in every line of the
//! log, every message to Slack and every refusal, so that each test of the machines
//! is a test of leaks too. The same on the real runtime is in `tests/leaks.mjs`.

use std::collections::BTreeMap;

use kombo_edge::edge::answer::Answer;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Anything shorter is found everywhere by chance.
const MIN_LENGTH: usize = 6;

/// Where a text may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A secret, a signature, a raw body: nowhere.
    Secret,
    /// Only in answers to authorized readers.
    IntegrationId,
    /// A contact, a name, a text of Kombo: in Slack, and not in the log.
    Text,
    /// A value that a log may contain.
    Named,
}

/// The texts that are searched for.
#[derive(Debug, Default)]
pub(crate) struct Leaks {
    wanted: BTreeMap<String, (Kind, Vec<String>)>,
}

impl Leaks {
    /// These are secret.
    pub(crate) fn secret<'a>(&mut self, secrets: impl IntoIterator<Item = &'a str>) {
        for secret in secrets {
            self.want(Kind::Secret, secret);
        }
    }

    /// Someone names an integration.
    pub(crate) fn integration(&mut self, id: &str) {
        self.want(Kind::IntegrationId, id);
    }

    /// A body was delivered, with this signature.
    pub(crate) fn delivered(&mut self, body: &[u8], signature: &str) {
        self.want(Kind::Secret, signature);
        let text = String::from_utf8_lossy(body);
        let begins: String = text.chars().take(40).collect();
        if begins.len() >= 40 {
            self.want(Kind::Secret, &begins);
        }
        let event: Value = serde_json::from_slice(body).unwrap_or_default();
        let about = &event["data"];
        for subject in [about, &about["integration"]] {
            self.want_all(Kind::IntegrationId, subject, &["integration_id"]);
            self.want_all(Kind::Text, subject, &["log_url"]);
            let end_user = &subject["end_user"];
            self.want_all(
                Kind::Text,
                end_user,
                &["creator_email", "organization_name"],
            );
            self.want_all(Kind::Named, end_user, &["origin_id"]);
        }
        let kind = event["type"].as_str().unwrap_or_default();
        if matches!(kind, "integration-created" | "integration-deleted") {
            self.want_all(Kind::IntegrationId, about, &["id"]);
        }
        self.want_all(Kind::IntegrationId, &about["integration"], &["id"]);
        self.want_all(Kind::Text, &about["issue"], &["title", "markdown_message"]);
        self.want_all(Kind::Named, &event, &["id", "type"]);
    }

    /// A line of the log.
    pub(crate) fn look_in_log(&self, line: &str) {
        self.look(
            "the log",
            line,
            &[Kind::Secret, Kind::IntegrationId, Kind::Text],
        );
    }

    /// A message to Slack.
    pub(crate) fn look_in_slack(&self, message: &str) {
        self.look("Slack", message, &[Kind::Secret, Kind::IntegrationId]);
    }

    /// An answer of the API to an authorized reader, or a rejection.
    pub(crate) fn look_in_answer(&self, answer: &Answer) {
        let refused = [Kind::Secret, Kind::IntegrationId, Kind::Text];
        let kinds = if answer.status >= 400 {
            &refused[..]
        } else {
            &refused[..1]
        };
        self.look("an answer", &answer.body, kinds);
    }

    /// A page that a person sees who acts on an incident.
    pub(crate) fn look_in_page(&self, html: &str) {
        self.look("a page", html, &[Kind::Secret, Kind::IntegrationId]);
    }

    fn want_all(&mut self, kind: Kind, of: &Value, fields: &[&str]) {
        for text in fields.iter().filter_map(|field| of[field].as_str()) {
            self.want(kind, text);
        }
    }

    fn want(&mut self, kind: Kind, text: &str) {
        let known = self.wanted.get(text);
        if text.len() < MIN_LENGTH || known.is_some_and(|(kind, _)| *kind == Kind::Named) {
            return;
        }
        let in_json = serde_json::to_string(text).unwrap();
        let in_json = in_json.trim_matches('"').to_owned();
        let in_url = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let forms = vec![text.to_owned(), in_json, in_url];
        self.wanted.insert(text.to_owned(), (kind, forms));
    }

    fn look(&self, place: &str, text: &str, kinds: &[Kind]) {
        for (wanted, (kind, forms)) in &self.wanted {
            let is_there = kinds.contains(kind) && forms.iter().any(|form| text.contains(form));
            // A text within a name that may be shown cannot be distinguished from it.
            let is_named = || {
                let mut all = self.wanted.iter();
                *kind == Kind::Text
                    && all.any(|(name, (kind, _))| *kind == Kind::Named && name.contains(wanted))
            };
            assert!(
                !is_there || is_named(),
                "{place} shows {wanted:?} ({kind:?}): {text}"
            );
        }
    }
}

#[test]
fn a_leak_is_found_in_the_log_in_slack_and_in_a_rejection() {
    let mut leaks = Leaks::default();
    leaks.secret(["canary-secret"]);
    let event = crate::kombo::created("event-1", "hibob:Canary/1", Some("customer-42"));
    let body = event.to_string();
    leaks.delivered(body.as_bytes(), "canary-signature");
    let refusal = |body: &str| Answer {
        status: 400,
        headers: Vec::new(),
        cookie: None,
        body: body.to_owned(),
    };
    let panics = |look: &dyn Fn()| {
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(look));
        looked.is_err()
    };
    for leak in [
        "canary-secret",
        "canary-signature",
        body.as_str(),
        "hibob:Canary/1",
        "https://x/hibob%3ACanary%2F1",
    ] {
        assert!(panics(&|| leaks.look_in_log(leak)), "{leak}");
        assert!(panics(&|| leaks.look_in_slack(leak)), "{leak}");
        assert!(panics(&|| leaks.look_in_answer(&refusal(leak))), "{leak}");
    }
    for personal in ["hr@example.com", "Customer customer-42"] {
        assert!(panics(&|| leaks.look_in_log(personal)), "{personal}");
        assert!(
            panics(&|| leaks.look_in_answer(&refusal(personal))),
            "{personal}"
        );
        assert!(!panics(&|| leaks.look_in_slack(personal)), "{personal}");
    }
    leaks.look_in_log(r#"{"event_id":"event-1","origin_id":"customer-42"}"#);
}
