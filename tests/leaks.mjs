// Looks for leaks: everything sensitive that a testbed receives is searched for in every line that the
// Worker logs, in the raw output of the runtime, in every message to Slack and in every response, so that
// each test that uses a testbed also tests for leaks. Workers KV and objects are not searched, since they
// are meant to hold this data (privacy.test.mjs searches them), nor are values so short that they could
// be anywhere by chance.

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
  page: [...ALWAYS, "integration id"],
};

const MIN_LENGTH = 6;
// How much of a body is searched for: a log that holds a body holds its beginning.
const BODY_CHARS = 40;

/** The values in an event, each with its kind. The kind "named" is what the log may show. */
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

/** The forms in which a value may appear in a text. */
const forms = (value) => [
  ...new Set([
    value,
    inJson(value),
    inJson(inJson(value)),
    encodeURIComponent(value.toWellFormed()),
  ]),
];

const SECRET_SETTINGS =
  /^(KOMBO_WEBHOOK_SECRET|SLACK_WEBHOOK_URL|SLACK_OPS_URL|API_TOKEN|API_READ_TOKEN|LINK_SECRET|KOMBO_API_KEY)$/;

const problems = new Map();

/** A problem as the contract has it: every response of its kind is the same. */
function problemOf(name) {
  if (!problems.has(name)) {
    const file = new URL(`../contract/examples/problem-${name}.json`, import.meta.url);
    problems.set(name, JSON.parse(readFileSync(file, "utf8")));
  }
  return problems.get(name);
}

/** Starts to look. `found` has a description of each leak. */
export function lookForLeaks() {
  // What is searched for: each value with its kind and forms.
  const wanted = new Map();
  const tokens = new Set();
  const found = [];

  const searchFor = (kind, value) => {
    if (value.length < MIN_LENGTH || wanted.get(value)?.kind === "named") return;
    wanted.set(value, { kind, forms: forms(value) });
  };

  /** Whether a value is part of a name that may be shown, and so can't be distinguished from it. */
  const isPartOfName = (value) =>
    [...wanted].some(([name, { kind }]) => kind === "named" && name.includes(value));

  const look = (place, text) => {
    for (const [value, { kind, forms }] of wanted) {
      if (!KINDS[place].includes(kind) || !forms.some((form) => text.includes(form))) continue;
      if (kind === "text" && isPartOfName(value)) continue;
      found.push(`${place} shows a ${kind}, ${value.slice(0, 80)}: ${text.slice(0, 600)}`);
    }
  };

  const readDelivery = (body, headers) => {
    const signature = headers.get(SIGNATURE_HEADER);
    if (signature) searchFor("signature", signature);
    if (typeof body !== "string" && !(body instanceof Uint8Array)) return;
    const text = Buffer.from(body).toString("utf8");
    if (text.length >= BODY_CHARS) searchFor("body", text.slice(0, BODY_CHARS));
    for (const [kind, value] of partsOf(parsed(text))) searchFor(kind, value);
  };

  const readApiRequest = (pathname, body, headers) => {
    const [, token] = headers.get("authorization")?.match(/^Bearer (.+)$/) ?? [];
    if (token) searchFor("secret", token);
    const [, id] = pathname.match(/^\/v1\/integrations\/([^/]+)/) ?? [];
    if (id) searchFor("integration id", decoded(id));
    const sent = typeof body === "string" ? parsed(body) : undefined;
    if (sent?.organization_name) searchFor("text", String(sent.organization_name));
  };

  /** Checks a response: what it may show depends on the token that came with the request. */
  const checkResponse = (pathname, headers, { status, type }, text) => {
    const [, token] = headers.get("authorization")?.match(/^Bearer (.+)$/) ?? [];
    if (pathname === "/act") return look("page", text);
    const isOpen = status >= 400 || !tokens.has(token) || !pathname.startsWith("/v1/");
    look(isOpen ? "open" : pathname.startsWith("/v1/objects") ? "copy" : "read", text);
    if (type !== "application/problem+json" || text === "") return;
    const problem = JSON.parse(text);
    const [name] = problem.type.split(":").slice(-1);
    if (JSON.stringify(problem) !== JSON.stringify(problemOf(name)))
      found.push(`a response differs from the contract's problem ${name}: ${text}`);
  };

  return {
    found,
    look,
    /** Uses these settings from now on. */
    configure(settings) {
      for (const [name, value] of Object.entries(settings)) {
        if (!SECRET_SETTINGS.test(name)) continue;
        for (const secret of String(value).split(/\s+/)) {
          searchFor("secret", secret);
          if (name.startsWith("API_")) tokens.add(secret);
          if (URL.canParse(secret)) searchFor("secret", new URL(secret).pathname);
        }
      }
    },
    /** Wraps the `fetch` of a Worker so that every request and response is checked. */
    seen: (fetch) => async (path, init) => {
      const { pathname } = new URL(path, "http://edge");
      // A request to one of the tests' own wrappers.
      if (pathname.startsWith("/__")) return fetch(path, init);
      const headers = new Headers(init?.headers);
      if (pathname.startsWith("/webhooks/")) readDelivery(init?.body, headers);
      else readApiRequest(pathname, init?.body, headers);
      // A response is read at once, so its connection would be reused, perhaps while it is being closed.
      const response = await fetch(path, { ...init, headers: closing(init?.headers) });
      const type = response.headers.get("content-type");
      const text = await response.clone().text();
      checkResponse(pathname, headers, { status: response.status, type }, text);
      return response;
    },
    /** Checks raw output, which comes in pieces. */
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
