// `npm start` as a new user runs it: what it says, the page that it serves, the commands beside it, and
// that it begins where it ended. It runs beside a developer's own one, in a folder and on ports of its
// own. The page itself is tried in console.test.mjs.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "./stand.mjs";

// It looks first whether all is installed and built, which takes a while beside other tests.
const PATIENCE_MS = 120_000;

const script = (name) => fileURLToPath(new URL(`../scripts/${name}.mjs`, import.meta.url));

/** Starts it, and resolves once it runs: `{ said, stop }`, where `said` gives what it has printed. */
async function start(t, env) {
  const child = spawn(process.execPath, [script("start")], { env });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece) => (printed += piece));
  }
  const ended = once(child, "exit");
  t.after(() => child.kill("SIGKILL"));
  const said = () => printed;
  const isThere = () => {
    assert.equal(child.exitCode, null, printed);
    return printed.includes("Ctrl-C ends it.");
  };
  await eventually(isThere, "npm start", PATIENCE_MS);
  return {
    said,
    /** Ends it as Ctrl-C does, and gives back the exit code. */
    async stop() {
      child.kill("SIGINT");
      return (await ended)[0];
    },
  };
}

/** Runs a command beside it, and gives back what it printed. */
async function command(env, name, ...args) {
  const child = spawn(process.execPath, [script(name), ...args], { env });
  const ended = once(child, "exit");
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.equal((await ended)[0], 0, out + error);
  return out;
}

test("npm start says first where its console is, and keeps what was stored", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, KOMBO_EDGE_STATE: folder };
  const first = await start(t, env);
  const [url] = first.said().match(/http:\S+/);
  const page = await fetch(url);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<title>kombo-edge console<\/title>/);

  await command(env, "send", "connection-flow-failed", "--origin-id", "36123");
  await eventually(() => first.said().includes("could not connect"), "the message");
  await command(env, "send", "integration-created", "--origin-id", "36123");
  const mapped = async () => (await command(env, "mapping", "36123")).includes('"hibob"');
  await eventually(mapped, "the mapping");
  assert.equal(await first.stop(), 0);
  assert.match(first.said(), /What was stored is kept/);

  const second = await start(t, env);
  assert.ok(await mapped(), "what was stored is there again");
  assert.equal(await second.stop(), 0);
});
