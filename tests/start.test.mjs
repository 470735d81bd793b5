// `npm start` as a new user runs it: what it prints, the page that it serves, the commands used with it,
// and that it continues with what it had stored. It uses its own folder and ports, so that it can run
// next to a developer's own instance. The page itself is tested in console.test.mjs.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startWorker } from "../dev/worker.mjs";
import { eventually } from "./testbed.mjs";

// It first checks that everything is installed and built, which is slow while other tests run.
const TIMEOUT_MS = 120_000;

const PROGRAM = fileURLToPath(new URL("../bin/kombo-edge.mjs", import.meta.url));

/** Starts it, and resolves once it runs: `{ output, stop }`, where `output()` is what it has printed. */
async function start(t, env) {
  const child = spawn(process.execPath, [PROGRAM, "start"], { env });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece) => (printed += piece));
  }
  const ended = once(child, "exit");
  t.after(() => child.kill("SIGKILL"));
  const output = () => printed;
  const isRunning = () => {
    assert.equal(child.exitCode, null, printed);
    return printed.includes("Ctrl-C stops it.");
  };
  await eventually(isRunning, "npm start", TIMEOUT_MS);
  return {
    output,
    /** Stops it as Ctrl-C does, and returns the exit code. */
    async stop() {
      child.kill("SIGINT");
      return (await ended)[0];
    },
  };
}

/** Runs a command against it, and returns what the command printed. */
async function command(env, name, ...args) {
  const child = spawn(process.execPath, [PROGRAM, name, ...args], { env });
  const ended = once(child, "exit");
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.equal((await ended)[0], 0, out + error);
  return out;
}

test("npm start first prints the address of its console, and keeps what was stored", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, KOMBO_EDGE_STATE: folder };
  const first = await start(t, env);
  const [url] = first.output().match(/http:\S+/);
  const page = await fetch(url);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<title>kombo-edge console<\/title>/);

  const [, prefix] = first.output().match(/^ {2}(.*)npm run mapping/m);
  assert.equal(prefix, `KOMBO_EDGE_STATE='${folder}' `, "its commands reach itself");
  const again = await start(t, env).catch(({ message }) => message);
  assert.match(again, /`npm start` is already running at http/);

  await command(env, "send", "connection-flow-failed", "--origin-id", "36123");
  await eventually(() => first.output().includes("could not connect"), "the message");
  await command(env, "send", "integration-created", "--origin-id", "36123");
  const mapped = async () => (await command(env, "mapping", "36123")).includes('"hibob"');
  await eventually(mapped, "the mapping");
  assert.equal(await first.stop(), 0);
  assert.match(first.output(), /What was stored is kept/);

  const second = await start(t, env);
  assert.ok(await mapped(), "what was stored is still there");
  assert.equal(await second.stop(), 0);
});

test("a second Worker leaves the registration of the first one alone", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-registry-"));
  process.env.WRANGLER_REGISTRY_PATH = folder;
  const workers = [];
  t.after(async () => {
    delete process.env.WRANGLER_REGISTRY_PATH;
    for (const worker of workers) await worker.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  const registration = () => readFileSync(join(folder, "kombo-edge"), "utf8");
  workers.push(await startWorker({ announce: true }));
  const first = registration();
  workers.push(await startWorker({ announce: true }));
  assert.equal(registration(), first);
  await workers.pop().dispose();
  assert.equal(registration(), first);
});
