// What the Deploy-to-Cloudflare button needs, as far as it can be seen without Cloudflare: that nobody is
// led to deploy a secret that everybody knows, and a build where no Rust is. On somebody's machine that
// says what to install; at a build service it installs rustup itself, and nothing else than what was
// published under that name.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { template } from "../scripts/deploy/configuration.mjs";
import { inProject, rust } from "../scripts/project.mjs";

const SYSTEM = ["/usr/local/bin", "/usr/bin", "/bin"];

test("the button proposes no secret, and says of everything what it is", () => {
  const example = readFileSync(inProject(".dev.vars.example"), "utf8");
  const asked = [...example.matchAll(/^(\w+)=(.*)$/gm)];
  assert.ok(asked.length > 0);
  for (const [line, , value] of asked) assert.equal(value, '""', line);
  const { kv_namespaces: kv, durable_objects: objects, vars } = template();
  const names = [
    ...kv.map(({ binding }) => binding),
    ...objects.bindings.map(({ name }) => name),
    ...Object.keys(vars),
    ...asked.map(([, name]) => name),
  ];
  const { bindings } = JSON.parse(readFileSync(inProject("package.json"), "utf8")).cloudflare;
  assert.deepEqual(Object.keys(bindings).sort(), names.sort());
  for (const { description } of Object.values(bindings)) assert.match(description, /\.$/);
});

/** Where a program is; they need not be in one folder. */
const inPath = (name) =>
  process.env.PATH.split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** A build whose PATH has what the set-up needs, but no rustup: its exit code and what it printed. */
async function buildWithoutRust(t, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-without-rust-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["node", "npm"]) symlinkSync(inPath(name), join(folder, name));
  const PATH = [folder, ...SYSTEM].join(delimiter);
  const child = spawn(process.execPath, [inProject("scripts", "build.mjs")], {
    env: { ...process.env, WORKERS_CI: "", PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const [code, ...printed] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { code, printed: printed.join("") };
}

// Where the system itself has it, or the set-up installed it already, there is nothing to show.
const skip =
  existsSync(rust) || SYSTEM.some((folder) => existsSync(join(folder, "rustup")))
    ? "rustup is where every build finds it"
    : false;

test("a build says that rustup is missing, and where to get it", { skip }, async (t) => {
  const { code, printed } = await buildWithoutRust(t);
  assert.equal(code, 1);
  assert.match(printed, /rustup: install it from rustup\.rs/);
});

test("a build service runs no rustup but the published one", { skip }, async (t) => {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.end("#!/bin/sh\necho somebody else's\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const env = {
    WORKERS_CI: "1",
    RUSTUP_UPDATE_ROOT: `http://127.0.0.1:${server.address().port}/rustup`,
  };
  const { code, printed } = await buildWithoutRust(t, env);
  assert.equal(code, 1);
  assert.match(printed, /is not what was published under this name; it was not run/);
  assert.ok(!printed.includes("somebody else's"));
  assert.match(asked.join(), /^\/rustup\/archive\/[\d.]+\/\w+-unknown-linux-gnu\/rustup-init$/);
  assert.ok(!existsSync(rust));
});
