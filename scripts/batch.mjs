// Processes many items, a few at a time, with a progress bar.

import { Stop } from "./project.mjs";

const CONCURRENCY = 8;

/**
 * Calls `act` for each item, and returns the items that failed, each with its error. A Stop about one
 * item does not stop the others; any other error ends everything. `what` names the items next to the
 * bar, which is only drawn on a terminal.
 */
export async function forEach(items, what, act) {
  // Not at the top: the package that it uses may not be installed yet.
  const { startBar } = await import("./progress.mjs");
  const bar = startBar(items.length, what);
  const failed = [];
  const left = items.entries();
  const worker = async () => {
    for (const [, item] of left) {
      await act(item).catch((error) => {
        if (!(error instanceof Stop) || error.isForAll) throw error;
        failed.push({ item, error });
      });
      bar.increment();
    }
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  } finally {
    bar.stop();
  }
  return failed;
}
