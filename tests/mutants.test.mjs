// How mutants are inserted (scripts/mutants/schemata.mjs): next to each other, and each at its own line.
// Only `npm run mutants` shows that the result compiles and which mutants the tests catch.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { insert } from "../scripts/mutants/schemata.mjs";

const SOURCE = `//! Ages, « and what they mean ».

/// Whether someone is of age, in {years}.
pub(crate) fn is_adult(years: u8) -> bool {
    years >= 18
}

const fn limit() -> u8 {
    18
}

fn all() -> impl Iterator<Item = u8> {
    0..18
}
`;

const place = (line, column) => ({ line, column });
const span = (start, end) => ({ start, end });

/** A mutant of the function between two lines, which ends with a brace. */
const mutantOf = (number, [from, to], returns, where, replacement) => ({
  number,
  file: "src/age.rs",
  function: { span: span(place(from, 1), place(to, 2)), return_type: returns },
  span: where,
  replacement,
});

const adult = (number, where, replacement) =>
  mutantOf(number, [3, 6], "-> bool", where, replacement);

/** Inserts mutants into a temporary copy. Returns what `insert` returns, and the text of the files. */
function inserted(test, mutants) {
  const tree = mkdtempSync(join(tmpdir(), "kombo-edge-mutants-"));
  test.after(() => rmSync(tree, { recursive: true }));
  mkdirSync(join(tree, "src"));
  writeFileSync(join(tree, "src", "lib.rs"), "mod age;\n");
  const result = insert(tree, [["src/age.rs", SOURCE]], mutants);
  const read = (name) => readFileSync(join(tree, "src", name), "utf8");
  return { ...result, text: read("age.rs"), library: read("lib.rs") };
}

test("a function has a body for each of its mutants, and its original body", (test) => {
  const never = adult(7, span(place(5, 5), place(5, 16)), "false");
  const less = adult(8, span(place(5, 11), place(5, 13)), "<");
  const { separate, at, text, library } = inserted(test, [never, less]);
  assert.deepEqual(separate, []);
  const [head, ...arms] = text.split("match crate::mutant::active()");
  assert.match(head, /« and what they mean »[\s\S]*fn is_adult\(years: u8\) -> bool \{\s*$/);
  assert.equal(arms.length, 1);
  const flat = arms[0].replace(/\s+/g, " ");
  assert.match(flat, /7 => \{ false \} 8 => \{ years < 18 \} _ => \{ years >= 18 \} \}/);
  assert.match(text, /const fn limit\(\) -> u8 \{\n {4}18\n\}/, "the rest stays as it is");
  assert.match(library, /^mod age;[\s\S]*mod mutant;$/m);

  const lineOf = (part) => text.slice(0, text.indexOf(part)).split("\n").length;
  assert.equal(at("src/age.rs", lineOf("years < 18")).mutant, less);
  assert.deepEqual(at("src/age.rs", lineOf("years >= 18")).all, [never, less]);
  assert.equal(at("src/age.rs", 1), undefined);
});

test("a mutant that can't be combined with others is tested separately", (test) => {
  const constant = mutantOf(1, [8, 10], "-> u8", span(place(9, 5), place(9, 7)), "0");
  const hidden = mutantOf(
    2,
    ...[
      [12, 14],
      "-> impl Iterator<Item = u8>",
      span(place(13, 5), place(13, 10)),
      "[].into_iter()",
    ],
  );
  const outside = { number: 3, file: "src/age.rs", span: span(place(1, 1), place(1, 2)) };
  const { separate, text } = inserted(test, [constant, hidden, outside]);
  assert.deepEqual(separate, [constant, hidden, outside]);
  assert.equal(text, SOURCE);
});
