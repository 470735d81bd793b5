// The settings of a local Worker: .dev.vars, parsed as by wrangler, and .state/testbed.json, by which the
// other commands find the running `npm start`.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { called } from "./called.mjs";
import { inUserFolder, Stop } from "./project.mjs";

export const WEBHOOK_PATH = "/webhooks/kombo";
export const DEFAULT_PORT = 8787;

const DEFAULT_SECRET = "kombo-local-secret";
export const LOCAL_TOKEN = "kombo-local-token";

// KOMBO_EDGE_STATE allows a second `npm start` while the first one runs.
export const isSecondTestbed = Boolean(process.env.KOMBO_EDGE_STATE);
export const stateFolder = resolve(process.env.KOMBO_EDGE_STATE || inUserFolder(".state"));
const testbedFile = join(stateFolder, "testbed.json");
const formatFile = join(stateFolder, "format");

/** How a command is called that is to find this `npm start`. */
export const commandPrefix = isSecondTestbed ? `KOMBO_EDGE_STATE='${stateFolder}' ` : "";

/** Where the Worker's data is kept. */
export const workerFolder = join(stateFolder, "worker");

// What is stored in the state folder. Raise it when this version can't read what an older one stored.
const FORMAT = "2";

// ps shows a start to the second, and computes it from clocks that are adjusted now and then.
const START_TOLERANCE_MS = 60_000;

/** The variables in .dev.vars: NAME=value lines, with or without quotes. Empty values are left out. */
export function devVars() {
  const file = inUserFolder(".dev.vars");
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
  const { pid, startedAt, ...facts } = testbedIn(readFileSync(testbedFile, "utf8"));
  if (!isAlive(pid)) return undefined;
  // Another process may have got the id of one that was killed.
  const differs = Math.abs(startOf(pid) - startedAt) > START_TOLERANCE_MS;
  return differs ? undefined : facts;
}

function testbedIn(text) {
  try {
    const { pid, startedAt, ...facts } = JSON.parse(text);
    for (const url of [facts.webhookUrl, facts.controlUrl]) new URL(url);
    return { pid, startedAt, ...facts };
  } catch {
    throw new Stop(
      `${shown(testbedFile)} is damaged. If \`${called("start")}\` is running, end it. Delete the file, and start again.`,
    );
  }
}

export function announceTestbed(facts) {
  const { pid } = process;
  const text = JSON.stringify({ pid, startedAt: startOf(pid), ...facts }, null, 2);
  writeFileSync(testbedFile, text, { mode: 0o600 });
}

export const withdrawTestbed = () => rmSync(testbedFile, { force: true });

/** Creates the state folder. Throws a Stop if it has data that another version stored. */
export function openState() {
  const format = existsSync(formatFile) ? readFileSync(formatFile, "utf8").trim() : undefined;
  if (format !== FORMAT && existsSync(workerFolder))
    throw new Stop(
      `The data in ${shown(stateFolder)} was stored by another version of kombo-edge, and this one can't read it.
It is only local test data. To start without it: rm -r '${shown(stateFolder)}'`,
    );
  makeFolder(workerFolder);
  writeFileSync(formatFile, `${FORMAT}\n`);
}

// One by one, because mkdir with `recursive` calls a folder on a read-only disk a missing one.
function makeFolder(path) {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** A path as a user would type it. */
const shown = (path) => {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
};

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** When a process started, in milliseconds; NaN if ps can't tell. */
function startOf(pid) {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], {
    env,
    encoding: "utf8",
  });
  return Date.parse(`${stdout?.trim()} UTC`);
}
