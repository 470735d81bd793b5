// A Worker for one part of a load run: with its objects on disk, a Slack that accepts everything, and a
// Workers KV that keeps nothing (forgetful-kv.mjs says why). All of it is removed afterwards.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSlack } from "../../dev/slack.mjs";
import { wrapped, built } from "../../dev/worker.mjs";
import { startRuntime } from "./runtime.mjs";

export const SECRET = "kombo-bench-secret";
const WRAPPER = fileURLToPath(new URL("forgetful-kv.mjs", import.meta.url));
const API_TOKEN = "bench-token-0123456789";

const edgeWithoutKv = () => wrapped([WRAPPER], built());

/**
 * Calls `act` with a new Worker, whose folder is created in `parent`. It may have further settings, and
 * other modules than the build.
 */
export async function withWorker(parent, act, { settings = {}, modules = edgeWithoutKv() } = {}) {
  const folder = mkdtempSync(join(parent, "kombo-edge-load-"));
  const slack = await startSlack();
  let edge;
  try {
    const defaults = { KOMBO_WEBHOOK_SECRET: SECRET, SLACK_WEBHOOK_URL: slack.url, API_TOKEN };
    const bindings = { ...defaults, ...settings };
    edge = await startRuntime({ modules, bindings, folder });
    return await Promise.race([act({ edge, slack, folder }), edge.ended]);
  } finally {
    await edge?.dispose();
    await slack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The response of `/v1/status`. */
export async function statusOf(edge) {
  const headers = { authorization: `Bearer ${API_TOKEN}` };
  return (await edge.fetch("/v1/status", { headers })).json();
}
