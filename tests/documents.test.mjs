// Checks the documents against the tests that they name. A document names a test as `file`: "name", or
// several tests of one file as `file`: "name", "name". For a Rust test it gives the name of the function
// with spaces. This fails if a named test does not exist or is skipped, if a table row makes a claim
// without naming a test, if a named command does not exist, and if a link within the project is broken.

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
/** The column in which every cell names a test, or says why there is none. */
const SHOWN_BY = "shown by";
const NONE = /^no test: ./;

const markdownIn = (folder) =>
  readdirSync(inProject(folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name))
    .map((name) => ({ name, text: readFileSync(inProject(name), "utf8") }));

const documents = markdownIn("docs");
const llms = { name: "llms.txt", text: readFileSync(inProject("llms.txt"), "utf8") };
const PACKAGED = "packages/kombo-edge/README.md";
/** It is the README of a package whose files are where they are in the project. */
const packaged = { name: PACKAGED, root: ".", text: readFileSync(inProject(PACKAGED), "utf8") };
const all = [
  ...markdownIn("."),
  llms,
  ...markdownIn("template"),
  packaged,
  ...documents,
  ...["docs/messages", "examples", "examples/node", "examples/worker", "packages/client"].flatMap(
    markdownIn,
  ),
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

/** Whether a file has a test with this name that is not skipped. */
function has(file, name) {
  const text = readFileSync(inProject(file), "utf8");
  if (file.endsWith(".mjs")) {
    return new RegExp(String.raw`\btest\(\s*(["'\x60])${escaped(name)}\1,`).test(text);
  }
  const called = escaped(name.replaceAll(" ", "_"));
  return new RegExp(String.raw`#\[test\]\s+fn ${called}\(`).test(text);
}

for (const { name, text } of documents) {
  test(`every test that ${name} names exists and runs`, () => {
    for (const { file, name } of referencesIn(text)) {
      assert.ok(existsSync(inProject(file)), file);
      if (name !== undefined) assert.ok(has(file, name), `${file} has no test "${name}"`);
    }
  });

  test(`every claim in a table in ${name} names its test or says why there is none`, () => {
    for (const cell of cellsUnder(SHOWN_BY, text)) {
      const named = referencesIn(cell).some(({ name }) => name !== undefined);
      assert.ok(named || NONE.test(cell), `"${cell}" names no test`);
    }
  });
}

test("every npm script and every script file that a document names exists", () => {
  const { scripts } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  for (const { name, text } of all) {
    // Each example, and the template, has its own scripts.
    if (/^(examples\/|template)/.test(dirname(name))) continue;
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

/** The broken links in a document, from its folder. Links to other hosts are not checked. */
function brokenLinksIn({ name, text, root = dirname(name) }) {
  const links = [...text.matchAll(LINK)].map(([, inText, inHtml]) => inText ?? inHtml);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split("#");
    const target = path === "" ? name : join(root, path);
    if (!existsSync(inProject(target))) return true;
    if (anchor === undefined) return false;
    const headings = readFileSync(inProject(target), "utf8").matchAll(/^#+ (.+)$/gm);
    return ![...headings].some(([, heading]) => anchorOf(heading) === anchor);
  });
}

for (const document of all) {
  test(`${document.name} has no broken links`, () => {
    assert.deepEqual(brokenLinksIn(document), []);
  });
}

test("every command of the program that a document names exists", async () => {
  const { commands } = await import("../scripts/program.mjs");
  const known = commands.map(({ name }) => name);
  for (const { name, text } of all) {
    const named = [...text.matchAll(/npx kombo-edge ([a-z]+)/g)].map(([, command]) => command);
    assert.deepEqual(
      named.filter((command) => !known.includes(command)),
      [],
      name,
    );
  }
});

test("llms.txt has the form that its readers expect, and names every document", () => {
  const [title, , summary] = llms.text.split("\n");
  assert.equal(title, "# kombo-edge");
  assert.match(summary, /^> ./);
  const lists = llms.text.split("\n## ").slice(1);
  assert.ok(lists.length > 3);
  for (const list of lists)
    for (const line of list.split("\n").slice(1).filter(Boolean))
      assert.match(line, /^- \[.+\]\(.+\)/);
  const missing = documents.map(({ name }) => name).filter((name) => !llms.text.includes(name));
  // What is measured, which no program needs.
  assert.deepEqual(missing, ["docs/performance.md"]);
});

test("no document claims that a package was published", () => {
  const { text } = all.find(({ name }) => name === "README.md");
  assert.match(text, /No package has been published yet/);
  assert.match(llms.text, /Nothing has been published to npm yet/);
  assert.match(packaged.text, /Until the first release there is only the tarball/);
  const template = all.find(({ name }) => name === "template/README.md");
  assert.match(template.text, /The package is not published yet/);
  const changelog = readFileSync(inProject("CHANGELOG.md"), "utf8");
  // With the first date, these sentences have to go.
  assert.doesNotMatch(changelog, /^## \[\d+\.\d+\.\d+\] - \d{4}/m);
});

test("a broken link to a missing file or a missing heading is reported", () => {
  const text =
    "[a](../README.md) [b](missing.md) [c](privacy.md#missing) [d](#own) <img src='x'>\n## Own";
  assert.deepEqual(brokenLinksIn({ name: "docs/privacy.md", text }).length, 3);
  assert.equal(anchorOf("Kombo's API key, or: one"), "kombos-api-key-or-one");
});

test("a reference to a missing test is reported", () => {
  const [own] = referencesIn('`tests/documents.test.mjs`: "a reference", "another", and');
  assert.deepEqual(own, { file: "tests/documents.test.mjs", name: "a reference" });
  assert.ok(!has(own.file, own.name), "part of a name does not match");
  assert.ok(has(own.file, "a reference to a missing test is reported"));
  assert.ok(
    has("src/contracts/operator/tokens.rs", "a short token is rejected") &&
      !has("src/contracts/operator/tokens.rs", "judged"),
  );
  const table = "| claim | shown by |\n|---|---|\n| a | b |\n\n| c | d |\n|---|---|\n| e | f |";
  assert.deepEqual(cellsUnder(SHOWN_BY, table), ["b"]);
});

test("docs/security.md makes its claims in tables", () => {
  const { text } = documents.find(({ name }) => name === "docs/security.md");
  assert.ok(cellsUnder(SHOWN_BY, text).length > 20);
});

test("docs/messages/README.md explains each picture of a message, in both themes", () => {
  const folder = inProject("docs", "messages");
  const text = readFileSync(join(folder, "README.md"), "utf8");
  const pictures = readdirSync(folder).filter((file) => file.endsWith(".png"));
  assert.ok(pictures.length > 50);
  assert.deepEqual(
    pictures.filter((file) => !text.includes(`"${file}"`)),
    [],
  );
});
