// Looks for leaks: whatever a stand was told is looked for in every line that the Worker logs, in the
// raw output of the runtime, in every message to Slack and in every answer, so that each test that uses
// a stand is a test of leaks too. It leaves out Workers KV and objects, which hold what they are for
// (privacy.test.mjs looks there), and what is so short that it stands anywhere.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { SIGNATURE_HEADER } from "../dev/kombo.mjs";

// What each place must not show.
const ALWAYS = ["secret", "signature", "body"];
const KINDS = {
  log: [...ALWAYS, "integration id", "contact", "text"],
  output: [...ALWAYS, "integration id", "contact", "text"],
  slack: [...ALWAYS, "integration id"],
  open: [...ALWAYS, "integration id", "contact", "text"],
  read: [...ALWAYS, "contact"],
  copy: ALWAYS,
};

const SHORTEST = 6;
// So much of a body is looked for: a log that holds one holds its beginning.
const BODY_CHARS = 40;

/** What an event says, by kind. What the log may name is "named". */
function partsOf(event) {
  const parts = [];
  const add = (kind, value) => typeof value === "string" && parts.push([kind, value]);
  const about = event?.data ?? {};
  for (const subject of [about, about.integration ?? {}]) {
    add("integration id", subject.integration_id);
    add("text", subject.log_url);
    add("contact", subject.end_user?.creator_email);
    add("text", subject.end_user?.organization_name);
    add("named", subject.end_user?.origin_id);
  }
  add("integration id", about.integration?.id);
  if (/^integration-(created|deleted)$/.test(event?.type)) add("integration id", about.id);
  for (const field of ["title", "markdown_message"]) add("text", about.issue?.[field]);
  add("named", event?.id);
  add("named", event?.type);
  return parts;
}

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const inJson = (text) => JSON.stringify(text).slice(1, -1);

/** The forms in which a value may stand in a text. */
const forms = (value) => [
  ...new Set([
    value,
    inJson(value),
    inJson(inJson(value)),
    encodeURIComponent(value.toWellFormed()),
  ]),
];

const settingsThatAreSecret =
  /^(KOMBO_WEBHOOK_SECRET|SLACK_WEBHOOK_URL|SLACK_OPS_URL|API_TOKEN|API_READ_TOKEN|KOMBO_API_KEY)$/;

const problems = new Map();

/** The text of a problem of the contract: every answer of its kind is the same. */
function problemOf(name) {
  if (!problems.has(name)) {
    const file = new URL(`../contract/examples/problem-${name}.json`, import.meta.url);
    problems.set(name, JSON.parse(readFileSync(file, "utf8")));
  }
  return problems.get(name);
}

/** Begins to look. `found` holds what was found, in words. */
export function lookForLeaks() {
  // What is looked for: each value with its kind and forms.
  const wanted = new Map();
  const tokens = new Set();
  const found = [];

  const want = (kind, value) => {
    if (value.length < SHORTEST || wanted.get(value)?.kind === "named") return;
    wanted.set(value, { kind, forms: forms(value) });
  };

  /** What a name that may be shown contains cannot be told from it. */
  const isNamed = (value) =>
    [...wanted].some(([name, { kind }]) => kind === "named" && name.includes(value));

  const look = (place, text) => {
    for (const [value, { kind, forms }] of wanted) {
      if (!KINDS[place].includes(kind) || !forms.some((form) => text.includes(form))) continue;
      if (kind === "text" && isNamed(value)) continue;
      found.push(`${place} shows a ${kind}, ${value.slice(0, 80)}: ${text.slice(0, 600)}`);
    }
  };

  const readDelivery = (body, headers) => {
    const signature = headers.get(SIGNATURE_HEADER);
    if (signature) want("signature", signature);
    if (typeof body !== "string" && !(body instanceof Uint8Array)) return;
    const text = Buffer.from(body).toString("utf8");
    if (text.length >= BODY_CHARS) want("body", text.slice(0, BODY_CHARS));
    for (const [kind, value] of partsOf(parsed(text))) want(kind, value);
  };

  const readAsking = (pathname, body, headers) => {
    const [, token] = headers.get("authorization")?.match(/^Bearer (.+)$/) ?? [];
    if (token) want("secret", token);
    const [, id] = pathname.match(/^\/v1\/integrations\/([^/]+)/) ?? [];
    if (id) want("integration id", decoded(id));
    const asked = typeof body === "string" ? parsed(body) : undefined;
    if (asked?.organization_name) want("text", String(asked.organization_name));
  };

  /** The answer to a request: as open as the token that came with it. */
  const judge = (pathname, headers, { status, type }, text) => {
    const [, token] = headers.get("authorization")?.match(/^Bearer (.+)$/) ?? [];
    const isOpen = status >= 400 || !tokens.has(token) || !pathname.startsWith("/v1/");
    look(isOpen ? "open" : pathname.startsWith("/v1/objects") ? "copy" : "read", text);
    if (type !== "application/problem+json" || text === "") return;
    const problem = JSON.parse(text);
    const [name] = problem.type.split(":").slice(-1);
    if (JSON.stringify(problem) !== JSON.stringify(problemOf(name)))
      found.push(`an answer is not the problem ${name} of the contract: ${text}`);
  };

  return {
    found,
    look,
    /** The settings from now on. */
    configure(settings) {
      for (const [name, value] of Object.entries(settings)) {
        if (!settingsThatAreSecret.test(name)) continue;
        for (const secret of String(value).split(/\s+/)) {
          want("secret", secret);
          if (name.startsWith("API_")) tokens.add(secret);
          if (URL.canParse(secret)) want("secret", new URL(secret).pathname);
        }
      }
    },
    /** A `fetch` of a Worker, of which every request and answer is seen. */
    seen: (fetch) => async (path, init) => {
      const { pathname } = new URL(path, "http://edge");
      // Of the fronts of the tests.
      if (pathname.startsWith("/__")) return fetch(path, init);
      const headers = new Headers(init?.headers);
      if (pathname.startsWith("/webhooks/")) readDelivery(init?.body, headers);
      else readAsking(pathname, init?.body, headers);
      // An answer is read at once, so its connection would be used again, perhaps as it is closed.
      const response = await fetch(path, { ...init, headers: closing(init?.headers) });
      const type = response.headers.get("content-type");
      const text = await response.clone().text();
      judge(pathname, headers, { status: response.status, type }, text);
      return response;
    },
    /** Raw output, in pieces. */
    output() {
      let line = "";
      return (chunk) => {
        const lines = (line + chunk).split("\n");
        line = lines.pop();
        for (const text of lines) look("output", text);
      };
    },
    /** Fails the test if anything was found. */
    assertNone: () => assert.deepEqual(found, [], "nothing leaks"),
  };
}

const closing = (headers) => {
  const all = new Headers(headers);
  all.set("connection", "close");
  return all;
};

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
