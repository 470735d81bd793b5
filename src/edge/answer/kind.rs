//! The kinds of problems, as callers see them: the `type`, `title` and `detail` of
//! problem documents (RFC 9457). All are constants.

/// A kind of problem.
pub(super) struct Kind {
    pub(super) status: u16,
    /// The last part of the `type`.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) detail: &'static str,
}

const fn kind(status: u16, name: &'static str, title: &'static str, detail: &'static str) -> Kind {
    Kind {
        status,
        name,
        title,
        detail,
    }
}

pub(super) const SIGNATURE: Kind = kind(
    401,
    "signature",
    "Not signed by Kombo",
    "The header X-Kombo-Signature must hold the base64url of the HMAC-SHA256 of the body.",
);

pub(super) const NOT_AN_EVENT: Kind = kind(
    400,
    "not-an-event",
    "Not an event",
    "The body must be a UTF-8 JSON object with text in `id` (1 to 256 bytes) and `type`.",
);

pub(super) const TOO_LARGE: Kind = kind(
    413,
    "too-large",
    "Too large",
    "The body must not exceed 1 MiB.",
);

pub(super) const BROKEN_BODY: Kind = kind(
    400,
    "broken-body",
    "Body incomplete",
    "The body broke off before its end.",
);

pub(super) const NOT_CONFIGURED: Kind = kind(
    503,
    "not-configured",
    "Not configured",
    "This deployment lacks what it needs to store events; its log says what.",
);

pub(super) const NOT_STORED: Kind = kind(
    503,
    "not-stored",
    "Not stored",
    "The event could not be stored. Send it again.",
);

pub(super) const NOT_FOUND: Kind = kind(
    404,
    "not-found",
    "Not found",
    "Nothing stands at this path.",
);

pub(super) const METHOD: Kind = kind(
    405,
    "method-not-allowed",
    "Method not allowed",
    "This path takes the methods in `Allow`.",
);

pub(super) const BAD_ID: Kind = kind(
    400,
    "bad-id",
    "Not an id",
    "An id in the path must be percent-encoded UTF-8, and of the form and length of its kind.",
);

pub(super) const API_DISABLED: Kind = kind(
    503,
    "api-disabled",
    "API disabled",
    "Set API_TOKEN or API_READ_TOKEN to open this path.",
);

pub(super) const TOKEN: Kind = kind(
    401,
    "token",
    "Not authorized",
    "This path needs the header `Authorization: Bearer` with a token that opens it.",
);

pub(super) const BAD_BODY: Kind = kind(
    400,
    "bad-body",
    "Bad body",
    "The body must be a JSON object.",
);

pub(super) const BAD_TOOL: Kind = kind(
    400,
    "bad-tool",
    "Bad tool",
    "`tool` must be null or a tool as Kombo names it.",
);

pub(super) const BAD_UNTIL: Kind = kind(
    400,
    "bad-until",
    "Bad end",
    "`until` must be an RFC 3339 date-time within the next 30 days.",
);

pub(super) const TOO_MANY_MUTES: Kind = kind(
    400,
    "too-many-mutes",
    "Too many mutes",
    "This customer has as many mutes as it can. End one first.",
);

pub(super) const BAD_ORIGIN_ID: Kind = kind(
    400,
    "bad-origin-id",
    "Bad customer id",
    "`origin_id` must be a text of 1 to 503 bytes that is not only white space.",
);

pub(super) const BAD_FIELD: Kind = kind(
    400,
    "bad-field",
    "Bad field",
    "A field is of another type than it should be: see the contract.",
);

pub(super) const BAD_LIMIT: Kind = kind(
    400,
    "bad-limit",
    "Bad limit",
    "`limit` must be a number from 1 to 1000.",
);

pub(super) const BAD_CURSOR: Kind = kind(
    400,
    "bad-cursor",
    "Bad cursor",
    "`cursor` must be one that a page of the same list ended with.",
);

pub(super) const BAD_COPY: Kind = kind(
    400,
    "bad-copy",
    "Not a copy",
    "The body must be a copy of an object, as GET /v1/objects gives it.",
);

pub(super) const TOO_MANY_AT_ONCE: Kind = kind(
    400,
    "too-many-at-once",
    "Too many at once",
    "As many alerts as can wait to be sent again. Try in a minute, or retry all.",
);

pub(super) const NOTHING: Kind = kind(
    404,
    "nothing",
    "None",
    "It was asked for, and there is none.",
);

pub(super) const GONE: Kind = kind(
    410,
    "gone",
    "Deleted",
    "The integration was deleted, so it belongs to nobody.",
);

pub(super) const CONFLICT: Kind = kind(
    409,
    "conflict",
    "Another customer's",
    "The integration belongs to another customer, and an import moves nothing.",
);

pub(super) const NO_REPLY: Kind = kind(
    503,
    "no-reply",
    "No reply",
    "What was asked did not reply in time. Ask again.",
);
