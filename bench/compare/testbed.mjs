// A testbed for the benchmark: a Worker in its own runtime process, with its own stand-in for Slack, both
// removed afterwards. It also detects when the process is idle.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSlack } from "../../dev/slack.mjs";
import { startWorker } from "../../dev/worker.mjs";
import { processorTimeOf } from "../load/process.mjs";

export const SECRET = "kombo-bench-secret";

// Files in memory: on a disk, the time of a commit would dominate all figures.
const RAM_DISK = "/dev/shm";

const MEMORY_KV = fileURLToPath(new URL("memory-kv.mjs", import.meta.url));

/** The wrappers for each kind of Workers KV: miniflare's own, or one that costs almost nothing. */
const WRAPPERS = { simulated: [], memory: [MEMORY_KV] };

/** Starts one of the Workers that peers.mjs prepared. */
export async function open(worker, { kv = "simulated", bindings: more } = {}) {
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
    const bindings = { KOMBO_WEBHOOK_SECRET: SECRET, SLACK_WEBHOOK_URL: slack.url, ...more };
    const { instead } = worker;
    edge = await startWorker({ bindings, persist: folder, instead, wrappers: WRAPPERS[kv] });
  } catch (error) {
    await close();
    throw error;
  }
  const monitor = monitorOf({ edge, slack });
  return {
    worker,
    edge,
    slack,
    atRest: monitor.atRest,
    close: async () => {
      monitor.stop();
      await close();
    },
  };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const SAMPLE_MS = 100;
/** The processor time that an idle process may use between two samples: the resolution. */
const IDLE_US = 10_000;
const TIMEOUT_MS = 120_000;

/** After this time without activity nothing is in progress, but work may be postponed. */
export const STILL_MS = 400;
/**
 * Longer than the interval between messages to Slack, and than a queue waits for a batch: nothing is
 * postponed.
 */
export const REST_MS = 1_600;

/** Monitors a process, to know since when it has been idle. */
function monitorOf({ edge, slack }) {
  const sample = () => ({ us: processorTimeOf(edge.pid), messages: slack.messages.length });
  let before = sample();
  let busyAt = Date.now();
  const timer = setInterval(() => {
    const now = sample();
    const isBusy = now.us - before.us > IDLE_US || now.messages !== before.messages;
    if (isBusy) busyAt = Date.now();
    before = isBusy ? now : before;
  }, SAMPLE_MS);
  return {
    stop: () => clearInterval(timer),
    /** Resolves once the process has been idle for this time. */
    async atRest(ms = REST_MS) {
      const end = Date.now() + TIMEOUT_MS;
      // The effect of the last request may not have been sampled yet.
      await pause(2 * SAMPLE_MS);
      while (Date.now() - busyAt < ms) {
        if (Date.now() > end) throw new Error(`the Worker was not idle within ${TIMEOUT_MS} ms`);
        await pause(SAMPLE_MS);
      }
    },
  };
}
