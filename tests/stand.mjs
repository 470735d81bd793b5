// What the runtime tests share: the built Worker with a stand-in for Slack, signed deliveries, and
// waiting for a condition. Nothing here waits for a duration.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSlack } from "../dev/slack.mjs";
import { SIGNATURE_HEADER, makeEvent, sign } from "../dev/kombo.mjs";
import { startWorker } from "../dev/worker.mjs";
import { lookForLeaks } from "./leaks.mjs";

export const SECRET = "kombo-test-secret";

/** How long a condition may take before the test gives up; never how long it takes. */
export const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 25;

/**
 * A Worker and its Slack, both gone at the end of the test (`test` calls what `after` was given
 * then), which fails if the Worker showed anywhere what it must not (see leaks.mjs).
 *
 * - `slack`: how the stand-in begins, see startSlack.
 * - `bindings`: settings beside the secret and the hook, or a function of Slack that gives them.
 * - `persist`: true keeps KV and objects over a crash, in a folder that goes with the test.
 * - `fronts`: modules of tests/ that stand in front of the Worker: "faulty-kv" (see failKv),
 *   "shifted-clock" (see setClock), "odd-alarms" (see setAlarms) and "jurisdictions".
 *
 * The rest is startWorker's.
 */
export async function stand(
  test,
  { slack: slackOptions, bindings = {}, persist = false, fronts = [], ...options } = {},
) {
  const leaks = lookForLeaks();
  const onMessage = ({ text }) => leaks.look("slack", text);
  const slack = await startSlack({ ...slackOptions, onMessage });
  const folder = persist ? mkdtempSync(join(tmpdir(), "kombo-edge-")) : undefined;
  const log = [];
  const stand = { slack, log, folder, leaks };
  // Before the Worker starts: when that fails, a Slack that listens would keep the process alive.
  test.after(async () => {
    await stand.edge?.dispose();
    await slack.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
    leaks.assertNone();
  });
  const settings = {
    KOMBO_WEBHOOK_SECRET: SECRET,
    SLACK_WEBHOOK_URL: slack.url,
    ...(typeof bindings === "function" ? bindings(slack) : bindings),
  };
  /** Starts the Worker, on what it had stored if it persists, with some settings changed. */
  stand.start = async (change = {}) => {
    Object.assign(settings, change);
    leaks.configure(settings);
    stand.edge = await startWorker({
      bindings: settings,
      persist: folder,
      fronts: fronts.map((name) => fileURLToPath(new URL(`${name}.mjs`, import.meta.url))),
      onLog: (line) => {
        leaks.look("log", line.message);
        log.push(line);
      },
      onOutput: leaks.output,
      ...options,
    });
    stand.edge.fetch = leaks.seen(stand.edge.fetch);
  };
  /** Ends the runtime as a crash does. */
  stand.kill = async () => {
    const { edge } = stand;
    stand.edge = undefined;
    await edge.kill();
  };
  /** Both: a crash, and the start after it. */
  stand.crash = async (change) => {
    await stand.kill();
    await stand.start(change);
  };
  await stand.start();
  return stand;
}

/** Posts a body as Kombo does. */
export const post = (edge, body, headers = {}) =>
  edge.fetch("/webhooks/kombo", {
    method: "POST",
    body,
    headers: { [SIGNATURE_HEADER]: sign(body, SECRET), ...headers },
  });

/** Delivers an event: pretty-printed, as Kombo sends it. Gives back its outcome. */
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

/** What a look finds once it finds something. */
export async function eventually(look, what = "the condition", patienceMs = PATIENCE_MS) {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not come true in ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** A document of the mapping, once it is there and passes the check. */
export const document = (edge, key, check = () => true) =>
  eventually(async () => {
    const value = await (await edge.kv()).get(key, "json");
    return value !== null && check(value) ? value : undefined;
  }, key);

/** Resolves once a key is gone. */
export const absent = (edge, key) =>
  eventually(async () => (await (await edge.kv()).get(key)) === null, `the absence of ${key}`);

/** All keys that begin so. */
export const keys = async (edge, prefix = "") =>
  (await (await edge.kv()).list({ prefix })).keys.map(({ name }) => name);

/** The one key that begins so, once there is one. */
export const key = (edge, prefix) =>
  eventually(async () => {
    const found = await keys(edge, prefix);
    if (found.length > 1) throw new Error(`there are ${found.length} keys under ${prefix}`);
    return found[0];
  }, `a key under ${prefix}`);

/** The line of the log about an event of ours, once it is there: what happened, and how it ended. */
export const logged = (log, event, outcome) =>
  eventually(
    () => log.find(({ fields }) => fields?.event === event && fields.outcome === outcome)?.fields,
    `the line "${event}: ${outcome}"`,
  );

/**
 * How writes to Workers KV end from now on: "done", "failed", "lost" (performed, then the error),
 * "silent" (no answer), "done silently". Needs the front "faulty-kv". A crash ends it.
 */
export const failKv = (edge, end, error = "KV PUT failed: 503 Service Unavailable") =>
  edge.fetch("/__faulty-kv", { method: "PUT", body: JSON.stringify({ end, error }) });

/**
 * What faulty-kv.mjs saw: `writes`, each `{ at, operation, key, end }`, the names of the operations
 * that are `reads`, the objects `born`, and those that `heard` something, once for each letter.
 */
export const seenByKv = async (edge) => (await edge.fetch("/__faulty-kv")).json();

/**
 * How alarms are from now on: `areHeld` holds them back before anything of the object's own runs,
 * `lateMs` has them come so late. Needs the front "odd-alarms". A crash ends it.
 */
export const setAlarms = (edge, setting) =>
  edge.fetch("/__alarms", { method: "PUT", body: JSON.stringify(setting) });

/** The classes of the objects whose alarm was held back. */
export const heldAlarms = async (edge) => (await (await edge.fetch("/__alarms")).json()).held;

/** Sets the Worker's clock, as RFC 3339. Needs the front "shifted-clock". A crash ends it. */
export const setClock = (edge, now) =>
  edge.fetch("/__clock", { method: "PUT", body: JSON.stringify({ now }) });

/** Sets it so many minutes ahead of ours. */
export const goAhead = (edge, minutes) =>
  setClock(edge, new Date(Date.now() + minutes * 60_000).toISOString());

/** What /healthz says, once it has this status. */
export const healthOf = (edge, status) =>
  eventually(async () => {
    const answer = await edge.fetch("/healthz");
    return answer.status === status && answer.json();
  }, `${status} from /healthz`);

/** A token that opens the whole API, and one that opens the read routes. */
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

/** The kind of problem that an answer names. Fails the test if it is none. */
export async function problem(response) {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  return (await response.json()).type.replace("urn:kombo-edge:problem:", "");
}
