// The checks of the doctor, in the order of their report. The API's state is asked for before anything
// is sent, so that nothing of it is the doctor's own.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { SIGNATURE_HEADER, freshId, sign } from "../../dev/kombo.mjs";
import { WEBHOOK_PATH } from "../local-settings.mjs";
import { inProject, Stop } from "../project.mjs";
import { alertArrives, channels } from "./alert.mjs";
import { ask, kindOf, unasked, well, wrong } from "./asking.mjs";

const SET_UP = "npm run setup";
// Times of Slack are shown to the minute.
const CLOCK_TOLERANCE_MS = 30_000;

/** Everything that can be found out. `isAlertSent` says whether a test message may go to the channel. */
export async function checkAll({ url, secret, token, readToken, isAlertSent }) {
  const health = await ask(url, "/healthz");
  if (typeof health.json?.version !== "string")
    throw new Stop(`At ${url.origin} something else answers (${health.status} to /healthz).`);
  const intake = await ask(url, "/healthz/intake");
  const { findings: doors, status } = await doorsOf(url, token, readToken);
  return [
    version(health),
    takesEvents(intake),
    settings(health, intake),
    documents(health, status),
    ...doors,
    ...(status ? [lastEvent(status)] : []),
    await wrongSignature(url),
    await rightSignature(url, secret),
    ...channels(health, status),
    ...(status && isAlertSent ? [await alertArrives(url, token, status)] : []),
    clock(health),
  ];
}

function version({ json: { version } }) {
  const { version: here } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  const differs = version === here ? "" : `; this copy of the project is ${here}`;
  return well("version", `It answers, in version ${version}${differs}.`);
}

function takesEvents({ status, json }) {
  if (status === 200) return well("intake", "It can store events.");
  const names = json?.settings?.join(", ") ?? `the answer was ${status}`;
  return wrong(
    "intake",
    `It refuses Kombo's events: ${names}.`,
    `Set what is named (${SET_UP}). Kombo's deliveries are answered with 503 until then.`,
  );
}

function settings({ json }, intake) {
  const known = new Set(intake.json?.settings ?? []);
  const others = (json.settings ?? []).filter((name) => !known.has(name));
  if (others.length === 0) return well("settings", "No other setting is missing or invalid.");
  return wrong(
    "settings",
    `Missing or invalid: ${others.join(", ")}.`,
    `The log says what is wrong with each, in lines whose "event" is "configuration"
(npx wrangler tail, or Workers Logs). Until then each counts as its default.`,
  );
}

function documents({ json }, status) {
  if (json.objects === "unreachable")
    return wrong(
      "objects",
      "Its objects do not answer.",
      "Look at Cloudflare's status page, and at the log. Kombo's deliveries are answered with 503.",
    );
  if (json.kv !== "late") return well("documents", "The documents in Workers KV are up to date.");
  const { late_since: since, late_reason: reason, late_customers: count } = status?.watch ?? {};
  return wrong(
    "documents",
    since
      ? `Documents in Workers KV are late since ${since}, of ${count} customers: ${reason}.`
      : "Documents in Workers KV are late.",
    `They follow by themselves as soon as Workers KV takes writes; nothing is lost. If it lasts, see whether
the plan's writes of a day are used up, and Cloudflare's status page.`,
  );
}

/** Whether the read routes are closed and open, and the API's state where it could be read. */
async function doorsOf(url, token, readToken) {
  const closed = await ask(url, "/v1/status");
  if (closed.status === 503 && kindOf(closed) === "api-disabled")
    return {
      findings: [
        unasked(
          "api",
          "The routes under /v1 are closed to everybody: it has no API_TOKEN.",
          `Set one (${SET_UP}) to see what waits for Slack, and for the commands of this project.`,
        ),
      ],
    };
  const findings = [closedDoor(closed)];
  if (!token) {
    findings.push(
      unasked("api-token", "Whether API_TOKEN opens /v1: no token was given.", "Set API_TOKEN."),
    );
    return { findings };
  }
  const open = await ask(url, "/v1/status", { token });
  findings.push(openDoor("api-token", "API_TOKEN", open));
  if (readToken) {
    const read = await ask(url, "/v1/status", { token: readToken });
    findings.push(openDoor("api-read-token", "API_READ_TOKEN", read));
  }
  return { findings, status: open.status === 200 ? open.json : undefined };
}

