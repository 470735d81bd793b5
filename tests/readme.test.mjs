// Compiles the TypeScript in the README and in the documents about reading exactly as printed, and runs the
// test in docs/testing.md.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "../scripts/command.mjs";
import { inProject } from "../scripts/project.mjs";

const OPTIONS = ["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022"];
const MODULES = ["--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom"];

/** The code blocks of a language in a document. */
function blocksIn(document, language) {
  const text = readFileSync(inProject(document), "utf8");
  const blocks = [...text.matchAll(/```(\w+)\n(.*?)```/gs)];
  return blocks.filter(([, of]) => of === language).map(([, , code]) => code);
}

/** A folder in which the packages of this project are installed. */
function folderWithPackages(t) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-readme-"));
  t.after(() => rmSync(folder, { recursive: true }));
  symlinkSync(inProject("contract"), join(folder, "contract"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(inProject(), join(folder, "node_modules", "kombo-edge"), "junction");
  const client = inProject("packages", "client");
  symlinkSync(client, join(folder, "node_modules", "kombo-edge-client"), "junction");
  return folder;
}

for (const document of ["README.md", "docs/reading.md", "packages/client/README.md"]) {
  test(`the TypeScript in ${document} compiles under strict`, (t) => {
    const blocks = blocksIn(document, "ts");
    assert.ok(blocks.length > 0);
    const folder = folderWithPackages(t);
    const files = blocks.map((code, at) => join(folder, `block-${at}.ts`));
    for (const [at, code] of blocks.entries()) writeFileSync(files[at], code);
    const tsc = inProject("node_modules", "typescript", "bin", "tsc");
    const { ok, output } = capture(process.execPath, [tsc, ...OPTIONS, ...MODULES, ...files]);
    assert.ok(ok, output);
  });
}

test("the test in docs/testing.md passes", (t) => {
  const folder = folderWithPackages(t);
  const [code] = blocksIn("docs/testing.md", "js");
  const file = join(folder, "printed.test.mjs");
  writeFileSync(file, code);
  // Otherwise the runner would take this for a part of its own run.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { ok, output } = capture(process.execPath, ["--test", file], { env });
  assert.ok(ok, output);
});
