//! What an answer of Slack means for the message, for the hook, and for the next try.

use core::time::Duration;

use thiserror::Error;

use crate::domain::http::Answered;

/// Shortest and longest wait that a `Retry-After` can ask for.
const RETRY_AFTER: (u64, u64) = (1, 15 * 60);

/// The wait after a 429 without a `Retry-After`, in seconds.
const DEFAULT_RETRY_AFTER: u64 = 30;

/// What follows from one post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Slack has the message.
    Delivered,
    /// Too fast, certainly not posted: wait so long.
    Wait(Duration),
    /// It may have been posted: try again, later and later.
    Retry(String),
    /// Slack refuses this message, so the next one may fare better.
    RefusedMessage(Refusal),
    /// Slack refuses everything on this hook until a human acts.
    RefusedHook(Refusal),
}

/// Slack's reason for a refusal, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}; {remedy}")]
pub struct Refusal {
    /// The status and Slack's error code, in a form that is safe to show.
    pub reason: String,
    /// What a human does about it.
    pub remedy: &'static str,
}

/// Judges Slack's answer to a post.
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

/// What a human does about an error code (Slack's reference, "Handling errors").
fn remedy(code: &str) -> &'static str {
    match code {
        "no_service" | "no_service_id" | "no_active_hooks" | "invalid_token" => {
            "the webhook was removed, disabled or revoked: make a new one in the Slack app and set its URL"
        }
        "channel_is_archived" => "un-archive the channel, or make a webhook for another one",
        "channel_not_found" => "the channel is gone: make a webhook for another one",
        "action_prohibited" => "an admin restricted posting: ask the workspace's admin",
        "posting_to_general_channel_denied" => {
            "posting to #general is restricted: make a webhook for another channel"
        }
        "no_team" | "team_disabled" => "the workspace is gone: make a webhook in another one",
        "user_not_found" => "the mentioned user does not exist: correct the setting",
        "invalid_payload"
        | "invalid_blocks"
        | "invalid_blocks_format"
        | "msg_blocks_too_long"
        | "no_text"
        | "invalid_attachments"
        | "too_many_attachments" => "the message is malformed: report it with this log line",
        _ => "check that the URL is that of an incoming webhook, and make a new one if need be",
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

    /// Why Slack refuses everything on a hook.
    fn refused(status: u16, body: &str) -> Refusal {
        match answered(status, body, None) {
            Verdict::RefusedHook(refusal) => refusal,
            other => unreachable!("{status} refuses the hook, and means no {other:?}"),
        }
    }

    #[test]
    fn any_2xx_is_delivered_whatever_its_body() {
        for (status, body) in [(200, "ok"), (204, ""), (201, "{}")] {
            assert_eq!(answered(status, body, None), Verdict::Delivered);
        }
    }

    #[test]
    fn waits_as_long_as_slack_asks_within_a_second_and_a_quarter_of_an_hour() {
        let seconds = |seconds| Verdict::Wait(Duration::from_secs(seconds));
        assert_eq!(waits(Some("7")), seconds(7));
        assert_eq!(waits(Some("0")), seconds(1));
        assert_eq!(waits(Some("86400")), seconds(900));
        assert_eq!(waits(None), seconds(30));
        assert_eq!(waits(Some("soon")), seconds(30));
    }

    #[test]
    fn a_server_error_is_tried_again() {
        assert!(matches!(
            answered(500, "rollup_error", None),
            Verdict::Retry(_)
        ));
    }

    #[test]
    fn tells_a_refused_message_from_a_refused_hook() {
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
    fn each_reason_of_slack_has_the_remedy_that_mends_it() {
        for (codes, remedy) in [
            (
                "no_service no_service_id no_active_hooks invalid_token",
                "the webhook was removed",
            ),
            ("channel_is_archived", "un-archive the channel"),
            ("channel_not_found", "the channel is gone"),
            ("action_prohibited", "ask the workspace's admin"),
            ("posting_to_general_channel_denied", "posting to #general"),
            ("no_team team_disabled", "the workspace is gone"),
            ("user_not_found", "correct the setting"),
            (
                "invalid_payload invalid_blocks invalid_blocks_format msg_blocks_too_long no_text invalid_attachments too_many_attachments",
                "report it",
            ),
            (
                "teapot",
                "check that the URL is that of an incoming webhook",
            ),
        ] {
            for code in codes.split(' ') {
                let refusal = refused(403, code);
                assert!(refusal.to_string().contains(remedy), "{refusal}");
            }
        }
    }

    #[test]
    fn a_refusal_names_the_code_and_its_remedy_and_never_an_arbitrary_body() {
        let refusal = refused(404, "no_service");
        assert_eq!(refusal.reason, "Slack answered 404: no_service");
        assert!(refusal.remedy.contains("make a new one"));
        let refusal = refused(404, "<html>secret");
        assert_eq!(refusal.reason, "Slack answered 404: no known reason");
    }
}
