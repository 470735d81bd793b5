//! What Slack's response means for the message, for the webhook, and for the next attempt.
//!
//! When the next attempt happens is up to `notifier`.

use core::time::Duration;

use thiserror::Error;

use crate::domain::http::Answered;

/// The shortest and longest wait that a `Retry-After` can ask for, in seconds.
const RETRY_AFTER: (u64, u64) = (1, 15 * 60);

/// The wait after a 429 without a `Retry-After`, in seconds.
const DEFAULT_RETRY_AFTER: u64 = 30;

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

/// Judges Slack's response to a post.
#[must_use]
pub fn judge(answer: &Answered) -> Verdict {
    match answer.status {
        200..=299 => Verdict::Delivered,
        429 => Verdict::Wait(retry_after(answer.retry_after.as_deref())),
        400 | 413 => Verdict::RefusedMessage(refusal(answer)),
        300..=499 => Verdict::RefusedHook(refusal(answer)),
        status => Verdict::Retry(format!("Slack answered {status}")),
    }
}

/// `Retry-After` in seconds (RFC 9110; Slack sends no dates), within bounds.
fn retry_after(header: Option<&str>) -> Duration {
    let seconds = header
        .and_then(|text| text.trim().parse::<u64>().ok())
        .unwrap_or(DEFAULT_RETRY_AFTER);
    Duration::from_secs(seconds.clamp(RETRY_AFTER.0, RETRY_AFTER.1))
}

fn refusal(answer: &Answered) -> Refusal {
    let code = answer.body.trim();
    let known = !code.is_empty()
        && code.len() <= 60
        && code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let code = if known { code } else { "no known reason" };
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
        _ => "check that the URL belongs to an incoming webhook; if it does, create a new webhook",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str, retry_after: Option<&str>) -> Verdict {
        judge(&Answered {
            status,
            body: body.to_owned(),
            retry_after: retry_after.map(str::to_owned),
        })
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
    fn any_2xx_is_delivered_whatever_its_body() {
        for (status, body) in [(200, "ok"), (204, ""), (201, "{}")] {
            assert_eq!(answered(status, body, None), Verdict::Delivered);
        }
    }

    #[test]
    fn waits_as_long_as_slack_asks_but_between_1_second_and_15_minutes() {
        let seconds = |seconds| Verdict::Wait(Duration::from_secs(seconds));
        assert_eq!(waits(Some("7")), seconds(7));
        assert_eq!(waits(Some("0")), seconds(1));
        assert_eq!(waits(Some("86400")), seconds(900));
        assert_eq!(waits(None), seconds(30));
        assert_eq!(waits(Some("soon")), seconds(30));
    }

    #[test]
    fn a_server_error_is_retried() {
        assert!(matches!(
            answered(500, "rollup_error", None),
            Verdict::Retry(_)
        ));
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
        assert_eq!(refusal.reason, "Slack answered 404: no known reason");
    }
}
