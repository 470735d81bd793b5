// A Worker in a runtime process of its own, with a stand-in for Slack of its own, and nothing left of
// both afterwards. What it waits for is that the process has come to rest.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSlack } from "../../dev/slack.mjs";
import { startWorker } from "../../dev/worker.mjs";
import { processorTimeOf } from "../load/process.mjs";

export const SECRET = "kombo-bench-secret";

// Where files cost nothing: on a disk, its time for a commit would be all that is measured.
const RAM_DISK = "/dev/shm";

/** Starts one of the Workers that peers.mjs prepared. */
export async function open(worker) {
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
    edge = await startWorker({ bindings, persist: folder, instead: worker.instead });
  } catch (error) {
    await close();
    throw error;
  }
  return { worker, edge, slack, close };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Longer than the pace of Slack, and than a queue holds a batch back.
const REST_MS = 1_600;
const LOOK_MS = 200;
/** What a process at rest takes in that time. */
const IDLE_US = 10_000;
const PATIENCE_MS = 120_000;

/**
 * Resolves with the processor time of the process once it has come to rest: nothing it does in the
 * background is left, and Slack got everything.
 */
export async function atRest({ edge, slack }) {
  const end = Date.now() + PATIENCE_MS;
  let before = { us: processorTimeOf(edge.pid), messages: slack.messages.length, at: Date.now() };
  while (Date.now() - before.at < REST_MS) {
    await pause(LOOK_MS);
    const us = processorTimeOf(edge.pid);
    const messages = slack.messages.length;
    const isBusy = us - before.us > IDLE_US || messages > before.messages;
    if (isBusy) before = { us, messages, at: Date.now() };
    if (Date.now() > end) throw new Error(`the Worker did not come to rest in ${PATIENCE_MS} ms`);
  }
  return processorTimeOf(edge.pid);
}
