// A program that calls the API, with the types that openapi-typescript generates from contract/openapi.json.
// It is only type-checked and never runs. Each line that is marked as an error must be one.

import type * as documents from "../../contract/kombo-edge.js";
import type { components, operations, paths } from "../../target/tmp/clients/openapi.js";

type Schemas = components["schemas"];

/** What a GET of a path returns. */
type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

// The API returns the documents that are in Workers KV.
export const customer = (of: Answer<"/v1/customers/{origin_id}">): documents.CustomerDocument => of;
export const integration = (
  of: Answer<"/v1/integrations/{integration_id}">,
): documents.IntegrationDocument => of;
export const held = (of: Schemas["HeldIntegration"]): documents.HeldIntegration => of;
export const kind = (of: documents.IncidentKind): Schemas["IncidentKind"] => of;

// A list returns the metadata of each key, together with its id.
export const customers = (page: Answer<"/v1/customers">): documents.CustomerSummary[] =>
  page.customers;
export const incidents = (page: Answer<"/v1/incidents">): documents.IncidentSummary[] =>
  page.incidents;
export const unassigned = (page: Answer<"/v1/unassigned">): documents.UnassignedSummary[] =>
  page.unassigned;
export const quarantine = (page: Answer<"/v1/quarantine">): documents.QuarantineSummary[] =>
  page.quarantine;
export const ids = (page: Answer<"/v1/customers">): string[] =>
  page.customers.map(({ origin_id }) => origin_id);
export const next = ({ cursor }: Answer<"/v1/customers">): string | null => cursor;

export function remedy({ team }: Answer<"/v1/status">): string | null {
  // @ts-expect-error: `said` never has this value.
  if (team.slack.said === "refused") return null;
  return team.slack.said === "hook_refused" ? team.slack.remedy : null;
}

type Refusal = operations["assignIntegration"]["responses"][409];

export const problem = (refusal: Refusal["content"]["application/problem+json"]): string =>
  refusal.type;

export const mute: Schemas["MuteRequest"] = { tool: "personio", until: "2026-12-01T09:00:00Z" };

// @ts-expect-error: `until` is required.
export const endless: Schemas["MuteRequest"] = { tool: "personio" };
