// `kombo-edge/testing`: the real Worker for the tests of a backend, on the real runtime, with a Kombo that
// signs events, a Slack that records messages, and a clock that can be put forward. Nothing leaves this
// machine. It runs the development build, and never compiles anything.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startTestbed } from "../dev/testbed.mjs";
import { bundled } from "./backend.mjs";
import { komboOf } from "./kombo.mjs";
import { slackOf } from "./slack.mjs";

const BUILD = fileURLToPath(new URL("../build-development", import.meta.url));

/** With which Kombo signs. */
export const KOMBO_WEBHOOK_SECRET = "kombo-testing-secret";
const TOKENS = { API_TOKEN: "full-token-for-testing", API_READ_TOKEN: "read-token-for-testing" };

const UNITS_MS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000 };

/** Starts everything. See index.d.ts for the options, and for what it returns. */
export async function startEdge({ settings = {}, backend } = {}) {
  if (!existsSync(join(BUILD, "index.js"))) {
    throw new Error("There is no build of kombo-edge: run `npm run build -- --development`.");
  }
  const beside = backend === undefined ? [] : [await bundled(backend)];
  const persist = mkdtempSync(join(tmpdir(), "kombo-edge-testing-"));
  const log = [];
  const testbed = await startTestbed({
    buildDir: BUILD,
    persist,
    beside,
    onLog: (line) => log.push(line),
    bindings: (slack) => ({
      ...TOKENS,
      KOMBO_WEBHOOK_SECRET,
      SLACK_WEBHOOK_URL: slack.url,
      SLACK_OPS_URL: slack.opsUrl,
      ...settings,
    }),
  }).catch((error) => {
    remove(persist);
    throw error;
  });
  const read = async (key) => (await testbed.edge().kv()).get(key, "json");

  const edge = {
    url: String(testbed.edge().url),
    token: TOKENS.API_TOKEN,
    readToken: TOKENS.API_READ_TOKEN,
    log,
    kombo: komboOf(testbed, KOMBO_WEBHOOK_SECRET),
    slack: slackOf(testbed),
    clock: {
      now: () => new Date(testbed.now()),
      advance: (time) => testbed.passTime(millisecondsOf(time)),
    },
    mapping: (originId) => read(`customer:${originId}`),
    integration: (id) => read(`integration:${id}`),
    async api(path, { method = "GET", json, token = TOKENS.API_TOKEN } = {}) {
      return testbed.edge().fetch(path, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(json !== undefined && { body: JSON.stringify(json) }),
      });
    },
    kv: () => testbed.edge().kv(),
    async fetchBackend(path, init) {
      if (backend === undefined) throw new Error("startEdge was given no `backend`.");
      const { fetch } = await testbed.edge().worker(beside[0].name);
      return fetch(new URL(path, "http://backend"), init);
    },
    restart: () => testbed.restart(),
    async dispose() {
      await testbed.stop();
      remove(persist);
    },
    [Symbol.asyncDispose]: () => edge.dispose(),
  };
  return edge;
}

const remove = (folder) => rmSync(folder, { recursive: true, force: true });

function millisecondsOf(time) {
  const parts = Object.entries(time);
  const unknown = parts.find(([unit]) => !Object.hasOwn(UNITS_MS, unit));
  if (unknown) throw new TypeError(`Unknown unit "${unknown[0]}": ${Object.keys(UNITS_MS)}`);
  return parts.reduce((sum, [unit, count]) => sum + count * UNITS_MS[unit], 0);
}
