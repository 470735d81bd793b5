//! What is outside of the objects of the world: Workers KV, Slack, Kombo's
//! signature, and the settings of a deployment. The objects themselves, and what
//! passes between them, are in `world` and `messages_in_flight`.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kombo_edge::contracts::backend::Document;
use kombo_edge::contracts::operator::settings::Config;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::http::Answered;
use kombo_edge::machine::{Comparison, Listed, Outcome, Page};
use serde_json::Value;
use sha2::Sha256;

use crate::world::World;

const SECRET: &str = "kombo-test-secret";
const HOOK: &str = "https://hooks.slack.com/services/T/B/main";

/// The texts of the settings that must never be shown.
pub(crate) const SECRETS: [&str; 3] = [SECRET, HOOK, "/services/T/B/main"];

impl World {
    /// Workers KV writes a key, or removes it.
    pub(crate) fn write(&mut self, key: &str, document: Option<&Document>) -> Outcome<()> {
        self.kv_tries.push((self.now, key.to_owned()));
        if !self.kv_answers.is_empty() {
            return Err(self.kv_answers.remove(0));
        }
        self.kv_writes += 1;
        match document {
            Some(document) => {
                let value = serde_json::from_str(&document.value).unwrap();
                let stored = (value, document.metadata.clone());
                self.kv.insert(key.to_owned(), stored);
            }
            None => drop(self.kv.remove(key)),
        }
        Ok(())
    }

    /// Workers KV reads whether a key has a value.
    pub(crate) fn compare(&mut self, key: &str, value: &str) -> Comparison {
        self.kv_looks.push(key.to_owned());
        let value: Value = serde_json::from_str(value).unwrap();
        if self.document(key) == Some(&value) {
            Comparison::Same
        } else {
            Comparison::Differs
        }
    }

    /// Lists three keys a page.
    pub(crate) fn list(&mut self, prefix: &str, cursor: Option<&str>) -> Outcome<Listed> {
        self.kv_lists += 1;
        if !self.kv_answers.is_empty() {
            return Err(self.kv_answers.remove(0));
        }
        // The cursor of this KV is the last key of a page.
        if cursor.is_some_and(|cursor| !cursor.contains(':')) {
            return Ok(Listed::BadCursor);
        }
        let behind = |key: &&String| cursor.is_none_or(|cursor| key.as_str() > cursor);
        let keys = self.kv.keys().filter(|key| key.starts_with(prefix));
        let mut keys: Vec<&String> = keys.filter(behind).collect();
        let more = keys.len() > 3;
        keys.truncate(3);
        let cursor = keys.last().filter(|_| more).map(|key| (*key).clone());
        let metadata = |key: &String| self.kv[key].1.clone().unwrap_or_default();
        let keys = keys.into_iter().map(|key| (key.clone(), metadata(key)));
        Ok(Listed::Page(Page {
            keys: keys.collect(),
            cursor,
        }))
    }

    /// Slack accepts or rejects a message.
    pub(crate) fn take(&mut self, hook: Audience, payload: &str) -> Outcome<Answered> {
        self.leaks.look_in_slack(payload);
        let payload: Value = serde_json::from_str(payload).unwrap();
        self.posts.push((self.now, payload.clone()));
        let mut refuse = self.refuse.iter();
        let answer = if refuse.any(|text| payload.to_string().contains(text)) {
            answered(400, "invalid_blocks")
        } else if let (Audience::Team, Some(answer)) = (hook, &self.slack_answers_on_main) {
            answer.clone()
        } else if self.slack_answers.is_empty() {
            answered(200, "ok")
        } else {
            self.slack_answers.remove(0)
        };
        if answer == answered(200, "ok") {
            self.slack.push((hook, payload));
        }
        answer
    }
}

/// An answer over HTTP, as an outcome.
#[expect(clippy::unnecessary_wraps, reason = "a post comes to an outcome")]
pub(crate) fn answered(status: u16, body: &str) -> Outcome<Answered> {
    Ok(Answered {
        status,
        body: body.to_owned(),
        retry_after: None,
    })
}

/// The settings of every world, with these added.
pub(crate) fn config(settings: &[(&str, &str)]) -> Config {
    let given: BTreeMap<&str, &str> = [
        ("KOMBO_WEBHOOK_SECRET", SECRET),
        ("SLACK_WEBHOOK_URL", HOOK),
    ]
    .into_iter()
    .chain(settings.iter().copied())
    .collect();
    Config::parse(|name| given.get(name).map(|&value| value.to_owned()))
}

/// The signature that Kombo makes of a body.
pub(crate) fn sign(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes())
}
