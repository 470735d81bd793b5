// The contract for Workers KV: the documents that the Worker actually writes, and their metadata, match
// the JSON Schemas, and so do the examples, which also have the right TypeScript types. The sources are
// also searched for routes and problems that are not documented. The responses of the API are tested in
// contract-api.test.mjs.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { capture as run } from "../scripts/command.mjs";
import { inProject } from "../scripts/project.mjs";
import { documentedAnswers, examples, fits, fitsClosed, fitsDocument } from "./contract.mjs";
import { openapi, operations, resolved, schemaNames } from "./contract.mjs";
import { TOKENS, ask, deliver, document, eventually, failure, keys } from "./testbed.mjs";
import { makeEvent, startTestbed } from "./testbed.mjs";

const DOCUMENTS = schemaNames.filter((name) => !name.endsWith("-summary"));
const INCIDENTS = ["connection", "integration", "environment"];

const source = (...path) => readFileSync(inProject(...path), "utf8");

/** The schema of an example that is a document or its metadata; undefined for another example. */
const schemaOf = (name) =>
  name.startsWith("incident-") && INCIDENTS.includes(name.replace("incident-", ""))
    ? "incident"
    : schemaNames.find((schema) => schema === name);

test("every document and its metadata match the schemas, and every kind is written", async (t) => {
  const { edge } = await startTestbed(t, { bindings: TOKENS });
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const mute = { method: "PUT", json: { tool: "workday", until: soon } };
  assert.equal((await ask(edge, "/v1/customers/42/mute", mute)).status, 200);

  const created = (integrationId, tool, category, changes) =>
    makeEvent("integration-created", { originId: "42", integrationId, tool, category, ...changes });
  const stateOf = (integrationId, state, setup_status) => {
    const event = makeEvent("integration-state-changed", { originId: "42", integrationId });
    Object.assign(event.data, { state, setup_status });
    return event;
  };
  const issue = (change) => {
    const event = makeEvent("issue-status-changed", { originId: "43" });
    return { ...event, data: { ...event.data, ...change } };
  };
  const long = { tool: "ß".repeat(32), category: "\u0001".repeat(64) };
  const longest = { ...long, organization: "🦉\u0001".repeat(250), originId: "\u0001".repeat(503) };
  const unreadable = { ...makeEvent("integration-created"), id: "\u0001".repeat(256), data: {} };
  for (const event of [
    created("personio:1", "personio", "HRIS"),
    created("greenhouse:2", "greenhouse", "ATS"),
    created("hibob:3", "hibob", "HRIS", { organization: null }),
    stateOf("personio:1", "ACTIVE", "COMPLETED"),
    stateOf("greenhouse:2", "INVALID", null),
    stateOf("hibob:3", "A_LATER_WORD", "INCOMPLETE"),
    created("sandbox:4", "sandbox", "LMS", { originId: null }),
    created(`x:${"\u0001".repeat(498)}`, long.tool, long.category, longest),
    created(`y:${"\u0001".repeat(498)}`, long.tool, long.category, { ...longest, originId: null }),
    failure("42", { tool: "workday" }),
    // Of another organization, which no success of customer 42 can end.
    failure(null, { organization: "Nordlicht AG" }),
    failure(longest.originId, { ...longest, category: "\u0001".repeat(63) }),
    issue({}),
    issue({ integration: null }),
    makeEvent("connection-flow-failed", { originId: 42 }),
    unreadable,
  ]) {
    await deliver(edge, event);
  }
  const given = { method: "PUT", json: { origin_id: "44" } };
  assert.equal((await ask(edge, "/v1/integrations/unknown/customer", given)).status, 200);

  const states = ({ integrations }) => integrations.map(({ state }) => state).sort();
  const expected = ["ACTIVE", "A_LATER_WORD", "INVALID"];
  await document(edge, "customer:42", (it) => states(it).join() === expected.join());
  const counts = { customer: 4, integration: 8, unassigned: 2, incident: 6, quarantine: 2 };
  for (const [kind, count] of Object.entries(counts)) {
    const all = async () => (await keys(edge, `${kind}:`)).length === count;
    await eventually(all, `${count} keys under ${kind}:`);
  }

  const kv = await edge.kv();
  const seen = new Set();
  let shortened = 0;
  for (const { name, metadata } of (await kv.list()).keys) {
    const kind = name.slice(0, name.indexOf(":"));
    const value = await kv.get(name, "json");
    fitsDocument(kind, value, name);
    seen.add(kind).add(value.kind);
    if (kind === "integration") assert.equal(metadata ?? undefined, undefined, name);
    else fitsDocument(`${kind}-summary`, metadata, `the metadata of ${name}`);
    if (kind === "incident" && !("origin_id" in metadata)) shortened += 1;
  }
  assert.deepEqual(seen, new Set([...DOCUMENTS, ...INCIDENTS, undefined]));
  assert.equal(shortened, 1, "the metadata that had to be shortened was seen");
});

