// How long the first request takes that a Worker gets after the runtime has started: the time in which
// its code is run for the first time. What it leaves out: reading and compiling the module, which the
// local runtime does before it listens.

import { bodyOf, makeEvent, sign } from "../../dev/kombo.mjs";
import { median } from "simple-statistics";
import { judgeOf, newTimes, sendAll, senderTo } from "./sender.mjs";
import { SECRET, open } from "./testbed.mjs";

/** Starts each Worker so many times, in turn; gives back for each the median in milliseconds. */
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
    return await sendAll(sender, [delivery], newTimes(), judgeOf(worker));
  } finally {
    await sender.close();
    await testbed.close();
  }
}
