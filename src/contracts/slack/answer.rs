//! What Slack's response means for the message, for the webhook, and for the next attempt.
//!
//! When the next attempt happens is up to `notifier`.

use core::time::Duration;

use serde::Deserialize;
use thiserror::Error;

use crate::domain::http::Answered;
use crate::domain::json::{Lenient, parse_foreign};
use crate::domain::time::Timestamp;

/// The shortest and longest wait that a `Retry-After` can ask for.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(15));

/// The wait after a 429 without a `Retry-After`.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(30);

/// Slack's codes about the webhook, whatever the message: nothing is posted until someone acts.
const ABOUT_THE_WEBHOOK: [&str; 10] = [
    "no_service",
    "no_service_id",
    "no_active_hooks",
    "invalid_token",
    "channel_is_archived",
    "channel_not_found",
    "action_prohibited",
    "posting_to_general_channel_denied",
    "no_team",
    "team_disabled",
];

/// What to do about a webhook when the answer does not say it.
const CHECK_THE_URL: &str =
    "check that the URL belongs to an incoming webhook; if it does, create a new webhook";

/// What follows from Slack's response to a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Slack has the message.
    Delivered,
    /// Rate limited and certainly not posted: wait this long.
    Wait(Duration),
    /// It may have been posted: retry with growing delays.
    Retry(String),
    /// Slack rejects this message but may accept others.
    RefusedMessage(Refusal),
    /// Slack rejects every message to this webhook until someone fixes it.
    RefusedHook(Refusal),
}

