// contract/openapi.json, for programs that generate clients: it needs no other file, and every schema that
// becomes a class has a name. scripts/clients.mjs runs such programs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bundled } from "../scripts/openapi.mjs";
import { Stop } from "../scripts/project.mjs";
import { openapi, operations, resolved } from "./contract.mjs";

/** An API whose one component and one response have these schemas. */
const apiWith = ({ component = {}, response = {} }) => ({
  paths: { "/": { get: { content: { "application/json": { schema: response } } } } },
  components: { schemas: { Component: component } },
});

const object = { type: "object", properties: { id: { type: "string" } } };
const enumeration = { type: "string", enum: ["one", "other"] };
const map = { type: "object", additionalProperties: { type: "string" } };

test("openapi.json refers to nothing outside itself, and every reference resolves", () => {
  const text = JSON.stringify(openapi);
  const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
  assert.ok(references.length > 100);
  for (const $ref of references) {
    assert.match($ref, /^#\//);
    assert.ok(resolved({ $ref }), $ref);
  }
  for (const word of ["externalValue", "$schema", "$defs"]) assert.ok(!text.includes(`"${word}"`));
});

test("an object, a map or an enum without a name is rejected, wherever it is", () => {
  for (const schema of [object, enumeration, map]) {
    const within = { type: "object", properties: { part: schema } };
    for (const api of [
      { response: schema },
      { response: { type: "array", items: schema } },
      { component: within },
      { component: { type: "array", items: schema } },
      { component: { allOf: [object, within] } },
      { component: { anyOf: [schema, { type: "null" }] } },
      { component: { type: "object", additionalProperties: schema } },
    ]) {
      assert.throws(() => bundled(apiWith(api)), { constructor: Stop, message: /have no name/ });
    }
    for (const component of [schema, { allOf: [schema, object] }]) {
      bundled(apiWith({ component, response: { $ref: "#/components/schemas/Component" } }));
    }
  }
});

test("a titled part becomes a component with that name", () => {
  const titled = { title: "Held integration", ...object };
  const { schemas } = bundled(apiWith({ component: { type: "array", items: titled } })).components;
  assert.deepEqual(schemas, {
    Component: { type: "array", items: { $ref: "#/components/schemas/HeldIntegration" } },
    HeldIntegration: object,
  });
});

test("two parts with the same title become one component, and are rejected if they differ", () => {
  const titled = { title: "Kind", ...enumeration };
  const twice = (one, other) => apiWith({ component: { ...object, properties: { one, other } } });
  assert.deepEqual(Object.keys(bundled(twice(titled, titled)).components.schemas), [
    "Component",
    "Kind",
  ]);
  const differs = { ...titled, enum: ["one", "another"] };
  assert.throws(() => bundled(twice(titled, differs)), { constructor: Stop, message: /"Kind"/ });
});

test("a component whose title is another name is rejected", () => {
  const api = apiWith({ component: { title: "Other", ...object } });
  assert.throws(() => bundled(api), {
    constructor: Stop,
    message: /Component has the title "Other"/,
  });
});

test("the description of a response names the kinds of problems that it has examples of", () => {
  const responses = operations.flatMap(({ method, path, operation }) =>
    Object.entries(operation.responses).map(([status, response]) => ({
      what: `${method} ${path} ${status}`,
      ...resolved(response),
    })),
  );
  const problems = responses.filter(({ content }) => content?.["application/problem+json"]);
  assert.ok(problems.length > 100);
  for (const { what, description, content } of problems) {
    const { schema, examples } = content["application/problem+json"];
    assert.deepEqual(schema, { $ref: "#/components/schemas/Problem" }, what);
    const kinds = Object.keys(examples);
    for (const kind of kinds) {
      const { type, status } = examples[kind].value;
      assert.equal(type, `urn:kombo-edge:problem:${kind}`, what);
      assert.equal(String(status), what.split(" ").at(-1), what);
    }
    const named = [...description.matchAll(/`([a-z-]+)`:\s/g)].map(([, kind]) => kind);
    assert.deepEqual(named.sort(), kinds.sort(), what);
  }
});
