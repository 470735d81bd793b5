// A backend that reads the mapping. It is only type-checked and never runs. Each line that is marked as an
// error must be one.

import type {
  CustomerKey,
  CustomerSummary,
  IncidentKind,
  Key,
  Mappings,
  Summaries,
} from "../../contract/kombo-edge.js";

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
  const options = { type: "json", cacheTtl: 30 } as const;
  const integration = await env.MAPPINGS.get(`integration:${integrationId}`, options);
  // @ts-expect-error: this is not the document of a customer.
  integration?.integrations;
  // @ts-expect-error: a document is JSON.
  await env.MAPPINGS.get(`integration:${integrationId}`, { type: "text" });
  return integration?.origin_id ?? null;
}

export async function kindOf(env: Env): Promise<IncidentKind> {
  const incident = await env.MAPPINGS.get("incident:environment:environment", "json");
  return incident?.kind ?? "connection";
}

export async function usableOf(env: Env, ids: string[]): Promise<string[]> {
  const keys = ids.map((id) => `integration:${id}` as const);
  const found = await env.MAPPINGS.get(keys, "json");
  // @ts-expect-error: an integration may not exist.
  [...found.values()].map(({ usable }) => usable);
  return keys.filter((key) => found.get(key)?.usable);
}

export async function revisionOf(env: Env, originId: string): Promise<number | undefined> {
  const { value, metadata } = await env.MAPPINGS.getWithMetadata(`customer:${originId}`, "json");
  // @ts-expect-error: a summary has no environment.
  metadata?.environment;
  return value?.revision ?? metadata?.revision;
}

export async function customersOf(env: Env): Promise<Map<CustomerKey, number>> {
  const totals = new Map<CustomerKey, number>();
  let cursor: string | null = null;
  do {
    const page = await customerPage(env.MAPPINGS, cursor);
    for (const { name, metadata } of page.keys) {
      // @ts-expect-error: a key may have no metadata.
      metadata.integrations_total;
      const customer = metadata ?? (await env.MAPPINGS.get(name, "json"));
      totals.set(name, customer?.integrations.length ?? 0);
    }
    // @ts-expect-error: the last page has no cursor.
    page.cursor;
    cursor = page.list_complete ? null : page.cursor;
  } while (cursor !== null);
  return totals;
}

const customerPage = (mappings: Mappings, cursor: string | null) =>
  mappings.list({ prefix: "customer:", limit: 100, cursor });

export async function keysOf(env: Env, originId: string): Promise<Key[]> {
  const some = await env.MAPPINGS.list({ prefix: `incident:${originId}` });
  const kind: IncidentKind | undefined = some.keys[0]?.metadata?.kind;
  // @ts-expect-error: no key has this prefix.
  await env.MAPPINGS.list({ prefix: "costumer:" });
  // @ts-expect-error: an integration's key has no summary.
  (await env.MAPPINGS.list({ prefix: "integration:" })).keys[0]?.metadata?.tool;
  const all = await env.MAPPINGS.list();
  return [...all.keys, ...(kind ? some.keys : [])].map(({ name }) => name);
}

// @ts-expect-error: the backend only reads.
export const write = (env: Env) => env.MAPPINGS.put("customer:42", "{}");

// @ts-expect-error: no key has this prefix.
export const misspelt: Key = "costumer:42";

export const summary = (all: Summaries): CustomerSummary | undefined => all["customer:42"];
