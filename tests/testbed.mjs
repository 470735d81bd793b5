// What the runtime tests share: the built Worker with a stand-in for Slack, signed deliveries, and
// waiting for a condition. Nothing here waits for a duration.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSlack } from "../dev/slack.mjs";
import { SIGNATURE_HEADER, makeEvent, sign } from "../dev/kombo.mjs";
import { SHIFTED_CLOCK } from "../dev/passing-time.mjs";
import { startWorker } from "../dev/worker.mjs";
import { lookForLeaks } from "./leaks.mjs";

export const SECRET = "kombo-test-secret";

/** How long to wait for a condition before the test fails. No test waits this long if all is well. */
export const TIMEOUT_MS = 30_000;
const POLL_MS = 25;

/** The path of a wrapper. The clock is also one of `npm start`. */
const wrapper = (name) =>
  name === "shifted-clock" ? SHIFTED_CLOCK : fileURLToPath(new URL(`${name}.mjs`, import.meta.url));

/**
 * Starts a Worker and its stand-in for Slack, and stops both at the end of the test (`test.after`
 * registers that). The test fails if the Worker leaked something anywhere (see leaks.mjs).
 *
 * - `slack`: options of the stand-in; see startSlack.
 * - `bindings`: settings besides the secret and the webhook, or a function of Slack that returns them.
 * - `persist`: true keeps KV and objects across a crash, in a folder that is removed after the test.
 * - `wrappers`: modules of tests/ that wrap the Worker: "faulty-kv" (see failKv), "shifted-clock" (see
 *   setClock; it is in dev/), "delayed-alarms" (see setAlarms), "jurisdictions" and "counting".
 *
 * All other options are passed to startWorker.
 */
export async function startTestbed(
  test,
  { slack: slackOptions, bindings = {}, persist = false, wrappers = [], ...options } = {},
) {
  const leaks = lookForLeaks();
  const onMessage = ({ text }) => leaks.look("slack", text);
  const slack = await startSlack({ ...slackOptions, onMessage });
  const folder = persist ? mkdtempSync(join(tmpdir(), "kombo-edge-")) : undefined;
  const log = [];
  const testbed = { slack, log, folder, leaks };
  // Registered before the Worker starts: if that fails, the listening Slack would keep the process alive.
  test.after(async () => {
    await testbed.edge?.dispose();
    await slack.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
    leaks.assertNone();
  });
  const settings = {
    KOMBO_WEBHOOK_SECRET: SECRET,
    SLACK_WEBHOOK_URL: slack.url,
    ...(typeof bindings === "function" ? bindings(slack) : bindings),
  };
  /** Starts the Worker with some settings changed. If it persists, it finds what it had stored. */
  testbed.start = async (change = {}) => {
    Object.assign(settings, change);
    leaks.configure(settings);
    testbed.edge = await startWorker({
      bindings: settings,
      persist: folder,
      wrappers: wrappers.map(wrapper),
      onLog: (line) => {
        leaks.look("log", line.message);
        log.push(line);
      },
      onOutput: leaks.output,
      ...options,
    });
    testbed.edge.fetch = leaks.seen(testbed.edge.fetch);
  };
  /** Kills the runtime, as a crash does. */
  testbed.kill = async () => {
    const { edge } = testbed;
    testbed.edge = undefined;
    await edge.kill();
  };
  /** A crash, and the start after it. */
  testbed.crash = async (change) => {
    await testbed.kill();
    await testbed.start(change);
  };
  await testbed.start();
  return testbed;
}

/** Posts a body, signed as Kombo signs it. */
export const post = (edge, body, headers = {}) =>
  edge.fetch("/webhooks/kombo", {
    method: "POST",
    body,
    headers: { [SIGNATURE_HEADER]: sign(body, SECRET), ...headers },
  });

/** Delivers an event, pretty-printed as Kombo sends it. Returns its outcome. */
export async function deliver(edge, event) {
  const response = await post(edge, JSON.stringify(event, null, 2));
  const { outcome } = await response.json();
  if (response.status !== 200) throw new Error(`the delivery was answered ${response.status}`);
  return outcome;
}

export { makeEvent };

/** A customer that could not connect. */
export const failure = (originId, changes) =>
  makeEvent("connection-flow-failed", { originId, ...changes });

