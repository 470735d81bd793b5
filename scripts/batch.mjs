// Many things of one kind, some at a time, with a bar that shows how far it is.

import { startBar } from "./progress.mjs";

const CONCURRENCY = 8;

/**
 * Does something with each item. Gives back the items that failed, each with the error; the others go
 * on. `what` names the items beside the bar; where there is no terminal, nothing is drawn.
 */
export async function forEach(items, what, act) {
  const bar = startBar(items.length, what);
  const failed = [];
  const left = items.entries();
  const one = async () => {
    for (const [, item] of left) {
      await act(item).catch((error) => failed.push({ item, error }));
      bar.increment();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, one));
  bar.stop();
  return failed;
}
