// Checks against the contract, for the tests: documents in Workers KV against the JSON Schemas, responses
// against contract/openapi.json. They are stricter than the contract in one way: a field that no schema
// names is a failure, so that a new field gets documented.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { OPENAPI } from "../scripts/openapi.mjs";
import { inProject } from "../scripts/project.mjs";

export const METHODS = ["get", "head", "put", "post", "delete"];

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const folder = (name) => inProject("contract", name);

/** The API: paths, and what they refer to. */
export const openapi = readJson(OPENAPI);

/** The examples by name, each with its text. */
export const examples = Object.fromEntries(
  readdirSync(folder("examples")).map((file) => {
    assert.match(file, /^[a-z-]+\.json$/);
    return [file.replace(".json", ""), readFileSync(`${folder("examples")}/${file}`, "utf8")];
  }),
);

/** The names of the schemas in contract/schemas. */
export const schemaNames = readdirSync(folder("schemas")).map((file) =>
  file.replace(".schema.json", ""),
);

// A part of allOf must not be closed, since it does not know the other parts: a schema is closed where it
// is used.

const each = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));

const closed = (schema) =>
  schema === true ? true : { ...closedWithin(schema), unevaluatedProperties: false };

function closedWithin(schema) {
  for (const word of ["oneOf", "not", "if", "prefixItems", "$defs", "patternProperties"]) {
    assert.ok(!(word in schema), `${word}: closing it is not implemented`);
  }
  return {
    ...schema,
    ...(schema.properties && { properties: each(schema.properties, closed) }),
    ...(schema.items && { items: closed(schema.items) }),
    ...(schema.additionalProperties && {
      additionalProperties: closed(schema.additionalProperties),
    }),
    ...(schema.allOf && { allOf: schema.allOf.map(closedWithin) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(closed) }),
  };
}

// Unknown keywords in a schema are errors. What is next to a reference or in a part of allOf need not
// repeat everything.
const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false });
addFormats(ajv);
for (const name of schemaNames) {
  ajv.addSchema(
    closedWithin(readJson(`${folder("schemas")}/${name}.schema.json`)),
    `/${name}.schema.json`,
  );
}
const absolute = (schema) =>
  JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "/openapi#/$defs/"));
ajv.addSchema({ $defs: absolute(each(openapi.components.schemas, closedWithin)) }, "/openapi");

const validators = new Map();

function validator(schema) {
  const key = JSON.stringify(schema);
  if (!validators.has(key)) validators.set(key, ajv.compile(schema));
  return validators.get(key);
}

/** Fails the test unless a value matches a schema of the API. */
export const fits = (schema, value, what) => check(validator(absolute(schema)), value, what);

/** The same, but also fails for fields that the schema does not name. */
export const fitsClosed = (schema, value, what) => fits(closed(schema), value, what);

/** Fails the test unless a value matches a schema of contract/schemas and has no other fields. */
export const fitsDocument = (name, value, what = name) =>
  check(validator(closed({ $ref: `/${name}.schema.json` })), value, what);

function check(validate, value, what) {
  if (validate(value)) return;
  const errors = validate.errors.map(({ instancePath, message, params }) => {
    const more = params.unevaluatedProperty ?? params.allowedValue ?? params.allowedValues ?? "";
    return `  ${instancePath || "/"} ${message} ${more}`;
  });
  assert.fail(`${what}:\n${errors.join("\n")}\n${JSON.stringify(value, null, 2).slice(0, 2000)}`);
}

/** What a reference within the API refers to. */
export function resolved(part) {
  if (part?.$ref === undefined) return part;
  const steps = part.$ref.replace("#/", "").split("/");
  return resolved(steps.reduce((at, step) => at[step], openapi));
}

/** Every operation: `{ method, path, operation }`. */
export const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => method in item).map((method) => ({
    method,
    path,
    operation: item[method],
  })),
);

/** The documented response of an operation with a status. */
const documented = ({ responses }, status) =>
  resolved(responses[status] ?? responses[`${String(status)[0]}XX`]);

const PROBLEM = "application/problem+json";

/**
 * Every documented response, as `method path status`, followed by the name for a problem: each kind has an
 * example by that name. HEAD is omitted: its responses are those of GET.
 */
export const documentedAnswers = operations
  .filter(({ method }) => method !== "head")
  .flatMap(({ method, path, operation }) =>
    Object.entries(operation.responses).flatMap(([status, response]) => {
      const answer = `${method} ${path} ${status}`;
      const problems = resolved(response).content?.[PROBLEM]?.examples;
      return problems ? Object.keys(problems).map((name) => `${answer} ${name}`) : [answer];
    }),
  );

/**
 * Fails the test unless a response to a method at a path of the API is documented. Returns its body, and
 * records in `seen` which response it was.
 */
export async function keepsContract(response, method, path, seen = new Set()) {
  const item = openapi.paths[path];
  const operation = item[method] ?? Object.values(item).find(({ responses }) => responses);
  const { status } = response;
  const what = `${method} ${path} ${status}`;
  const answer = documented(operation, status);
  assert.ok(answer, `${what} is not documented`);
  for (const [name, reference] of Object.entries(answer.headers ?? {})) {
    const { required, schema } = resolved(reference);
    const text = response.headers.get(name);
    if (text === null) assert.ok(!required, `${what} lacks ${name}`);
    else fits(schema, schema.type === "integer" ? Number(text) : text, `${what}: ${name}`);
  }
  const text = await response.text();
  if (answer.content === undefined) {
    assert.equal(text, "", what);
    seen.add(what);
    return undefined;
  }
  const type = response.headers.get("content-type");
  assert.ok(answer.content[type], `${what}: ${type} is not documented`);
  const body = JSON.parse(text);
  fitsClosed(answer.content[type].schema, body, what);
  const isProblem = type === PROBLEM;
  const name = isProblem ? body.type.replace("urn:kombo-edge:problem:", "") : undefined;
  if (isProblem) assert.deepEqual(body, answer.content[type].examples[name]?.value, what);
  seen.add(isProblem ? `${what} ${name}` : what);
  return body;
}
