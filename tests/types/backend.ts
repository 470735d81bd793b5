// A backend that reads the mapping. It is only type-checked and never runs. Each line that is marked as an
// error must be one.

import type { CustomerSummary, Key, Mappings, Summaries } from "../../contract/kombo-edge.js";

interface Env {
  MAPPINGS: Mappings;
}

export async function integrationOf(env: Env, originId: string): Promise<string | undefined> {
  const customer = await env.MAPPINGS.get(`customer:${originId}`, "json");
  // @ts-expect-error: the customer may not exist.
  customer.current;
  // @ts-expect-error: a field is misspelt.
  customer?.orign_id;
  const name: string | null | undefined = customer?.organization_name;
  // @ts-expect-error: the name may be null.
  const certain: string | undefined = customer?.organization_name;
  return name === certain ? customer?.integrations[0]?.id : customer?.current.HRIS;
}

export async function customerOf(env: Env, integrationId: string): Promise<string | null> {
  const integration = await env.MAPPINGS.get(`integration:${integrationId}`, "json");
  // @ts-expect-error: this is not the document of a customer.
  integration?.integrations;
  return integration?.origin_id ?? null;
}

export async function kindOf(env: Env): Promise<"connection" | "integration" | "environment"> {
  const incident = await env.MAPPINGS.get("incident:environment:environment", "json");
  return incident?.kind ?? "connection";
}

// @ts-expect-error: no key has this prefix.
export const misspelt: Key = "costumer:42";

export const summary = (all: Summaries): CustomerSummary | undefined => all["customer:42"];
