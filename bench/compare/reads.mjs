// Measures how soon the API shows what an accepted event says: 16 senders deliver mappings of new
// customers, and each reads the customer right after its own response. Only this Worker and other builds
// of it have the API.

import { deliver, makeEvent } from "../../dev/kombo.mjs";
import { WEBHOOK_PATH } from "../../scripts/local-settings.mjs";
import { newTimes } from "./sender.mjs";
import { SECRET, open } from "./testbed.mjs";

const SENDERS = 16;
const TOKEN = "a-token-of-the-benchmark";
const TIMEOUT_MS = 10_000;
/** So many reads that are not counted come first, for the isolate to run its code. */
const WARM_UP = 64;

export const readersOf = (workers) => workers.filter(({ hasApi }) => hasApi);

/**
 * Measures this number of reads for each Worker, and calls `onRead` after each. Returns for each Worker
 * how many reads found nothing, and how long after the response the latest of the others had to wait.
 */
export async function measureReads(workers, reads, onRead) {
  const results = [];
  for (const worker of readersOf(workers)) {
    const testbed = await open(worker, { bindings: { API_TOKEN: TOKEN } });
    try {
      await readAll(testbed.edge, "warm-up", WARM_UP, () => {});
      const waits = await readAll(testbed.edge, "customer", reads, onRead);
      results.push({ worker: worker.name, reads, ...waits });
    } finally {
      await testbed.close();
    }
  }
  return results;
}

async function readAll(edge, name, reads, onRead) {
  const times = newTimes();
  let missing = 0;
  let next = 0;
  const sender = async () => {
    for (let at = next++; at < reads; at = next++) {
      const { isMissing, waitedMs } = await readAfterDelivery(edge, `${name}-${at}`);
      missing += Number(isMissing);
      times.recordValue(Math.round(waitedMs * 1_000));
      onRead();
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return { missing, longestMs: times.maxValue / 1_000 };
}

/** Delivers a mapping and reads the customer until it is there. */
async function readAfterDelivery(edge, originId) {
  const event = makeEvent("integration-created", { originId, integrationId: `hibob:${originId}` });
  const response = await deliver(new URL(WEBHOOK_PATH, edge.url), event, { secret: SECRET });
  if (response.status !== 200) throw new Error(`a mapping was answered ${response.status}`);
  const url = new URL(`/v1/customers/${originId}`, edge.url);
  const began = performance.now();
  for (let isMissing = false; ; isMissing = true) {
    const askedMs = performance.now() - began;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    await answer.arrayBuffer();
    if (answer.ok) return { isMissing, waitedMs: isMissing ? askedMs : 0 };
    if (answer.status !== 404) throw new Error(`a read was answered ${answer.status}`);
    if (askedMs > TIMEOUT_MS) throw new Error(`nothing was found within ${TIMEOUT_MS} ms`);
  }
}
