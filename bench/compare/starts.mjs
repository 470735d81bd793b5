// Measures the first request to a Worker after the start of the runtime, which runs its code for the
// first time. Reading and compiling the module are not included: the local runtime does both before it
// listens.

import { bodyOf, makeEvent, sign } from "../../dev/kombo.mjs";
import { median } from "simple-statistics";
import { checkFor, newTimes, sendAll, senderTo } from "./sender.mjs";
import { SECRET, open } from "./testbed.mjs";

/** Starts the Workers in turn, this number of times each. Returns the median of each in milliseconds. */
export async function measureStarts(workers, starts, onStart) {
  const all = workers.map((worker) => ({ worker: worker.name, ms: [] }));
  for (let start = 0; start < starts; start += 1) {
    for (const [at, worker] of workers.entries()) {
      all[at].ms.push(await firstRequest(worker));
      onStart();
    }
  }
  return all.map(({ worker, ms }) => ({
    worker,
    ms: median(ms),
    least: Math.min(...ms),
    most: Math.max(...ms),
  }));
}

async function firstRequest(worker) {
  const testbed = await open(worker);
  const sender = senderTo(testbed.edge.url.origin, 1);
  try {
    const body = bodyOf(makeEvent("data-changed"));
    const delivery = { body, signature: sign(body, SECRET), outcome: "ignored" };
    return await sendAll(sender, [delivery], newTimes(), checkFor(worker));
  } finally {
    await sender.close();
    await testbed.close();
  }
}