test("every schema has an example, and every example is used and matches its schema", () => {
  const used = new Set(["problem-not-found", "problem-no-access"]);
  for (const [name, text] of Object.entries(examples)) {
    const schema = schemaOf(name);
    if (schema === undefined) continue;
    fitsDocument(schema, JSON.parse(text), name);
    used.add(name);
  }
  for (const name of schemaNames) assert.ok(name in examples, `${name} has no example`);
  for (const { method, path, operation } of operations) {
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      for (const [name, { value }] of Object.entries(media.examples)) {
        fits(media.schema, value, `${method} ${path}, ${name}`);
      }
    }
    for (const [status, response] of Object.entries(operation.responses)) {
      for (const media of Object.values(resolved(response).content ?? {})) {
        const what = `${method} ${path} ${status}`;
        assert.ok(media.examples, `${what} has no example`);
        for (const { value } of Object.values(media.examples)) {
          fitsClosed(media.schema, value, what);
        }
      }
    }
  }
  const references = source("contract", "openapi.yaml").matchAll(
    /externalValue: examples\/(.+)\.json/g,
  );
  for (const [, name] of references) used.add(name);
  assert.deepEqual(used, new Set(Object.keys(examples)));
});

test("every problem of src/edge/answer is documented as it is sent, and no other", () => {
  const text = source("src", "edge", "answer", "kind.rs");
  const kinds = text.matchAll(/= kind\(\s*(\d+),\s*"(.+)",\s*"(.+)",\s*"(.+)",?\s*\)/g);
  const names = [...kinds].map(([, status, name, title, detail]) => {
    const problem = { type: `urn:kombo-edge:problem:${name}`, title, status: +status, detail };
    assert.deepEqual(JSON.parse(examples[`problem-${name}`] ?? "null"), problem);
    return name;
  });
  assert.equal(names.length, text.match(/: Kind = kind\(/g).length, "all kinds were read");
  const inExamples = Object.keys(examples).filter((name) => name.startsWith("problem-"));
  assert.deepEqual(inExamples.map((name) => name.replace("problem-", "")).sort(), names.sort());
  const answered = documentedAnswers.map((answer) => answer.split(" ")[3]).filter(Boolean);
  // The response for paths that do not exist, and the error for a service binding without access.
  const elsewhere = ["not-found", "no-access"];
  assert.deepEqual([...new Set([...answered, ...elsewhere])].sort(), names);
});

test("every route of src/edge/route is documented, and no other", () => {
  const pathsOf = (text, before) =>
    [...text.matchAll(/\[((?:"[^"]+"|id|class)(?:, (?:"[^"]+"|id|class))*)\] =>/g)].map(
      ([, steps]) =>
        [...before, ...steps.split(", ").map((step) => step.replaceAll('"', ""))].join("/"),
    );
  // The pages of acts are for people, not for programs: docs/reference.md describes them.
  const routes = pathsOf(source("src", "edge", "route", "mod.rs"), [""]).filter(
    (path) => !/^\/act(?:\/|$)/.test(path),
  );
  const endpoints = pathsOf(source("src", "edge", "route", "endpoint.rs"), ["", "v1"]);
  assert.ok(routes.length > 2 && endpoints.length > 10, "the routes were read");
  const paths = Object.keys(openapi.paths).map((path) =>
    path.replace("{class}", "class").replace(/\{\w+\}/, "id"),
  );
  assert.deepEqual(paths.sort(), [...routes, ...endpoints].sort());
});

test("the contract has the same version as the Worker", () => {
  assert.equal(openapi.info.version, JSON.parse(source("package.json")).version);
});

test("each example has its TypeScript type, and wrong uses of the types are errors", (t) => {
  const typeOf = (schema) =>
    JSON.parse(source("contract", "schemas", `${schema}.schema.json`)).title.replace(
      / (\w)/g,
      (_, letter) => letter.toUpperCase(),
    );
  const all = Object.entries(examples).filter(([name]) => schemaOf(name) !== undefined);
  const lines = all.map(([name, text]) => {
    return `export const ${name.replaceAll("-", "_")}: contract.${typeOf(schemaOf(name))} = ${text};`;
  });
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "examples.ts");
  const types = inProject("contract", "kombo-edge.js");
  writeFileSync(file, [`import type * as contract from "${types}";`, ...lines].join("\n"));
  compile(file, inProject("tests", "types", "backend.ts"));
});

test("Cloudflare's KVNamespace is accepted where Mappings is expected", () => {
  compile(inProject("tests", "types", "namespace.ts"));
});

const STRICTLY = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"];
const OPTIONS = ["--noEmit", "--skipLibCheck", "--target", "es2022", "--module", "nodenext"];

/** Fails the test unless these files compile. */
function compile(...files) {
  const tsc = inProject("node_modules", "typescript", "bin", "tsc");
  const { ok, output } = run(process.execPath, [tsc, ...OPTIONS, ...STRICTLY, ...files]);
  assert.ok(ok, output);
}
