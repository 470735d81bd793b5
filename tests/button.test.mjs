// What the Deploy to Cloudflare button needs, as far as this can be checked without Cloudflare: that it
// never suggests a publicly known value for a secret, and that a build works out what to do without Rust.
// On a developer's machine the build says what to install; on a build service it installs rustup itself,
// and only the published program.

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

test("the button suggests no value for a secret, and describes every setting", () => {
  const example = readFileSync(inProject(".dev.vars.example"), "utf8");
  const secrets = [...example.matchAll(/^(\w+)=(.*)$/gm)];
  assert.ok(secrets.length > 0);
  for (const [line, , value] of secrets) assert.equal(value, '""', line);
  const { kv_namespaces: kv, durable_objects: objects, vars } = template();
  const names = [
    ...kv.map(({ binding }) => binding),
    ...objects.bindings.map(({ name }) => name),
    ...Object.keys(vars),
    ...secrets.map(([, name]) => name),
  ];
  const { bindings } = JSON.parse(readFileSync(inProject("package.json"), "utf8")).cloudflare;
  assert.deepEqual(Object.keys(bindings).sort(), names.sort());
  for (const { description } of Object.values(bindings)) assert.match(description, /\.$/);
});

/** The path of a program. Programs need not all be in one folder. */
const inPath = (name) =>
  process.env.PATH.split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** Runs a build with what the setup needs in PATH, but no rustup. Returns its exit code and output. */
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

// If the system has rustup, or the setup has already installed it, there is nothing to test.
const skip =
  existsSync(rust) || SYSTEM.some((folder) => existsSync(join(folder, "rustup")))
    ? "rustup is already where every build finds it"
    : false;

test("a build says that rustup is missing and where to get it", { skip }, async (t) => {
  const { code, printed } = await buildWithoutRust(t);
  assert.equal(code, 1);
  assert.match(printed, /rustup: install it from rustup\.rs/);
});

test("a build service runs only the published rustup", { skip }, async (t) => {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request.url);
    response.end("#!/bin/sh\necho someone else's\n");
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
  assert.match(printed, /does not match its published checksum, so it was not run/);
  assert.ok(!printed.includes("someone else's"));
  assert.match(requests.join(), /^\/rustup\/archive\/[\d.]+\/\w+-unknown-linux-gnu\/rustup-init$/);
  assert.ok(!existsSync(rust));
});
