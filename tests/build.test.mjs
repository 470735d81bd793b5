// Which build is used where: what is deployed reveals no more than it must.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { wantedBy, worker } from "../scripts/build.mjs";
import { inProject } from "../scripts/project.mjs";

test("a deployed build reveals no panic messages and no function names", async () => {
  for (const command of ["deploy", "versions upload", undefined])
    assert.deepEqual(wantedBy({}, { WRANGLER_COMMAND: command }), worker);
  assert.deepEqual(worker.features, []);
  const module = await WebAssembly.compile(readFileSync(inProject("build", "index_bg.wasm")));
  assert.deepEqual(WebAssembly.Module.customSections(module, "name"), []);
});

test("the build for `wrangler dev` shows panic messages", () => {
  const { directory, features } = wantedBy({}, { WRANGLER_COMMAND: "dev" });
  assert.equal(directory, worker.directory);
  assert.ok(features.includes("development"));
});
