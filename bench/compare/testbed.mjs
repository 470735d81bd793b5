// A Worker in a runtime process of its own, with a stand-in for Slack of its own, and nothing left of
// both afterwards. It also knows when the process has come to rest.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSlack } from "../../dev/slack.mjs";
import { startWorker } from "../../dev/worker.mjs";
import { processorTimeOf } from "../load/process.mjs";

export const SECRET = "kombo-bench-secret";

// Where files cost nothing: on a disk, its time for a commit would be all that is measured.
const RAM_DISK = "/dev/shm";

const MEMORY_KV = fileURLToPath(new URL("memory-kv.mjs", import.meta.url));

/** Workers KV as `kv` has it: miniflare's own, or one that costs next to nothing. */
const WRAPPERS = { simulated: [], memory: [MEMORY_KV] };

/** Starts one of the Workers that peers.mjs prepared. */
export async function open(worker, { kv = "simulated" } = {}) {
  const parent = existsSync(RAM_DISK) ? RAM_DISK : tmpdir();
  const folder = mkdtempSync(join(parent, "kombo-edge-bench-"));
  const slack = await startSlack();
  const close = async () => {
    await edge?.dispose();
    await slack.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  let edge;
  try {
    const bindings = { KOMBO_WEBHOOK_SECRET: SECRET, SLACK_WEBHOOK_URL: slack.url };
    const { instead } = worker;
    edge = await startWorker({ bindings, persist: folder, instead, wrappers: WRAPPERS[kv] });
  } catch (error) {
    await close();
    throw error;
  }
  const watched = watch({ edge, slack });
  return {
    worker,
    edge,
    slack,
    atRest: watched.atRest,
    close: async () => {
      watched.stop();
      await close();
    },
  };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const LOOK_MS = 100;
/** What a process that does nothing may take between two looks: the resolution. */
const IDLE_US = 10_000;
const TIMEOUT_MS = 120_000;

/** Nothing is under way, but something may be put off. */
export const STILL_MS = 400;
/** Longer than the pace of Slack, and than a queue holds a batch back: nothing is put off either. */
export const REST_MS = 1_600;

/** Watches a process, so that it is known since when it has been doing nothing. */
function watch({ edge, slack }) {
  const look = () => ({ us: processorTimeOf(edge.pid), messages: slack.messages.length });
  let before = look();
  let busyAt = Date.now();
  const timer = setInterval(() => {
    const now = look();
    const isBusy = now.us - before.us > IDLE_US || now.messages !== before.messages;
    if (isBusy) busyAt = Date.now();
    before = isBusy ? now : before;
  }, LOOK_MS);
  return {
    stop: () => clearInterval(timer),
    /** Resolves once it has done nothing for so long. */
    async atRest(ms = REST_MS) {
      const end = Date.now() + TIMEOUT_MS;
      // What was asked of it just now may not have shown yet.
      await pause(2 * LOOK_MS);
      while (Date.now() - busyAt < ms) {
        if (Date.now() > end) throw new Error(`the Worker did not rest within ${TIMEOUT_MS} ms`);
        await pause(LOOK_MS);
      }
    },
  };
}
