// What `npm run verify` says about a package. That the source gives the same bytes twice is a step of
// `npm test`, because a build takes minutes: scripts/reproduce.mjs.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inFreshCopy } from "../scripts/fresh-copy.mjs";
import { inProject, root } from "../scripts/project.mjs";
import { differingFiles } from "../scripts/verify.mjs";
import { runCommand } from "./command.mjs";

function emptyFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-verify-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a file of a package that differs in one byte from the build is named", (t) => {
  const folder = emptyFolder(t);
  cpSync(inProject("build"), join(folder, "build"), { recursive: true });
  assert.deepEqual(differingFiles("build", folder, root), []);
  const file = join(folder, "build", "index_bg.wasm");
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(file, bytes);
  assert.deepEqual(differingFiles("build", folder, root), [join("build", "index_bg.wasm")]);
});

test("what has no Worker is no package, and what is no clone is no source", async (t) => {
  const folder = emptyFolder(t);
  const none = await runCommand({}, "verify", "--package", folder);
  assert.equal(none.code, 1);
  assert.match(none.printed, /--package: .* has no Worker in build\//);
  const source = await runCommand({}, "verify", "--source", folder, "--package", root);
  assert.equal(source.code, 1);
  assert.match(source.printed, /is not a clone of kombo-edge\. Name one with --source/);
});

test("a copy of the source has what git would keep, and no build", async () => {
  const gone = await inFreshCopy(root, async (copy) => {
    assert.equal(
      readFileSync(join(copy, "Cargo.lock"), "utf8"),
      readFileSync(inProject("Cargo.lock"), "utf8"),
    );
    for (const built of ["build/index.js", "target", "node_modules", ".tools/built-build"])
      assert.throws(() => readFileSync(join(copy, built)), /ENOENT/, built);
    return copy;
  });
  assert.throws(() => readFileSync(join(gone, "Cargo.lock")), /ENOENT/, "it is removed");
});
