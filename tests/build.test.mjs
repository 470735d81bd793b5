// What is built for whom: nothing that is deployed shows more than it must.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { wantedBy, worker } from "../scripts/build.mjs";
import { inProject } from "../scripts/project.mjs";

test("what is deployed shows no message of a panic, and no names of functions", async () => {
  for (const command of ["deploy", "versions upload", undefined])
    assert.deepEqual(wantedBy({}, { WRANGLER_COMMAND: command }), worker);
  assert.deepEqual(worker.features, []);
  const module = await WebAssembly.compile(readFileSync(inProject("build", "index_bg.wasm")));
  assert.deepEqual(WebAssembly.Module.customSections(module, "name"), []);
});

test("what `wrangler dev` runs shows the messages of panics", () => {
  const { directory, features } = wantedBy({}, { WRANGLER_COMMAND: "dev" });
  assert.equal(directory, worker.directory);
  assert.ok(features.includes("development"));
});
