// The checks of the doctor, in the order of its report.

import { randomBytes } from "node:crypto";
import { SIGNATURE_HEADER, freshId, sign } from "../../dev/kombo.mjs";
import { BLOCKED_REMEDY, blockedBy, isBlocked } from "../bot-protection.mjs";
import { WEBHOOK_PATH } from "../local-settings.mjs";
import { Stop } from "../project.mjs";
import { logCommand, secretCommand, setupCommand } from "../worker-name.mjs";
import { alertArrives, channels } from "./alert.mjs";
import { kindOf, send, unasked, well, wrong } from "./requests.mjs";
import { versionRuns } from "./version.mjs";

/** By which the Worker knows a delivery of the doctor, and does not count it; see src/edge/delivery.rs. */
const DOCTOR_HEADER = "X-Kombo-Edge-Doctor";
// Slack shows times to the minute.
const CLOCK_TOLERANCE_MS = 30_000;

/**
 * The findings of all checks. `isAlertSent` says whether to send a test message to the channel, and
 * `version` which version the Worker must run, if it must run a certain one.
 */
export async function checkAll({ url, secret, token, readToken, isAlertSent, version }) {
  const health = await send(url, "/healthz");
  if (isBlocked(health)) return [blocked("bot-protection", health)];
  if (typeof health.json?.version !== "string")
    throw new Stop(
      `${url.origin} is not a kombo-edge Worker: /healthz answered ${health.status}. Check the URL.`,
    );
  const intake = await send(url, "/healthz/intake");
  const { findings: tokens, status } = await tokenChecks(url, token, readToken);
  return [
    versionRuns(url, health, version),
    acceptsEvents(url, intake),
    settings(url, health, intake),
    documents(health, status),
    ...tokens,
    ...(status ? [lastEvent(url, status), ...misdirected(status)] : []),
    await wrongSignature(url),
    await rightSignature(url, secret),
    ...channels(health, status),
    ...(status && isAlertSent ? [await alertArrives(url, token, status)] : []),
    clock(health),
  ];
}

const blocked = (name, response) =>
  wrong(
    name,
    `Cloudflare's bot protection answered in place of the Worker (${blockedBy(response)}).`,
    BLOCKED_REMEDY,
  );

function acceptsEvents(url, { status, json }) {
  if (status === 200) return well("intake", "The Worker can store events.");
  const names = json?.settings?.join(", ") ?? `the answer was ${status}`;
  return wrong(
    "intake",
    `The Worker rejects Kombo's events: ${names}.`,
    `Set them (${setupCommand(url)}). Until then, Kombo's deliveries get a 503.`,
  );
}

function settings(url, { json }, intake) {
  const known = new Set(intake.json?.settings ?? []);
  const others = (json.settings ?? []).filter((name) => !known.has(name));
  if (others.length === 0) return well("settings", "No other setting is missing or invalid.");
  return wrong(
    "settings",
    `Missing or invalid: ${others.join(", ")}.`,
    `The log says what is wrong with each, in lines whose "event" is "configuration"
(${logCommand(url)}, or Workers Logs). Until then each counts as its default.`,
  );
}

function documents({ json }, status) {
  if (json.objects === "unreachable")
    return wrong(
      "objects",
      "The Worker's objects do not answer.",
      "Check Cloudflare's status page and the log. Kombo's deliveries get a 503.",
    );
  if (json.kv !== "late") return well("documents", "The documents in Workers KV are up to date.");
  const { late_since: since, late_reason: reason, late_customers: count } = status?.watch ?? {};
  return wrong(
    "documents",
    since
      ? `Workers KV has been behind since ${since}, for ${count} customers: ${reason}.`
      : "Workers KV is behind.",
    `The Worker catches up as soon as Workers KV accepts writes; nothing is lost. If it lasts, check whether
the plan's daily writes are used up, and Cloudflare's status page.`,
  );
}

/**
 * Whether the API rejects requests without a token and accepts the tokens; and its status, if readable.
 */
async function tokenChecks(url, token, readToken) {
  const closed = await send(url, "/v1/status");
  if (closed.status === 503 && kindOf(closed) === "api-disabled")
    return {
      findings: [
        unasked(
          "api",
          "The API under /v1 is disabled: there is no API_TOKEN.",
          `Set one (${setupCommand(url)}) to see which alerts are waiting, and to use this project's commands.`,
        ),
      ],
    };
  const findings = [withoutToken(url, closed)];
  if (!token) {
    findings.push(
      unasked("api-token", "Could not check API_TOKEN: none was given.", "Set API_TOKEN."),
    );
    return { findings };
  }
  const open = await send(url, "/v1/status", { token });
  findings.push(withToken(url, "api-token", "API_TOKEN", open));
  if (readToken) {
    const read = await send(url, "/v1/status", { token: readToken });
    findings.push(withToken(url, "api-read-token", "API_READ_TOKEN", read));
  }
  return { findings, status: open.status === 200 ? open.json : undefined };
}

function withoutToken(url, { status }) {
  const name = "api-closed";
  if (status === 401) return well(name, "The API under /v1 requires a token.");
  const says = `/v1/status answered ${status} without a token instead of 401.`;
  return status >= 500
    ? wrong(name, says, `The Worker fails: see the log (${logCommand(url)}).`)
    : wrong(name, says, "Something else answers in front of the Worker, or it is another Worker.");
}

