// A stand-in for Kombo as the sender of webhooks: makes events like those that it sends and signs
// them as it does. What it leaves out: retries, whose schedule is not public, and the API, for which
// kombo-api.mjs stands.

import { createHmac, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

export const SIGNATURE_HEADER = "X-Kombo-Signature";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

const fixtures = JSON.parse(
  readFileSync(new URL("../tests/fixtures/kombo-events.json", import.meta.url), "utf8"),
);

/** The names under which events can be made: a type, or a type and a variant behind a colon. */
export const eventNames = Object.keys(fixtures);

/** An id in Kombo's form: 24 base58 characters. */
export const freshId = () => Array.from({ length: 24 }, () => BASE58[randomInt(58)]).join("");

/**
 * An event as a value. Whatever is undefined in the changes stays as in the fixture; `originId` may
 * be null. `id` is a fresh one unless given.
 */
export function makeEvent(name, { id = freshId(), ...changes } = {}) {
  if (!Object.hasOwn(fixtures, name)) {
    throw new RangeError(`There is no event "${name}". Known: ${eventNames.join(", ")}`);
  }
  const event = { ...structuredClone(fixtures[name]), id };
  applyChanges(event.data, event.type, changes);
  return event;
}

// The fields have other names and places in each type; see the table of Kombo's events.
function applyChanges(
  data,
  type,
  { originId, organization, email, tool, category, integrationId },
) {
  const subject = type === "issue-status-changed" ? data.integration : data;
  if (subject === null) return;
  const set = (object, key, value) => {
    if (value !== undefined && object && key in object) object[key] = value;
  };
  set(subject.end_user, "origin_id", originId);
  set(subject.end_user, "organization_name", organization);
  set(subject.end_user, "creator_email", email);
  for (const key of ["tool", "integration_tool"]) set(subject, key, tool);
  for (const key of ["category", "integration_category"]) set(subject, key, category);
  // In the events of an order `id` is the order, and the integration stands beside it.
  const idKey = "integration_id" in subject ? "integration_id" : "id";
  set(subject, idKey, integrationId ?? idOfTool(subject[idKey], tool));
}

/** The id under another tool: at Kombo each id begins with its tool. */
const idOfTool = (id, tool) =>
  tool !== undefined && id?.includes(":") ? `${tool}:${id.slice(id.indexOf(":") + 1)}` : undefined;

/** The bytes of an event as Kombo sends it: JSON with an indent of two spaces, no final newline. */
export const bodyOf = (event) => Buffer.from(JSON.stringify(event, null, 2), "utf8");

/** The signature: HMAC-SHA256 over the raw body, the secret as UTF-8, base64url without padding. */
export const sign = (body, secret) =>
  createHmac("sha256", Buffer.from(secret, "utf8")).update(body).digest("base64url");

/**
 * Signs and posts a body: an event, or bytes that are sent as they are. `url` is that of the
 * webhook, `headers` are added to (or, where undefined, taken from) the usual ones.
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
