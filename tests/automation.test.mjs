// What GitHub runs and updates by itself, which can't be run here: the workflow runs what a developer runs,
// with no more permissions than it needs, and what it names exists.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { load } from "js-yaml";
import { cargoTools, cargoToolsForTests, inProject, lockedCrate } from "../scripts/project.mjs";

const source = (...path) => readFileSync(inProject(...path), "utf8");
const json = (...path) => JSON.parse(source(...path));

const WORKFLOW = [".github", "workflows", "test.yml"];
const workflow = load(source(...WORKFLOW));
const { steps, ...job } = workflow.jobs.test;

test("the workflow runs npm test, with read-only permissions", () => {
  assert.deepEqual(workflow.permissions, { contents: "read" });
  assert.ok(!("permissions" in job) && Object.keys(workflow.jobs).length === 1);
  const always = steps.filter(({ run, if: condition }) => run && !condition);
  assert.deepEqual(always, [{ run: ".ci/run" }]);
  const commands = source(".ci", "run").split("\n");
  assert.equal(commands.filter(Boolean).at(-1), "npm test");
  assert.ok(steps.every((step) => !step["continue-on-error"]));
});

/** Runs .ci/run on a machine with these stand-ins for programs, and returns what they print. */
function runCi(t, programs, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-ci-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, does] of Object.entries(programs))
    writeFileSync(join(folder, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  const PATH = [folder, process.env.PATH].join(delimiter);
  return execFileSync("bash", [inProject(".ci", "run")], {
    env: { ...process.env, ...env, PATH },
    encoding: "utf8",
  });
}

test("on Debian, root first installs what the setup can't", (t) => {
  const programs = {
    "apt-get": 'echo "apt-get $*"',
    npm: 'echo "npm $*"',
    id: "echo 0",
    python3: "exit 1",
  };
  const nowhere = { CHROMIUM: "/nowhere/chromium" };
  const installed = "apt-get update\napt-get install -y python3-venv chromium\nnpm test\n";
  assert.equal(runCi(t, programs, nowhere), installed);
  assert.equal(runCi(t, { ...programs, id: "echo 1000" }, nowhere), "npm test\n");
  const there = { CHROMIUM: process.execPath };
  assert.equal(runCi(t, { ...programs, python3: "exit 0" }, there), "npm test\n");
});

test("every program that the workflow runs exists, or is installed by npm test", () => {
  const installed = [...cargoTools, ...cargoToolsForTests].map(({ binary }) => binary);
  const programs = steps.flatMap(({ run }) => (run ? [run.split(" ")[0]] : []));
  assert.ok(programs.length > 0);
  for (const program of programs) {
    const [, tool] = program.match(/^\.tools\/bin\/(.+)$/) ?? [];
    if (tool === undefined) accessSync(inProject(program), constants.X_OK);
    else assert.ok(installed.includes(tool), tool);
  }
});

test("actions are pinned to a commit, with the version beside it, and leave no token behind", () => {
  const used = source(...WORKFLOW).match(/uses: .*/g);
  assert.ok(used.length >= 2);
  for (const line of used)
    assert.match(line, /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
  assert.equal(checkout.with["persist-credentials"], false);
});

test("the workflow tests the oldest Node that is supported", () => {
  const node = steps.find(({ uses }) => uses?.startsWith("actions/setup-node@"));
  assert.equal(`>=${node.with["node-version"]}`, json("package.json").engines.node);
});

test("the files that the cache key depends on exist", () => {
  const cache = steps.find(({ uses }) => uses?.startsWith("actions/cache@"));
  const files = [...cache.with.key.matchAll(/'([^']+)'/g)].map(([, file]) => file);
  assert.ok(files.length > 2);
  for (const file of files) assert.ok(existsSync(inProject(file)), file);
});

const MANIFESTS = {
  cargo: "Cargo.toml",
  npm: "package.json",
  pip: "requirements.txt",
  "github-actions": ".github/workflows",
};

test("updates are configured for everything that is pinned, once each", () => {
  const { updates } = load(source(".github", "dependabot.yml"));
  const places = updates.flatMap(({ "package-ecosystem": of, directory, directories }) =>
    (directories ?? [directory]).map((folder) => ({ of, folder })),
  );
  for (const { of, folder } of places) {
    assert.ok(existsSync(inProject(folder.slice(1), MANIFESTS[of])), `${folder} ${MANIFESTS[of]}`);
  }
  assert.deepEqual(new Set(places.map(({ of }) => of)), new Set(Object.keys(MANIFESTS)));
  for (const { groups, "package-ecosystem": of } of updates) {
    const { patterns, "exclude-patterns": others = [] } = Object.values(groups).at(-1);
    assert.deepEqual(patterns, ["*"], of);
    const apart = Object.values(groups).slice(0, -1);
    assert.deepEqual(
      others,
      apart.flatMap((group) => group.patterns),
      of,
    );
  }
});

test("packages that must be updated together have matching versions", () => {
  const { dependencies, devDependencies } = json("package.json");
  const wrangler = json("node_modules", "wrangler", "package.json");
  assert.equal(dependencies.miniflare, wrangler.dependencies.miniflare);
  const dateIn = (version) =>
    version
      .match(/\.(\d{4})(\d\d)(\d\d)\./)
      .slice(1)
      .join("-");
  const types = dateIn(devDependencies["@cloudflare/workers-types"]);
  assert.equal(types, dateIn(wrangler.dependencies.workerd));
  const [, compatibility] = source("wrangler.toml").match(/^compatibility_date = "(.+)"$/m);
  assert.ok(compatibility <= types, "workerd supports no date after its own");
  assert.deepEqual(json("examples", "worker", "package.json").devDependencies, {
    "@cloudflare/workers-types": devDependencies["@cloudflare/workers-types"],
    typescript: devDependencies.typescript,
    wrangler: dependencies.wrangler,
  });
  for (const { library, version } of cargoTools) assert.equal(version, lockedCrate(library));
});
