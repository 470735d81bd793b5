// What the runtime tests share: the built Worker with a stand-in for Slack, signed deliveries, and
// waiting for a condition. Nothing here waits for a duration.

import { startSlack } from "../dev/slack.mjs";
import { SIGNATURE_HEADER, makeEvent, sign } from "../dev/kombo.mjs";
import { startWorker } from "../dev/worker.mjs";

export const SECRET = "kombo-test-secret";

/** How long a condition may take before the test gives up; never how long it takes. */
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 25;

/** A Worker and its Slack, both gone at the end of the test. */
export async function stand(test, { slack: slackOptions, bindings = {}, ...options } = {}) {
  const slack = await startSlack(slackOptions);
  const log = [];
  const settings = { KOMBO_WEBHOOK_SECRET: SECRET, SLACK_WEBHOOK_URL: slack.url, ...bindings };
  const start = () =>
    startWorker({ bindings: settings, onLog: (line) => log.push(line), ...options });
  const stand = { slack, log, edge: await start() };
  /** Ends the runtime as a crash does, and starts it again on what it had stored. */
  stand.crash = async (change = {}) => {
    await stand.edge.kill();
    Object.assign(settings, change);
    stand.edge = await start();
  };
  test.after(async () => {
    await stand.edge.dispose();
    await slack.stop();
  });
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

/** What a look finds once it finds something. */
export async function eventually(look, what = "the condition") {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not come true in ${PATIENCE_MS} ms`);
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