/// Slack's reason for rejecting a message, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}; {remedy}")]
pub struct Refusal {
    /// The status and Slack's error code, in a form that is safe to show.
    pub reason: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Refusal {
    /// The same answer to one unrelated message after another: it is about the webhook.
    #[must_use]
    pub fn of_every_message(self) -> Self {
        Self {
            reason: format!("{} to several unrelated messages", self.reason),
            remedy: CHECK_THE_URL,
        }
    }
}

/// Judges Slack's response to a post.
#[must_use]
pub fn judge(answer: &Answered, now: Timestamp) -> Verdict {
    let said = Said::of(&answer.body);
    if ABOUT_THE_WEBHOOK.contains(&said.code.as_str()) {
        return Verdict::RefusedHook(refusal(answer, &said));
    }
    match answer.status {
        200..=299 if said.is_page || said.is_failure => {
            Verdict::RefusedHook(refusal(answer, &said))
        }
        200..=299 => Verdict::Delivered,
        429 => Verdict::Wait(retry_after(answer, now)),
        400 | 413 => Verdict::RefusedMessage(refusal(answer, &said)),
        300..=407 | 409..=424 | 426..=499 => Verdict::RefusedHook(refusal(answer, &said)),
        status => Verdict::Retry(format!("Slack answered {status}")),
    }
}

/// `Retry-After`, within bounds.
fn retry_after(answer: &Answered, now: Timestamp) -> Duration {
    let (shortest, longest) = RETRY_AFTER;
    let wait = answer.wait(now).unwrap_or(DEFAULT_RETRY_AFTER);
    wait.clamp(shortest, longest)
}

/// What the body of an answer says.
struct Said {
    /// An error code; empty without one.
    code: String,
    /// Whether it is a page for people.
    is_page: bool,
    /// Whether it says that the message was not taken.
    is_failure: bool,
}

impl Said {
    fn of(body: &str) -> Self {
        /// How receivers report a failure in JSON.
        #[derive(Deserialize)]
        struct Report {
            ok: Option<Lenient<bool>>,
            success: Option<Lenient<bool>>,
            error: Option<Lenient<String>>,
        }
        let body = body.trim_start_matches('\u{feff}').trim();
        let mut said = Self {
            code: body.to_owned(),
            is_page: is_html(body),
            is_failure: false,
        };
        if let Ok(report) = parse_foreign::<Report>(body) {
            let outcomes = [report.ok, report.success].map(|it| it.and_then(Lenient::ok));
            said.is_failure = outcomes.contains(&Some(false));
            said.code = report.error.and_then(Lenient::ok).unwrap_or_default();
        }
        if !is_code(&said.code) {
            said.code.clear();
        }
        said
    }
}

/// Whether a text has the form of Slack's error codes, so that it is safe to show.
fn is_code(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    (1..=60).contains(&text.len()) && text.bytes().all(is_plain)
}

/// Whether a body is a page for people. Its type is no sign: Slack says `ok` as `text/html`.
fn is_html(body: &str) -> bool {
    const BEGINNINGS: [&str; 5] = ["<!doctype html", "<html", "<head", "<body", "<!--"];
    BEGINNINGS.into_iter().any(|beginning| {
        let start = body.get(..beginning.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    })
}

fn refusal(answer: &Answered, said: &Said) -> Refusal {
    let code = match said.code.as_str() {
        "" if said.is_page => "a web page",
        "" if said.is_failure => "a failure",
        "" => "no known reason",
        code => code,
    };
    Refusal {
        reason: format!("Slack answered {}: {code}", answer.status),
        remedy: remedy(code),
    }
}

/// What to do about an error code (Slack's reference, "Handling errors").
fn remedy(code: &str) -> &'static str {
    match code {
        "no_service" | "no_service_id" | "no_active_hooks" | "invalid_token" => {
            "the webhook was removed, disabled or revoked: create a new one in the Slack app and set its URL"
        }
        "channel_is_archived" => "unarchive the channel, or create a webhook for another channel",
        "channel_not_found" => "the channel no longer exists: create a webhook for another channel",
        "action_prohibited" => "an admin restricted posting: ask your workspace admin",
        "posting_to_general_channel_denied" => {
            "posting to #general is restricted: create a webhook for another channel"
        }
        "no_team" | "team_disabled" => {
            "the workspace is disabled or no longer exists: create a webhook in another workspace"
        }
        "user_not_found" => "the mentioned user does not exist: correct SLACK_MENTION",
        "invalid_payload"
        | "invalid_blocks"
        | "invalid_blocks_format"
        | "msg_blocks_too_long"
        | "no_text"
        | "invalid_attachments"
        | "too_many_attachments" => {
            "the message is malformed: report this as a bug, with the log line"
        }
        _ => CHECK_THE_URL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str, retry_after: Option<&str>) -> Verdict {
        let answer = Answered {
            status,
            body: body.to_owned(),
            retry_after: retry_after.map(str::to_owned),
        };
        judge(&answer, Timestamp::parse("2026-11-23T08:00:00Z").unwrap())
    }

    fn waits(header: Option<&str>) -> Verdict {
        answered(429, "", header)
    }

    /// Why Slack rejects every message to a webhook.
    fn refused(status: u16, body: &str) -> Refusal {
        match answered(status, body, None) {
            Verdict::RefusedHook(refusal) => refusal,
            other => unreachable!("{status} should refuse the hook but gave {other:?}"),
        }
    }

    #[test]
    fn any_2xx_is_delivered_unless_its_body_says_otherwise() {
        for (status, body) in [
            (200, "ok"),
            (204, ""),
            (201, "{}"),
            (200, "{\"ok\":true}"),
            (200, "{\"id\":\"m-1\",\"ok\":null}"),
            (200, "true"),
            (202, "Message < 1 MB accepted"),
        ] {
            assert_eq!(answered(status, body, None), Verdict::Delivered, "{body}");
        }
    }

    #[test]
    fn a_page_or_an_explicit_failure_under_200_is_no_delivery() {
        for (body, reason) in [
            ("<!DOCTYPE html><title>Sign in</title>", "a web page"),
            ("\n <HTML><body>", "a web page"),
            ("<!-- portal --><html>", "a web page"),
            ("{\"ok\":false}", "a failure"),
            ("{\"success\":false,\"message\":\"no\"}", "a failure"),
            ("{\"ok\":false,\"error\":\"invalid_auth\"}", "invalid_auth"),
            ("no_service", "no_service"),
        ] {
            let refusal = refused(200, body);
            assert_eq!(refusal.reason, format!("Slack answered 200: {reason}"));
        }
    }

    #[test]
    fn a_code_about_the_webhook_refuses_it_whatever_the_status() {
        for status in [200, 400, 404, 413, 429, 500] {
            for code in ABOUT_THE_WEBHOOK {
                let reason = format!("Slack answered {status}: {code}");
                assert_eq!(refused(status, code).reason, reason);
            }
        }
        let json = refused(400, "{\"ok\":false,\"error\":\"team_disabled\"}");
        assert!(json.remedy.contains("workspace is disabled"), "{json}");
    }

    #[test]
    fn waits_as_long_as_slack_asks_but_between_1_second_and_15_minutes() {
        let seconds = |seconds| Verdict::Wait(Duration::from_secs(seconds));
        assert_eq!(waits(Some("7")), seconds(7));
        assert_eq!(waits(Some("0")), seconds(1));
        assert_eq!(waits(Some("86400")), seconds(900));
        assert_eq!(waits(None), seconds(30));
        assert_eq!(waits(Some("soon")), seconds(30));
        assert_eq!(waits(Some("99999999999999999999")), seconds(900));
        assert_eq!(waits(Some("Mon, 23 Nov 2026 08:02:00 GMT")), seconds(120));
        let fraction = Verdict::Wait(Duration::from_millis(1_500));
        assert_eq!(waits(Some("1.5")), fraction);
    }

    #[test]
    fn what_may_pass_by_itself_is_retried() {
        for (status, body) in [(500, "rollup_error"), (503, "<html>"), (408, ""), (425, "")] {
            assert!(
                matches!(answered(status, body, None), Verdict::Retry(_)),
                "{status}"
            );
        }
    }

    #[test]
    fn a_refused_message_differs_from_a_refused_hook() {
        for (status, body) in [(400, "invalid_blocks"), (413, ""), (400, "no_text")] {
            assert!(matches!(
                answered(status, body, None),
                Verdict::RefusedMessage(_)
            ));
        }
        for (status, body) in [
            (404, "no_service"),
            (403, "invalid_token"),
            (410, "channel_is_archived"),
            (403, "action_prohibited"),
            (302, ""),
            (418, "teapot"),
        ] {
            assert!(
                matches!(answered(status, body, None), Verdict::RefusedHook(_)),
                "{status}"
            );
        }
    }

    #[test]
    fn each_error_code_of_slack_has_a_remedy_that_fixes_it() {
        for (codes, remedy) in [
            (
                "no_service no_service_id no_active_hooks invalid_token",
                "the webhook was removed",
            ),
            ("channel_is_archived", "unarchive the channel"),
            ("channel_not_found", "the channel no longer exists"),
            ("action_prohibited", "ask your workspace admin"),
            ("posting_to_general_channel_denied", "posting to #general"),
            ("no_team team_disabled", "the workspace is disabled"),
            ("user_not_found", "correct SLACK_MENTION"),
            (
                "invalid_payload invalid_blocks invalid_blocks_format msg_blocks_too_long no_text invalid_attachments too_many_attachments",
                "report this as a bug",
            ),
            (
                "teapot",
                "check that the URL belongs to an incoming webhook",
            ),
        ] {
            for code in codes.split(' ') {
                let refusal = refused(403, code);
                assert!(refusal.to_string().contains(remedy), "{refusal}");
            }
        }
    }

    #[test]
    fn a_refusal_has_the_code_and_its_remedy_but_never_an_arbitrary_body() {
        let refusal = refused(404, "no_service");
        assert_eq!(refusal.reason, "Slack answered 404: no_service");
        assert!(refusal.remedy.contains("create a new one"));
        let refusal = refused(404, "<html>secret");
        assert_eq!(refusal.reason, "Slack answered 404: a web page");
        let refusal = refused(404, "Not found: secret");
        assert_eq!(refusal.reason, "Slack answered 404: no known reason");
    }
}
