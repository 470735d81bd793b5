// The settings of a local Worker: .dev.vars, parsed as by wrangler, and .state/testbed.json, by which the
// other commands find the running `npm start`.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inProject } from "./project.mjs";

export const WEBHOOK_PATH = "/webhooks/kombo";
export const DEFAULT_PORT = 8787;

const DEFAULT_SECRET = "kombo-local-secret";
export const LOCAL_TOKEN = "kombo-local-token";

// KOMBO_EDGE_STATE allows a second `npm start` while the first one runs.
export const isSecondTestbed = Boolean(process.env.KOMBO_EDGE_STATE);
export const stateFolder = process.env.KOMBO_EDGE_STATE || inProject(".state");
const testbedFile = join(stateFolder, "testbed.json");

/** The variables in .dev.vars: NAME=value lines, with or without quotes. Empty values are left out. */
export function devVars() {
  const file = inProject(".dev.vars");
  if (!existsSync(file)) return {};
  const line = /^\s*(?:export\s+)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^#\n]*))/gm;
  const variables = {};
  for (const [, name, double, single, bare] of readFileSync(file, "utf8").matchAll(line)) {
    const value = double ?? single ?? bare.trim();
    if (value !== "") variables[name] = value;
  }
  return variables;
}

/** KOMBO_WEBHOOK_SECRET of a local Worker, which may have several secrets. */
export const localSecrets = () => devVars().KOMBO_WEBHOOK_SECRET || DEFAULT_SECRET;

/** The one of several secrets, or tokens, that a sender should use. */
export const firstSecret = (secrets) => secrets.trim().split(/\s+/)[0];

/** What the running `npm start` wrote about itself; undefined if it is not running. */
export function runningTestbed() {
  if (!existsSync(testbedFile)) return undefined;
  const { pid, ...rest } = JSON.parse(readFileSync(testbedFile, "utf8"));
  return isAlive(pid) ? rest : undefined;
}

export function announceTestbed(facts) {
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(testbedFile, JSON.stringify({ pid: process.pid, ...facts }, null, 2), {
    mode: 0o600,
  });
}

export const withdrawTestbed = () => rmSync(testbedFile, { force: true });

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