const closedDoor = ({ status }) =>
  status === 401
    ? well("api-closed", "The routes under /v1 are closed without a token.")
    : wrong(
        "api-closed",
        `/v1/status answered ${status} to somebody without a token, not 401.`,
        "Something stands in front of the Worker, or it is another one.",
      );

const openDoor = (name, setting, { status }) =>
  status === 200
    ? well(name, `${setting} opens the routes that read.`)
    : wrong(
        name,
        `/v1/status answered ${status} to the ${setting} that was given here.`,
        `Give the one that the Worker has, or set it anew: npx wrangler secret put ${setting}`,
      );

function lastEvent({ watch: { last_event_at: at, refused_signatures_24h: refused } }) {
  const refusals = refused === 0 ? "" : ` ${refused} were refused in the last 24 h.`;
  if (at !== null) return well("events", `The last event of Kombo came at ${at}.${refusals}`);
  if (refused === 0) return well("events", "No event of Kombo came yet.");
  return wrong(
    "events",
    `No event of Kombo was ever taken, and ${refused} were refused for their signatures in 24 h.`,
    `KOMBO_WEBHOOK_SECRET is probably not Kombo's: copy it from
https://app.kombo.dev/configuration/webhooks, in the environment of this deployment (${SET_UP}).`,
  );
}

/** Delivers an event of a type that the Worker ignores, so that nothing is stored. */
function deliver(url, secret) {
  const body = JSON.stringify({ id: freshId(), type: "kombo-edge-doctor", data: {} });
  const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: sign(body, secret) };
  return ask(url, WEBHOOK_PATH, { method: "POST", headers, body });
}

async function wrongSignature(url) {
  const { status } = await deliver(url, randomBytes(32).toString("hex"));
  if (status === 401) return well("signature-wrong", "A wrong signature is refused.");
  if (status === 503)
    return unasked("signature-wrong", "Whether a wrong signature is refused: it takes nothing.");
  return wrong(
    "signature-wrong",
    `A delivery that nobody signed was answered ${status}, not 401.`,
    "Take it offline: anybody could write into the mapping. Something else may answer at this URL.",
  );
}

async function rightSignature(url, secret) {
  const name = "signature-right";
  if (!secret)
    return unasked(
      name,
      "Whether it takes what Kombo signs: no secret was given.",
      "Set KOMBO_WEBHOOK_SECRET.",
    );
  const { status, json } = await deliver(url, secret);
  if (status === 200 && json?.outcome === "ignored")
    return well(name, "A right signature is taken.");
  if (status === 401)
    return wrong(
      name,
      "The KOMBO_WEBHOOK_SECRET that was given here is not the Worker's.",
      `Compare it with https://app.kombo.dev/configuration/webhooks. If it is Kombo's, the Worker has a wrong
one, and refuses every event: ${SET_UP}`,
    );
  return wrong(
    name,
    `A signed delivery was answered ${status}.`,
    "Mend what is named above first.",
  );
}

// Signatures don't depend on it: Kombo signs no time. The times in alerts do.
function clock({ headers, sentAt, cameAt }) {
  const theirs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return well("clock", "It tells no time, as a local runtime does not.");
  const off = Math.round((theirs - (sentAt + cameAt) / 2) / 1000);
  if (Math.abs(off) * 1000 <= CLOCK_TOLERANCE_MS)
    return well("clock", "Its clock and that of this machine agree.");
  return wrong(
    "clock",
    `Its clock and that of this machine differ by ${Math.abs(off)} s.`,
    `The times in alerts are the Worker's. Cloudflare's clock is hardly wrong: set this machine's.
Nothing else depends on it, signatures neither.`,
  );
}