// Only 401 says something about the token.
function withToken(url, name, setting, { status }) {
  if (status === 200) return well(name, `${setting} works.`);
  if (status === 401)
    return wrong(
      name,
      `The given ${setting} is not the Worker's: /v1/status answered 401.`,
      `Use the Worker's token, or set a new one: ${secretCommand(url, setting)}`,
    );
  return unasked(
    name,
    `Could not check ${setting}: /v1/status answered ${status}.`,
    `This does not depend on the token. See the log (${logCommand(url)}), then run the doctor again.`,
  );
}

function lastEvent(url, { watch }) {
  const { last_event_at: at, refused_signatures_24h: refused } = watch;
  const { malformed_signatures_24h: malformed = 0, missing_signatures_24h: missing = 0 } = watch;
  const wrongOnes = refused - malformed;
  const kinds = [
    wrongOnes > 0 && `${wrongOnes} with a wrong signature`,
    malformed > 0 && `${malformed} with a signature of another form than Kombo's`,
    missing > 0 && `${missing} without a signature, as scanners send them`,
  ].filter(Boolean);
  const rejected =
    kinds.length === 0 ? "" : ` Deliveries rejected in the last 24 h: ${kinds.join(", ")}.`;
  if (at !== null) return well("events", `Kombo's last event arrived at ${at}.${rejected}`);
  if (refused === 0) return well("events", `No event from Kombo has arrived yet.${rejected}`);
  return wrong(
    "events",
    `No event from Kombo was ever accepted, and ${refused} were rejected for their signatures in the last 24 h.${rejected}`,
    wrongOnes > 0 ? wrongSecret(url) : OTHER_FORM,
  );
}

const wrongSecret = (
  url,
) => `KOMBO_WEBHOOK_SECRET is probably not the secret that Kombo uses. Copy it from
https://app.kombo.dev/configuration/webhooks, in the environment of this deployment (${setupCommand(url)}).`;
const OTHER_FORM = `Something in front of the Worker may change the header X-Kombo-Signature, or Kombo has changed its signatures.
See "No events arrive" in docs/operations.md.`;

/** Deliveries that Kombo sent to another path of the Worker. */
const misdirected = ({ watch: { misdirected_24h: count, hint } }) =>
  count > 0
    ? [wrong("path", `Kombo sent ${count} events to another path in the last 24 h.`, hint)]
    : [];

/** Delivers an event of a type that the Worker ignores, so that nothing is stored or counted. */
function deliver(url, secret) {
  const body = JSON.stringify({ id: freshId(), type: "kombo-edge-doctor", data: {} });
  const headers = {
    "content-type": "application/json",
    [SIGNATURE_HEADER]: sign(body, secret),
    [DOCTOR_HEADER]: "1",
  };
  return send(url, WEBHOOK_PATH, { method: "POST", headers, body });
}

async function wrongSignature(url) {
  const response = await deliver(url, randomBytes(32).toString("hex"));
  const { status } = response;
  if (isBlocked(response)) return blocked("signature-wrong", response);
  if (status === 401)
    return well(
      "signature-wrong",
      "A wrong signature is rejected. The doctor's own deliveries are not counted.",
    );
  if (status === 503)
    return unasked(
      "signature-wrong",
      "Could not check that a wrong signature is rejected: the Worker accepts nothing.",
    );
  return wrong(
    "signature-wrong",
    `A delivery with a wrong signature got ${status} instead of 401.`,
    "Take the Worker offline: anyone could write into the mapping. Or something else answers at this URL.",
  );
}

async function rightSignature(url, secret) {
  const name = "signature-right";
  if (!secret)
    return unasked(
      name,
      "Could not check that a right signature is accepted: no secret was given.",
      "Set KOMBO_WEBHOOK_SECRET.",
    );
  const response = await deliver(url, secret);
  const { status, json } = response;
  if (isBlocked(response)) return blocked(name, response);
  if (status === 200 && json?.outcome === "ignored")
    return well(name, "A right signature is accepted.");
  if (status === 401)
    return wrong(
      name,
      "The given KOMBO_WEBHOOK_SECRET is not the Worker's.",
      `Compare it with https://app.kombo.dev/configuration/webhooks. If it is Kombo's, the Worker has the
wrong one and rejects every event: ${setupCommand(url)}`,
    );
  return wrong(name, `A signed delivery got ${status}.`, "Fix the problems above first.");
}

// The times in alerts depend on the clock; signatures do not, since Kombo does not sign a time.
function clock({ headers, sentAt, receivedAt }) {
  const theirs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(theirs))
    return well("clock", "The Worker sends no time; a local runtime never does.");
  const skew = Math.round((theirs - (sentAt + receivedAt) / 2) / 1000);
  if (Math.abs(skew) * 1000 <= CLOCK_TOLERANCE_MS)
    return well("clock", "The Worker's clock and this machine's agree.");
  return wrong(
    "clock",
    `The Worker's clock and this machine's differ by ${Math.abs(skew)} s.`,
    `Alerts show the Worker's time, and Cloudflare's clock is rarely wrong: set this machine's clock.
Nothing else depends on it, not even signatures.`,
  );
}
