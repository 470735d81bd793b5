// Checks the tables of docs/ against the code, in both directions: nothing is missing from them, and
// nothing in them is made up. What a row says about its setting, route, key or line is not checked.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inProject } from "../scripts/project.mjs";
import { METHODS, openapi } from "./contract.mjs";
import { cellsUnder, codeIn, tablesIn } from "./tables.mjs";

const source = (...path) => readFileSync(inProject(...path), "utf8");

const reference = source("docs", "reference.md");
const operations = source("docs", "operations.md");

/** The text of all files in a folder of src/ and the folders in it, except for one file. */
const sourcesIn = (folder, except) =>
  readdirSync(inProject(folder), { recursive: true })
    .filter((name) => name.endsWith(".rs") && join(folder, name) !== except)
    .map((name) => source(folder, name))
    .join("\n");

/** All matches of a pattern in a text. If there are fewer than `least`, it no longer fits the code. */
function found(text, pattern, least) {
  const all = [...text.matchAll(pattern)];
  assert.ok(all.length >= least, `${pattern} found ${all.length} of at least ${least}`);
  return all;
}

/** Fails unless both have the same items, each once. */
function assertSameItems(documented, real) {
  assert.deepEqual([...documented].sort(), [...real].sort());
}

test("the documented settings are those that the Worker reads", () => {
  const names = found(
    sourcesIn("src/contracts/operator/settings"),
    /pub const ([A-Z_]+): &str = "\1";/g,
    15,
  );
  assertSameItems(
    cellsUnder("name", reference).flatMap(codeIn),
    names.map(([, name]) => name),
  );
});

test("the documented routes are those of the contract", () => {
  const real = Object.entries(openapi.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method !== "head" && method in item).map(
      (method) => `${method.toUpperCase()} ${path}`,
    ),
  );
  const documented = cellsUnder("route", reference).flatMap(codeIn);
  assertSameItems(
    documented.map((route) => route.replace(/\?.*/, "")),
    real,
  );
});

test("the documented keys of Workers KV are those of the contract", () => {
  const types = found(source("contract", "kombo-edge.d.ts"), /Key = `(\w+:)\$\{string\}`/g, 5);
  const documented = cellsUnder("key", reference).flatMap(codeIn);
  const prefixes = documented
    .filter((code) => code.includes(":"))
    .map((code) => /^\w+:/.exec(code));
  assertSameItems(
    prefixes.map(([prefix]) => prefix),
    types.map(([, prefix]) => prefix),
  );
});

const KINDS = join("src", "contracts", "operator", "log", "kind.rs");
const KIND = /pub const (\w+): Kind = (info|error)\(\s*"(\w+)",\s*"(\w+)",?\s*\);/g;

test("the documented log lines are those that the code can write", () => {
  const text = source(KINDS);
  const kinds = found(text, KIND, 20);
  assert.equal(kinds.length, text.match(/: Kind = /g).length, "all kinds were read");
  const rows = tablesIn(operations)
    .flat()
    .filter((row) => "outcome" in row);
  assertSameItems(
    rows.map((row) => [...codeIn(row.event), ...codeIn(row.outcome), row.level].join(" ")),
    kinds.map(([, , level, event, outcome]) => `${event} ${outcome} ${level}`),
  );
});

test("every kind of log line is written somewhere", () => {
  const rest = sourcesIn("src", KINDS);
  for (const [, name] of found(source(KINDS), KIND, 20)) {
    assert.ok(rest.includes(`kind::${name}`), `${name} is never written`);
  }
});

test("the documented fields of a log line are those that it has", () => {
  const [[, body]] = found(
    source("src", "contracts", "operator", "log", "mod.rs"),
    /pub struct Line \{\n([^}]+)\}/g,
    1,
  );
  const fields = found(body, /^ {4}(?:r#)?(\w+): (?!Severity)/gm, 10);
  assertSameItems(
    cellsUnder("field", operations).flatMap(codeIn),
    fields.map(([, name]) => name),
  );
});

test("rows without code, and code without a row, are reported", () => {
  const table = "| route | b |\n|---|---|\n| `GET /x`, `PUT /x` | c |\n\n| d |\n|---|\n| `e` |";
  assert.deepEqual(cellsUnder("route", table).flatMap(codeIn), ["GET /x", "PUT /x"]);
  assert.throws(() => found("nothing", /x/g, 1), /found 0 of at least 1/);
  assert.throws(() => assertSameItems(["a"], ["a", "b"]));
  assert.throws(() => assertSameItems(["a", "b"], ["a"]));
  assert.throws(() => assertSameItems(["a", "a"], ["a"]));
});
