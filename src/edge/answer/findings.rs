//! Findings: what `/healthz` found, and the answer that reports it.
//!
//! It shows names only, since anyone may request it. What counts as a problem is
//! decided in `settings` and by the Notifier.

use serde::Serialize;

use super::Answer;
use crate::contracts::objects::reply::Health;
use crate::domain::json::to_json;

/// What `/healthz` found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Names of settings and bindings that are missing or invalid.
    pub settings: Vec<&'static str>,
    /// The health of the Notifiers; `None` if one did not answer in time.
    pub notifier: Option<Health>,
}

#[derive(Serialize)]
struct HealthBody<'a> {
    status: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    settings: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    slack: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kv: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<&'static str>,
}

impl Findings {
    /// The answer: 200 if nothing was found, otherwise 503 with names only.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let health = self.notifier.unwrap_or_default();
        let slack = health.slack_failing.then_some("failing");
        let kv = health.kv_late.then_some("late");
        let objects = self.notifier.is_none().then_some("unreachable");
        let well = self.settings.is_empty() && slack.or(kv).or(objects).is_none();
        let body = HealthBody {
            status: if well { "ok" } else { "failing" },
            version: env!("CARGO_PKG_VERSION"),
            settings: &self.settings,
            slack,
            kv,
            objects,
        };
        let status = if well { 200 } else { 503 };
        Answer::new(status, "application/json", to_json(&body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(answer: &Answer) -> serde_json::Value {
        serde_json::from_str(&answer.body).unwrap()
    }

    #[test]
    fn health_is_red_for_each_single_finding_and_names_it() {
        let well = Findings {
            settings: vec![],
            notifier: Some(Health::default()),
        };
        assert_eq!(well.answer().status, 200);
        assert_eq!(body(&well.answer())["status"], "ok");
        let missing = Findings {
            settings: vec!["SLACK_WEBHOOK_URL"],
            ..well.clone()
        };
        assert_eq!(missing.answer().status, 503);
        assert_eq!(body(&missing.answer())["settings"][0], "SLACK_WEBHOOK_URL");
        let slack = Findings {
            notifier: Some(Health {
                slack_failing: true,
                kv_late: false,
            }),
            ..well.clone()
        };
        assert_eq!(body(&slack.answer())["slack"], "failing");
        assert_eq!(slack.answer().status, 503);
        let kv = Findings {
            notifier: Some(Health {
                slack_failing: false,
                kv_late: true,
            }),
            ..well.clone()
        };
        assert_eq!(body(&kv.answer())["kv"], "late");
        assert_eq!(kv.answer().status, 503);
        let silent = Findings {
            notifier: None,
            ..well
        };
        assert_eq!(body(&silent.answer())["objects"], "unreachable");
        assert_eq!(silent.answer().status, 503);
    }
}
