// The layer check, run against small crates that break each of its rules.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { layerFaults } from "../scripts/layers.mjs";

/** The faults in a crate made of these files. Its lib.rs lists `words`, then `machine`. */
function faultsIn(t, files) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-layers-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const all = { "lib.rs": "pub mod words;\npub mod machine;\n", ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return layerFaults(join(folder, "lib.rs"));
}

test("a module may use the modules before it", (t) => {
  const files = { "words.rs": "pub struct Id;", "machine.rs": "use crate::words::Id;" };
  assert.deepEqual(faultsIn(t, files), []);
});

test("a use of a later layer is reported, in a declaration or in a path", (t) => {
  for (const text of [
    "use crate::machine::Row;",
    "use crate::{\n    machine::{Row, Step},\n};",
    "fn row() -> crate::machine::Row { todo!() }",
  ]) {
    const files = { "words.rs": text, "machine.rs": "pub struct Row;" };
    assert.deepEqual(faultsIn(t, files), ["words.rs uses machine.rs, which is in a later layer"]);
  }
});

test("a circular dependency between files is reported, even through a re-export in a mod.rs", (t) => {
  const files = {
    "words.rs": "",
    "machine/mod.rs": "mod row;\nmod step;\npub use row::Row;\npub use step::Step;",
    "machine/row.rs": "use super::Step;",
    "machine/step.rs": "use crate::machine::Row;",
  };
  assert.deepEqual(faultsIn(t, files), ["a cycle of 2 files: machine/row.rs, machine/step.rs"]);
});

test("a mod.rs and its children may use each other, and tests and comments are ignored", (t) => {
  const files = {
    "words.rs": "// use crate::machine::Row;\n#[cfg(test)]\nmod tests { use crate::machine::Row; }",
    "machine/mod.rs": "mod row;\npub use row::Row;\npub struct Limit;",
    "machine/row.rs": "use super::Limit;",
  };
  assert.deepEqual(faultsIn(t, files), []);
});
