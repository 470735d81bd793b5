// The Node that the scripts run on, where the machine's own is too old: that a newer one is brought, once,
// and that a script goes on under it as if it had been started so. A stand-in for npm brings the Node of
// this test. `npm test` on a machine with an older one tries the real way.

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

// What a script of the project needs before anything was installed.
const NEEDED = [".npmrc", "package.json", "rust-toolchain.toml", "scripts/node"];
const MODULES = ["command", "node", "packages", "project"].map((name) => `scripts/${name}.mjs`);

// In the place of `npm ci --prefix <folder>`.
const NPM = `#!/bin/sh
echo "npm $*"
mkdir -p "$3/node_modules/.bin"
ln -s "${process.execPath}" "$3/node_modules/.bin/node"
`;

// Loaded ahead of the script: the Node that it is started with is an old one.
const OLD = `data:text/javascript,${encodeURIComponent(`
  const versions = { ...process.versions, node: "22.11.0" };
  const isBrought = process.env.PATH.split("${delimiter}")[0].includes(".tools");
  if (!isBrought) Object.defineProperty(process, "versions", { value: versions });
`)}`;

const SCRIPT = `
import { main } from "./project.mjs";

const ends = {
  "tell what it got": async () => {
    const input = [];
    for await (const piece of process.stdin) input.push(piece);
    const [first] = process.env.PATH.split(":");
    console.log(JSON.stringify({ args: process.argv.slice(3), input: input.join(""), first }));
    process.exit(7);
  },
  "wait for Ctrl-C": () => {
    const inVain = setTimeout(() => {}, 10_000);
    process.once("SIGINT", () => {
      console.log("Stopped.");
      clearTimeout(inVain);
    });
    console.log("It waits.");
  },
  "be killed": () => process.kill(process.pid, "SIGKILL"),
};
await main(() => ends[process.argv[2]]());
`;

/** A clone in which nothing was installed, with one script, on a machine with this npm. */
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

/** Runs it to its end. */
async function ran(folder, args, { input = "", ...options } = {}) {
  const child = start(folder, args, options);
  child.stdin.end(input);
  const [[code, signal], out, error] = await Promise.all([
    once(child, "exit"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, signal, out, error };
}

const broughtTo = (folder) => join(folder, ".tools", "node");

test("a Node is new enough from the version on that package.json names", () => {
  const { engines } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  assert.equal(engines.node, ">=22.12");
  for (const version of ["20.20.2", "22.0.0", "22.11.9"]) assert.ok(!isNewEnough(version), version);
  for (const version of ["22.12.0", "22.12.1", "22.13.0", "23.0.0", "100.0.0"])
    assert.ok(isNewEnough(version), version);
});

test("the Node that is brought is one, and the same on every platform", () => {
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

test("under an old Node a script brings a newer one, once, and goes on under it", async (t) => {
  const folder = freshClone(t);
  const args = ["tell what it got", "--flag", "two words"];
  const first = await ran(folder, args, { input: "the input" });
  assert.equal(first.code, 7, first.error);
  assert.match(first.out, /^Installing a newer Node …\nnpm ci --prefix \S+\/\.tools\/node\n/);
  const told = JSON.parse(first.out.split("\n").at(-2));
  assert.deepEqual(told, {
    args: ["--flag", "two words"],
    input: "the input",
    first: join(broughtTo(folder), "node_modules", ".bin"),
  });
  const again = await ran(folder, args, { input: "the input" });
  assert.equal(again.out, `${JSON.stringify(told)}\n`);
});

test("under a Node that is new enough nothing is brought", async (t) => {
  const folder = freshClone(t);
  const { code, out } = await ran(folder, ["tell what it got"], { flags: [] });
  assert.equal(code, 7);
  assert.doesNotMatch(out, /npm/);
  assert.ok(!existsSync(broughtTo(folder)));
});

test("a signal reaches the script that went on, and its end is that of the first one", async (t) => {
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
  assert.equal((await ran(folder, ["be killed"])).signal, "SIGKILL");
});

test("where none can be brought, it is said what to install", async (t) => {
  // As npm does on a platform that has no package.
  const folder = freshClone(t, '#!/bin/sh\nmkdir -p "$3/node_modules"\n');
  const { code, error } = await ran(folder, ["be killed"]);
  assert.equal(code, 1);
  assert.match(error, /Node 22\.12 or newer is needed, and this is 22\.11\.0: .* nodejs\.org/);
});