/** Calls `look` until it finds something, and returns what it found. */
export async function eventually(look, what = "the condition", timeoutMs = TIMEOUT_MS) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`gave up after ${timeoutMs} ms waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A document of the mapping, once it exists and passes the check. */
export const document = (edge, key, check = () => true) =>
  eventually(async () => {
    const value = await (await edge.kv()).get(key, "json");
    return value !== null && check(value) ? value : undefined;
  }, key);

/** Resolves once a key no longer exists. */
export const absent = (edge, key) =>
  eventually(async () => (await (await edge.kv()).get(key)) === null, `the absence of ${key}`);

/** All keys with this prefix. */
export const keys = async (edge, prefix = "") =>
  (await (await edge.kv()).list({ prefix })).keys.map(({ name }) => name);

/** The only key with this prefix, once it exists. */
export const key = (edge, prefix) =>
  eventually(async () => {
    const found = await keys(edge, prefix);
    if (found.length > 1) throw new Error(`there are ${found.length} keys under ${prefix}`);
    return found[0];
  }, `a key under ${prefix}`);

/** The log line with this event and this outcome, once it has been written. */
export const logged = (log, event, outcome) =>
  eventually(
    () => log.find(({ fields }) => fields?.event === event && fields.outcome === outcome)?.fields,
    `the line "${event}: ${outcome}"`,
  );

/**
 * How writes to Workers KV end from now on: "done", "failed", "lost" (performed, but answered with the
 * error), "silent" (never answered), "done silently" (performed, but never answered). Needs the wrapper
 * "faulty-kv". A crash resets it.
 */
export const failKv = (edge, end, error = "KV PUT failed: 503 Service Unavailable") =>
  edge.fetch("/__faulty-kv", { method: "PUT", body: JSON.stringify({ end, error }) });

/** Lets no read of Workers KV end from now on. Needs the wrapper "faulty-kv". */
export const silenceReads = (edge) =>
  edge.fetch("/__faulty-kv", {
    method: "PUT",
    body: JSON.stringify({ end: "done", reads: "silent" }),
  });

/**
 * What faulty-kv.mjs recorded: `writes`, each `{ at, operation, key, end }`; `reads`, the names of the
 * operations; `created`, the class of each object that was created; and `called`, the class of the object
 * for each message that an object received.
 */
export const seenByKv = async (edge) => (await edge.fetch("/__faulty-kv")).json();

/**
 * How alarms behave from now on: `areHeld` holds them back before any of the object's own code runs,
 * `lateMs` delays them. Needs the wrapper "delayed-alarms". A crash resets it.
 */
export const setAlarms = (edge, setting) =>
  edge.fetch("/__alarms", { method: "PUT", body: JSON.stringify(setting) });

/** The class of each object with an alarm that was held back. */
export const heldAlarms = async (edge) => (await (await edge.fetch("/__alarms")).json()).held;

/** Sets the Worker's clock, in RFC 3339. Needs the wrapper "shifted-clock". A crash resets it. */
export const setClock = (edge, now) =>
  edge.fetch("/__clock", { method: "PUT", body: JSON.stringify({ now }) });

/** Sets it to this many minutes ahead of the real time. */
export const setClockAhead = (edge, minutes) =>
  setClock(edge, new Date(Date.now() + minutes * 60_000).toISOString());

/** The body of /healthz, once it answers with this status. */
export const healthOf = (edge, status) =>
  eventually(async () => {
    const answer = await edge.fetch("/healthz");
    return answer.status === status && answer.json();
  }, `${status} from /healthz`);

/** A token for the whole API, and one for the read routes only. */
export const TOKENS = {
  API_TOKEN: "full-token-0123456789",
  API_READ_TOKEN: "read-token-0123456789",
};

/** A request to the API, with the full token unless another is given. */
export const ask = (edge, path, { token = TOKENS.API_TOKEN, method = "GET", json } = {}) =>
  edge.fetch(path, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    body: json === undefined ? undefined : JSON.stringify(json),
  });

/** The kind of problem in a response. Fails the test if the response is not a problem. */
export async function problem(response) {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  return (await response.json()).type.replace("urn:kombo-edge:problem:", "");
}
