// Lets time pass for a Worker with a local clock, which is the wrapper shifted-clock.mjs: hours and days
// in seconds, from alarm to alarm, so that everything happens in its order and at its time.

import { fileURLToPath } from "node:url";
import { OBJECTS, storedObjects } from "./worker.mjs";

/** The path of the wrapper, for startWorker. */
export const SHIFTED_CLOCK = fileURLToPath(new URL("shifted-clock.mjs", import.meta.url));

// An alarm that comes this soon is not put forward: it comes by itself.
const SOON_MS = 100;
const POLL_MS = 10;
// How long to wait for what an alarm does, such as a message that Slack never answers.
const MAX_RUN_MS = 1_500;
// Then the rest of the time passes at once, because a message that is retried has many alarms.
const MAX_PASSING_MS = 30_000;

/**
 * Lets `ms` milliseconds pass for the Worker `edge`, whose objects are stored in the folder `persist`.
 * `onStep` gets how many milliseconds are about to pass, before each step.
 */
export async function passTime({ edge, persist, ms, onStep }) {
  const end = performance.now() + MAX_PASSING_MS;
  for (let left = ms; left > 0;) {
    const next = await nextAlarm(edge, persist);
    const isLate = performance.now() > end;
    const step = isLate ? left : Math.min(left, Math.max(next ?? left, 1));
    onStep(step);
    await move(edge, persist, step);
    left -= step;
  }
  await nextAlarm(edge, persist);
}

/** In how many milliseconds the next alarm comes, once nothing is running; null if none is set. */
async function nextAlarm(edge, persist) {
  const end = performance.now() + MAX_RUN_MS;
  for (;;) {
    const { running, next } = await move(edge, persist, 0);
    const isQuiet = running === 0 && (next === null || next > SOON_MS);
    if (isQuiet || performance.now() > end) return next;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function move(edge, persist, by) {
  const objects = Object.fromEntries(
    Object.entries(OBJECTS).map(([binding, name]) => [binding, storedObjects(persist, name)]),
  );
  const body = JSON.stringify({ by, objects });
  const answer = await edge.fetch("/__clock", { method: "PUT", body });
  if (!answer.ok) throw new Error(`the clock could not be moved: ${answer.status}`);
  return answer.json();
}
