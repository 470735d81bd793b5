// The documents against the tests that they name. A document names a test as `file`: "name", several of
// one file as `file`: "name", "name"; of a Rust test it names the function with spaces. This fails when
// such a test is not there, or is skipped, when a row of a table claims without naming one, when a
// command is named that is none, and when a link leads nowhere in the project.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { inProject } from "../scripts/project.mjs";
import { cellsUnder } from "./tables.mjs";

const NAMES = String.raw`(?:"[^"]+"(?:, |,? and )?)+`;
const REFERENCE = new RegExp(
  String.raw`\x60((?:tests|src|simulation)/[\w./-]+\.(?:rs|mjs))\x60(?:: (${NAMES}))?`,
  "g",
);
/** Heads of the columns whose every cell names a test, or says why there is none. */
const SHOWN_BY = "shown by";
const NONE = /^no test: ./;

const markdownIn = (folder) =>
  readdirSync(inProject(folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name))
    .map((name) => ({ name, text: readFileSync(inProject(name), "utf8") }));

const documents = markdownIn("docs");
const all = [
  ...markdownIn("."),
  ...documents,
  ...["docs/messages", "examples", "examples/node", "examples/worker"].flatMap(markdownIn),
];

/** The tests that a text names, as `{ file, name }`; a file alone has no name. */
function referencesIn(text) {
  return [...text.matchAll(REFERENCE)].flatMap(([, file, names]) =>
    names === undefined
      ? [{ file }]
      : [...names.matchAll(/"([^"]+)"/g)].map(([, name]) => ({ file, name })),
  );
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a file has a test of this name that runs. */
function has(file, name) {
  const text = readFileSync(inProject(file), "utf8");
  if (file.endsWith(".mjs")) {
    return new RegExp(String.raw`\btest\(\s*(["'\x60])${escaped(name)}\1,`).test(text);
  }
  const called = escaped(name.replaceAll(" ", "_"));
  return new RegExp(String.raw`#\[test\]\s+fn ${called}\(`).test(text);
}

for (const { name, text } of documents) {
  test(`every test that ${name} names is there and runs`, () => {
    for (const { file, name } of referencesIn(text)) {
      assert.ok(existsSync(inProject(file)), file);
      if (name !== undefined) assert.ok(has(file, name), `${file} has no test "${name}"`);
    }
  });

  test(`every claim in a table of ${name} names its test, or says why there is none`, () => {
    for (const cell of cellsUnder(SHOWN_BY, text)) {
      const named = referencesIn(cell).some(({ name }) => name !== undefined);
      assert.ok(named || NONE.test(cell), `"${cell}" names no test`);
    }
  });
}

test("every npm script and every script that a document names is there", () => {
  const { scripts } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  for (const { name, text } of all) {
    // An example has scripts of its own, which its test runs.
    if (dirname(name).startsWith("examples/")) continue;
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script);
    const missing = named.filter((script) => !Object.hasOwn(scripts, script));
    assert.deepEqual(missing, [], name);
    for (const [, file] of text.matchAll(/node ([\w/-]+\.mjs)/g))
      assert.ok(existsSync(inProject(file)), `${name} names ${file}`);
  }
});

const LINK = /\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g;

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .replace(/\s/g, "-");

/** The links of a document that lead nowhere in the project; those to other hosts are not looked at. */
function brokenLinksIn({ name, text }) {
  const links = [...text.matchAll(LINK)].map(([, inText, inHtml]) => inText ?? inHtml);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split("#");
    const target = path === "" ? name : join(dirname(name), path);
    if (!existsSync(inProject(target))) return true;
    if (anchor === undefined) return false;
    const headings = readFileSync(inProject(target), "utf8").matchAll(/^#+ (.+)$/gm);
    return ![...headings].some(([, heading]) => anchorOf(heading) === anchor);
  });
}

for (const document of all) {
  test(`every link of ${document.name} leads somewhere`, () => {
    assert.deepEqual(brokenLinksIn(document), []);
  });
}

test("a link that leads nowhere is found, in a file that is not there or to a heading", () => {
  const text =
    "[a](../README.md) [b](gone.md) [c](privacy.md#gone) [d](#own) <img src='x'>\n## Own";
  assert.deepEqual(brokenLinksIn({ name: "docs/privacy.md", text }).length, 3);
  assert.equal(anchorOf("Kombo's API key, or: one"), "kombos-api-key-or-one");
});

test("what names no test, or one that is not there, is found", () => {
  const [own] = referencesIn('`tests/documents.test.mjs`: "what names no test", "another", and');
  assert.deepEqual(own, { file: "tests/documents.test.mjs", name: "what names no test" });
  assert.ok(!has(own.file, own.name), "a name is taken whole");
  assert.ok(has(own.file, "what names no test, or one that is not there, is found"));
  assert.ok(
    has("src/contracts/operator/tokens.rs", "a short token is rejected") &&
      !has("src/contracts/operator/tokens.rs", "judged"),
  );
  const table = "| claim | shown by |\n|---|---|\n| a | b |\n\n| c | d |\n|---|---|\n| e | f |";
  assert.deepEqual(cellsUnder(SHOWN_BY, table), ["b"]);
});

test("docs/security.md has its claims in tables", () => {
  const { text } = documents.find(({ name }) => name === "docs/security.md");
  assert.ok(cellsUnder(SHOWN_BY, text).length > 20);
});

test("docs/messages/README.md explains each message that is drawn, in both themes", () => {
  const folder = inProject("docs", "messages");
  const text = readFileSync(join(folder, "README.md"), "utf8");
  const pictures = readdirSync(folder).filter((file) => file.endsWith(".png"));
  assert.ok(pictures.length > 50);
  assert.deepEqual(
    pictures.filter((file) => !text.includes(`"${file}"`)),
    [],
  );
});
