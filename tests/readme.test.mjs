// Compiles the TypeScript in the README exactly as printed.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "../scripts/command.mjs";
import { inProject } from "../scripts/project.mjs";

const OPTIONS = ["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022"];
const MODULES = ["--module", "esnext", "--moduleResolution", "bundler"];

test("the README's TypeScript compiles under strict", (t) => {
  const readme = readFileSync(inProject("README.md"), "utf8");
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  assert.ok(blocks.length > 0);
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-readme-"));
  t.after(() => rmSync(folder, { recursive: true }));
  symlinkSync(inProject("contract"), join(folder, "contract"));
  const files = blocks.map((code, at) => join(folder, `block-${at}.ts`));
  for (const [at, code] of blocks.entries()) writeFileSync(files[at], code);
  const tsc = inProject("node_modules", "typescript", "bin", "tsc");
  const { ok, output } = capture(process.execPath, [tsc, ...OPTIONS, ...MODULES, ...files]);
  assert.ok(ok, output);
});
