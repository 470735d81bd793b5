// The Node that the scripts run on if the machine's own is too old: a newer one is installed, once, and
// the script continues under it as if it had been started with it. A stand-in for npm installs the Node
// of this test. `npm test` on a machine with an older Node tests the real installation.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { isNewEnough } from "../scripts/node.mjs";
import { inProject } from "../scripts/project.mjs";

// What a script of the project needs before anything is installed.
const NEEDED = [".npmrc", "Cargo.toml", "package.json", "rust-toolchain.toml", "scripts/node"];
const MODULES = ["command", "node", "packages", "project", "stop"].map(
  (name) => `scripts/${name}.mjs`,
);

// Replaces `npm ci --prefix <folder>`.
const NPM = `#!/bin/sh
echo "npm $*"
mkdir -p "$3/node_modules/.bin"
ln -s "${process.execPath}" "$3/node_modules/.bin/node"
`;

// Loaded before the script: makes the Node that starts it look like an older one.
const OLD = `data:text/javascript,${encodeURIComponent(`
  const versions = { ...process.versions, node: "22.11.0" };
  const isInstalled = process.env.PATH.split("${delimiter}")[0].includes(".tools");
  if (!isInstalled) Object.defineProperty(process, "versions", { value: versions });
`)}`;

const SCRIPT = `
import { main } from "./project.mjs";

const actions = {
  "print what it got": async () => {
    const input = [];
    for await (const piece of process.stdin) input.push(piece);
    const [first] = process.env.PATH.split(":");
    console.log(JSON.stringify({ args: process.argv.slice(3), input: input.join(""), first }));
    process.exit(7);
  },
  "wait for Ctrl-C": () => {
    const timeout = setTimeout(() => {}, 10_000);
    process.once("SIGINT", () => {
      console.log("Stopped.");
      clearTimeout(timeout);
    });
    console.log("It waits.");
  },
  "be killed": () => process.kill(process.pid, "SIGKILL"),
};
await main(() => actions[process.argv[2]]());
`;

/** A clone in which nothing is installed, with one script, on a machine with this npm. */
function freshClone(t, npm = NPM) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-node-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of ["scripts", "bin"]) mkdirSync(join(folder, part));
  for (const path of NEEDED) cpSync(inProject(path), join(folder, path), { recursive: true });
  for (const path of MODULES) copyFileSync(inProject(path), join(folder, path));
  writeFileSync(join(folder, "scripts", "script.mjs"), SCRIPT);
  writeFileSync(join(folder, "bin", "npm"), npm, { mode: 0o755 });
  return folder;
}

/** Starts the script of a clone, with an old Node unless `flags` say otherwise. */
function start(folder, args, { flags = ["--import", OLD] } = {}) {
  const PATH = [join(folder, "bin"), process.env.PATH].join(delimiter);
  return spawn(process.execPath, [...flags, join(folder, "scripts", "script.mjs"), ...args], {
    env: { ...process.env, PATH },
  });
}

/** Runs it until it exits. */
async function run(folder, args, { input = "", ...options } = {}) {
  const child = start(folder, args, options);
  child.stdin.end(input);
  const [[code, signal], out, error] = await Promise.all([
    once(child, "exit"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, signal, out, error };
}

const installedIn = (folder) => join(folder, ".tools", "node");

test("a Node is new enough from the version that package.json names", () => {
  const { engines } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  assert.equal(engines.node, ">=22.12");
  for (const version of ["20.20.2", "22.0.0", "22.11.9"]) assert.ok(!isNewEnough(version), version);
  for (const version of ["22.12.0", "22.12.1", "22.13.0", "23.0.0", "100.0.0"])
    assert.ok(isNewEnough(version), version);
});

test("the Node to install has the same version on every platform", () => {
  const read = (file) => JSON.parse(readFileSync(inProject("scripts", "node", file), "utf8"));
  const { optionalDependencies: wanted } = read("package.json");
  const versions = new Set(Object.values(wanted));
  assert.equal(versions.size, 1);
  assert.ok(isNewEnough([...versions][0]));
  const { packages } = read("package-lock.json");
  for (const [name, version] of Object.entries(wanted)) {
    assert.equal(packages[`node_modules/${name}`].version, version);
    assert.match(packages[`node_modules/${name}`].integrity, /^sha512-/);
  }
});

test("under an old Node, a script installs a newer one, once, and continues under it", async (t) => {
  const folder = freshClone(t);
  const args = ["print what it got", "--flag", "two words"];
  const first = await run(folder, args, { input: "the input" });
  assert.equal(first.code, 7, first.error);
  assert.match(first.out, /^Installing a newer Node …\nnpm ci --prefix \S+\/\.tools\/node\n/);
  const printed = JSON.parse(first.out.split("\n").at(-2));
  assert.deepEqual(printed, {
    args: ["--flag", "two words"],
    input: "the input",
    first: join(installedIn(folder), "node_modules", ".bin"),
  });
  const again = await run(folder, args, { input: "the input" });
  assert.equal(again.out, `${JSON.stringify(printed)}\n`);
});

test("under a Node that is new enough, nothing is installed", async (t) => {
  const folder = freshClone(t);
  const { code, out } = await run(folder, ["print what it got"], { flags: [] });
  assert.equal(code, 7);
  assert.doesNotMatch(out, /npm/);
  assert.ok(!existsSync(installedIn(folder)));
});

test("a signal reaches the continued script, and the first one ends as it does", async (t) => {
  const folder = freshClone(t);
  const child = start(folder, ["wait for Ctrl-C"]);
  const exited = once(child, "exit");
  let printed = "";
  for await (const piece of child.stdout.setEncoding("utf8")) {
    if (!printed.includes("It waits.") && (printed + piece).includes("It waits."))
      child.kill("SIGINT");
    printed += piece;
  }
  assert.match(printed, /Stopped\.\n$/);
  assert.deepEqual(await exited, [0, null]);
  assert.equal((await run(folder, ["be killed"])).signal, "SIGKILL");
});

test("in an installed package, nothing is installed: the error says which Node is needed", async (t) => {
  const folder = freshClone(t);
  rmSync(join(folder, "Cargo.toml"));
  const { code, out, error } = await run(folder, ["be killed"]);
  assert.equal(code, 1);
  assert.match(error, /Node 22\.12 or newer is required, and this is 22\.11\.0: .* nodejs\.org/);
  assert.equal(out, "");
  assert.ok(!existsSync(join(folder, ".tools")));
});

test("if no newer Node can be installed, the error says what to install", async (t) => {
  // As npm does on a platform that has no package.
  const folder = freshClone(t, '#!/bin/sh\nmkdir -p "$3/node_modules"\n');
  const { code, error } = await run(folder, ["be killed"]);
  assert.equal(code, 1);
  assert.match(error, /Node 22\.12 or newer is required, and this is 22\.11\.0: .* nodejs\.org/);
});
