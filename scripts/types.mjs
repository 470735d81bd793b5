// Makes contract/kombo-edge.d.ts: the TypeScript types of the documents in Workers KV, and of their
// keys. The types of the documents come from the JSON Schemas; what a schema cannot say, which is what
// stands under which key, is written here. It leaves out the answers of the API: those are in
// contract/openapi.yaml.

import { readFileSync } from "node:fs";
import { inProject } from "./project.mjs";

export const TYPES = inProject("contract", "kombo-edge.d.ts");

const SCHEMAS = [
  "customer",
  "integration",
  "unassigned",
  "incident",
  "quarantine",
  "customer-summary",
  "unassigned-summary",
  "incident-summary",
  "quarantine-summary",
];

const BY_HAND = `// The documents that kombo-edge keeps in Workers KV, and their keys. Made by \`npm run contract\` from
// the schemas in contract/schemas and from scripts/types.mjs: change those.

/** The key of what a customer has connected: your own id of it stands behind the colon. */
export type CustomerKey = \`customer:\${string}\`;

/** The key that says whose an integration is: Kombo's id of it stands behind the colon. */
export type IntegrationKey = \`integration:\${string}\`;

/** The key of an integration that belongs to nobody: Kombo's id of it stands behind the colon. */
export type UnassignedKey = \`unassigned:\${string}\`;

/** The key of an open incident. What stands behind the colon is not for reading: list the prefix. */
export type IncidentKey = \`incident:\${string}\`;

/** The key of an event that could not be understood: Kombo's id of it stands behind the colon. */
export type QuarantineKey = \`quarantine:\${string}\`;

/** Every key. */
export type Key = CustomerKey | IntegrationKey | UnassignedKey | IncidentKey | QuarantineKey;

/** The document under each key. */
export interface Documents {
  [key: CustomerKey]: CustomerDocument;
  [key: IntegrationKey]: IntegrationDocument;
  [key: UnassignedKey]: UnassignedDocument;
  [key: IncidentKey]: IncidentDocument;
  [key: QuarantineKey]: QuarantineDocument;
}

/** The metadata of each key, as \`list\` shows it. That of an integration has none. */
export interface Summaries {
  [key: CustomerKey]: CustomerSummary;
  [key: UnassignedKey]: UnassignedSummary;
  [key: IncidentKey]: IncidentSummary;
  [key: QuarantineKey]: QuarantineSummary;
}

/**
 * The namespace as a backend reads it, for the type of its binding:
 *
 *     const customer = await env.MAPPINGS.get(\`customer:\${originId}\`, "json");
 *     const integrationId = customer?.current.HRIS;
 */
export interface Mappings {
  /** The document under a key; null when there is none. */
  get<K extends Key>(key: K, type: "json"): Promise<Documents[K] | null>;
}
`;

/** The text of the file. */
export async function types() {
  // Not at the top: before the set-up has run, it may not be there.
  const { compile } = (await import("json-schema-to-typescript")).default;
  const options = {
    bannerComment: "",
    // Open for additions, and yet no field may be misspelt.
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    style: JSON.parse(readFileSync(inProject("package.json"), "utf8")).prettier,
  };
  const made = SCHEMAS.map((name) => {
    const file = inProject("contract", "schemas", `${name}.schema.json`);
    return compile(mayBeAbsent(JSON.parse(readFileSync(file, "utf8"))), name, options);
  });
  return [BY_HAND, ...(await Promise.all(made))].join("\n");
}

/** What is looked up by a name that somebody else chose may not be there. */
function mayBeAbsent(schema) {
  if (schema === null || typeof schema !== "object") return schema;
  for (const part of Object.values(schema)) mayBeAbsent(part);
  const { additionalProperties: others } = schema;
  if (others?.type) others.tsType = `${others.type} | undefined`;
  return schema;
}
