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
    "The X-Kombo-Signature header must be the base64url-encoded HMAC-SHA256 of the body.",
);

pub(super) const NOT_JSON: Kind = kind(400, "not-json", "Not JSON", "The body must be UTF-8 JSON.");

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
    "The body ended early. Send the request again.",
);

pub(super) const NOT_CONFIGURED: Kind = kind(
    503,
    "not-configured",
    "Not configured",
    "The deployment is missing a setting that it needs to store events. Its log names the setting.",
);

pub(super) const NOT_STORED: Kind = kind(
    503,
    "not-stored",
    "Not stored",
    "The event could not be stored. Retry the request.",
);

pub(super) const NOT_FOUND: Kind = kind(
    404,
    "not-found",
    "Not found",
    "There is no resource at this path.",
);

pub(super) const METHOD: Kind = kind(
    405,
    "method-not-allowed",
    "Method not allowed",
    "This path supports the methods in the `Allow` header.",
);

pub(super) const BAD_ID: Kind = kind(
    400,
    "bad-id",
    "Invalid id",
    "An id in the path must be percent-encoded UTF-8 of the documented form and length.",
);

pub(super) const API_DISABLED: Kind = kind(
    503,
    "api-disabled",
    "API disabled",
    "Set API_TOKEN or API_READ_TOKEN to enable this path.",
);

pub(super) const TOKEN: Kind = kind(
    401,
    "token",
    "Not authorized",
    "This path requires an `Authorization: Bearer` header with a valid token.",
);

pub(super) const NO_ACCESS: Kind = kind(
    403,
    "no-access",
    "No access",
    "The service binding must have `props = { access = 'read' }`.",
);

pub(super) const BAD_BODY: Kind = kind(
    400,
    "bad-body",
    "Invalid body",
    "The body must be a JSON object.",
);

pub(super) const BAD_TOOL: Kind = kind(
    400,
    "bad-tool",
    "Invalid tool",
    "`tool` must be null or the name of a tool as Kombo spells it.",
);

pub(super) const BAD_UNTIL: Kind = kind(
    400,
    "bad-until",
    "Invalid end time",
    "`until` must be an RFC 3339 date-time within the next 30 days.",
);

pub(super) const TOO_MANY_MUTES: Kind = kind(
    400,
    "too-many-mutes",
    "Too many mutes",
    "This customer has the maximum number of mutes. Remove one first.",
);

pub(super) const BAD_ORIGIN_ID: Kind = kind(
    400,
    "bad-origin-id",
    "Invalid customer id",
    "`origin_id` must be a string of 1 to 503 bytes that is not blank.",
);

pub(super) const BAD_FIELD: Kind = kind(
    400,
    "bad-field",
    "Invalid field",
    "A field has the wrong type. See the API reference.",
);

pub(super) const BAD_LIMIT: Kind = kind(
    400,
    "bad-limit",
    "Invalid limit",
    "`limit` must be a number from 1 to 1000.",
);

pub(super) const BAD_CURSOR: Kind = kind(
    400,
    "bad-cursor",
    "Invalid cursor",
    "`cursor` must be the cursor of an earlier page of the same list.",
);

pub(super) const BAD_COPY: Kind = kind(
    400,
    "bad-copy",
    "Invalid backup",
    "The body must be a backup of an object, as returned by GET /v1/objects.",
);

pub(super) const TOO_MANY_AT_ONCE: Kind = kind(
    400,
    "too-many-at-once",
    "Too many at once",
    "Too many alerts are waiting to be resent. Try again in a minute, or resend all of them.",
);

pub(super) const NOTHING: Kind = kind(
    404,
    "nothing",
    "Not found",
    "The requested resource does not exist.",
);

pub(super) const GONE: Kind = kind(
    410,
    "gone",
    "Deleted",
    "The integration was deleted at Kombo.",
);

pub(super) const CONFLICT: Kind = kind(
    409,
    "conflict",
    "Conflict",
    "The integration belongs to another customer, and an import never moves an integration.",
);

pub(super) const NO_REPLY: Kind = kind(
    503,
    "no-reply",
    "No reply",
    "The object did not reply in time. Retry the request.",
);
