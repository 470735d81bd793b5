//! The kinds of lines: what happened, how it ended, and how much that matters.
//!
//! There are no others: only this file can make one. What each means and what to do about it is in
//! `docs/operations.md`; a test compares the two.

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// For the record.
    Info,
    /// Someone should act; the reason says how.
    Error,
}

/// A kind of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub(super) event: &'static str,
    pub(super) outcome: &'static str,
    pub(super) severity: Severity,
}

impl Kind {
    /// How it ended, in one word.
    #[must_use]
    pub const fn outcome(self) -> &'static str {
        self.outcome
    }
}

const fn info(event: &'static str, outcome: &'static str) -> Kind {
    Kind {
        event,
        outcome,
        severity: Severity::Info,
    }
}

const fn error(event: &'static str, outcome: &'static str) -> Kind {
    Kind {
        event,
        outcome,
        severity: Severity::Error,
    }
}

/// A delivery was stored.
pub const DELIVERY_ACCEPTED: Kind = info("delivery", "accepted");
/// It had been stored before.
pub const DELIVERY_DUPLICATE: Kind = info("delivery", "duplicate");
/// Its type is ignored, or it is not an event: then the reason says why.
pub const DELIVERY_IGNORED: Kind = info("delivery", "ignored");
/// It was signed, but lacks something needed.
pub const DELIVERY_QUARANTINED: Kind = info("delivery", "quarantined");
/// It was signed, but no object stored it.
pub const DELIVERY_NOT_STORED: Kind = error("delivery", "not_stored");
/// It is not from Kombo, is not JSON, or cannot be accepted.
pub const DELIVERY_REFUSED: Kind = error("delivery", "refused");
/// Kombo signed it, but sent it to another path.
pub const DELIVERY_MISDIRECTED: Kind = error("delivery", "misdirected");

/// Slack accepted a message.
pub const ALERT_DELIVERED: Kind = info("alert", "delivered");
/// The engineers' Notifier has no webhook, and the team's accepted the alert.
pub const ALERT_HANDED_OVER: Kind = info("alert", "handed_over");
/// Slack asks to wait.
pub const ALERT_RATE_LIMITED: Kind = info("alert", "rate_limited");
/// Slack may or may not have accepted it.
pub const ALERT_FAILED: Kind = error("alert", "failed");
/// Slack rejects this message.
pub const ALERT_MESSAGE_REFUSED: Kind = error("alert", "message_refused");
/// Slack rejects every message on this webhook.
pub const ALERT_HOOK_REFUSED: Kind = error("alert", "hook_refused");

/// A person did something about an incident.
pub const ACT_DONE: Kind = info("act", "done");
/// A person asked for a new link, and Kombo made none.
pub const ACT_FAILED: Kind = error("act", "failed");

/// Kombo reported the state of an integration.
pub const RECHECK_KNOWN: Kind = info("recheck", "known");
/// Kombo did not know the integration.
pub const RECHECK_UNKNOWN_ONCE: Kind = info("recheck", "unknown_once");
/// Kombo still did not know the integration a day later.
pub const RECHECK_UNKNOWN: Kind = info("recheck", "unknown");
/// Kombo does not accept the key.
pub const RECHECK_KEY_REFUSED: Kind = error("recheck", "key_refused");
/// The key is of another environment than the first.
pub const RECHECK_OTHER_ENVIRONMENT: Kind = error("recheck", "other_environment");
/// Nothing proves which environment the key belongs to.
pub const RECHECK_UNPROVEN: Kind = error("recheck", "unproven");
/// Kombo did not answer, or the answer was unusable.
pub const RECHECK_FAILED: Kind = error("recheck", "failed");

/// Another object did not accept a message.
pub const HAND_OVER_FAILED: Kind = error("hand_over", "failed");
/// Workers KV rejected a write, or its answer was lost.
pub const KV_WRITE_FAILED: Kind = error("kv_write", "failed");
/// A key could not be read back.
pub const KV_CHECK_FAILED: Kind = error("kv_check", "failed");
/// A key had a different value than was written.
pub const KV_CHECK_DIFFERED: Kind = error("kv_check", "differed");
/// Workers KV could not list keys.
pub const KV_LIST_FAILED: Kind = error("kv_list", "failed");
/// Kombo's API could not be reached.
pub const KOMBO_ASK_FAILED: Kind = error("kombo_ask", "failed");
/// Slack could not be reached.
pub const SLACK_POST_FAILED: Kind = error("slack_post", "failed");

/// A setting or a binding is missing or invalid.
pub const CONFIGURATION_INVALID: Kind = error("configuration", "invalid");
/// A stored row has a format that this version does not know.
pub const STATE_UNREADABLE: Kind = error("state", "unreadable");
/// A bug in the code.
pub const PANIC_CAUGHT: Kind = error("panic", "caught");
