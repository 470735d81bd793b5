// Processes many items, a few at a time, with a progress bar.

import { startBar } from "./progress.mjs";

const CONCURRENCY = 8;

/**
 * Calls `act` for each item, and returns the items that failed, each with its error. A failure does not
 * stop the others. `what` names the items next to the bar, which is only drawn on a terminal.
 */
export async function forEach(items, what, act) {
  const bar = startBar(items.length, what);
  const failed = [];
  const left = items.entries();
  const worker = async () => {
    for (const [, item] of left) {
      await act(item).catch((error) => failed.push({ item, error }));
      bar.increment();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  bar.stop();
  return failed;
}
