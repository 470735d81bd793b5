// A stand-in for Kombo as the sender of webhooks: makes events and signs them as Kombo does. It does not
// retry, since Kombo's schedule is not public. The stand-in for the API is kombo-api.mjs.

import { createHash, createHmac, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

export const SIGNATURE_HEADER = "X-Kombo-Signature";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

const LOGS = "https://app.kombo.dev/env/production/logs?flowId=";

const fixtures = JSON.parse(
  readFileSync(new URL("../tests/fixtures/kombo-events.json", import.meta.url), "utf8"),
);

/** The names of the events: a type, or a type, a colon and a variant. */
export const eventNames = Object.keys(fixtures);

/** An id in Kombo's form: 24 base58 characters. */
export const freshId = () => Array.from({ length: 24 }, () => BASE58[randomInt(58)]).join("");

/** An id in the same form, derived from a text. */
export const idOf = (text) =>
  [...createHash("sha256").update(text, "utf8").digest().subarray(0, 24)]
    .map((byte) => BASE58[byte % 58])
    .join("");

/** The id of an integration: always the same for a customer, tool and category, as at Kombo. */
export function integrationIdOf({ originId, organization, tool, category }) {
  const owner = originId ?? organization ?? "no-customer";
  return `${tool}:${idOf([owner, tool, category].join(" "))}`;
}

/** The names of a field in the events, by its name in the changes. */
const FIELDS = {
  originId: ["origin_id"],
  organization: ["organization_name"],
  email: ["creator_email"],
  tool: ["tool", "integration_tool"],
  category: ["category", "integration_category"],
  state: ["state"],
  setupStatus: ["setup_status"],
};

/**
 * An event as an object. Values that are undefined in the changes stay as in the fixture; `originId` may
 * be null. `id` is a fresh one by default. `change` says whether an issue was raised or resolved, and
 * `at` is the time since when the event's state applies.
 */
export function makeEvent(name, { id = freshId(), ...changes } = {}) {
  if (!Object.hasOwn(fixtures, name)) {
    throw new RangeError(`Unknown event "${name}". Known events: ${eventNames.join(", ")}`);
  }
  const event = { ...structuredClone(fixtures[name]), id };
  // Each failed attempt is a flow of its own: several events about one flow are one attempt.
  if (name === "connection-flow-failed") event.data.log_url = LOGS + idOf(id);
  applyChanges(event.data, event.type, changes);
  return event;
}

/** The fields of an event that can be changed, with their values. */
export function fieldsOf(name) {
  const { data, type } = fixtures[name];
  const subject = subjectOf(data, type);
  const id = subject?.[idKeyOf(subject)];
  const found = { integrationId: id?.includes(":") ? id : undefined, change: data.change };
  for (const [field, keys] of Object.entries(FIELDS)) {
    const holder = placeOf(subject, keys);
    if (holder) found[field] = holder[keys.find((key) => key in holder)];
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

// The names and places of the fields differ between types.
function applyChanges(data, type, { integrationId, change, at, ...changes }) {
  if (type === "issue-status-changed" && change !== undefined) setIssue(data, change, at);
  const subject = subjectOf(data, type);
  if (subject === null) return;
  if (at !== undefined && "updated_at" in subject) subject.updated_at = at;
  for (const [field, keys] of Object.entries(FIELDS)) {
    const holder = placeOf(subject, keys);
    if (!holder || changes[field] === undefined) continue;
    for (const key of keys) if (key in holder) holder[key] = changes[field];
  }
  const idKey = idKeyOf(subject);
  if (!(idKey in subject)) return;
  subject[idKey] = integrationId ?? idOfTool(subject[idKey], changes.tool) ?? subject[idKey];
}

/** The part of an event about an integration or a customer; null if there is none. */
const subjectOf = (data, type) => (type === "issue-status-changed" ? data.integration : data);

// In events about an order, `id` is the order's, and `integration_id` is a separate field.
const idKeyOf = (subject) =>
  subject !== null && "integration_id" in subject ? "integration_id" : "id";

const placeOf = (subject, keys) =>
  [subject, subject?.end_user].find((part) => part && keys.some((key) => key in part));

function setIssue(data, change, at = new Date().toISOString()) {
  data.change = change;
  if (change === "resolved") Object.assign(data.issue, { status: "RESOLVED", resolved_at: at });
  else Object.assign(data.issue, { status: "OPEN", first_observed_at: at, resolved_at: null });
}

/** The id with another tool: at Kombo each id begins with its tool. */
const idOfTool = (id, tool) =>
  tool !== undefined && id?.includes(":") ? `${tool}:${id.slice(id.indexOf(":") + 1)}` : undefined;

/** The bytes of an event as Kombo sends it: JSON with an indent of two spaces, no final newline. */
export const bodyOf = (event) => Buffer.from(JSON.stringify(event, null, 2), "utf8");

/** The signature: HMAC-SHA256 over the raw body, the secret as UTF-8, base64url without padding. */
export const sign = (body, secret) =>
  createHmac("sha256", Buffer.from(secret, "utf8")).update(body).digest("base64url");

/**
 * Signs and posts a body: an event, or bytes that are sent unchanged. `url` is the webhook's. `headers`
 * are added to the default ones, or remove them if undefined.
 */
export async function deliver(url, eventOrBytes, { secret, headers = {} }) {
  const raw = typeof eventOrBytes === "string" || eventOrBytes instanceof Uint8Array;
  const body = raw ? Buffer.from(eventOrBytes) : bodyOf(eventOrBytes);
  const all = {
    "content-type": "application/json",
    [SIGNATURE_HEADER]: sign(body, secret),
    ...headers,
  };
  for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
  return fetch(url, { method: "POST", headers: all, body });
}
