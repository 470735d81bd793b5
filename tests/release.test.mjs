// A release, as far as it goes without accounts: what it consists of, what stands in its way, and that the
// workflow publishes just that. npm and GitHub themselves are not part of the test.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "js-yaml";
import { inProject } from "../scripts/project.mjs";
import { FILES } from "../scripts/release.mjs";
import { facts, notes, obstacles } from "../scripts/release/obstacles.mjs";

const folder = inProject(...FILES);
const inRelease = (name) => readFileSync(join(folder, name));
const { version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));

test("a release has the packages, the Worker, its components, and the checksums of all", () => {
  assert.ok(existsSync(folder), "run `npm run release` first");
  const names = readdirSync(folder).sort();
  const expected = [
    ...["SHA256SUMS", "index.js", "index_bg.wasm"],
    ...["kombo-edge", "kombo-edge-client"].map((name) => `${name}-${version}.tgz`),
    ...["crates", "npm"].map((kind) => `kombo-edge-${version}-${kind}.cdx.json`),
  ];
  assert.deepEqual(
    expected.filter((name) => !names.includes(name)),
    [],
  );
  const sums = inRelease("SHA256SUMS").toString().trim().split("\n");
  assert.deepEqual(
    sums,
    names
      .filter((name) => name !== "SHA256SUMS")
      .map((name) => `${createHash("sha256").update(inRelease(name)).digest("hex")}  ${name}`),
  );
});

test("the lists of components name what is shipped, and neither tools nor this machine", () => {
  const list = (kind) => {
    const text = inRelease(`kombo-edge-${version}-${kind}.cdx.json`).toString();
    const { bomFormat, metadata, components } = JSON.parse(text);
    assert.equal(bomFormat, "CycloneDX");
    assert.deepEqual(
      [metadata.component.name, metadata.component.version],
      ["kombo-edge", version],
    );
    for (const path of [inProject(), "kombo-edge-copy-"]) assert.ok(!text.includes(path), path);
    return components.map(({ name }) => name);
  };
  const crates = list("crates");
  for (const name of ["worker", "serde_json", "jiff", "hmac"])
    assert.ok(crates.includes(name), name);
  assert.ok(!crates.includes("proptest"), "what only tests use is not shipped");
  const packages = list("npm");
  for (const name of ["wrangler", "miniflare", "commander"])
    assert.ok(packages.includes(name), name);
  assert.ok(!packages.includes("playwright-core"));
});

const ready = {
  version: "1.2.3",
  repository: "github:example/kombo-edge",
  changelog: "# Changelog\n\n## [1.2.3] - 2027-01-31\n\nNews.\n\n## [1.2.2] - 2027-01-01\n\nOld.\n",
  versions: { "Cargo.toml": "1.2.3" },
};

test("a release is stopped by whatever does not fit its tag", () => {
  assert.deepEqual(obstacles("v1.2.3", ready), []);
  const faults = [
    ["v1.2.4", {}, /The tag is v1\.2\.4, but package\.json says 1\.2\.3/],
    ["1.2.3", {}, /The tag is 1\.2\.3/],
    ["v1.2.3", { versions: { "Cargo.toml": "1.2.2" } }, /Cargo\.toml says 1\.2\.2/],
    ["v1.2.3", { changelog: "\n## [1.2.3] - not released yet\n" }, /CHANGELOG\.md has no line/],
    ["v1.2.3", { changelog: "\n## [1.2.2] - 2027-01-01\n" }, /CHANGELOG\.md has no line/],
    ["v1.2.3", { repository: undefined }, /names no "repository"/],
  ];
  for (const [tag, change, pattern] of faults) {
    const found = obstacles(tag, { ...ready, ...change });
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0], pattern);
  }
});

test("the notes of a release are its part of the changelog", () => {
  assert.equal(notes("1.2.3", ready.changelog), "News.");
  assert.equal(notes("1.2.2", ready.changelog), "Old.");
  const known = facts();
  assert.match(notes(known.version, known.changelog), /^The first version\./);
});

test("every version in the project is the same", () => {
  const { versions } = facts();
  assert.ok(Object.keys(versions).length >= 2);
  for (const [file, one] of Object.entries(versions)) assert.equal(one, version, file);
});

const source = readFileSync(inProject(".github", "workflows", "release.yml"), "utf8");
const workflow = load(source);

test("the release workflow tests first, and only its last job may publish", () => {
  assert.deepEqual(workflow.permissions, { contents: "read" });
  const { build, publish, ...others } = workflow.jobs;
  assert.deepEqual(others, {});
  assert.ok(!build.permissions);
  assert.equal(publish.needs, "build");
  const runs = ({ steps }) => steps.flatMap(({ run }) => run ?? []);
  assert.deepEqual(runs(build), [".ci/run", 'npm run release -- --tag "$GITHUB_REF_NAME"']);
  assert.match(runs(publish)[0], /sha256sum --check/);
  assert.match(runs(publish)[1], /npm publish .* --provenance/);
  // Whoever may publish runs no code of the project or of its packages.
  assert.ok(!publish.steps.some(({ uses }) => uses?.startsWith("actions/checkout@")));
  assert.ok(build.steps.concat(publish.steps).every((step) => !step["continue-on-error"]));
  for (const line of source.match(/uses: .*/g))
    assert.match(line, /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});
