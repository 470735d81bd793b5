// Counts what is billed for each kind of event on the local runtime, with tests/counting.mjs, for this
// Worker or one of its peers.

import { fileURLToPath } from "node:url";
import { deliver, makeEvent } from "../../dev/kombo.mjs";
import { startSlack } from "../../dev/slack.mjs";
import { startWorker } from "../../dev/worker.mjs";
import { billed, costOf } from "./meter.mjs";
import { names, scenario } from "./scenarios.mjs";

const SECRET = "kombo-bench-secret";
/** Workers KV takes a key once a second. Kombo's events about a customer are further apart than that. */
const KV_PACE_MS = 1_200;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const WRAPPER = fileURLToPath(new URL("../../tests/counting.mjs", import.meta.url));

/** The counts of each scenario. `instead` is a peer for startWorker; the default is this Worker. */
export async function countsOf({ instead } = {}, onCounted = () => {}) {
  const slack = await startSlack();
  let edge;
  try {
    const bindings = { KOMBO_WEBHOOK_SECRET: SECRET, SLACK_WEBHOOK_URL: slack.url };
    edge = await startWorker({ bindings, wrappers: [WRAPPER], instead });
    const url = new URL("/webhooks/kombo", edge.url);
    const send = async (event) => {
      const { status } = await deliver(url, event, { secret: SECRET });
      if (status !== 200) throw new Error(`the delivery was answered ${status}`);
    };
    // Each isolate reports its first deliveries, once in ten minutes. This is not part of an event's
    // cost.
    await send(makeEvent("connection-flow-failed"));
    const counts = {};
    for (const name of names) {
      const { before, event } = scenario(name);
      for (const earlier of before) await costOf(edge, () => send(earlier));
      if (before.length > 0) await pause(KV_PACE_MS);
      counts[name] = billed(await costOf(edge, () => send(event)));
      onCounted();
    }
    return counts;
  } finally {
    await edge?.dispose();
    await slack.stop();
  }
}
