// Generates contract/openapi.json: the API as one file that includes the schemas and the examples, for
// programs that generate clients. Such a program makes a class for each schema of an object and for each enum,
// named after its component. For a schema without a name it invents one, a different one in each place. So
// here every such schema becomes a component, and one without a name is an error. References to other YAML
// files are not supported, because contract/openapi.yaml has none.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inProject, Stop } from "./project.mjs";

export const OPENAPI_YAML = inProject("contract", "openapi.yaml");
export const OPENAPI = inProject("contract", "openapi.json");

const COMPONENT = "#/components/schemas/";

/** The name of the type with this title: `Held integration` becomes `HeldIntegration`. */
export const nameOf = (title) => title.replace(/(?:^| )(\w)/g, (_, letter) => letter.toUpperCase());

/** The text of the file. */
export async function openapi() {
  // Not at the top: they may not be installed before the setup has run.
  const { load } = await import("js-yaml");
  const { format } = await import("prettier");
  const { prettier } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  const bundle = bundled(load(readFileSync(OPENAPI_YAML, "utf8")));
  return format(JSON.stringify(bundle), { ...prettier, parser: "json" });
}

/** The API as one document. `api` is the content of the YAML file. */
export function bundled(api) {
  const inPlace = withFiles(api);
  const own = inPlace.components.schemas;
  const schemas = {};
  for (const [name, { title, ...schema }] of Object.entries(own)) {
    if (title !== undefined && nameOf(title) !== name) {
      throw new Stop(`contract/openapi.yaml: the schema ${name} has the title "${title}".`);
    }
    schemas[name] = schema;
  }
  for (const [name, schema] of Object.entries(schemas)) {
    schemas[name] = withoutTitles(schema, schemas);
  }
  const bundle = { ...inPlace, components: { ...inPlace.components, schemas } };
  rejectUnnamed(bundle);
  return bundle;
}

const readJson = (path) => JSON.parse(readFileSync(join(dirname(OPENAPI_YAML), path), "utf8"));

/** A copy that includes the files that `part` refers to. */
function withFiles(part) {
  return changed(part, ({ $ref, externalValue, ...others }) => {
    if (externalValue !== undefined) return { ...others, value: readJson(externalValue) };
    if ($ref === undefined || $ref.startsWith("#")) return undefined;
    const { $schema, ...schema } = readJson($ref);
    return { ...schema, ...others };
  });
}

/** A copy in which each titled schema is moved to `schemas`, and replaced by a reference. */
function withoutTitles(part, schemas) {
  return changed(part, ({ title, ...schema }) => {
    if (typeof title !== "string") return undefined;
    const name = nameOf(title);
    const component = withoutTitles(schema, schemas);
    schemas[name] ??= component;
    if (JSON.stringify(schemas[name]) !== JSON.stringify(component)) {
      throw new Stop(`contract/: two different schemas have the title "${title}".`);
    }
    return { $ref: COMPONENT + name };
  });
}

/** A copy in which each object is replaced by what `change` returns for it, unless that is undefined. */
function changed(part, change) {
  if (Array.isArray(part)) return part.map((item) => changed(item, change));
  if (part === null || typeof part !== "object") return part;
  const other = change(part);
  if (other !== undefined) return other;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, changed(value, change)]),
  );
}

/** Whether a generator makes a class for a schema. */
const makesClass = (schema) =>
  ["properties", "additionalProperties", "enum"].some((word) => word in schema);

function rejectUnnamed({ components: { schemas, ...components }, ...api }) {
  const inNamed = Object.entries(schemas).flatMap(([name, { allOf = [], ...schema }]) =>
    [schema, ...allOf].flatMap((part) => [...unnamedIn(part, name)]),
  );
  const found = [...inNamed, ...unnamedIn({ components, ...api }, "contract/openapi.yaml")];
  if (found.length === 0) return;
  const remedy =
    "Move each to components/schemas in contract/openapi.yaml, or give it a title in contract/schemas.";
  throw new Stop(`These schemas have no name:\n  ${found.join("\n  ")}\n${remedy}`);
}

function* unnamedIn(part, path) {
  for (const [name, inner] of Object.entries(part)) {
    if (inner === null || typeof inner !== "object" || name.startsWith("example")) continue;
    const here = `${path} > ${name}`;
    if (makesClass(inner)) yield here;
    yield* unnamedIn(inner, here);
  }
}
